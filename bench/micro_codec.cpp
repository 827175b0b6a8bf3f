// What reading, forwarding and rewriting of RELOAD messages cost (wire/).
#include <benchmark/benchmark.h>

#include "wire/golden.h"
#include "wire/message.h"
#include "wire/storage_messages.h"
#include "wire/walk.h"

namespace chordial::wire {
namespace {

Bytes store_request() {
  for (const test::Golden& golden : test::storage_goldens()) {
    if (golden.code == MessageCode::store_req)
      return test::message_around(golden.code, golden.by_hand);
  }
  return {};
}

void parse_header(benchmark::State& state) {
  const Bytes bytes = store_request();
  for (auto _ : state)
    benchmark::DoNotOptimize(MessageView::parse(bytes));
}
BENCHMARK(parse_header);

void parse_whole_store_request(benchmark::State& state) {
  const Bytes bytes = store_request();
  for (auto _ : state) {
    const auto view = MessageView::parse(bytes);
    benchmark::DoNotOptimize(parse_body<StoreReq>(*view->contents()));
    benchmark::DoNotOptimize(view->security_block());
  }
}
BENCHMARK(parse_whole_store_request);

void forward(benchmark::State& state) {
  const Bytes bytes = store_request();
  HeaderChange change;
  change.ttl = 50;
  change.via_appended = Destination::of(test::node(0x44));
  for (auto _ : state) {
    const auto view = MessageView::parse(bytes);
    benchmark::DoNotOptimize(forwarded(*view, change));
  }
}
BENCHMARK(forward);

void reencode_whole(benchmark::State& state) {
  const RegisteredKindModels kinds;
  const Bytes bytes = store_request();
  for (auto _ : state)
    benchmark::DoNotOptimize(reencode(bytes, kinds));
}
BENCHMARK(reencode_whole);

}  // namespace
}  // namespace chordial::wire
