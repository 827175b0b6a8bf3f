// Intrusive timers on a hashed wheel: arming, moving and cancelling are O(1) and allocate nothing.
// One queue per driver or per simulator shard; all parts of all nodes on it share it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace chordial {

class TimerQueue;
class Timer;

// Whoever owns timers. `id` is the number the owner gave the timer.
class TimerHandler {
 public:
  virtual void on_timer(Now now, std::uint32_t id) = 0;

 protected:
  ~TimerHandler() = default;
};

// One pending call. Cancels itself when destroyed; must not outlive its queue and does not move.
class Timer {
 public:
  Timer(TimerHandler& handler, std::uint32_t id) : handler_(&handler), id_(id) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  void cancel();
  [[nodiscard]] bool armed() const { return queue_ != nullptr; }
  [[nodiscard]] MonotonicTime deadline() const { return deadline_; }

 private:
  friend class TimerQueue;

  TimerHandler* handler_;
  TimerQueue* queue_ = nullptr;
  Timer* previous_ = nullptr;
  Timer* next_ = nullptr;
  MonotonicTime deadline_ = never;
  std::uint64_t sequence_ = 0;
  std::uint32_t id_;
  std::uint32_t place_ =
      0;  // list number in the wheel, or the index in due_ while it is being fired
  bool due_ = false;
};

// Timers fire in the order of (deadline, order of arming), never before their deadline and at most
// one tick (1 ms) after the first `run` that could fire them.
class TimerQueue {
 public:
  explicit TimerQueue(MonotonicTime start);
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue();

  // Arms the timer, or moves it if it is armed already. A deadline in the past fires at the next
  // run.
  void arm(Timer& timer, MonotonicTime deadline);
  // Fires everything due. Handlers may arm and cancel freely, also each other's timers.
  void run(Now now);
  // No armed timer is due before this, though one may be due later; `never` when none is armed.
  // O(1).
  [[nodiscard]] MonotonicTime next() const;
  [[nodiscard]] std::size_t size() const { return armed_; }

 private:
  friend class Timer;

  // Levels of 64 slots; a slot of level n spans 64^n ticks of 1 ms; seven levels hold 139 years. A
  // timer lives on the level of the highest 6-bit digit in which its tick differs from the queue's,
  // so that every list on a level lies ahead and the first one on the lowest level comes next.
  static constexpr unsigned levels = 7;
  static constexpr unsigned slots = 64;
  static constexpr std::uint32_t overdue_list = levels * slots;

  struct Position {
    std::uint64_t tick;
    std::uint32_t list;
  };

  void link(Timer& timer);
  void unlink(Timer& timer);
  void fire(Timer* list, Now now);
  [[nodiscard]] Timer* detach(std::uint32_t list);
  [[nodiscard]] bool next_list(Position& position) const;
  [[nodiscard]] std::uint64_t tick_at_or_after(MonotonicTime time) const;

  MonotonicTime start_;
  std::uint64_t tick_ = 0;  // all timers of ticks up to this one have fired
  std::uint64_t sequence_ = 0;
  std::size_t armed_ = 0;
  std::vector<Timer*> lists_;            // levels × slots heads, and the overdue list
  std::uint64_t occupied_[levels] = {};  // a bit per slot
  std::vector<Timer*> due_;              // being fired; null where cancelled meanwhile
};

}  // namespace chordial
