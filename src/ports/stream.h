// Byte-stream connections (TCP, TLS) as requests and events. The driver owns the sockets.
#pragma once

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"

namespace chordial::ports {

// Never reused within a node's lifetime. The node numbers the streams it asks for, the driver those
// it accepts: accepted ones have the top bit set.
enum class StreamId : std::uint64_t {};

inline constexpr std::uint64_t accepted_stream_bit = std::uint64_t{1} << 63;

struct StreamAccepted {
  StreamId id;
  SocketAddress local;
  SocketAddress remote;
};
struct StreamConnected {
  StreamId id;
  SocketAddress local;
};
// `bytes` lives until the call it is an argument of returns.
struct StreamReceived {
  StreamId id;
  ByteView bytes;
};
// The stream is gone and its id means nothing any more, whichever side ended it.
struct StreamClosed {
  StreamId id;
  Error why;
};

}  // namespace chordial::ports
