#include "transport/reassembly.h"

#include <algorithm>

namespace chordial::transport {

Reassembly::Held* Reassembly::find_or_add(Now now, const Fragment& fragment) {
  std::size_t from_neighbour = 0;
  for (Held& held : held_) {
    if (held.transaction_id == fragment.transaction_id) return &held;
    if (held.neighbour == fragment.neighbour) ++from_neighbour;
  }
  if (held_.size() >= reassembly_messages_max ||
      from_neighbour >= reassembly_messages_per_neighbour_max) {
    return nullptr;
  }
  Held held;
  held.transaction_id = fragment.transaction_id;
  held.neighbour = fragment.neighbour;
  held.expiry = now.monotonic + fragment_lifetime;
  held_.push_back(std::move(held));
  return &held_.back();
}

void Reassembly::restart(Held& held) {
  ++drops_.restarted;
  bytes_ -= held.body.size();
  held.header.clear();
  held.body.clear();
  held.runs.clear();
  held.length.reset();
}

bool Reassembly::agrees(const Held& held, const Fragment& fragment) {
  const auto end = static_cast<std::uint32_t>(fragment.offset + fragment.body.size());
  if (held.length && (fragment.last ? end != *held.length : end > *held.length)) return false;
  if (fragment.last && held.body.size() > end) return false;
  for (const Run& run : held.runs) {
    const std::uint32_t from = std::max(run.begin, fragment.offset);
    const std::uint32_t to = std::min(run.end, end);
    if (from >= to) continue;
    if (!equal(ByteView(held.body).subspan(from, to - from),
               fragment.body.subspan(from - fragment.offset, to - from))) {
      return false;
    }
  }
  return true;
}

void Reassembly::cover(Held& held, Run run) {
  auto at = std::lower_bound(held.runs.begin(), held.runs.end(), run.begin,
                             [](const Run& r, std::uint32_t begin) { return r.end < begin; });
  while (at != held.runs.end() && at->begin <= run.end) {
    run.begin = std::min(run.begin, at->begin);
    run.end = std::max(run.end, at->end);
    at = held.runs.erase(at);
  }
  held.runs.insert(at, run);
}

std::optional<Reassembled> Reassembly::add(Now now, const Fragment& fragment,
                                           std::size_t message_bytes_max) {
  expire(now);
  const std::size_t end = fragment.offset + fragment.body.size();
  if (end > message_bytes_max || (fragment.body.empty() && !fragment.last)) {
    ++drops_.malformed;
    return std::nullopt;
  }
  Held* held = find_or_add(now, fragment);
  if (held == nullptr) {
    ++drops_.limit;
    return std::nullopt;
  }
  if (!agrees(*held, fragment)) restart(*held);
  const std::size_t growth = end > held->body.size() ? end - held->body.size() : 0;
  if (bytes_ + growth > reassembly_bytes_max || held->runs.size() >= reassembly_pieces_max) {
    ++drops_.limit;
    return std::nullopt;
  }
  bytes_ += growth;
  if (growth > 0) held->body.resize(end);
  std::copy(fragment.body.begin(), fragment.body.end(), held->body.begin() + fragment.offset);
  if (!fragment.body.empty()) cover(*held, {fragment.offset, static_cast<std::uint32_t>(end)});
  if (fragment.offset == 0) {
    held->header = to_bytes(fragment.header);
    held->first_from = fragment.neighbour;
  }
  if (fragment.last) held->length = static_cast<std::uint32_t>(end);

  const bool whole = held->length && held->runs.size() == 1 && held->runs.front().begin == 0 &&
                     held->runs.front().end == *held->length && !held->header.empty();
  if (!whole) return std::nullopt;
  Reassembled message{held->first_from, std::move(held->header), std::move(held->body)};
  bytes_ -= message.body.size();
  held_.erase(held_.begin() + (held - held_.data()));
  if (held_.empty()) held_.shrink_to_fit();
  return message;
}

void Reassembly::expire(Now now) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.expiry > now.monotonic) return false;
    bytes_ -= held.body.size();
    ++drops_.expired;
    return true;
  });
  if (held_.empty()) held_.shrink_to_fit();
}

MonotonicTime Reassembly::next_expiry() const {
  MonotonicTime next = never;
  for (const Held& held : held_)
    next = std::min(next, held.expiry);
  return next;
}

std::size_t Reassembly::memory_bytes() const {
  std::size_t sum = held_.capacity() * sizeof(Held);
  for (const Held& held : held_)
    sum += held.header.capacity() + held.body.capacity() + held.runs.capacity() * sizeof(Run);
  return sum;
}

}  // namespace chordial::transport
