#include "base/timer_queue.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace chordial {

namespace {

constexpr std::int64_t tick_us = 1000;

}  // namespace

void Timer::cancel() {
  if (queue_ != nullptr) queue_->unlink(*this);
}

TimerQueue::TimerQueue(MonotonicTime start) : start_(start), lists_(levels * slots + 1) {
}

TimerQueue::~TimerQueue() {
  CHORDIAL_INVARIANT(armed_ == 0);
}

std::uint64_t TimerQueue::tick_at_or_after(MonotonicTime time) const {
  if (time <= start_) return 0;
  const auto us = static_cast<std::uint64_t>((time - start_).count());
  const std::uint64_t tick = us / tick_us + (us % tick_us != 0 ? 1 : 0);
  return std::min(tick, (std::uint64_t{1} << (6 * levels)) - 1);
}

void TimerQueue::arm(Timer& timer, MonotonicTime deadline) {
  timer.cancel();
  timer.queue_ = this;
  timer.deadline_ = deadline;
  timer.sequence_ = ++sequence_;
  timer.due_ = false;
  ++armed_;
  link(timer);
}

void TimerQueue::link(Timer& timer) {
  const std::uint64_t tick = tick_at_or_after(timer.deadline_);
  if (tick <= tick_) {
    timer.place_ = overdue_list;
  } else {
    const unsigned level = static_cast<unsigned>(std::bit_width(tick ^ tick_) - 1) / 6;
    const auto slot = static_cast<unsigned>((tick >> (6 * level)) & (slots - 1));
    timer.place_ = level * slots + slot;
    occupied_[level] |= std::uint64_t{1} << slot;
  }
  Timer*& head = lists_[timer.place_];
  timer.previous_ = nullptr;
  timer.next_ = head;
  if (head != nullptr) head->previous_ = &timer;
  head = &timer;
}

void TimerQueue::unlink(Timer& timer) {
  if (timer.due_) {
    due_[timer.place_] = nullptr;
  } else {
    if (timer.previous_ != nullptr) {
      timer.previous_->next_ = timer.next_;
    } else {
      lists_[timer.place_] = timer.next_;
      if (timer.next_ == nullptr && timer.place_ != overdue_list) {
        occupied_[timer.place_ / slots] &= ~(std::uint64_t{1} << (timer.place_ % slots));
      }
    }
    if (timer.next_ != nullptr) timer.next_->previous_ = timer.previous_;
  }
  timer.previous_ = timer.next_ = nullptr;
  timer.queue_ = nullptr;
  timer.due_ = false;
  --armed_;
}

Timer* TimerQueue::detach(std::uint32_t list) {
  Timer* head = lists_[list];
  lists_[list] = nullptr;
  if (list != overdue_list) occupied_[list / slots] &= ~(std::uint64_t{1} << (list % slots));
  return head;
}

bool TimerQueue::next_list(Position& position) const {
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) continue;
    const auto slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
    const std::uint64_t above = tick_ >> (6 * (level + 1)) << (6 * (level + 1));
    position = {above | (std::uint64_t{slot} << (6 * level)), level * slots + slot};
    return true;
  }
  return false;
}

void TimerQueue::fire(Timer* list, Now now) {
  due_.clear();
  for (; list != nullptr; list = list->next_)
    due_.push_back(list);
  std::sort(due_.begin(), due_.end(), [](const Timer* a, const Timer* b) {
    return a->deadline_ != b->deadline_ ? a->deadline_ < b->deadline_ : a->sequence_ < b->sequence_;
  });
  for (std::uint32_t i = 0; i < due_.size(); ++i) {
    due_[i]->place_ = i;
    due_[i]->due_ = true;
  }
  for (std::size_t i = 0; i < due_.size(); ++i) {
    Timer* timer = due_[i];
    if (timer == nullptr) continue;
    TimerHandler* handler = timer->handler_;
    const std::uint32_t id = timer->id_;
    unlink(*timer);
    handler->on_timer(now, id);
  }
  due_.clear();
}

void TimerQueue::run(Now now) {
  CHORDIAL_INVARIANT(due_.empty());
  fire(detach(overdue_list), now);
  if (now.monotonic < start_) return;
  const auto target = static_cast<std::uint64_t>((now.monotonic - start_).count() / tick_us);
  Position position{};
  while (next_list(position) && position.tick <= target) {
    tick_ = position.tick;
    Timer* list = detach(position.list);
    if (position.list < slots) {
      fire(list, now);
      continue;
    }
    Timer* reached = nullptr;  // timers of this very tick fire now; the others move to finer levels
    while (list != nullptr) {
      Timer* following = list->next_;
      if (tick_at_or_after(list->deadline_) <= tick_) {
        list->next_ = reached;
        reached = list;
      } else {
        link(*list);
      }
      list = following;
    }
    fire(reached, now);
  }
  tick_ = std::max(tick_, target);
}

MonotonicTime TimerQueue::next() const {
  if (lists_[overdue_list] != nullptr) return lists_[overdue_list]->deadline_;
  Position position{};
  if (!next_list(position)) return never;
  return start_ + Duration(static_cast<std::int64_t>(position.tick) * tick_us);
}

}  // namespace chordial
