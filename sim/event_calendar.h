// The events of one shard, in buckets as wide as the lookahead: whatever an event causes elsewhere
// lies at least one bucket later, so that a bucket is sorted once, when it is opened. Knows no
// node.
#pragma once

#include <map>
#include <vector>

#include "sim/event.h"

namespace chordial::sim {

class EventCalendar {
 public:
  // `width`: the least time between an event and what it causes; at least 1 µs.
  EventCalendar(MonotonicTime start, Duration width);

  // Caller's duty: the event lies in a bucket behind the open one.
  void push(Event event);
  // No event is due before this; `never` when there is none.
  [[nodiscard]] MonotonicTime lower_bound() const;
  // The exact time of the first event before `end`, opening its bucket; `never` when there is none.
  // Caller's duty: nothing will be pushed before `end` any more.
  [[nodiscard]] MonotonicTime first_before(MonotonicTime end);
  // After first_before() has named its time.
  [[nodiscard]] Event pop();
  [[nodiscard]] std::size_t size() const { return size_; }
  // How many events the open bucket still has, and the one that ends with `end`.
  [[nodiscard]] std::size_t due_before(MonotonicTime end) const;

 private:
  static constexpr std::size_t slots = 512;

  [[nodiscard]] std::int64_t bucket_of(MonotonicTime at) const;
  [[nodiscard]] std::int64_t next_bucket() const;
  void open(std::int64_t bucket);

  MonotonicTime start_;
  Duration width_;
  std::int64_t open_bucket_ = -1;
  std::vector<Event> open_;  // sorted; from open_at_ on
  std::size_t open_at_ = 0;
  std::vector<std::vector<Event>> near_;            // bucket % slots, less than `slots` ahead
  std::map<std::int64_t, std::vector<Event>> far_;  // by bucket
  std::size_t near_size_ = 0;
  std::size_t size_ = 0;
};

}  // namespace chordial::sim
