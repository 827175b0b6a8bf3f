// Random events against a naive twin.
#include "sip_transaction/twin.h"

namespace chordial::sip {
namespace {

TEST(TransactionTwin, ClientsAgree) {
  Rng rng(21, 22);
  for (int round = 0; round < 200; ++round) {
    const bool invite = rng.below(2) == 0;
    const bool reliable = rng.below(2) == 0;
    const Flow flow = reliable ? tcp_flow() : udp_flow();
    World world;
    world.start(invite ? "INVITE" : "OPTIONS", flow);
    ClientTwin twin(invite, reliable);
    const std::uint64_t events = rng.below(8);
    for (std::uint64_t i = 0; i < events; ++i) {
      advance(world, twin, static_cast<std::int64_t>(rng.below(std::uint64_t{1} << rng.below(14))));
      static constexpr std::uint16_t statuses[] = {100, 180, 180, 200, 200, 302, 486, 603};
      const std::uint16_t status = statuses[rng.below(std::size(statuses))];
      world.answer(world.last_request, status, flow);
      twin.response(status);
    }
    advance(world, twin, 40000);
    ASSERT_EQ(world.log, twin.log) << "round " << round;
  }
}

TEST(TransactionTwin, ServersAgree) {
  Rng rng(23, 24);
  for (int round = 0; round < 200; ++round) {
    const bool invite = rng.below(2) == 0;
    const bool reliable = rng.below(2) == 0;
    const Flow flow = reliable ? tcp_flow() : udp_flow();
    const Bytes request = request_bytes(invite ? "INVITE" : "OPTIONS", "z9hG4bKtwin");
    World world;
    static_cast<void>(world.receive(flow, request));
    ServerTwin twin(invite, reliable);
    const std::uint64_t events = rng.below(8);
    for (std::uint64_t i = 0; i < events && !twin.over(); ++i) {
      advance(world, twin, static_cast<std::int64_t>(rng.below(std::uint64_t{1} << rng.below(14))));
      if (twin.over()) break;
      switch (rng.below(3)) {
        case 0:
          static_cast<void>(world.receive(flow, request));
          twin.request_again();
          break;
        case 1:
          if (!invite) break;
          static_cast<void>(world.receive(flow, request_bytes("ACK", "z9hG4bKtwin")));
          twin.ack();
          break;
        default: {
          static constexpr std::uint16_t statuses[] = {180, 183, 200, 200, 404, 408, 486};
          const std::uint16_t status = statuses[rng.below(std::size(statuses))];
          static_cast<void>(world.respond(status));
          twin.respond(status);
        }
      }
    }
    advance(world, twin, 40000);
    ASSERT_EQ(world.log, twin.log) << "round " << round;
  }
}

}  // namespace
}  // namespace chordial::sip
