// What a proxy does to each INVITE: index it, look at what routing needs, write it out changed
// (sip/message).
#include <benchmark/benchmark.h>

#include "sip/message/message.h"
#include "sip/message/rewrite.h"

namespace chordial::sip {
namespace {

constexpr std::string_view invite =
    "INVITE sip:bob@demo.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:25200;branch=z9hG4bK8c7d5c3a9f1e2b40;rport\r\n"
    "Contact: <sip:alice-0x55d2b3c4@127.0.0.1:25200>\r\n"
    "Max-Forwards: 70\r\n"
    "To: <sip:bob@demo.example>\r\n"
    "From: <sip:alice@demo.example>;tag=2b1d4f8a90c3e715\r\n"
    "Call-ID: 5f1d8c2ab94e7703\r\n"
    "CSeq: 4821 INVITE\r\n"
    "User-Agent: baresip v1.0.0 (x86_64/linux)\r\n"
    "Allow: INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,SUBSCRIBE,INFO,MESSAGE,UPDATE,REFER\r\n"
    "Supported: gruu\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 129\r\n\r\n"
    "v=0\r\no=- 53655765 2353687637 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

void parse(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(Message::parse(as_bytes(invite)));
}
BENCHMARK(parse);

void parse_and_validate(benchmark::State& state) {
  for (auto _ : state) {
    const auto message = Message::parse(as_bytes(invite));
    benchmark::DoNotOptimize(message->validate());
  }
}
BENCHMARK(parse_and_validate);

void parse_and_rewrite_as_proxy(benchmark::State& state) {
  for (auto _ : state) {
    const auto message = Message::parse(as_bytes(invite));
    Rewriter rewriter(*message);
    rewriter.set_request_uri("sip:bob@127.0.0.1:25210");
    rewriter.prepend_via(
        "SIP/2.0/UDP 127.0.0.1:25012;branch=z9hG4bK1d61de601f24ba693c17399b;rport");
    rewriter.decrement_max_forwards();
    rewriter.prepend(HeaderName::record_route, "<sip:127.0.0.1:25012;lr>");
    benchmark::DoNotOptimize(rewriter.gather());
  }
}
BENCHMARK(parse_and_rewrite_as_proxy);

}  // namespace
}  // namespace chordial::sip
