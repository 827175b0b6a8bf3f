// Looks into the plaintext beginning of a DTLS handshake (RFC 6347 §4.3.2), as far as telling
// associations apart needs it. Checks nothing: whatever it says is only a hint.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "link/wire_link.h"

namespace chordial::link {

// First byte of a datagram: RFC 7983 §7.
enum class DatagramKind : std::uint8_t { stun, dtls, other };
[[nodiscard]] DatagramKind datagram_kind(ByteView datagram);

// The random of a datagram that begins with an unfragmented ClientHello; nothing otherwise.
[[nodiscard]] std::optional<HelloRandom> client_hello_random(ByteView datagram);

// Whether a record belongs to a handshake (content types change_cipher_spec, alert, handshake)
// rather than to application data.
[[nodiscard]] bool handshake_record(ByteView datagram);

}  // namespace chordial::link
