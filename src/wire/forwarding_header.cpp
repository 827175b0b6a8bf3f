#include "wire/forwarding_header.h"

namespace chordial::wire {
namespace {

template <class T>
List<T> read_region(ByteReader& reader, std::uint16_t bytes, std::size_t count_max,
                    const char* field) {
  const std::uint32_t start = reader.offset();
  ByteReader inside(reader.take(bytes, field), start);
  if (!reader.ok()) return {};
  List<T> list = List<T>::read_from(inside, count_max, field);
  return reader.adopt(inside) ? list : List<T>();
}

template <class T>
std::size_t list_bytes(const List<T>& list) {
  ByteWriter writer;
  write_items(writer, list);
  return writer.size();
}
template <>
std::size_t list_bytes(const DestinationList& list) {
  std::size_t total = 0;
  for (const Destination& destination : list)
    total += destination.wire_bytes();
  return total;
}

// A failure at the field that was just read, and not behind it.
void fail_at(ByteReader& reader, ByteReader before, ErrorKind kind, const char* field,
             const char* reason) {
  before.fail(kind, field, reason);
  reader.adopt(before);
}

}  // namespace

void read(ByteReader& reader, ForwardingOption& option) {
  option.type = reader.u8("ForwardingOption.type");
  option.flags = reader.u8("ForwardingOption.flags");
  option.option = reader.vector(2, "ForwardingOption.option");
}

void write(ByteWriter& writer, const ForwardingOption& option) {
  writer.u8(option.type);
  writer.u8(option.flags);
  writer.vector(2, option.option);
}

void read(ByteReader& reader, ForwardingHeader& header) {
  const std::size_t available = reader.left();
  ByteReader before = reader;
  if (reader.u32("relo_token") != relo_token)
    fail_at(reader, before, ErrorKind::malformed, "relo_token", "not a RELOAD message");
  header.overlay = reader.u32("overlay");
  header.configuration_sequence = reader.u16("configuration_sequence");
  before = reader;
  header.version = reader.u8("version");
  if (header.version != reload_version)
    fail_at(reader, before, ErrorKind::unsupported, "version", "not version 1.0");
  header.ttl = reader.u8("ttl");
  before = reader;
  header.fragment = reader.u32("fragment");
  if ((header.fragment & fragment_high_bit) == 0)
    fail_at(reader, before, ErrorKind::malformed, "fragment", "the high bit is not set");
  before = reader;
  header.length = reader.u32("length");
  if (header.length != available)
    fail_at(reader, before, header.length > available ? ErrorKind::truncated : ErrorKind::malformed,
            "length", "differs from the number of bytes received");
  header.transaction_id = reader.u64("transaction_id");
  header.max_response_length = reader.u32("max_response_length");
  const std::uint16_t via_list_length = reader.u16("via_list_length");
  const std::uint16_t destination_list_length = reader.u16("destination_list_length");
  const std::uint16_t options_length = reader.u16("options_length");
  header.via_list = read_region<Destination>(reader, via_list_length, destinations_max, "via_list");
  header.destination_list = read_region<Destination>(reader, destination_list_length,
                                                     destinations_max, "destination_list");
  header.options =
      read_region<ForwardingOption>(reader, options_length, forwarding_options_max, "options");
}

void write(ByteWriter& writer, const ForwardingHeader& header, std::size_t body_bytes) {
  const std::size_t start = writer.size();
  writer.u32(relo_token);
  writer.u32(header.overlay);
  writer.u16(header.configuration_sequence);
  writer.u8(header.version);
  writer.u8(header.ttl);
  writer.u32(header.fragment);
  const std::size_t length_at = writer.size();
  writer.u32(0);
  writer.u64(header.transaction_id);
  writer.u32(header.max_response_length);
  // The three lengths stand together, before the first of the lists.
  writer.u16(static_cast<std::uint16_t>(list_bytes(header.via_list)));
  writer.u16(static_cast<std::uint16_t>(list_bytes(header.destination_list)));
  writer.u16(static_cast<std::uint16_t>(list_bytes(header.options)));
  write_items(writer, header.via_list);
  write_items(writer, header.destination_list);
  write_items(writer, header.options);
  writer.patch_u32(length_at, static_cast<std::uint32_t>(writer.size() - start + body_bytes));
}

std::size_t header_length(const ForwardingHeader& header) {
  return fixed_header_bytes + list_bytes(header.via_list) + list_bytes(header.destination_list) +
         list_bytes(header.options);
}

}  // namespace chordial::wire
