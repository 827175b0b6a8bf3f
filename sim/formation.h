// How a simulated overlay comes to be: small ones by joining, large ones as the settled ring that
// hours of joining would lead to.
#pragma once

#include "sim/checkers.h"
#include "sim/shard_runner.h"

namespace chordial::sim {

// Up to so many peers join one after the other.
inline constexpr std::uint32_t joining_max = 256;

// Returns when all nodes are members (or, reported as a violation, when they should be).
MonotonicTime form(const World& world, ShardRunner& runner, Checkers& checkers);

}  // namespace chordial::sim
