// One transaction layer in virtual time: what it sends and what it tells its user become lines of a
// log with the time in milliseconds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sip/message/build.h"
#include "sip/transaction/transaction_layer.h"

namespace chordial::sip {

inline SocketAddress peer_address() {
  return {*IpAddress::parse("192.0.2.2"), 5060};
}
inline Flow udp_flow() {
  return Flow::udp({*IpAddress::parse("192.0.2.1"), 5060}, peer_address());
}
inline Flow tcp_flow() {
  return Flow::over_stream(TransportKind::tcp, ports::StreamId{7}, {}, peer_address());
}

// A request as a phone writes it.
inline Bytes request_bytes(std::string_view method, std::string_view branch,
                           std::string_view extra = {}, std::string_view body = {}) {
  auto builder = MessageBuilder::request(method, "sip:bob@example.com");
  builder.header(HeaderName::via, via_value("UDP", "192.0.2.2", branch, true))
      .header(HeaderName::route, "<sip:proxy.example.com;lr>")
      .header(HeaderName::from, "<sip:alice@example.com>;tag=a1")
      .header(HeaderName::to, "<sip:bob@example.com>")
      .header(HeaderName::call_id, "call-1")
      .header(HeaderName::cseq, "7 " + std::string(method))
      .header(HeaderName::max_forwards, 70);
  if (!extra.empty()) builder.header("X-Extra", extra);
  return builder.finish("text/plain", as_bytes(body));
}

inline std::string start_of(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  const std::string_view line = text.substr(0, text.find('\r'));
  return std::string(line.substr(0, 8) == "SIP/2.0 " ? line.substr(8, 3)
                                                     : line.substr(0, line.find(' ')));
}

class World final : public Sender, public TransactionUser {
 public:
  explicit World(TransactionLimits limits = {}) : layer(*this, timers, rng, *this, times, limits) {}

  [[nodiscard]] Now now() const { return {MonotonicTime(Duration(ms * 1000)), WallTime{}}; }
  // To an absolute time, one millisecond after the other.
  void run_to(std::int64_t to_ms) {
    while (ms < to_ms) {
      ++ms;
      timers.run(now());
    }
  }
  void note(const std::string& text) { log.push_back(std::to_string(ms) + " " + text); }
  // The log since the last call.
  std::vector<std::string> take() { return std::exchange(log, {}); }

  Expected<void> receive(const Flow& flow, ByteView bytes) {
    return layer.handle_message(now(), flow, bytes);
  }
  // A response to a request of ours, with the request's own fields.
  void answer(ByteView request, std::uint16_t status, const Flow& flow,
              std::string_view tag = "b1") {
    const Bytes copy = to_bytes(request);
    const auto message = Message::parse(copy);
    const Bytes response = MessageBuilder::response(*message, status, tag, std::nullopt).finish();
    static_cast<void>(receive(flow, response));
  }
  TransactionId start(std::string_view method, const Flow& flow, std::string_view extra = {},
                      std::string_view body = {}) {
    last_request = request_bytes(method, layer.new_branch(), extra, body);
    const auto id = layer.send_request(now(), flow, last_request, *this, 42);
    return id ? *id : TransactionId::none;
  }
  // Responds to the last request that came up.
  Expected<void> respond(std::uint16_t status) {
    const auto message = Message::parse(last_up);
    return layer.respond(now(), last_id, *message, status, "b1");
  }

  Expected<void> send(Now, const Flow& flow, ByteView bytes, TransactionId) override {
    if (send_fails) return failure(ErrorKind::unavailable, "flow", "gone");
    note("send " + start_of(bytes));
    last_sent = to_bytes(bytes);
    last_flow = flow;
    return {};
  }
  void on_request(Now, TransactionId id, const Message& request, const Flow&) override {
    note("request " + std::string(request.method_text()));
    last_id = id;
    last_up = to_bytes(request.bytes());
    if (on_new_request) on_new_request(request);
  }
  void on_ack(Now, TransactionId id, std::uint64_t, const Message&, const Flow&) override {
    note(id == TransactionId::none ? "stray ack" : "ack");
  }
  void on_response(Now, TransactionId id, std::uint64_t context, const Message& response,
                   const Flow&) override {
    note((id == TransactionId::none ? "stray " : "response ") + std::to_string(response.status()));
    if (id != TransactionId::none && context != 42) note("another's context");
    if (on_new_response) on_new_response(id);
  }
  void on_timeout(Now, TransactionId, std::uint64_t) override { note("timeout"); }
  void on_transport_error(Now, TransactionId, std::uint64_t, const Error&) override {
    note("transport error");
  }
  void on_terminated(Now, TransactionId, std::uint64_t) override { note("end"); }

  std::int64_t ms = 0;
  std::vector<std::string> log;
  bool send_fails = false;
  Bytes last_sent;
  Flow last_flow;
  Bytes last_up;
  Bytes last_request;
  TransactionId last_id{};
  std::function<void(const Message&)> on_new_request;
  std::function<void(TransactionId)> on_new_response;
  TimerQueue timers{MonotonicTime{}};
  Rng rng{11, 12};
  TransactionTimers times;
  TransactionLayer layer;
};

using Lines = std::vector<std::string>;

}  // namespace chordial::sip
