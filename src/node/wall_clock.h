// The time of day of one node. Somebody may set the system's clock back: what is dated by it must
// not become older than what went before (RFC 6940 §7.4.1.1), what ends at a time must not live
// longer, and no certificate must become one that is not valid yet. So this clock goes on. Knows
// no clock but the one it is handed.
#pragma once

#include "ports/driven.h"

namespace chordial::node {

class WallClock {
 public:
  // Steps smaller than this are left to who disciplines the system's clock.
  static constexpr std::chrono::milliseconds step_min{1000};

  // It is later than `floor` for certain: the signing time of a proven document.
  explicit WallClock(WallTime floor = {}) : floor_(floor) {}

  // The same moment, with a time of day that was not set back. Calls come in the order of time.
  [[nodiscard]] Now at(Now system);
  // How far this clock is ahead of the system's.
  [[nodiscard]] std::chrono::milliseconds ahead() const { return ahead_; }

 private:
  WallTime floor_;
  Now last_{};
  std::chrono::milliseconds ahead_{0};
  bool running_ = false;
};

// A node as a driver drives it, on its own time of day. Both outlive it.
class OnWallClock final : public ports::Driven {
 public:
  OnWallClock(ports::Driven& node, WallClock& clock) : node_(node), clock_(clock) {}

  void handle_datagram(Now now, const ports::Datagram& datagram) override {
    node_.handle_datagram(clock_.at(now), datagram);
  }
  void handle_stream(Now now, const ports::StreamAccepted& event) override {
    node_.handle_stream(clock_.at(now), event);
  }
  void handle_stream(Now now, const ports::StreamConnected& event) override {
    node_.handle_stream(clock_.at(now), event);
  }
  void handle_stream(Now now, const ports::StreamReceived& event) override {
    node_.handle_stream(clock_.at(now), event);
  }
  void handle_stream(Now now, const ports::StreamClosed& event) override {
    node_.handle_stream(clock_.at(now), event);
  }
  void handle_completion(Now now, const ports::PersistCompletion& completion) override {
    node_.handle_completion(clock_.at(now), completion);
  }
  void handle_timeout(Now now) override { node_.handle_timeout(clock_.at(now)); }
  [[nodiscard]] bool poll_transmit(ports::Datagram& datagram) override {
    return node_.poll_transmit(datagram);
  }
  [[nodiscard]] std::optional<ports::StreamRequest> poll_stream() override {
    return node_.poll_stream();
  }
  [[nodiscard]] std::optional<ports::PersistRequest> poll_persist() override {
    return node_.poll_persist();
  }
  [[nodiscard]] MonotonicTime poll_timeout() const override { return node_.poll_timeout(); }
  [[nodiscard]] bool finished() const override { return node_.finished(); }

 private:
  ports::Driven& node_;
  WallClock& clock_;
};

}  // namespace chordial::node
