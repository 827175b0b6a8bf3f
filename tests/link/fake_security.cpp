#include "link/fake_security.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace chordial::link {

namespace {

enum class Content : std::uint8_t { alert = 21, handshake = 22, data = 23 };
enum class Step : std::uint8_t { client_hello = 1, server_hello = 2, verify = 3, finished = 20 };

constexpr std::size_t tag_bytes = 16;
using Random = std::array<std::uint8_t, 32>;

struct Record {
  Content content{};
  std::uint16_t epoch = 0;
  std::uint64_t sequence = 0;
  ByteView body;
};

Bytes record(Content content, std::uint16_t epoch, std::uint64_t sequence, ByteView body) {
  ByteWriter writer;
  writer.u8(static_cast<std::uint8_t>(content));
  writer.u16(0xfefd);
  writer.u64((std::uint64_t{epoch} << 48) | sequence);
  writer.vector(2, body);
  return writer.take();
}

// False at the end or where the bytes make no sense.
bool next_record(ByteReader& reader, Record& out) {
  if (reader.done()) return false;
  out.content = static_cast<Content>(reader.u8("type"));
  reader.u16("version");
  const std::uint64_t number = reader.u64("sequence");
  out.epoch = static_cast<std::uint16_t>(number >> 48);
  out.sequence = number & 0xffffffffffff;
  out.body = reader.vector(2, "body");
  return reader.ok();
}

Bytes handshake(Step step, std::uint64_t sequence, ByteView random, ByteView rest) {
  ByteWriter body;
  body.u8(static_cast<std::uint8_t>(step));
  for (int i = 0; i < 11; ++i)
    body.u8(0);
  body.u16(0xfefd);
  body.raw(random);
  body.raw(rest);
  return record(Content::handshake, 0, sequence, body.view());
}

struct Flight {
  Step step{};
  Random random{};
  ByteView rest;
};

bool parse_flight(ByteView body, Flight& out) {
  ByteReader reader(body);
  out.step = static_cast<Step>(reader.u8("step"));
  reader.take(13, "header");
  const ByteView random = reader.take(32, "random");
  if (!reader.ok()) return false;
  std::copy(random.begin(), random.end(), out.random.begin());
  out.rest = reader.rest();
  return true;
}

class FakeSecurity final : public crypto::LinkSecurity {
 public:
  FakeSecurity(FakeSecurityContext& context, crypto::SecurityRole role,
               crypto::LinkSecurityHandler& handler)
      : context_(context), role_(role), handler_(handler) {
    context.rng().fill(own_);
  }

  void start(Now now) override {
    if (role_ == crypto::SecurityRole::client) send_flight(now, Step::client_hello, {});
  }

  void serve(Now now, const Random& client) {
    peer_random_ = client;
    send_flight(now, Step::server_hello, context_.self().bytes());
  }

  void handle_datagram(Now now, ByteView datagram) override {
    ByteReader reader(datagram);
    Record in;
    while (!closed_ && next_record(reader, in)) {
      if (in.content == Content::handshake) on_handshake(now, in);
      if (in.content == Content::data) on_data(now, in);
      if (in.content == Content::alert && established_ && tag(in) == in.body.size() - tag_bytes) {
        closed_ = true;
        handler_.on_security_closed(now, {ErrorKind::unavailable, "dtls", 0, "close_notify"});
      }
    }
  }

  void handle_timeout(Now now) override {
    if (now.monotonic < next_timeout()) return;
    if (++attempts_ > 5) {
      closed_ = true;
      deadline_ = never;
      handler_.on_security_closed(now, {ErrorKind::unavailable, "dtls", 0, "time-out"});
      return;
    }
    handler_.on_security_transmit(flight_);
    deadline_ = now.monotonic + Duration(1'000'000 << attempts_);
  }
  MonotonicTime next_timeout() const override { return deadline_; }

  Expected<void> write(Now, ByteView plaintext) override {
    if (!established_ || closed_) return failure(ErrorKind::unavailable, "dtls", "not established");
    if (plaintext.size() > plaintext_bytes_max()) {
      return failure(ErrorKind::limit, "dtls", "record too long");
    }
    send_sealed(Content::data, plaintext);
    return {};
  }
  void close(Now) override {
    if (established_ && !closed_) send_sealed(Content::alert, {});
    closed_ = true;
  }
  std::size_t plaintext_bytes_max() const override { return 1163; }
  const char* cipher() const override { return "fake"; }

 private:
  void send_flight(Now now, Step step, ByteView rest) {
    flight_ = handshake(step, sequence_++, own_, rest);
    handler_.on_security_transmit(flight_);
    deadline_ = now.monotonic + Duration(1'000'000);
  }

  void on_handshake(Now now, const Record& in) {
    Flight flight;
    if (!parse_flight(in.body, flight)) return;
    const bool client = role_ == crypto::SecurityRole::client;
    if (client && flight.step == Step::verify && !established_) {
      send_flight(now, Step::client_hello, flight.rest);
    } else if (client && flight.step == Step::server_hello) {
      if (!established_) {
        peer_random_ = flight.random;
        flight_ = handshake(Step::finished, sequence_++, own_, context_.self().bytes());
      }
      handler_.on_security_transmit(flight_);
      establish(now, flight.rest);
    } else if (!client && flight.step == Step::finished && flight.random == peer_random_) {
      establish(now, flight.rest);
    }
  }

  void establish(Now now, ByteView node) {
    deadline_ = never;
    const auto id = NodeId::from_bytes(node);
    if (established_ || !id) return;
    established_ = true;
    const FakeCertificate certificate(*id);
    handler_.on_security_established(now, certificate);
  }

  // The length of the record's plaintext when its tag is right; anything else otherwise.
  std::size_t tag(const Record& in) const {
    if (in.body.size() < tag_bytes) return ~std::size_t{0};
    const ByteView plain = in.body.first(in.body.size() - tag_bytes);
    const Bytes wanted = seal(in.sequence, plain, role_ == crypto::SecurityRole::server);
    return equal(wanted, in.body.last(tag_bytes)) ? plain.size() : ~std::size_t{0};
  }

  Bytes seal(std::uint64_t sequence, ByteView plain, bool by_client) const {
    const Random& first = role_ == crypto::SecurityRole::client ? own_ : peer_random_;
    const Random& second = role_ == crypto::SecurityRole::client ? peer_random_ : own_;
    Bytes key(first.begin(), first.end());
    key.insert(key.end(), second.begin(), second.end());
    ByteWriter out;
    out.u64(siphash(siphash(1, 2, key), sequence * 2 + (by_client ? 1 : 0), plain));
    out.u64(0);
    return out.take();
  }

  void send_sealed(Content content, ByteView plaintext) {
    const std::uint64_t number = ++sealed_;
    Bytes body = to_bytes(plaintext);
    const Bytes sealed = seal(number, plaintext, role_ == crypto::SecurityRole::client);
    body.insert(body.end(), sealed.begin(), sealed.end());
    handler_.on_security_transmit(record(content, 1, number, body));
  }

  void on_data(Now now, const Record& in) {
    if (!established_ || tag(in) != in.body.size() - tag_bytes) return;
    if (in.sequence > latest_) {
      const std::uint64_t shift = in.sequence - latest_;
      seen_ = shift < 64 ? seen_ << shift : 0;
      latest_ = in.sequence;
    }
    const std::uint64_t behind = latest_ - in.sequence;
    if (behind >= 64 || ((seen_ >> behind) & 1) != 0) return;
    seen_ |= std::uint64_t{1} << behind;
    handler_.on_security_plaintext(now, in.body.first(in.body.size() - tag_bytes));
  }

  FakeSecurityContext& context_;
  crypto::SecurityRole role_;
  crypto::LinkSecurityHandler& handler_;
  Random own_{};
  Random peer_random_{};
  Bytes flight_;
  MonotonicTime deadline_ = never;
  int attempts_ = 0;
  bool established_ = false;
  bool closed_ = false;
  std::uint64_t sequence_ = 0;
  std::uint64_t sealed_ = 0;
  std::uint64_t latest_ = 0;
  std::uint64_t seen_ = 0;
};

}  // namespace

FakeCertificate::FakeCertificate(const NodeId& node) {
  der = to_bytes(node.bytes());
  node_ids = {node};
  if (node == node_of_two_names)
    node_ids.push_back(NodeId{node_of_two_names.position + RingPosition{0, 1}});
  user_names = {"node-" + node.hex() + "@test"};
}

std::uint64_t fake_cookie(ByteView source) {
  return siphash(11, 13, source);
}

Bytes fake_client_hello(std::uint64_t random, std::uint64_t cookie) {
  ByteWriter whole;
  whole.u64(random);
  whole.raw(Bytes(24, 0x5a));
  ByteWriter rest;
  if (cookie != 0) rest.u64(cookie);
  return handshake(Step::client_hello, 0, whole.view(), rest.view());
}

std::unique_ptr<crypto::LinkSecurity> FakeSecurityContext::create(
    crypto::SecurityRole role, crypto::LinkSecurityHandler& handler, std::optional<NodeId>) {
  return std::make_unique<FakeSecurity>(*this, role, handler);
}

std::unique_ptr<crypto::LinkSecurity> FakeSecurityContext::accept(
    Now now, ByteView source, ByteView datagram, crypto::LinkSecurityHandler& handler) {
  ByteReader reader(datagram);
  Record in;
  Flight flight;
  if (!next_record(reader, in) || in.content != Content::handshake ||
      !parse_flight(in.body, flight) || flight.step != Step::client_hello) {
    return nullptr;
  }
  ByteReader rest(flight.rest);
  if (rest.u64("cookie") != fake_cookie(source)) {
    ByteWriter cookie;
    cookie.u64(fake_cookie(source));
    handler.on_security_transmit(handshake(Step::verify, 0, Random{}, cookie.view()));
    return nullptr;
  }
  auto association = std::make_unique<FakeSecurity>(*this, crypto::SecurityRole::server, handler);
  association->serve(now, flight.random);
  return association;
}

}  // namespace chordial::link
