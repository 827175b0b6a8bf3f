// Carries out what the topology plugin wants (topology/intents.h) and tells it how that ended.
#pragma once

#include <optional>
#include <vector>

#include "topology/intents.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core;

class IntentRunner {
 public:
  explicit IntentRunner(Core& core) : core_(core) {}

  void carry_out(Now now, topology::Intents& intents);
  void on_answer(Now now, std::uint64_t reference, const transport::Answer& answer);
  void on_failed(Now now, std::uint64_t reference, const Error& why);

  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const { return pending_.capacity() * sizeof(Pending); }

 private:
  // A request that the plugin waits for.
  struct Pending {
    std::uint64_t reference = 0;
    wire::MessageCode code = wire::MessageCode::invalid;
    bool send_update = false;
    std::optional<NodeId> node;  // to whom, or whom a Ping names
    std::optional<NodeId> via;
    RingPosition position;
  };

  void update(Now now, const topology::UpdateIntent& intent);
  void join(Now now, const topology::JoinIntent& intent);
  void leave(Now now, const topology::LeaveIntent& intent);
  void route_query(Now now, const topology::RouteQueryIntent& intent);
  void ping(Now now, const topology::PingIntent& intent);
  void request(Now now, const Pending& pending, transport::Outgoing outgoing);
  std::optional<Pending> take(std::uint64_t reference);
  void report(Now now, const Pending& pending, const transport::Answer* answer);

  Core& core_;
  std::vector<Pending> pending_;
};

}  // namespace chordial::overlay
