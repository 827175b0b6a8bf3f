// One transaction and its naive twin: the first byte says which kind over which kind of flow, every
// two bytes behind it how much time passes and what happens then. Both must have said and sent the
// same at the same times.
#include "base/assert.h"
#include "sip_transaction/twin.h"

namespace {

using namespace chordial;
using namespace chordial::sip;

constexpr std::size_t events_max = 48;
constexpr std::int64_t round_max_ms = 120000;

class Events {
 public:
  Events(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  // False at the end. Time grows with the square of its byte, so that all timers are in reach.
  bool next(std::int64_t& wait_ms, std::uint8_t& what) {
    if (left_ < 2 || count_++ == events_max) return false;
    wait_ms = std::int64_t{data_[0]} * data_[0];
    what = data_[1];
    data_ += 2;
    left_ -= 2;
    return true;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
  std::size_t count_ = 0;
};

void client(bool invite, bool reliable, Events events) {
  const Flow flow = reliable ? tcp_flow() : udp_flow();
  World world;
  world.start(invite ? "INVITE" : "OPTIONS", flow);
  ClientTwin twin(invite, reliable);
  std::int64_t wait_ms = 0;
  std::uint8_t what = 0;
  while (events.next(wait_ms, what) && world.ms < round_max_ms) {
    advance(world, twin, wait_ms);
    const auto status = static_cast<std::uint16_t>(100 + what % 6 * 100 + what % 5);
    world.answer(world.last_request, status, flow);
    twin.response(status);
  }
  advance(world, twin, 40000);
  CHORDIAL_INVARIANT(world.log == twin.log);
}

void server(bool invite, bool reliable, Events events) {
  const Flow flow = reliable ? tcp_flow() : udp_flow();
  const Bytes request = request_bytes(invite ? "INVITE" : "OPTIONS", "z9hG4bKtwin");
  const Bytes ack = request_bytes("ACK", "z9hG4bKtwin");
  World world;
  static_cast<void>(world.receive(flow, request));
  ServerTwin twin(invite, reliable);
  std::int64_t wait_ms = 0;
  std::uint8_t what = 0;
  while (events.next(wait_ms, what) && world.ms < round_max_ms) {
    advance(world, twin, wait_ms);
    if (twin.over()) break;
    if (what < 64) {
      static_cast<void>(world.receive(flow, request));
      twin.request_again();
    } else if (what < 128) {
      if (!invite) continue;
      static_cast<void>(world.receive(flow, ack));
      twin.ack();
    } else {
      const auto status = static_cast<std::uint16_t>(101 + what % 6 * 100 + what % 8);
      static_cast<void>(world.respond(status));
      twin.respond(status);
    }
  }
  advance(world, twin, 40000);
  CHORDIAL_INVARIANT(world.log == twin.log);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool invite = (data[0] & 1) != 0;
  const bool reliable = (data[0] & 2) != 0;
  const Events events(data + 1, size - 1);
  (data[0] & 4) != 0 ? client(invite, reliable, events) : server(invite, reliable, events);
  return 0;
}
