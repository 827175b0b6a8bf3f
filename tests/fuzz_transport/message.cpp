// Any message, with every signature taken for good, at a node that has a request of its own under
// way with the same transaction id as the message's.
#include <cstdlib>
#include <vector>

#include "transport/pair.h"

namespace {

using namespace chordial;
using namespace chordial::transport;

struct Credulous final : crypto::Verifier {
  Expected<void> verify(const crypto::Certificate&, crypto::SignatureAlgorithm, ByteView,
                        std::initializer_list<ByteView>) override {
    return {};
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes message(data, data + size);
  Pair pair;
  Credulous credulous;
  pair.b.settings.verifier = &credulous;
  pair.b.keep_replies = size % 2 == 0;
  const auto id = pair.b.ask({wire::Destination::of(pair.a.id)}, wire::MessageCode::fetch_req);
  if (!id) std::abort();
  if (message.size() >= wire::fixed_header_bytes) {
    for (unsigned i = 0; i < 4; ++i) {
      message[i] = static_cast<std::uint8_t>(wire::relo_token >> (24 - 8 * i));
      message[4 + i] = static_cast<std::uint8_t>(42U >> (24 - 8 * i));
      message[16 + i] = static_cast<std::uint8_t>(message.size() >> (24 - 8 * i));
    }
    message[10] = wire::reload_version;
    if (message[27] % 2 == 0) {
      for (unsigned i = 0; i < 8; ++i)
        message[20 + i] = static_cast<std::uint8_t>(*id >> (56 - 8 * i));
    }
  }
  pair.b.receive(message);
  pair.b.receive(message);  // and its repetition
  for (const ReplyTo& reply : pair.b.replies)
    pair.b.transport.answer(pair.now, reply, as_bytes("late"));
  if (pair.b.heard.size() > 1) std::abort();
  pair.wire.clear();
  pair.on_wire = [](Side&, Bytes&) { return false; };
  pair.run(std::chrono::seconds(31));
  if (pair.b.heard.size() != 1 || pair.b.transport.transactions() != 0) std::abort();
  return 0;
}
