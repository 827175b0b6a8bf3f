// Whole nodes in one process, each as `chordial node` would run it: keys and certificates of its
// own, a store and a verifier of its own, a reactor with a real socket on a thread of its own.
// Nothing is shared but the values of the configuration document.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "crypto/openssl/dtls_context.h"
#include "crypto/openssl/issuing.h"
#include "crypto/openssl/key_verifier.h"
#include "crypto/openssl/store.h"
#include "driver/reactor.h"
#include "lookup/crypto_meter.h"
#include "node/node.h"

namespace chordial::bench {

// What went wrong ends the program: a benchmark has nobody to answer to.
[[noreturn]] void give_up(const std::string& what);
template <class T>
T value_of(Expected<T> expected, const char* what) {
  if (!expected) give_up(std::string(what) + ": " + expected.error().text());
  return std::move(*expected);
}

// Values at any Resource-ID, under the Node-ID of their signer (NODE-ID-MATCH, RFC 7374 §5).
inline constexpr wire::KindId lookup_kind = wire::kind_private_first;

struct OverlayOptions {
  std::uint16_t base_port = 22000;
  std::uint32_t value_bytes_max = 4096;
  topology::Parameters topology;
};

// The overlay's authority and what its document says.
class Overlay {
 public:
  explicit Overlay(const OverlayOptions& options);

  [[nodiscard]] const OverlayOptions& options() const { return options_; }
  [[nodiscard]] crypto::Trust trust() const;
  [[nodiscard]] std::unique_ptr<crypto::openssl::KeySigner> issue(const NodeId& node) const;
  // Without certificates and verifier: those are each node's own.
  [[nodiscard]] overlay::SharedContext context() const;

 private:
  OverlayOptions options_;
  crypto::openssl::PrivateKey key_;
  Bytes root_;
  storage::KindTable kinds_;
};

class Member final : private usage::UserSigners,
                     private sip::CredentialStore,
                     private overlay::ConfigurationHandler {
 public:
  // `timed`: whether cryptography is timed. The first member founds the overlay, the others join
  // through it.
  Member(const Overlay& overlay, std::size_t index, const std::atomic<bool>& timed);
  ~Member() override;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  void start();
  [[nodiscard]] const NodeId& id() const { return signer_->certificate().node_ids.front(); }
  [[nodiscard]] CryptoAccount crypto() const { return meter_.account(); }

  // On the member's thread; waits for the answer.
  template <class Call>
  auto ask(Call call) {
    using Result = decltype(call(std::declval<Now>(), std::declval<node::Node&>()));
    std::promise<Result> promise;
    auto answer = promise.get_future();
    reactor_->post([&](Now now) {
      if constexpr (std::is_void_v<Result>) {
        call(now, *node_);
        promise.set_value();
      } else {
        promise.set_value(call(now, *node_));
      }
    });
    return answer.get();
  }

 private:
  crypto::Signer* signer_of(std::string_view) override { return nullptr; }
  std::optional<Expected<sip::Credential>> credential(Now, ports::RequestId,
                                                      const sip::CredentialQuery&,
                                                      sip::CredentialHandler&) override;
  Expected<void> on_configuration(Now, ByteView) override { return {}; }
  Expected<void> on_kinds(Now, const std::vector<ByteView>&) override { return {}; }

  CryptoMeter meter_;
  SilentLog log_;
  Rng rng_;
  std::unique_ptr<crypto::openssl::KeySigner> signer_;
  std::unique_ptr<crypto::openssl::Store> store_;
  crypto::openssl::KeyVerifier verifier_;
  std::unique_ptr<crypto::openssl::DtlsContext> security_;
  MeteredSigner metered_signer_;
  MeteredStore metered_store_;
  MeteredVerifier metered_verifier_;
  MeteredSecurityContext metered_security_;
  overlay::SharedContext context_;
  TimerQueue timers_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<driver::Reactor> reactor_;
  std::thread thread_;
};

class Cluster {
 public:
  explicit Cluster(const OverlayOptions& options) : overlay_(options) {}

  // Adds one node and waits until it is a member. The time that took.
  Duration add();
  // Waits until every node knows its true neighbours. Gives up after `limit`.
  void settle(Duration limit);
  [[nodiscard]] Member& at(std::size_t i) { return *members_[i]; }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] CryptoAccount crypto() const;
  void time_cryptography(bool timed) { timed_ = timed; }
  // Outgoing and incoming together, on average.
  [[nodiscard]] double links_per_node();

 private:
  [[nodiscard]] bool settled();

  Overlay overlay_;
  std::atomic<bool> timed_ = false;
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace chordial::bench
