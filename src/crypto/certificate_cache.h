// Certificates by their hash, a bounded number of them. When there is no room, the one goes that
// was not asked for longest; pinned ones go only when all are. Knows nothing of trust. Both
// fidelities keep their certificates in one.
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
    Entries& list = list_of(*place->second);
    list.splice(list.begin(), list, place->second);
    return place->second->entry.get();
  }
  // Caller's duty: it is not here yet. May drop another.
  Entry& insert(std::unique_ptr<Entry> entry) {
    if (places_.size() >= entries_max_) {
      Entries& list = free_.empty() ? pinned_ : free_;
      drop(std::prev(list.end()));
    }
    free_.push_front({std::move(entry), 0});
    Entry& inserted = *free_.front().entry;
    places_.emplace(inserted.hash, free_.begin());
    return inserted;
  }
  // Of one that is not here nothing happens. One that went all the same comes back unpinned.
  void pin(const CertificateHash& hash) {
    const auto place = places_.find(hash);
    if (place != places_.end() && ++place->second->pins == 1)
      pinned_.splice(pinned_.begin(), free_, place->second);
  }
  void unpin(const CertificateHash& hash) {
    const auto place = places_.find(hash);
    if (place == places_.end() || place->second->pins == 0) return;
    if (--place->second->pins == 0) free_.splice(free_.begin(), pinned_, place->second);
  }
  // `keep(Entry&)` decides; asked from the most to the least recently used, pinned ones first.
  template <class Keep>
  void retain(Keep keep) {
    for (Entries* list : {&pinned_, &free_}) {
      for (auto it = list->begin(); it != list->end();) {
        const auto next = std::next(it);
        if (!keep(*it->entry)) drop(it);
        it = next;
      }
    }
  }
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  struct Held {
    std::unique_ptr<Entry> entry;
    std::uint32_t pins;
  };
  using Entries = std::list<Held>;

  // A stranger who grinds keys until hashes collide here gains at most one walk of the bounded
  // table.
  struct HashPrefix {
    std::size_t operator()(const CertificateHash& hash) const {
      std::size_t prefix = 0;
      std::memcpy(&prefix, hash.data(), sizeof prefix);
      return prefix;
    }
  };

  [[nodiscard]] Entries& list_of(const Held& held) { return held.pins == 0 ? free_ : pinned_; }
  void drop(typename Entries::iterator it) {
    places_.erase(it->entry->hash);
    list_of(*it).erase(it);
  }

  std::size_t entries_max_;
  Entries free_;    // most recently used first, as are
  Entries pinned_;  // those with pins
  std::unordered_map<CertificateHash, typename Entries::iterator, HashPrefix> places_;
};

}  // namespace chordial::crypto
