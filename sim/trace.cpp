#include "sim/trace.h"

#include <bit>
#include <cstring>

#include "base/byte_writer.h"

namespace chordial::sim {

namespace {

constexpr std::size_t fold_bytes = 65536;

// Odd numbers with well spread bits (the fractions of the golden ratio and of the square root of
// 2).
constexpr std::uint64_t multiplier_low = 0x9e3779b97f4a7c15;
constexpr std::uint64_t multiplier_high = 0x6a09e667f3bcc909;

}  // namespace

// Nobody chooses these words to deceive a trace; a mixer as fast as memory is enough.
void Trace::mix(std::uint64_t word) {
  low_ = std::rotl((low_ ^ word) * multiplier_low, 31) + high_;
  high_ = std::rotl(high_ ^ low_, 27) * multiplier_high;
}

void Trace::mix(ByteView bytes) {
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    mix(word);
  }
  std::uint64_t rest = bytes.size();
  for (; at < bytes.size(); ++at)
    rest = rest << 8 | bytes[at];
  mix(rest);
}

void Trace::absorb(const Event& event) {
  mix(static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
  mix(std::uint64_t{event.from} << 32 | event.sequence);
  mix(std::uint64_t{event.from_link} << 32 | event.to_link);
  mix(static_cast<std::uint64_t>(event.kind) << 8 | static_cast<std::uint64_t>(event.packet_kind));
  mix(event.bytes);
}

void Trace::absorb(MonotonicTime at, std::uint32_t what, std::uint64_t number) {
  mix(static_cast<std::uint64_t>(at.time_since_epoch().count()));
  mix(what);
  mix(number);
}

void TraceSum::add(const Trace& trace) {
  ByteWriter writer(std::move(pending_));
  writer.u64(trace.low_);
  writer.u64(trace.high_);
  pending_ = writer.take();
  if (pending_.size() >= fold_bytes) fold();
}

void TraceSum::fold() {
  sum_ = crypto::sha256({sum_, pending_});
  pending_.clear();
}

std::string TraceSum::hex() {
  fold();
  return to_hex(sum_);
}

}  // namespace chordial::sim
