#include "sim/event_calendar.h"

#include <algorithm>

#include "base/assert.h"

namespace chordial::sim {

namespace {

constexpr std::int64_t no_bucket = INT64_MAX;

}  // namespace

EventCalendar::EventCalendar(MonotonicTime start, Duration width)
    : start_(start), width_(width), near_(slots) {
}

std::int64_t EventCalendar::bucket_of(MonotonicTime at) const {
  return (at - start_) / width_;
}

void EventCalendar::push(Event event) {
  const std::int64_t bucket = bucket_of(event.at);
  CHORDIAL_INVARIANT(bucket > open_bucket_);
  ++size_;
  if (bucket - open_bucket_ < static_cast<std::int64_t>(slots)) {
    ++near_size_;
    near_[static_cast<std::size_t>(bucket) % slots].push_back(std::move(event));
  } else {
    far_[bucket].push_back(std::move(event));
  }
}

std::int64_t EventCalendar::next_bucket() const {
  std::int64_t next = far_.empty() ? no_bucket : far_.begin()->first;
  if (near_size_ == 0) return next;
  for (std::int64_t bucket = open_bucket_ + 1; bucket < next; ++bucket) {
    if (!near_[static_cast<std::size_t>(bucket) % slots].empty()) return bucket;
  }
  return next;
}

MonotonicTime EventCalendar::lower_bound() const {
  if (open_at_ < open_.size()) return open_[open_at_].at;
  const std::int64_t bucket = next_bucket();
  return bucket == no_bucket ? never : start_ + width_ * bucket;
}

std::size_t EventCalendar::due_before(MonotonicTime end) const {
  const std::int64_t last = bucket_of(end - Duration(1));
  std::size_t due = open_.size() - open_at_;
  if (last > open_bucket_ && last - open_bucket_ < static_cast<std::int64_t>(slots)) {
    due += near_[static_cast<std::size_t>(last) % slots].size();
  }
  return due;
}

void EventCalendar::open(std::int64_t bucket) {
  // The old bucket's memory goes back; buckets differ too much in size to keep it.
  std::vector<Event>& slot = near_[static_cast<std::size_t>(bucket) % slots];
  open_ = std::move(slot);
  slot = {};
  near_size_ -= open_.size();
  if (const auto far = far_.find(bucket); far != far_.end()) {
    std::move(far->second.begin(), far->second.end(), std::back_inserter(open_));
    far_.erase(far);
  }
  std::sort(open_.begin(), open_.end());
  open_at_ = 0;
  open_bucket_ = bucket;
}

MonotonicTime EventCalendar::first_before(MonotonicTime end) {
  while (open_at_ == open_.size()) {
    const std::int64_t bucket = next_bucket();
    if (bucket == no_bucket || start_ + width_ * bucket >= end) return never;
    open(bucket);
  }
  return open_[open_at_].at < end ? open_[open_at_].at : never;
}

Event EventCalendar::pop() {
  --size_;
  return std::move(open_[open_at_++]);
}

}  // namespace chordial::sim
