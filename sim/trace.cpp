#include "sim/trace.h"

#include "base/byte_writer.h"

namespace chordial::sim {

namespace {

constexpr std::size_t fold_bytes = 65536;

void put(std::uint8_t*& at, std::uint64_t number, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    *at++ = static_cast<std::uint8_t>(number >> 8 * i);
}

}  // namespace

void Trace::mix(ByteView header, ByteView bytes) {
  low_ = siphash(low_, high_, header);
  high_ = siphash(high_, low_, bytes);
}

void Trace::absorb(const Event& event) {
  std::array<std::uint8_t, 32> header{};
  std::uint8_t* at = header.data();
  put(at, static_cast<std::uint64_t>(event.at.time_since_epoch().count()), 8);
  put(at, event.from, 4);
  put(at, event.sequence, 4);
  put(at, static_cast<std::uint64_t>(event.kind), 1);
  put(at, static_cast<std::uint64_t>(event.packet_kind), 1);
  put(at, event.from_link, 4);
  put(at, event.to_link, 4);
  mix(header, event.bytes);
}

void Trace::absorb(MonotonicTime at, std::uint32_t what, std::uint64_t number) {
  std::array<std::uint8_t, 20> header{};
  std::uint8_t* to = header.data();
  put(to, static_cast<std::uint64_t>(at.time_since_epoch().count()), 8);
  put(to, what, 4);
  put(to, number, 8);
  mix(header, {});
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
