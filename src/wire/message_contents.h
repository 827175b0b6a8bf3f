// The second part of a message: code, body, extensions (RFC 6940 §6.3.3). The body stays bytes
// here; its structures are in the files of their sections. Also the SIP tunnel's extension of our
// own.
#pragma once

#include <optional>

#include "wire/codes.h"
#include "wire/limits.h"
#include "wire/list.h"

namespace chordial::wire {

struct MessageExtension {
  std::uint16_t type = 0;
  bool critical = false;
  ByteView extension_contents;
  std::uint32_t offset = 0;  // of extension_contents in the message
};

void read(ByteReader& reader, MessageExtension& extension);
void write(ByteWriter& writer, const MessageExtension& extension);

struct MessageContents {
  MessageCode message_code = MessageCode::invalid;
  ByteView message_body;
  List<MessageExtension> extensions;
  // Where they were read: the body's place in the message, and all of the contents as signed.
  std::uint32_t body_offset = 0;
  ByteView encoded;

  // A reader of the body whose errors count from the start of the message.
  [[nodiscard]] ByteReader body_reader() const { return ByteReader(message_body, body_offset); }
};

void read(ByteReader& reader, MessageContents& contents);
// Code, body and extensions; the other fields do not matter.
void write(ByteWriter& writer, const MessageContents& contents);

// SipTunnel: one SIP message, carried by a PingReq. The IANA registry (§14.14) knows 0, 1 (which
// §14.14 forbids in operation) and 0xFFFF, and gives no range for private use; registration is
// "Specification Required", counted up from below. Deviation: we take a number from the far end,
// and an overlay that uses it names our namespace as mandatory-extension in its configuration
// document, so that nobody else ever meets it.
inline constexpr std::uint16_t sip_tunnel_extension = 0xF051;

struct SipTunnel {
  ByteView sip_message;
};

// The extension of that type, if there is one. Errors: malformed (twice, not critical).
[[nodiscard]] Expected<std::optional<SipTunnel>> find_sip_tunnel(
    const MessageContents& contents, std::uint16_t type = sip_tunnel_extension);
[[nodiscard]] MessageExtension make_sip_tunnel(ByteView sip_message,
                                               std::uint16_t type = sip_tunnel_extension);
// The first critical extension that is none of `known` (§6.3.3: Error_Unknown_Extension).
[[nodiscard]] std::optional<std::uint16_t> unknown_critical_extension(
    const MessageContents& contents, std::span<const std::uint16_t> known);

}  // namespace chordial::wire
