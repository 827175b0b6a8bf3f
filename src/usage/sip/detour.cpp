#include "usage/sip/detour.h"

#include <algorithm>

namespace chordial::usage {

void Detour::note(Now now, const NodeId& node) {
  if (nodes_.insert_or_assign(node, now.monotonic + memory).second) ++noted_;
  if (nodes_.size() > nodes_max) {
    nodes_.erase(std::min_element(nodes_.begin(), nodes_.end(), [](const auto& a, const auto& b) {
      return a.second < b.second;
    }));
  }
}

void Detour::forget_old(Now now) {
  std::erase_if(nodes_, [&](const auto& entry) { return entry.second <= now.monotonic; });
}

Expected<void> Detour::wait(const NodeId& node, sip::TransactionId on_behalf_of, ByteView bytes) {
  const auto [first, last] = waiting_.equal_range(node);
  const bool repeated = std::any_of(first, last, [&](const auto& entry) {
    return entry.second.on_behalf_of == on_behalf_of && equal(entry.second.bytes, bytes);
  });
  if (repeated) return {};
  if (waiting_.size() >= waiting_max || waiting_bytes_ + bytes.size() > waiting_bytes_max) {
    return failure(ErrorKind::unavailable, "connection", "too much waits for connections");
  }
  waiting_bytes_ += bytes.size();
  waiting_.emplace(node, Waiting{on_behalf_of, to_bytes(bytes)});
  return {};
}

std::vector<Detour::Waiting> Detour::take(const NodeId& node) {
  std::vector<Waiting> all;
  const auto [first, last] = waiting_.equal_range(node);
  for (auto at = first; at != last; ++at) {
    waiting_bytes_ -= at->second.bytes.size();
    all.push_back(std::move(at->second));
  }
  waiting_.erase(first, last);
  return all;
}

void Detour::count(CounterVisitor& visitor) const {
  visitor.counter("usage_detours_noted", noted_);
  visitor.gauge("usage_detours_waiting", waiting_.size());
}

}  // namespace chordial::usage
