// TimerQueue against a naive twin: same firing order for random arming, moving and cancelling.
#include "base/timer_queue.h"

#include <algorithm>
#include <memory>

#include "base/rng.h"

namespace chordial {
namespace {

MonotonicTime at_us(std::int64_t us) {
  return MonotonicTime(Duration(us));
}
Now now_us(std::int64_t us) {
  return Now{at_us(us), WallTime{}};
}

struct Recorder final : TimerHandler {
  std::vector<std::uint32_t> fired;
  void on_timer(Now, std::uint32_t id) override { fired.push_back(id); }
};

TEST(TimerQueue, FiresInOrderOfDeadlineThenArming) {
  Recorder recorder;
  TimerQueue queue(at_us(0));
  Timer a(recorder, 1), b(recorder, 2), c(recorder, 3);
  queue.arm(a, at_us(5'000));
  queue.arm(b, at_us(2'500));
  queue.arm(c, at_us(5'000));
  queue.run(now_us(1'999));
  EXPECT_TRUE(recorder.fired.empty());
  queue.run(now_us(10'000));
  EXPECT_EQ(recorder.fired, (std::vector<std::uint32_t>{2, 1, 3}));
  EXPECT_EQ(queue.next(), never);
}

TEST(TimerQueue, OverdueFiresAtNextRunAndNotTwice) {
  Recorder recorder;
  TimerQueue queue(at_us(0));
  queue.run(now_us(50'000));
  Timer a(recorder, 7);
  queue.arm(a, at_us(10));
  EXPECT_LE(queue.next(), at_us(50'000));
  queue.run(now_us(50'000));
  queue.run(now_us(60'000));
  EXPECT_EQ(recorder.fired, std::vector<std::uint32_t>{7});
}

struct Chain final : TimerHandler {
  TimerQueue* queue = nullptr;
  Timer* other = nullptr;
  Timer self{*this, 0};
  int fired = 0;
  void on_timer(Now now, std::uint32_t) override {
    ++fired;
    if (other != nullptr) other->cancel();
    if (fired < 5) queue->arm(self, now.monotonic);
  }
};

TEST(TimerQueue, HandlersMayCancelOthersAndRearmThemselves) {
  TimerQueue queue(at_us(0));
  Recorder recorder;
  Chain chain;
  Timer victim(recorder, 9);
  chain.queue = &queue;
  chain.other = &victim;
  queue.arm(chain.self, at_us(1'000));
  queue.arm(victim, at_us(1'000));
  for (int i = 0; i < 10; ++i)
    queue.run(now_us(2'000 + i * 1'000));
  EXPECT_EQ(chain.fired, 5);
  EXPECT_TRUE(recorder.fired.empty());
}

TEST(TimerQueue, AgreesWithANaiveTwin) {
  Rng rng(1, 2);
  Recorder recorder;
  TimerQueue queue(at_us(0));
  struct Twin {
    bool armed = false;
    std::int64_t deadline_us = 0;
    std::uint64_t sequence = 0;
  };
  constexpr std::uint32_t count = 64;
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<Twin> twins(count);
  for (std::uint32_t i = 0; i < count; ++i)
    timers.push_back(std::make_unique<Timer>(recorder, i));
  std::int64_t clock_us = 0;
  std::uint64_t sequence = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto i = static_cast<std::uint32_t>(rng.below(count));
    switch (rng.below(4)) {
      case 0:
      case 1: {
        const std::int64_t reach = std::int64_t{1} << rng.below(34);
        twins[i] = {
            true,
            clock_us + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(reach))),
            ++sequence};
        queue.arm(*timers[i], at_us(twins[i].deadline_us));
        break;
      }
      case 2:
        timers[i]->cancel();
        twins[i].armed = false;
        break;
      default: {
        clock_us += static_cast<std::int64_t>(rng.below(std::uint64_t{1} << rng.below(33)));
        recorder.fired.clear();
        queue.run(now_us(clock_us));
        // A timer may be one tick late, never early; and whatever fires keeps the order within a
        // tick.
        std::vector<std::uint32_t> must;
        for (std::uint32_t k = 0; k < count; ++k) {
          if (twins[k].armed && twins[k].deadline_us <= clock_us - 1'000) must.push_back(k);
        }
        for (const std::uint32_t id : recorder.fired) {
          EXPECT_TRUE(twins[id].armed);
          EXPECT_LE(twins[id].deadline_us, clock_us);
          twins[id].armed = false;
        }
        for (const std::uint32_t id : must)
          EXPECT_FALSE(twins[id].armed) << "late timer " << id;
        for (std::uint32_t k = 0; k < count; ++k) {
          if (!twins[k].armed) continue;
          EXPECT_LE(queue.next(), at_us(twins[k].deadline_us + 1'000));
        }
        break;
      }
    }
  }
}

}  // namespace
}  // namespace chordial
