#include "wire/message_contents.h"

#include <algorithm>

namespace chordial::wire {

void read(ByteReader& reader, MessageExtension& extension) {
  extension.type = reader.u16("MessageExtension.type");
  extension.critical = read_boolean(reader, "MessageExtension.critical");
  extension.extension_contents = reader.vector(4, "MessageExtension.extension_contents");
  extension.offset =
      reader.offset() - static_cast<std::uint32_t>(extension.extension_contents.size());
}

void write(ByteWriter& writer, const MessageExtension& extension) {
  writer.u16(extension.type);
  writer.u8(extension.critical ? 1 : 0);
  writer.vector(4, extension.extension_contents);
}

void read(ByteReader& reader, MessageContents& contents) {
  ByteReader start = reader;
  contents.message_code = static_cast<MessageCode>(reader.u16("message_code"));
  contents.message_body = reader.vector(4, "message_body");
  contents.body_offset = reader.offset() - static_cast<std::uint32_t>(contents.message_body.size());
  contents.extensions = read_list<MessageExtension>(reader, 4, extensions_max, "extensions");
  contents.encoded = start.take(reader.position() - start.position(), "MessageContents");
}

void write(ByteWriter& writer, const MessageContents& contents) {
  writer.u16(static_cast<std::uint16_t>(contents.message_code));
  writer.vector(4, contents.message_body);
  write_list(writer, 4, contents.extensions);
}

Expected<std::optional<SipTunnel>> find_sip_tunnel(const MessageContents& contents,
                                                   std::uint16_t type) {
  std::optional<SipTunnel> found;
  for (const MessageExtension& extension : contents.extensions) {
    if (extension.type != type) continue;
    if (found) return failure(ErrorKind::malformed, "SipTunnel", "more than one", extension.offset);
    if (!extension.critical)
      return failure(ErrorKind::malformed, "SipTunnel", "not marked critical", extension.offset);
    found = SipTunnel{extension.extension_contents};
  }
  return found;
}

MessageExtension make_sip_tunnel(ByteView sip_message, std::uint16_t type) {
  return {type, true, sip_message, 0};
}

std::optional<std::uint16_t> unknown_critical_extension(const MessageContents& contents,
                                                        std::span<const std::uint16_t> known) {
  for (const MessageExtension& extension : contents.extensions) {
    if (extension.critical && std::ranges::find(known, extension.type) == known.end())
      return extension.type;
  }
  return std::nullopt;
}

}  // namespace chordial::wire
