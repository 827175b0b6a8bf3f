// The holding buffer beside its naive twin, which keeps every byte in a map: fragments by script
// come in any order, twice, overlapping, contradicting each other and late. Both say the same of
// each, and the limits hold all the while. Each step of the script is six bytes: id, offset (2),
// length (2), flags.
#include "transport/reassembly.h"

#include <cstdlib>
#include <map>

namespace {

using namespace chordial;
using namespace chordial::transport;

constexpr std::size_t message_bytes_max = 20'000;

void expect(bool holds) {
  if (!holds) std::abort();
}

NodeId neighbour_of(std::uint64_t id) {
  return NodeId{{id % 7U, 0}};
}

class Twin {
 public:
  // The whole message, once it is.
  std::optional<Bytes> add(std::int64_t now_s, const Fragment& fragment) {
    std::erase_if(held_, [&](const auto& entry) { return entry.second.ends_s <= now_s; });
    const std::uint32_t begin = fragment.offset;
    const auto end = static_cast<std::uint32_t>(begin + fragment.body.size());
    if (end > message_bytes_max || (begin == end && !fragment.last)) return std::nullopt;
    if (!held_.contains(fragment.transaction_id)) {
      std::size_t same = 0;
      for (const auto& [id, held] : held_)
        same += neighbour_of(id) == fragment.neighbour ? 1 : 0;
      if (held_.size() >= reassembly_messages_max || same >= reassembly_messages_per_neighbour_max)
        return std::nullopt;
      held_[fragment.transaction_id].ends_s = now_s + fragment_lifetime.count() / 1'000'000;
    }
    Held& held = held_[fragment.transaction_id];
    if (contradicts(held, fragment, end)) held = Held{{}, {}, 0, false, held.ends_s};
    if (runs(held) >= reassembly_pieces_max) return std::nullopt;
    for (std::uint32_t at = begin; at < end; ++at)
      held.bytes[at] = fragment.body[at - begin];
    held.reach = std::max(held.reach, end);
    if (begin == 0) held.first = true;
    if (fragment.last) held.length = end;
    if (!held.length || !held.first || held.bytes.size() != *held.length || *held.length == 0)
      return std::nullopt;
    Bytes whole;
    for (const auto& [at, byte] : held.bytes)
      whole.push_back(byte);
    held_.erase(fragment.transaction_id);
    return whole;
  }

 private:
  struct Held {
    std::map<std::uint32_t, std::uint8_t> bytes;
    std::optional<std::uint32_t> length;
    std::uint32_t reach = 0;  // the end of what lies furthest
    bool first = false;       // the fragment that begins it has come
    std::int64_t ends_s = 0;
  };

  static bool contradicts(const Held& held, const Fragment& fragment, std::uint32_t end) {
    if (held.length && (fragment.last ? end != *held.length : end > *held.length)) return true;
    if (fragment.last && held.reach > end) return true;
    for (std::uint32_t at = fragment.offset; at < end; ++at) {
      const auto there = held.bytes.find(at);
      if (there != held.bytes.end() && there->second != fragment.body[at - fragment.offset])
        return true;
    }
    return false;
  }
  static std::size_t runs(const Held& held) {
    std::size_t count = 0;
    std::optional<std::uint32_t> last;
    for (const auto& [at, byte] : held.bytes) {
      if (!last || at != *last + 1) ++count;
      last = at;
    }
    return count;
  }

  std::map<std::uint64_t, Held> held_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bytes source = [] {
    Bytes bytes(std::size_t{1} << 17);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::uint8_t>(i * 13 + i / 256);
    return bytes;
  }();
  const Bytes header{1, 2, 3, 4};
  Reassembly reassembly;
  Twin twin;
  std::int64_t now_s = 0;
  for (std::size_t at = 0; at + 6 <= size && at < 6 * 256; at += 6) {
    const std::uint8_t* step = data + at;
    const auto offset = static_cast<std::uint32_t>(step[1] << 8 | step[2]);
    const auto length = static_cast<std::size_t>(step[3] << 8 | step[4]) % 4096;
    const std::uint8_t flags = step[5];
    if ((flags & 4) != 0) now_s += flags >> 4;
    // The message with an odd flag bit has other bytes: a contradiction where they meet.
    const ByteView body = ByteView(source).subspan(offset + (flags >> 1 & 1), length);
    const Fragment fragment{step[0], neighbour_of(step[0]), header, offset, (flags & 1) != 0, body};
    const auto message = reassembly.add({MonotonicTime(std::chrono::seconds(now_s)), WallTime{}},
                                        fragment, message_bytes_max);
    const auto expected = twin.add(now_s, fragment);
    expect(reassembly.messages() <= reassembly_messages_max);
    expect(reassembly.bytes() <= reassembly_bytes_max);
    expect(message.has_value() == expected.has_value());
    if (message) expect(message->header == header && message->body == *expected);
  }
  return 0;
}
