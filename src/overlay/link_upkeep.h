// Keeps watch over links: a silent one is asked with a Ping (No-ICE overlays have no other
// liveness), and one that served to find the overlay is closed when nobody needs it any more.
#pragma once

#include <cstdint>

#include "base/node_id.h"
#include "base/time.h"

namespace chordial::overlay {

class Core;

class LinkUpkeep {
 public:
  // How long a bootstrap link may still become useful.
  static constexpr Duration bootstrap_grace{60'000'000};
  static constexpr unsigned ping_transmissions = 3;

  explicit LinkUpkeep(Core& core) : core_(core) {}

  void on_link_up(Now now);
  // `reference` is a link's number.
  void on_ping_failed(Now now, std::uint64_t reference);
  void on_timer(Now now);
  [[nodiscard]] MonotonicTime next_timer() const { return next_; }

 private:
  void ping(Now now, const NodeId& node, std::uint64_t link);

  Core& core_;
  MonotonicTime next_ = never;
};

}  // namespace chordial::overlay
