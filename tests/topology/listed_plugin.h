// A plugin that is nothing but the lists it is given: what checkers look at.
#pragma once

#include "topology/plugin.h"

namespace chordial::topology {

class ListedPlugin final : public Plugin {
 public:
  std::vector<NodeId> after;
  std::vector<NodeId> before;
  std::vector<NodeId> table;
  std::vector<NodeId> copies;
  NodeId self;
  Phase state = Phase::ring;

  [[nodiscard]] std::string_view name() const override { return "LISTED"; }
  void start_first(Now, Intents&) override {}
  void start_joining(Now, const NodeId&, Intents&) override {}
  void start_leaving(Now, Intents&) override {}
  void on_link_up(Now, const NodeId&, Intents&) override {}
  void on_link_down(Now, const NodeId&, Intents&) override {}
  void on_attach_failed(Now, const AttachIntent&, Intents&) override {}
  Expected<Bytes> on_join(Now, const NodeId&, ByteView, Intents&) override { return Bytes{}; }
  void on_join_transferred(Now, const NodeId&, Intents&) override {}
  Expected<void> on_update(Now, const NodeId&, ByteView, Intents&) override { return {}; }
  Expected<void> on_leave(Now, const NodeId&, ByteView, Intents&) override { return {}; }
  Expected<Bytes> on_route_query(Now, const NodeId&, RingPosition, ByteView) override {
    return Bytes{};
  }
  void on_update_requested(Now, const NodeId&, Intents&) override {}
  void on_join_answered(Now, const NodeId&, bool, ByteView, Intents&) override {}
  void on_update_answered(Now, const NodeId&, bool, Intents&) override {}
  void on_route_query_answered(Now, const RouteQueryIntent&, bool, ByteView, Intents&) override {}
  void on_ping_answered(Now, const PingIntent&, std::optional<NodeId>, Intents&) override {}
  void on_timer(Now, Intents&) override {}
  [[nodiscard]] MonotonicTime next_timer() const override { return never; }
  [[nodiscard]] Phase phase() const override { return state; }
  [[nodiscard]] NextHop next_hop(RingPosition) const override { return {}; }
  [[nodiscard]] bool responsible(RingPosition position) const override {
    return before.empty() || in_half_open(before[0].position, position, self.position);
  }
  void replica_set(std::vector<NodeId>& nodes) const override { nodes = copies; }
  [[nodiscard]] bool accepts_replica(RingPosition, const NodeId&) const override { return true; }
  [[nodiscard]] bool keeps(RingPosition) const override { return true; }
  [[nodiscard]] bool plausible_responder(RingPosition, const NodeId&) const override {
    return true;
  }
  void successors(std::vector<NodeId>& nodes) const override { nodes = after; }
  void predecessors(std::vector<NodeId>& nodes) const override { nodes = before; }
  void fingers(std::vector<NodeId>& nodes) const override { nodes = table; }
  [[nodiscard]] bool wants(const NodeId&) const override { return true; }
  [[nodiscard]] double overlay_size_estimate() const override { return 1; }
  [[nodiscard]] std::uint32_t responsible_ppb() const override { return 0; }
  [[nodiscard]] std::size_t memory_bytes() const override { return 0; }
};

}  // namespace chordial::topology
