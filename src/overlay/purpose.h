// What a request of the peer's own was made for: which part hears its outcome.
#pragma once

#include <cstdint>

#include "transport/transport.h"

namespace chordial::overlay {

enum class What : std::uint8_t {
  intent,  // Update, Join, Leave, RouteQuery, Ping of the plugin
  attach,
  stale_check,    // a Ping over a link whose other end attaches anew
  idle_ping,      // a Ping over a silent link
  first_contact,  // the wildcard Probe to a bootstrap node
  replica,        // a Store that waits for its first replica
  transfer,       // a Store of replication
  newer_values,   // a Fetch of values that are newer than ours
  document,       // ConfigUpdate
  usage,
};

[[nodiscard]] inline transport::Purpose purpose(What what, std::uint64_t reference) {
  return {static_cast<std::uint8_t>(what), reference};
}

}  // namespace chordial::overlay
