// A phone as it stands on a desk: writes its own messages as text, answers challenges, acknowledges
// failures, follows Record-Route. What it was sent stays in `inbox` until the test takes it.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "ports/stream.h"
#include "sip/flow/flow.h"
#include "sip/message/message.h"

namespace chordial::node::test {

class World;
class Host;

// The phone's side of a dialog, or of a request that may become one.
struct Leg {
  std::string call_id;
  std::string local;   // From value of our requests
  std::string remote;  // To value of our requests
  std::string target;  // Request-URI of our requests
  std::vector<std::string> routes;
  unsigned cseq = 1;
};

class Phone {
 public:
  static constexpr Duration patience{40'000'000};

  Phone(World& world, Host& home, std::string user, std::string password,
        const SocketAddress& address, sip::TransportKind transport);

  // REGISTER with digest: the final status; 0 when none came.
  int register_now(unsigned expires_s = 3600, const std::string& contact = {});
  // A request outside any dialog, challenges answered; the status of its final response.
  int ask(const std::string& method, const std::string& uri, const std::string& body = {});
  // The same, only begun.
  Leg start(const std::string& method, const std::string& uri, const std::string& extra = {},
            const std::string& body = {});
  void request(Leg& leg, const std::string& method);
  void cancel(const Leg& leg);
  void answer(const std::string& request, int status);

  // Lets time pass until a message came whose start line holds `words`, and takes it out; empty if
  // none came.
  std::string await(const std::string& words, Duration span = patience);
  [[nodiscard]] bool has(const std::string& words) const;
  // The callee's side of an INVITE, once answered with a tag of ours.
  [[nodiscard]] Leg leg_of(const std::string& request) const;
  // Takes tag, target and routes of a response into the caller's leg.
  static void adopt(Leg& leg, const std::string& response);

  // The network's verbs.
  void receive(const std::string& text);
  void connected(ports::StreamId stream) { stream_ = stream; }
  void disconnected() { stream_.reset(); }
  // Ends its connection.
  void hang_up();

  World& world;
  Host* home;  // its outbound proxy
  std::string user;
  std::string password;
  SocketAddress address;
  std::string from_user;  // whom it says to be
  std::deque<std::string> inbox;

 private:
  struct Sent {
    std::string method, uri, extra, body, branch;
    Leg leg;
    bool proven = false;
  };

  void send(const std::string& text);
  [[nodiscard]] std::string first_lines(const std::string& method, const std::string& uri,
                                        const std::string& branch) const;
  [[nodiscard]] std::string contact() const;
  [[nodiscard]] std::string tag() const { return "t" + user + address.ip.text(); }
  bool react(const std::string& text);

  sip::TransportKind transport_;
  std::optional<ports::StreamId> stream_;
  std::optional<Sent> last_;
  unsigned count_ = 0;
};

// The status of a response; 0 for anything else.
int status_of(const std::string& message);

}  // namespace chordial::node::test
