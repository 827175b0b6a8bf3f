// Direct SIP connections between two nodes (RFC 7904 §5): asked for with AppAttach, one DTLS
// association for each pair of nodes on the application socket, one SIP message in each record.
// No-ICE: who asks waits, who is asked connects (RFC 6940 §6.5.1.11). Knows no SIP message.
//
// Deviation: RFC 7675 consent needs STUN, which No-ICE overlays do not speak; until then an idle
// connection is kept and proven alive by RFC 5626 §3.5.1's double CRLF and its answer, in records
// of their own. One on which an answer is overdue is not used until it is heard again: a node that
// was started anew has forgotten it and drops what comes over it without a word.
#pragma once

#include <map>

#include "base/timer_queue.h"
#include "link/link_layer.h"
#include "overlay/peer.h"

namespace chordial::usage {

class DirectConnectionsHandler {
 public:
  virtual void on_direct_message(Now now, const NodeId& node, ByteView sip) = 0;
  // One that was asked for, by whichever side, is established.
  virtual void on_direct_up(Now now, const NodeId& node) = 0;
  // It could not be made.
  virtual void on_direct_refused(Now now, const NodeId& node, const Error& why) = 0;
  // An established connection is over; what was sent last may be lost.
  virtual void on_direct_down(Now now, const NodeId& node, const Error& why) = 0;
  // It fell silent while the node is heard through the overlay, which carries what is under way.
  virtual void on_direct_given_up(Now now, const NodeId& node) = 0;

 protected:
  ~DirectConnectionsHandler() = default;
};

class DirectConnections final : public link::LinkHandler,
                                public overlay::UsageHandler,
                                public TimerHandler {
 public:
  static constexpr std::size_t connections_max = 512;

  // `links` carries raw records on the application socket; its handler is this.
  DirectConnections(overlay::Peer& peer, link::LinkLayer& links, TimerQueue& timers,
                    DirectConnectionsHandler& handler);
  ~DirectConnections();

  // Asks for a connection unless there is one, or one was refused within the last half minute.
  // True: one is established or under way, and on_direct_up or on_direct_refused tells of the
  // latter.
  bool open(Now now, const NodeId& node);
  // Whether a message of this length can go that way now.
  [[nodiscard]] bool can_send(const NodeId& node, std::size_t message_bytes) const;
  [[nodiscard]] bool established_with(const NodeId& node) const;
  // Errors: unavailable (no connection), limit (too long).
  [[nodiscard]] Expected<void> send(Now now, const NodeId& node, ByteView bytes);
  // The node is alive, whatever becomes of the connection with it.
  void heard_through_overlay(Now now, const NodeId& node);
  // Somebody asks for one (PeerHandler::on_app_attach).
  void answer(Now now, overlay::AppAttachId id, const NodeId& from,
              const overlay::AppAttach& offer);
  void close_all(Now now);
  [[nodiscard]] std::size_t established() const;
  void count(CounterVisitor& visitor) const;

  void on_app_attached(Now now, overlay::RequestId id, const NodeId& by,
                       const overlay::Outcome<overlay::AppAttach>& outcome) override;
  void on_link_up(Now now, link::LinkId link, const NodeId& peer,
                  const crypto::Certificate& certificate) override;
  void on_link_message(Now now, link::LinkId link, ByteView message) override;
  void on_link_down(Now now, link::LinkId link, const Error& why) override;
  void on_timer(Now now, std::uint32_t id) override;

 private:
  enum class State : std::uint8_t {
    asked,       // our AppAttach is under way
    waiting,     // answered: the other side connects
    connecting,  // we were asked and connect
    established,
    refused,  // not tried again before `deadline`
  };
  struct Connection {
    State state = State::asked;
    overlay::RequestId request{};  // asked
    link::LinkId link{};           // connecting, established
    MonotonicTime deadline{};      // end of the present state; established: the next look
    MonotonicTime used{};          // last SIP message either way
    MonotonicTime asked{};         // when what is unanswered was sent first; the epoch: nothing is
    MonotonicTime elsewhere{};     // last message from it through the overlay
    bool doubted = false;          // the answer is overdue
  };
  using Table = std::map<NodeId, Connection>;

  [[nodiscard]] Table::iterator by_link(link::LinkId link);
  [[nodiscard]] overlay::AppAttach offer() const;
  void refuse(Now now, Connection& connection);
  void fail(Now now, const NodeId& node, Connection& connection, const Error& why);
  void look(Now now, const NodeId& node, Connection& connection);
  void look_at_established(Now now, const NodeId& node, Connection& connection);
  void expect_answer(Now now, Connection& connection);
  void arm(Now now);

  overlay::Peer& peer_;
  link::LinkLayer& links_;
  TimerQueue& timers_;
  DirectConnectionsHandler& handler_;
  Timer timer_;
  Table table_;
  std::uint64_t opened_ = 0, refused_ = 0, lost_ = 0, messages_ = 0;
};

}  // namespace chordial::usage
