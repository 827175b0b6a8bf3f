// Messages from strangers into a transaction layer whose user answers, refuses and cancels:
// messages are separated by a line with a dot, whose next byte says how much time passes and what
// the user does.
#include <chrono>

#include "base/assert.h"
#include "sip/message/build.h"
#include "sip/transaction/transaction_layer.h"

namespace {

using namespace chordial;
using namespace chordial::sip;

class World final : public Sender, public TransactionUser {
 public:
  void hear(ByteView bytes, std::uint8_t choice) {
    choice_ = choice;
    const Flow flow =
        (choice & 1) != 0 ? Flow::udp({}, {}) : Flow::to_node(TransportKind::tunnel, {});
    static_cast<void>(layer_.handle_message(now_, flow, bytes));
    now_.monotonic += std::chrono::milliseconds(1 << (choice >> 4));
    timers_.run(now_);
    CHORDIAL_INVARIANT(layer_.size() <= 8);
  }
  void finish() {
    for (int i = 0; i < 300; ++i) {
      now_.monotonic += std::chrono::milliseconds(500);
      timers_.run(now_);
    }
  }

  Expected<void> send(Now, const Flow&, ByteView bytes, TransactionId) override {
    CHORDIAL_INVARIANT(Message::parse(bytes).has_value() || bytes.size() > 60000);
    return {};
  }
  void on_request(Now, TransactionId id, const Message& request, const Flow&) override {
    if ((choice_ & 2) != 0) static_cast<void>(layer_.respond(now_, id, request, 486));
    if ((choice_ & 4) != 0) layer_.abandon(id);
    if ((choice_ & 8) == 0) return;
    const auto sent = layer_.send_request(now_, Flow::udp({}, {}), request.bytes(), *this, 1);
    if (sent) layer_.cancel(now_, *sent);
  }
  void on_ack(Now, TransactionId, std::uint64_t, const Message&, const Flow&) override {}
  void on_response(Now, TransactionId id, std::uint64_t, const Message&, const Flow&) override {
    if ((choice_ & 4) != 0) layer_.abandon(id);
  }
  void on_timeout(Now, TransactionId, std::uint64_t) override {}
  void on_transport_error(Now, TransactionId, std::uint64_t, const Error&) override {}

 private:
  Now now_{};
  std::uint8_t choice_ = 0;
  TimerQueue timers_{MonotonicTime{}};
  Rng rng_{1, 2};
  TransactionTimers times_;
  TransactionLayer layer_{*this, timers_, rng_, *this, times_, {8}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view separator = "\n.\n";
  World world;
  std::string_view text = as_text({data, size});
  for (int i = 0; i < 32 && !text.empty(); ++i) {
    const std::size_t end = text.find(separator);
    const std::string_view message = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + separator.size());
    std::uint8_t choice = 1;
    if (!text.empty()) {
      choice = static_cast<std::uint8_t>(text.front());
      text.remove_prefix(1);
    }
    world.hear(as_bytes(message), choice);
  }
  world.finish();
  return 0;
}
