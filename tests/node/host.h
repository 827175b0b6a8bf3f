// One node with what surrounds it on its machine: keys and users, disk, sockets, a clock of its
// own. Stopping it leaves the disk.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"
#include "link/fake_security.h"
#include "node/node.h"

namespace chordial::node::test {

class World;
class Phone;

class Host final : public usage::UserSigners,
                   public sip::CredentialStore,
                   private overlay::ConfigurationHandler {
 public:
  using Key = std::pair<ports::PersistSpace, Bytes>;

  Host(World& world, std::size_t index);
  ~Host();

  // A certificate for this node, and the digest hashes of `password`.
  void add_user(const std::string& user, const std::string& password);

  void start();
  // Ends without a word: a crash.
  void stop();
  // Leaves the overlay as a signal would have it, and then stops.
  void leave();
  [[nodiscard]] bool up() const { return node_ != nullptr; }
  [[nodiscard]] Node& node() { return *node_; }
  [[nodiscard]] Now now() const;
  [[nodiscard]] bool member() const;
  // The counter or gauge of that name; 0 where there is none.
  [[nodiscard]] std::uint64_t count(const std::string& name) const;
  [[nodiscard]] std::size_t rows(ports::PersistSpace space) const;

  // The world's verbs. Each ends with whatever the node wants to send on its way.
  void receive(ports::SocketRole role, const SocketAddress& from, const SocketAddress& to,
               ByteView bytes);
  void tick();
  [[nodiscard]] MonotonicTime next_timeout() const;
  void drain();
  // A phone's end of a stream; nothing happens on one that is gone.
  ports::StreamId accept(Phone& phone);
  void receive(ports::StreamId stream, const std::string& bytes);
  void close(ports::StreamId stream);

  // usage::UserSigners, sip::CredentialStore
  crypto::Signer* signer_of(std::string_view aor) override;
  std::optional<Expected<sip::Credential>> credential(Now now, ports::RequestId id,
                                                      const sip::CredentialQuery& query,
                                                      sip::CredentialHandler& handler) override;

  World& world;
  std::size_t index;
  NodeId id;
  IpAddress ip;
  NodeConfig config;
  overlay::SharedContext context;
  std::chrono::milliseconds clock_error{0};
  bool disk_broken = false;
  std::map<Key, Bytes> disk;
  std::unique_ptr<TimerQueue> timers;

 private:
  struct User {
    std::string password;
    std::unique_ptr<crypto::mock::MockSigner> signer;
  };

  Expected<void> on_configuration(Now now, ByteView document) override;
  Expected<void> on_kinds(Now now, const std::vector<ByteView>& kinds) override;
  std::unique_ptr<crypto::mock::MockSigner> issue(const std::string& name);
  void carry_out(ports::StreamRequest request);
  void commit(const ports::PersistRequest& request);

  Rng rng_;
  SilentLog log_;
  crypto::mock::MockStore certificates_;
  crypto::mock::MockVerifier verifier_;
  std::unique_ptr<crypto::mock::MockSigner> signer_;
  std::map<std::string, User, std::less<>> users_;
  std::unique_ptr<link::FakeSecurityContext> security_;
  std::unique_ptr<Node> node_;
  std::map<ports::StreamId, Phone*> streams_;
  std::uint64_t life_ = 0;
  std::uint64_t accepted_ = 0;
};

}  // namespace chordial::node::test
