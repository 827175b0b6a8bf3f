#include "transport/answers.h"

namespace chordial::transport {

const GivenAnswer* Answers::find(std::uint64_t transaction_id) const {
  const auto entry = entries_.find(transaction_id);
  return entry == entries_.end() ? nullptr : &entry->second.answer;
}

void Answers::begin(Now now, std::uint64_t transaction_id, std::uint64_t check) {
  expire(now);
  if (transaction_id == 0) return;  // the end of the list
  if (entries_.size() >= answers_max) erase(entries_.find(oldest_));
  const auto [entry, added] = entries_.try_emplace(transaction_id);
  if (!added) return;
  entry->second.answer.check = check;
  entry->second.expiry = now.monotonic + request_lifetime;
  entry->second.older = newest_;
  if (newest_ != 0) {
    entries_.find(newest_)->second.newer = transaction_id;
  } else {
    oldest_ = transaction_id;
  }
  newest_ = transaction_id;
}

void Answers::set(std::uint64_t transaction_id, ByteView contents, ByteView signature) {
  const auto entry = entries_.find(transaction_id);
  if (entry == entries_.end() || entry->second.answer.answered) return;
  const std::size_t size = contents.size() + signature.size();
  if (size > answer_bytes_max / 4) {
    erase(entry);
    return;
  }
  entry->second.answer.answered = true;
  entry->second.answer.contents = to_bytes(contents);
  entry->second.answer.signature = to_bytes(signature);
  bytes_ += size;
  while (bytes_ > answer_bytes_max)
    erase(entries_.find(oldest_));
}

void Answers::forget(std::uint64_t transaction_id) {
  const auto entry = entries_.find(transaction_id);
  if (entry != entries_.end()) erase(entry);
}

void Answers::erase(Entries::iterator entry) {
  const Entry& gone = entry->second;
  bytes_ -= gone.answer.contents.size() + gone.answer.signature.size();
  if (gone.older != 0) {
    entries_.find(gone.older)->second.newer = gone.newer;
  } else {
    oldest_ = gone.newer;
  }
  if (gone.newer != 0) {
    entries_.find(gone.newer)->second.older = gone.older;
  } else {
    newest_ = gone.older;
  }
  entries_.erase(entry);
}

void Answers::expire(Now now) {
  while (oldest_ != 0) {
    const auto entry = entries_.find(oldest_);
    if (entry->second.expiry > now.monotonic) return;
    erase(entry);
  }
}

MonotonicTime Answers::next_expiry() const {
  return oldest_ == 0 ? never : entries_.find(oldest_)->second.expiry;
}

std::size_t Answers::memory_bytes() const {
  constexpr std::size_t node_bytes = sizeof(Entries::value_type) + 4 * sizeof(void*);
  return entries_.size() * node_bytes + bytes_;
}

}  // namespace chordial::transport
