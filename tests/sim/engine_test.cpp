// The parts of the engine by themselves: calendar, network, trace, log.
#include <algorithm>
#include <gtest/gtest.h>

#include "sim/event_calendar.h"
#include "sim/network_model.h"
#include "sim/outcome_log.h"
#include "sim/trace.h"

namespace chordial::sim {
namespace {

constexpr MonotonicTime start{Duration(1'000'000)};

Event event_at(std::int64_t us, NodeIndex to, NodeIndex from, std::uint32_t sequence) {
  Event event;
  event.at = start + Duration(us);
  event.to = to;
  event.from = from;
  event.sequence = sequence;
  return event;
}

TEST(EventCalendar, GivesEventsInTheirOrderWhateverTheOrderOfEntry) {
  Rng rng(1, 2);
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    const auto span = rng.below(3) == 0 ? 60'000'000U : 200'000U;
    events.push_back(event_at(static_cast<std::int64_t>(rng.below(span)),
                              static_cast<NodeIndex>(rng.below(5)),
                              static_cast<NodeIndex>(rng.below(5)), i));
  }
  EventCalendar calendar(start, Duration(10'000));
  for (const Event& event : events)
    calendar.push(event);
  std::sort(events.begin(), events.end());
  for (const Event& event : events) {
    EXPECT_LE(calendar.lower_bound(), event.at);
    ASSERT_EQ(calendar.first_before(never), event.at);
    const Event popped = calendar.pop();
    EXPECT_FALSE(popped < event || event < popped);
  }
  EXPECT_EQ(calendar.first_before(never), never);
  EXPECT_EQ(calendar.lower_bound(), never);
}

TEST(EventCalendar, WhatAnEventCausesComesInLaterBuckets) {
  EventCalendar calendar(start, Duration(10'000));
  calendar.push(event_at(0, 0, 0, 0));
  std::int64_t last = -1;
  std::uint32_t count = 0;
  while (calendar.first_before(start + Duration(2'000'000)) != never) {
    const Event event = calendar.pop();
    const std::int64_t at = (event.at - start).count();
    EXPECT_GT(at, last);
    last = at;
    ++count;
    calendar.push(event_at(at + 10'000 + static_cast<std::int64_t>(count % 3), 0, 0, count));
  }
  EXPECT_GT(count, 190u);
  EXPECT_EQ(calendar.size(), 1u);
}

TEST(NetworkModel, DelaysAreSymmetricWithinBoundsAndTheSameAgain) {
  Network network;
  network.latency = {Duration(5'000), Duration(80'000)};
  const NetworkModel model(network, 42);
  const NetworkModel again(network, 42);
  std::int64_t least = 1'000'000;
  std::int64_t most = 0;
  for (NodeIndex i = 1; i < 500; ++i) {
    const Duration delay = model.fate(0, i, i).delay;
    EXPECT_EQ(delay, model.fate(i, 0, 7).delay);
    EXPECT_EQ(delay, again.fate(0, i, 9).delay);
    least = std::min(least, delay.count());
    most = std::max(most, delay.count());
  }
  EXPECT_GE(least, 5'000);
  EXPECT_LE(most, 80'000);
  EXPECT_GT(most - least, 60'000);
}

TEST(NetworkModel, LossCostsTimeAndSometimesThePacket) {
  Network network;
  network.latency = {Duration(20'000), Duration(20'000)};
  network.loss = 0.5;
  const NetworkModel model(network, 1);
  unsigned late = 0;
  unsigned gone = 0;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const Fate fate = model.fate(1, 2, i);
    EXPECT_TRUE(!fate.arrives || fate.delay >= model.lookahead());
    late += fate.arrives && fate.delay > Duration(100'000) ? 1 : 0;
    gone += fate.arrives ? 0 : 1;
  }
  EXPECT_NEAR(gone, 10'000 / 32.0, 60);
  EXPECT_NEAR(late, 10'000 / 2.0 - 10'000 / 32.0, 300);
}

TEST(NetworkModel, GroupsAreApart) {
  NetworkModel model(Network{}, 1);
  model.set_groups(2);
  unsigned in_first = 0;
  for (NodeIndex i = 0; i < 1'000; ++i) {
    in_first += model.group(i) == 0 ? 1 : 0;
    EXPECT_EQ(model.fate(0, i, i).arrives, model.group(0) == model.group(i));
  }
  EXPECT_NEAR(in_first, 500, 80);
  model.set_groups(1);
  for (NodeIndex i = 0; i < 100; ++i)
    EXPECT_TRUE(model.fate(0, i, i).arrives);
}

TEST(Trace, EveryDifferenceShows) {
  const auto sum = [](auto... events) {
    Trace trace;
    (trace.absorb(events), ...);
    TraceSum total;
    total.add(trace);
    return total.hex();
  };
  const Event a = event_at(1, 2, 3, 4);
  Event other_bytes = a;
  other_bytes.bytes = {1};
  Event other_link = a;
  other_link.to_link = 9;
  const Event b = event_at(2, 2, 3, 5);
  EXPECT_EQ(sum(a, b), sum(a, b));
  EXPECT_NE(sum(a, b), sum(b, a));
  EXPECT_NE(sum(a), sum(other_bytes));
  EXPECT_NE(sum(a), sum(other_link));
  EXPECT_EQ(sum(a).size(), 64u);
}

TEST(OutcomeLog, CountsAndPercentiles) {
  OutcomeLog one;
  OutcomeLog two;
  for (int i = 1; i <= 100; ++i) {
    OutcomeLog& log = i % 2 == 0 ? one : two;
    log.started();
    log.correct(Duration(i * 1000), static_cast<unsigned>((i - 1) / 25));
  }
  one.started();
  one.wrong();
  two.started();  // no outcome: a time-out
  one.add(two);
  EXPECT_EQ(one.counts().started, 102u);
  EXPECT_EQ(one.counts().correct, 100u);
  EXPECT_EQ(one.counts().timeout, 1u);
  EXPECT_EQ(one.latency_ms().p50, 50);
  EXPECT_EQ(one.latency_ms().p99, 99);
  EXPECT_EQ(one.hops().mean, 1.5);
  EXPECT_EQ(one.hops().p50, 1);
  EXPECT_EQ(one.hops().p99, 3);
  EXPECT_NEAR(one.counts().success(), 100.0 / 102, 1e-9);
}

}  // namespace
}  // namespace chordial::sim
