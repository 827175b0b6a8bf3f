// Any bytes as MessageContents: code, body and extensions, and what a node asks of the extensions.
#include "fuzz_wire/same.h"

using namespace chordial;
using namespace chordial::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  fuzz::check_structure<MessageContents>(bytes);
  const auto contents = parse_value<MessageContents>(bytes);
  if (!contents) return 0;
  fuzz::expect_same(contents->encoded, bytes);
  const auto tunnel = find_sip_tunnel(*contents);
  const std::uint16_t known[] = {sip_tunnel_extension};
  const auto unknown = unknown_critical_extension(*contents, known);
  if (unknown == sip_tunnel_extension) std::abort();
  if (!tunnel) fuzz::expect_place(tunnel.error(), size);
  // A tunnel is critical, so whoever does not know it must say so.
  if (tunnel && *tunnel && !unknown_critical_extension(*contents, {})) std::abort();
  return 0;
}
