// Messages from strangers, users, connections and other nodes into a whole proxy with its
// registrar: separated by a line with a dot, whose next byte says where the next one comes from,
// how much time passes and who is slow to answer. Whatever comes, all that is sent can be read,
// what strangers hear is bounded by what they sent, and in the end nothing is kept.
#include "sip/proxy/proxy.h"

#include <chrono>
#include <deque>
#include <functional>

#include "base/assert.h"

namespace {

using namespace chordial;
using namespace chordial::sip;

SocketAddress address(const char* text) {
  return *SocketAddress::parse(text);
}

const SocketAddress own = address("192.0.2.1:5060");
const SocketAddress stranger = address("198.51.100.7:5060");
const SocketAddress trusted = address("198.51.100.8:5060");
constexpr const char* domain = "example.com";

class World final : public Sender,
                    public LocationService,
                    public CredentialStore,
                    public AdmissionPolicy,
                    public NodeFlows {
 public:
  World() {
    proxy_.attach(transactions_);
    Binding binding;
    binding.uri = "sip:user@198.51.100.8";
    binding.flow = Flow::udp(own, trusted);
    binding.expires = now_.monotonic + std::chrono::hours(2);
    registrar_.restore(now_, "user@example.com", {binding});
  }

  void hear(ByteView bytes, std::uint8_t choice) {
    static const Flow flows[] = {
        Flow::udp(own, stranger), Flow::udp(own, trusted),
        Flow::over_stream(TransportKind::tcp, ports::StreamId{7}, own, stranger),
        Flow::to_node(TransportKind::tunnel, NodeId{{0, 2}})};
    slow_ = (choice & 4) != 0;
    if ((choice & 3) == 0) received_bytes_ += bytes.size();
    static_cast<void>(transactions_.handle_message(now_, flows[choice & 3], bytes));
    // What has been sent to phones and nodes comes back as it is: loops and spirals.
    if ((choice & 8) != 0 && !last_request_.empty()) {
      const Bytes again = last_request_;
      static_cast<void>(transactions_.handle_message(now_, flows[choice & 1], again));
    }
    pass(std::chrono::milliseconds(1 << (choice >> 4)));
  }
  void finish() {
    for (int i = 0; i < 1000; ++i)
      pass(std::chrono::milliseconds(500));
    CHORDIAL_INVARIANT(proxy_.contexts() == 0);
    CHORDIAL_INVARIANT(transactions_.size() == 0);
    CHORDIAL_INVARIANT(stranger_bytes_ <= received_bytes_ + burst_bytes + 600 * refill_bytes_per_s);
  }

  Expected<void> send(Now, const Flow& flow, ByteView bytes, TransactionId) override {
    const auto message = Message::parse(bytes);
    CHORDIAL_INVARIANT(message.has_value() || bytes.size() > 60000);
    if (flow.transport == TransportKind::udp && flow.remote.ip == stranger.ip)
      stranger_bytes_ += bytes.size();
    if (message && message->is_request()) last_request_ = to_bytes(bytes);
    return {};
  }
  std::optional<Expected<Located>> lookup(Now now, ports::RequestId id, const LookupQuery& query,
                                          LocationHandler& handler) override {
    Located located;
    registrar_.contacts_of(now, query.aor, located.targets);
    if (!query.local_only && query.aor.front() == 'n')
      located.targets.emplace_back(RemoteNode{NodeId{{0, 2}}});
    if (query.aor.front() == 'f') located.forward_to = "user@example.com";
    if (!slow_) return Expected<Located>(located);
    later_.emplace_back([=, this, &handler] { handler.on_located(now_, id, located); });
    return std::nullopt;
  }
  std::optional<Expected<void>> update(Now, ports::RequestId id, const LocationUpdate&,
                                       LocationHandler& handler) override {
    if (!slow_) return Expected<void>{};
    later_.emplace_back([=, this, &handler] { handler.on_updated(now_, id, {}); });
    return std::nullopt;
  }
  std::optional<Expected<Credential>> credential(Now, ports::RequestId id, const CredentialQuery& q,
                                                 CredentialHandler& handler) override {
    const Expected<Credential> answer = Credential{
        digest_ha1(q.algorithm, q.username, q.realm, "secret"), q.username + "@" + domain};
    if (!slow_) return answer;
    later_.emplace_back([=, this, &handler] { handler.on_credential(now_, id, answer); });
    return std::nullopt;
  }
  Expected<void> admit(Now, const Message&, const Flow&, std::string_view from) const override {
    if (!from.empty() && from.front() != 'x') return {};
    return failure(ErrorKind::forbidden, "From", "not here");
  }

 private:
  static constexpr std::uint32_t burst_bytes = 4096;
  static constexpr std::uint32_t refill_bytes_per_s = 16;

  void pass(Duration time) {
    now_.monotonic += time;
    timers_.run(now_);
    while (!later_.empty()) {
      const auto call = std::move(later_.front());
      later_.pop_front();
      call();
    }
  }

  Now now_{MonotonicTime(std::chrono::hours(1)), WallTime(std::chrono::hours(400000))};
  TimerQueue timers_{now_.monotonic};
  Rng rng_{1, 2};
  SilentLog log_;
  OwnNames names_{domain, NodeId{{0, 1}}, {"example.net"}, {own}};
  Authenticator authenticator_{{.realm = domain}, rng_};
  Registrar registrar_{{.aors_max = 8}, names_, *this, timers_};
  TransactionTimers times_;
  Proxy proxy_{
      {.contexts_max = 8, .trusted_addresses = {trusted.ip}},
      {names_, authenticator_, *this, *this, registrar_, *this, *this, registrar_, timers_, log_}};
  TransactionLayer transactions_{
      *this,
      timers_,
      rng_,
      proxy_,
      times_,
      {.transactions_max = 64,
       .unproven = {.burst_bytes = burst_bytes, .refill_bytes_per_s = refill_bytes_per_s}}};
  std::deque<std::function<void()>> later_;
  Bytes last_request_;
  std::size_t received_bytes_ = 0;
  std::size_t stranger_bytes_ = 0;
  bool slow_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view separator = "\n.\n";
  World world;
  std::string_view text = as_text({data, size});
  std::uint8_t choice = 1;
  for (int i = 0; i < 16 && !text.empty(); ++i) {
    const std::size_t end = text.find(separator);
    const std::string_view message = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + separator.size());
    world.hear(as_bytes(message), choice);
    if (text.empty()) break;
    choice = static_cast<std::uint8_t>(text.front());
    text.remove_prefix(1);
  }
  world.finish();
  return 0;
}
