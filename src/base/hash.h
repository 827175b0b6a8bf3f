// Hash functors for unordered tables keyed by ids and addresses. Tables that strangers can fill
// take a secret key (SipHash); nothing ever iterates over them, so that a run depends on its seed
// alone.
#pragma once

#include <cstddef>

#include "base/address.h"
#include "base/node_id.h"
#include "base/rng.h"

namespace chordial {

struct NodeIdHash {
  // Node-IDs are proven by certificates, so their own bits are good enough.
  std::size_t operator()(const NodeId& id) const {
    return static_cast<std::size_t>(id.position.low ^ id.position.high);
  }
};

struct SocketAddressHash {
  std::uint64_t key_low = 0;
  std::uint64_t key_high = 0;

  std::size_t operator()(const SocketAddress& address) const {
    return static_cast<std::size_t>(siphash(key_low ^ address.port, key_high, address.ip.bytes()));
  }
};

}  // namespace chordial
