// One request on its way through the proxy: what is known of it so far, and its branches (RFC 3261
// §16.2 "response context"). Data that the processors fill in and the Proxy owns.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/timer_queue.h"
#include "sip/auth/authenticator.h"
#include "sip/flow/sender.h"
#include "sip/message/message.h"
#include "sip/proxy/response_context.h"
#include "sip/proxy/routing.h"
#include "sip/registrar/registrar.h"

namespace chordial::sip {

class Proxy;

// One copy of the request under way.
struct Branch {
  TransactionId client = TransactionId::none;
  MonotonicTime timer_c = never;  // INVITE only
  bool provisional = false;       // one has come
  bool final = false;             // its final response, or what stands for it, has been considered
  std::uint32_t breadth = 0;      // its share of Max-Breadth
};

// What waits for an answer from outside, and the answer when it has come.
struct CredentialWait {
  std::optional<Expected<Credential>> answer;
};
struct LocationWait {
  ports::RequestId id{};
  std::string request_uri;  // for nodes that the answer names
  std::optional<Expected<Located>> answer;
};
struct RegistrarWait {
  std::optional<RegisterAnswer> answer;
};

using Wait = std::variant<CredentialWait, LocationWait, RegistrarWait>;

struct RequestContext final : TimerHandler {
  RequestContext(Proxy& owner, TransactionId server_transaction, const Message& message,
                 const Flow& from)
      : proxy(owner),
        server(server_transaction),
        source(from),
        received(&message),
        timer(*this, 0) {}

  void on_timer(Now now, std::uint32_t id) override;  // in proxy.cpp

  // Caller's duty: not after it has been dropped.
  [[nodiscard]] const Message& request() const { return stored ? **stored : *received; }
  // The message it was made with is about to go; what was taken from it stays good.
  void keep_request() {
    if (received != nullptr) {
      stored.emplace(*received);
      for (std::string_view& route : routed.routes)
        route = (*stored)->text().substr(received->offset_of(route), route.size());
    }
    received = nullptr;
  }
  void drop_request() {
    stored.reset();
    received = nullptr;
  }
  [[nodiscard]] bool is_invite() const { return method == Method::invite; }
  [[nodiscard]] bool waits() const { return wait != nullptr; }
  // The wait, if it is of this kind.
  template <class Kind>
  [[nodiscard]] Kind* waiting_for() {
    return wait ? std::get_if<Kind>(wait.get()) : nullptr;
  }

  Proxy& proxy;
  const TransactionId server;
  const Flow source;
  const Message* received;              // while it is being handed in
  std::optional<StoredMessage> stored;  // dropped when nothing is left to be built from it
  Method method = Method::other;

  std::size_t step = 0;  // the processor that goes on
  Preprocessed routed;
  std::string user;            // the phone's user, proven; empty for other nodes
  bool identified = false;     // a phone that has proven something; until then nothing is kept
  std::unique_ptr<Wait> wait;  // big and short-lived

  std::vector<Hop> hops;  // still to be tried, highest q first
  std::vector<Branch> branches;
  ResponseContext responses;
  std::vector<std::uint64_t> tried;  // hashes of all hops there have been (§16.5: none twice)
  std::uint32_t retargets = 0;
  std::uint32_t breadth = 0;  // what is left of Max-Breadth for further branches
  bool cancelled = false;
  bool starting = false;  // branches of a group; who began them goes on afterwards
  bool answered = false;  // a final response has gone to the server transaction
  Timer timer;            // timer C of the branches, or the end of a wait
};

}  // namespace chordial::sip
