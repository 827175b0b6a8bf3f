// A phone as it stands on a desk: writes its own messages as text, answers challenges, acknowledges
// failures, follows Record-Route. Everything it was sent stays in `inbox` for the test to look at.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sip_proxy/world.h"

namespace chordial::sip::test {

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
  Phone(World& world, Node& node, std::string user, std::string password,
        const std::string& address);

  void receive(const std::string& text);
  void send(const std::string& text);

  // REGISTER with digest, delivered; the final status. `contact` empty: its own.
  int register_now(unsigned expires_s = 3600, const std::string& contact = {},
                   const std::string& extra = {});
  // A request outside any dialog, delivered, challenges answered. Its messages are in the inbox.
  Leg start(const std::string& method, const std::string& uri, const std::string& extra = {},
            const std::string& body = {});
  // A request inside a dialog; what comes back is in the inbox.
  void request(Leg& leg, const std::string& method, const std::string& extra = {});
  void acknowledge(Leg& leg);  // ACK for a 2xx
  void cancel(const Leg& leg, const std::string& extra = {});
  void answer(const std::string& request, int status, const std::string& extra = {});

  // The first message in the inbox whose start line holds `words`, taken out; empty if none.
  std::string take(const std::string& words);
  [[nodiscard]] bool has(const std::string& words) const;
  // The callee's side of a request, once answered with a To tag of ours.
  [[nodiscard]] Leg leg_of(const std::string& request) const;
  // Takes tag, target and routes of a response into the caller's leg.
  static void adopt(Leg& leg, const std::string& response);

  World& world;
  Node* node;  // its outbound proxy
  std::string user;
  std::string password;
  SocketAddress address;
  std::string from_host = domain;
  bool reacts = true;  // answers challenges and acknowledges failures
  std::deque<std::string> inbox;

 private:
  std::string first_lines(const std::string& method, const std::string& uri,
                          const std::string& branch) const;
  std::string dialog_lines(const Leg& leg, const std::string& method) const;
  std::string own_contact() const;
  bool react(const std::string& text);

  struct Sent {
    std::string method, uri, extra, body, branch;
    Leg leg;
    bool proven = false;
  };
  std::optional<Sent> last_;
  unsigned count_ = 0;
};

// The value of a header, unfolded; all values in order.
std::string header(const std::string& message, HeaderName name);
std::vector<std::string> headers(const std::string& message, HeaderName name);

}  // namespace chordial::sip::test
