#include "link/recent_messages.h"

namespace chordial::link {

bool RecentMessages::repeated(Now now, Duration age_max, std::uint64_t digest) {
  for (Entry& entry : entries_) {
    if (entry.digest != digest) continue;
    const bool young = now.monotonic - entry.at < age_max;
    entry.at = now.monotonic;
    return young;
  }
  if (entries_.size() < messages_max) {
    entries_.push_back({digest, now.monotonic});
  } else {
    entries_[next_] = {digest, now.monotonic};
    next_ = (next_ + 1) % messages_max;
  }
  return false;
}

}  // namespace chordial::link
