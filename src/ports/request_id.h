// The number that ties a slow request to its later completion.
#pragma once

#include <cstdint>

namespace chordial::ports {

// Unique within one node for its lifetime; zero is never used.
enum class RequestId : std::uint64_t {};

}  // namespace chordial::ports
