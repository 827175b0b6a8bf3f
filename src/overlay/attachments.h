// Attach with No-ICE (RFC 6940 §6.5.1, §6.5.1.11): from a request routed through the overlay to a
// link. Who sends the AttachReq is passive and waits for the other side's handshake; who answers it
// connects.
#pragma once

#include <optional>
#include <vector>

#include "link/link_layer.h"
#include "topology/intents.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core;

class Attachments {
 public:
  static constexpr std::size_t outgoing_max = 128;
  static constexpr std::size_t incoming_max = 64;
  // From the AttachAns to the link.
  static constexpr Duration handshake_limit{10'000'000};

  explicit Attachments(Core& core) : core_(core) {}

  // For the plugin, which hears of the end.
  void start(Now now, const topology::AttachIntent& intent);
  // For a client (§4.2.1): to the peer responsible for its own Node-ID, by way of `via`. The end
  // is Bootstrap's to hear.
  void start_for_client(Now now, const NodeId& via);

  void on_request(Now now, transport::Request& request);
  void on_answer(Now now, std::uint64_t reference, const transport::Answer& answer);
  void on_failed(Now now, std::uint64_t reference);
  // The Ping over a link whose other end attached anew.
  void on_stale_check(Now now, std::uint64_t reference, bool alive);

  // Whether this node began the handshake of that link.
  [[nodiscard]] bool connecting(link::LinkId link) const;
  // Called after the link is in the connection table and the plugin knows of it.
  void on_link_up(Now now, link::LinkId link, const NodeId& node);
  void on_handshake_failed(Now now, link::LinkId link);
  void on_timer(Now now);
  [[nodiscard]] MonotonicTime next_timer() const;

  [[nodiscard]] std::size_t pending() const { return outgoing_.size() + incoming_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const {
    return outgoing_.capacity() * sizeof(Outgoing) + incoming_.capacity() * sizeof(Incoming);
  }

 private:
  struct Outgoing {
    topology::AttachIntent intent;
    std::uint64_t reference = 0;
    std::uint64_t transaction = 0;
    std::optional<NodeId> responder;  // has answered; its handshake is awaited
    MonotonicTime deadline = never;   // of the handshake
    bool for_client = false;
  };
  struct Incoming {
    NodeId node;
    SocketAddress address;
    std::optional<link::LinkId> link;  // nothing while the old link is being checked
    std::uint64_t reference = 0;
    MonotonicTime deadline;
    bool send_update = false;
  };

  void begin(Now now, Outgoing outgoing);
  void end(Now now, const Outgoing& outgoing, const NodeId* linked);
  // The error to answer with, when an Attach of ours to the same node stands in the way (§6.5.1.2).
  [[nodiscard]] bool must_wait(Now now, const NodeId& from);
  void answer(Now now, transport::Request& request);
  bool connect(Now now, Incoming& incoming);
  void check_stale(Now now, const Incoming& incoming);
  template <class Test>
  std::optional<Outgoing> take(Test test);

  Core& core_;
  std::vector<Outgoing> outgoing_;
  std::vector<Incoming> incoming_;
};

}  // namespace chordial::overlay
