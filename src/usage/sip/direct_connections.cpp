#include "usage/sip/direct_connections.h"

#include <algorithm>

#include "wire/codes.h"

namespace chordial::usage {

namespace {

using std::chrono::seconds;

constexpr Duration attempt_max = seconds(20);
constexpr Duration refused_pause = seconds(30);
constexpr Duration keepalive_interval = seconds(15);
// Less than the first retransmission of SIP takes, so that this one goes another way.
constexpr Duration answer_patience = std::chrono::milliseconds(400);
constexpr Duration doubted_ping_interval = seconds(2);
constexpr Duration doubt_max = seconds(5);     // of a node that is heard elsewhere
constexpr Duration silence_max = seconds(30);  // as RFC 7675 has it
constexpr Duration idle_max = seconds(300);
constexpr std::string_view ping = "\r\n\r\n";
constexpr std::string_view pong = "\r\n";
constexpr Error not_in_time{ErrorKind::unavailable, "AppAttach", 0, "no connection in time"};

// A member names an address, and this node sends to it: never to a group.
bool connectable(const SocketAddress& address, bool v4) {
  return address.ip.is_v4() == v4 && address.port != 0 && !address.ip.is_unspecified() &&
         !address.ip.is_multicast();
}

}  // namespace

DirectConnections::DirectConnections(overlay::Peer& peer, link::LinkLayer& links,
                                     TimerQueue& timers, DirectConnectionsHandler& handler)
    : peer_(peer), links_(links), timers_(timers), handler_(handler), timer_(*this, 0) {
}

DirectConnections::~DirectConnections() {
  for (const auto& [node, connection] : table_) {
    if (connection.state == State::asked) peer_.cancel(connection.request);
  }
}

overlay::AppAttach DirectConnections::offer() const {
  overlay::AppAttach attach;
  attach.application = wire::application_sip;
  overlay::Candidate candidate;
  candidate.address = links_.local_address();
  attach.candidates.push_back(std::move(candidate));
  return attach;
}

bool DirectConnections::open(Now now, const NodeId& node) {
  const auto known = table_.find(node);
  if (known != table_.end()) {
    if (known->second.state != State::refused) return true;
    if (known->second.deadline > now.monotonic) return false;
    table_.erase(known);
  }
  if (table_.size() >= connections_max) return false;
  Connection connection;
  connection.request = peer_.app_attach(now, node, offer(), *this);
  connection.deadline = now.monotonic + attempt_max;
  table_.emplace(node, connection);
  ++opened_;
  arm(now);
  return true;
}

void DirectConnections::refuse(Now now, Connection& connection) {
  connection.state = State::refused;
  connection.deadline = now.monotonic + refused_pause;
  ++refused_;
}

void DirectConnections::fail(Now now, const NodeId& node, Connection& connection,
                             const Error& why) {
  refuse(now, connection);
  handler_.on_direct_refused(now, node, why);
}

void DirectConnections::on_app_attached(Now now, overlay::RequestId id, const NodeId& /*by*/,
                                        const overlay::Outcome<overlay::AppAttach>& outcome) {
  const auto place = std::find_if(table_.begin(), table_.end(), [&](const auto& entry) {
    return entry.second.state == State::asked && entry.second.request == id;
  });
  if (place == table_.end()) return;
  if (outcome) {
    place->second.state = State::waiting;
  } else {
    fail(now, NodeId(place->first), place->second, outcome.error().error);
  }
}

void DirectConnections::answer(Now now, overlay::AppAttachId id, const NodeId& from,
                               const overlay::AppAttach& request) {
  const auto refuse_with = [&](ErrorKind kind, const char* reason) {
    peer_.answer_app_attach(now, id, failure(kind, "AppAttach", reason));
  };
  if (request.application != wire::application_sip) {
    return refuse_with(ErrorKind::not_found, "only SIP is served here");
  }
  const auto known = table_.find(from);
  if (known != table_.end()) {
    const State state = known->second.state;
    // Both asked at once: the question of the node with the smaller id stands.
    if ((state == State::asked || state == State::waiting) && peer_.self() < from) {
      return refuse_with(ErrorKind::conflict,
                         "this node has asked as well, and its question stands");
    }
    if (state == State::asked) peer_.cancel(known->second.request);
    // An established one is replaced: the other side would not ask if it still had it.
    if (state == State::established || state == State::connecting)
      links_.close(now, known->second.link);
    table_.erase(known);
    if (state == State::established) {
      handler_.on_direct_down(
          now, from, Error{ErrorKind::unavailable, "node", 0, "it asked for a new connection"});
    }
  }
  // From here on, whoever waits for a connection of our asking gets this one or none.
  const auto give_up = [&](const char* reason) {
    handler_.on_direct_refused(now, from, Error{ErrorKind::unavailable, "AppAttach", 0, reason});
  };
  if (table_.size() >= connections_max) {
    refuse_with(ErrorKind::unavailable, "too many connections");
    return give_up("too many connections");
  }
  const bool v4 = links_.local_address().ip.is_v4();
  const auto candidate =
      std::find_if(request.candidates.begin(), request.candidates.end(),
                   [&](const overlay::Candidate& c) { return connectable(c.address, v4); });
  if (candidate == request.candidates.end()) {
    refuse_with(ErrorKind::unavailable, "no candidate this node can connect to");
    return give_up("no candidate this node can connect to");
  }
  const auto link = links_.connect(now, candidate->address, from);
  if (!link) {
    refuse_with(ErrorKind::unavailable, link.error().reason);
    return give_up(link.error().reason);
  }
  peer_.answer_app_attach(now, id, offer());
  Connection connection;
  connection.state = State::connecting;
  connection.link = *link;
  connection.deadline = now.monotonic + attempt_max;
  table_.emplace(from, connection);
  arm(now);
}

DirectConnections::Table::iterator DirectConnections::by_link(link::LinkId link) {
  return std::find_if(table_.begin(), table_.end(), [&](const auto& entry) {
    const Connection& connection = entry.second;
    return (connection.state == State::connecting || connection.state == State::established) &&
           connection.link == link;
  });
}

void DirectConnections::on_link_up(Now now, link::LinkId link, const NodeId& peer,
                                   const crypto::Certificate& /*certificate*/) {
  const auto place = table_.find(peer);
  const bool expected =
      place != table_.end() &&
      (place->second.state == State::asked || place->second.state == State::waiting ||
       (place->second.state == State::connecting && place->second.link == link));
  if (!expected) {
    links_.close(now, link);
    return;
  }
  Connection& connection = place->second;
  if (connection.state == State::asked) peer_.cancel(connection.request);
  connection.state = State::established;
  connection.link = link;
  connection.used = now.monotonic;
  connection.deadline = now.monotonic + keepalive_interval;
  handler_.on_direct_up(now, peer);
}

void DirectConnections::on_link_message(Now now, link::LinkId link, ByteView message) {
  const auto place = by_link(link);
  if (place == table_.end()) return;
  Connection& connection = place->second;
  if (as_text(message) == ping) {  // says nothing of whether we are heard
    // Not worth a retry: the next ping asks again.
    static_cast<void>(links_.send(now, link, as_bytes(pong)));
    return;
  }
  connection.asked = {};
  connection.doubted = false;
  connection.deadline = now.monotonic + keepalive_interval;
  if (as_text(message) == pong) return;
  connection.used = now.monotonic;
  ++messages_;
  const NodeId node = place->first;
  handler_.on_direct_message(now, node, message);
}

void DirectConnections::on_link_down(Now now, link::LinkId link, const Error& why) {
  const auto place = by_link(link);
  if (place == table_.end()) return;
  const NodeId node = place->first;
  const bool was_established = place->second.state == State::established;
  if (was_established) {
    table_.erase(place);
    ++lost_;
    handler_.on_direct_down(now, node, why);
  } else {
    fail(now, node, place->second, why);
  }
}

bool DirectConnections::established_with(const NodeId& node) const {
  const auto place = table_.find(node);
  return place != table_.end() && place->second.state == State::established;
}

bool DirectConnections::can_send(const NodeId& node, std::size_t message_bytes) const {
  const auto place = table_.find(node);
  return place != table_.end() && place->second.state == State::established &&
         !place->second.doubted && message_bytes <= links_.message_bytes_max();
}

Expected<void> DirectConnections::send(Now now, const NodeId& node, ByteView bytes) {
  const auto place = table_.find(node);
  if (place == table_.end() || place->second.state != State::established) {
    return failure(ErrorKind::unavailable, "node", "no direct connection");
  }
  place->second.used = now.monotonic;
  expect_answer(now, place->second);
  return links_.send(now, place->second.link, bytes);
}

void DirectConnections::expect_answer(Now now, Connection& connection) {
  if (connection.asked != MonotonicTime{}) return;
  connection.asked = now.monotonic;
  connection.deadline = now.monotonic + answer_patience;
  if (!timer_.armed() || timer_.deadline() > connection.deadline)
    timers_.arm(timer_, connection.deadline);
}

void DirectConnections::heard_through_overlay(Now now, const NodeId& node) {
  const auto place = table_.find(node);
  if (place != table_.end()) place->second.elsewhere = now.monotonic;
}

void DirectConnections::look_at_established(Now now, const NodeId& node, Connection& connection) {
  const bool unanswered = connection.asked != MonotonicTime{};
  const Duration silence = unanswered ? now.monotonic - connection.asked : Duration(0);
  if (silence >= doubt_max && connection.elsewhere >= connection.asked) {
    links_.close(now, connection.link);
    table_.erase(node);
    ++lost_;
    handler_.on_direct_given_up(now, node);
  } else if (silence >= silence_max) {
    links_.close(now, connection.link);
    refuse(now, connection);
    ++lost_;
    handler_.on_direct_down(now, node, Error{ErrorKind::unavailable, "node", 0, "fell silent"});
  } else if (!unanswered && now.monotonic - connection.used >= idle_max) {
    links_.close(now, connection.link);
    refuse(now, connection);
    connection.deadline = now.monotonic;
  } else {
    static_cast<void>(links_.send(now, connection.link, as_bytes(ping)));
    expect_answer(now, connection);
    if (!unanswered) return;
    connection.doubted = true;
    connection.deadline = now.monotonic + doubted_ping_interval;
  }
}

void DirectConnections::look(Now now, const NodeId& node, Connection& connection) {
  switch (connection.state) {
    case State::established:
      look_at_established(now, node, connection);
      return;
    case State::asked:
      peer_.cancel(connection.request);
      return fail(now, node, connection, not_in_time);
    case State::connecting:
      links_.close(now, connection.link);
      return fail(now, node, connection, not_in_time);
    case State::waiting:
      return fail(now, node, connection, not_in_time);
    case State::refused:
      return;
  }
}

void DirectConnections::on_timer(Now now, std::uint32_t /*id*/) {
  std::vector<NodeId> due;
  for (const auto& [node, connection] : table_) {
    if (connection.deadline <= now.monotonic) due.push_back(node);
  }
  for (const NodeId& node : due) {
    const auto place = table_.find(node);
    if (place == table_.end()) continue;
    if (place->second.state == State::refused) {
      table_.erase(place);
    } else {
      look(now, node, place->second);
    }
  }
  arm(now);
}

void DirectConnections::arm(Now now) {
  MonotonicTime next = never;
  for (const auto& [node, connection] : table_)
    next = std::min(next, connection.deadline);
  if (next != never) timers_.arm(timer_, std::max(next, now.monotonic));
}

void DirectConnections::close_all(Now now) {
  for (auto& [node, connection] : table_) {
    if (connection.state == State::asked) peer_.cancel(connection.request);
    if (connection.state == State::connecting || connection.state == State::established) {
      links_.close(now, connection.link);
    }
  }
  table_.clear();
  timer_.cancel();
}

std::size_t DirectConnections::established() const {
  return static_cast<std::size_t>(
      std::count_if(table_.begin(), table_.end(),
                    [](const auto& entry) { return entry.second.state == State::established; }));
}

void DirectConnections::count(CounterVisitor& visitor) const {
  visitor.gauge("usage_direct_connections", established());
  visitor.counter("usage_direct_opened", opened_);
  visitor.counter("usage_direct_refused", refused_);
  visitor.counter("usage_direct_lost", lost_);
  visitor.counter("usage_direct_messages", messages_);
}

}  // namespace chordial::usage
