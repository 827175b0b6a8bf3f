#include "sip/transaction/transaction_table.h"

#include <utility>

#include "base/assert.h"

namespace chordial::sip {

namespace {

constexpr std::size_t entries_min = 16;

}  // namespace

void TransactionTable::put(const Entry& entry) {
  std::size_t at = home(entry.low);
  while (entries_[at].used != 0)
    at = next(at);
  entries_[at] = entry;
}

void TransactionTable::resize(std::size_t count) {
  const std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(count));
  for (const Entry& entry : old) {
    if (entry.used != 0) put(entry);
  }
}

void TransactionTable::insert(const TransactionKey& key, std::uint32_t slot) {
  if (2 * (size_ + 1) > entries_.size())
    resize(entries_.empty() ? entries_min : 2 * entries_.size());
  put({key.low, slot, 1});
  ++size_;
}

void TransactionTable::erase(const TransactionKey& key, std::uint32_t slot) {
  std::size_t hole = home(key.low);
  while (entries_[hole].low != key.low || entries_[hole].slot != slot) {
    CHORDIAL_INVARIANT(entries_[hole].used != 0);
    hole = next(hole);
  }
  // What stands behind the hole and may stand in it moves up, so that no search ends too early.
  for (std::size_t at = next(hole); entries_[at].used != 0; at = next(at)) {
    const std::size_t distance = (at - home(entries_[at].low)) & (entries_.size() - 1);
    if (distance < ((at - hole) & (entries_.size() - 1))) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole] = Entry{};
  --size_;
  if (entries_.size() > entries_min && 8 * size_ < entries_.size()) resize(entries_.size() / 2);
}

}  // namespace chordial::sip
