// Which slot a transaction's key stands in: open addressing in one array of 16-byte entries, half
// of them free at least, so that a key that is not there costs one cache line and not a walk along
// a chain. Knows no transaction. (Knuth, The Art of Computer Programming, vol. 3, §6.4, algorithm
// R.)
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sip/transaction/transaction_key.h"

namespace chordial::sip {

class TransactionTable {
 public:
  // `key_of(slot)` is the key of a slot that was inserted.
  template <class KeyOf>
  [[nodiscard]] std::optional<std::uint32_t> find(const TransactionKey& key, KeyOf key_of) const {
    if (entries_.empty()) return std::nullopt;
    for (std::size_t at = home(key.low); entries_[at].used != 0; at = next(at)) {
      if (entries_[at].low == key.low && key_of(entries_[at].slot) == key) return entries_[at].slot;
    }
    return std::nullopt;
  }

  // Caller's duty: the key is not in it.
  void insert(const TransactionKey& key, std::uint32_t slot);
  // Caller's duty: this key stands in it with this slot.
  void erase(const TransactionKey& key, std::uint32_t slot);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t memory_bytes() const { return entries_.size() * sizeof(Entry); }

 private:
  struct Entry {
    std::uint64_t low = 0;
    std::uint32_t slot = 0;
    std::uint32_t used = 0;
  };

  [[nodiscard]] std::size_t home(std::uint64_t low) const { return low & (entries_.size() - 1); }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & (entries_.size() - 1); }
  void resize(std::size_t count);
  void put(const Entry& entry);

  std::vector<Entry> entries_;  // a power of two of them, or none
  std::size_t size_ = 0;
};

}  // namespace chordial::sip
