// Certificates by their hash, a bounded number of them: the one that was not asked for longest goes
// first. Knows nothing of trust. Both fidelities keep their certificates in one.
#pragma once

#include <cstring>
#include <list>
#include <memory>
#include <unordered_map>

#include "crypto/certificate.h"

namespace chordial::crypto {

template <class Entry>
class CertificateCache {
 public:
  explicit CertificateCache(std::size_t entries_max) : entries_max_(entries_max) {}

  // Null if it is not here. Counts as use.
  [[nodiscard]] Entry* find(const CertificateHash& hash) {
    const auto place = places_.find(hash);
    if (place == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, place->second);
    return place->second->get();
  }
  // Caller's duty: it is not here yet. May drop the one least recently used.
  Entry& insert(std::unique_ptr<Entry> entry) {
    if (entries_.size() >= entries_max_) drop(std::prev(entries_.end()));
    entries_.push_front(std::move(entry));
    places_.emplace(entries_.front()->hash, entries_.begin());
    return *entries_.front();
  }
  // `keep(Entry&)` decides; asked from the most to the least recently used.
  template <class Keep>
  void retain(Keep keep) {
    for (auto it = entries_.begin(); it != entries_.end();) {
      const auto next = std::next(it);
      if (!keep(**it)) drop(it);
      it = next;
    }
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<std::unique_ptr<Entry>>;

  // A stranger who grinds keys until hashes collide here gains at most one walk of the bounded
  // table.
  struct HashPrefix {
    std::size_t operator()(const CertificateHash& hash) const {
      std::size_t prefix = 0;
      std::memcpy(&prefix, hash.data(), sizeof prefix);
      return prefix;
    }
  };

  void drop(typename Entries::iterator it) {
    places_.erase((*it)->hash);
    entries_.erase(it);
  }

  std::size_t entries_max_;
  Entries entries_;  // most recently used first
  std::unordered_map<CertificateHash, typename Entries::iterator, HashPrefix> places_;
};

}  // namespace chordial::crypto
