// What a simulated node keeps when it dies: the records its PersistRequests have committed.
#pragma once

#include <map>
#include <utility>

#include "ports/persist.h"

namespace chordial::sim {

class Disk {
 public:
  void commit(const ports::PersistRequest& request) {
    for (const ports::PersistWrite& write : request.writes) {
      const Key key{write.space, write.key};
      if (write.value) {
        records_[key] = *write.value;
      } else {
        records_.erase(key);
      }
    }
  }
  [[nodiscard]] std::vector<ports::PersistedRecord> records() const {
    std::vector<ports::PersistedRecord> out;
    out.reserve(records_.size());
    for (const auto& [key, value] : records_)
      out.push_back({key.first, key.second, value});
    return out;
  }

 private:
  using Key = std::pair<ports::PersistSpace, Bytes>;
  std::map<Key, Bytes> records_;
};

}  // namespace chordial::sim
