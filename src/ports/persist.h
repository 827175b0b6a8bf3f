// What must survive the process: a table of (space, key) -> value, written in groups. The driver
// keeps it in SQLite; the simulator in memory.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "ports/request_id.h"

namespace chordial::ports {

// One space per owner; numbers are stored on disk and never change their meaning.
enum class PersistSpace : std::uint8_t {
  stored_resources = 1,  // storage: values kept for the overlay
  own_records = 2,       // usage: what this node stored in the overlay and stores again
  bindings = 3,          // usage: phones registered at this node
  remembered_peers = 4,  // node: where to find the overlay after a restart
  clock = 5,             // node: the latest wall time seen
  documents = 6,         // node: newer configuration documents heard from the overlay
  secrets = 7,           // node: keys that outlive the process
};

struct PersistWrite {
  PersistSpace space;
  Bytes key;
  std::optional<Bytes> value;  // nothing: delete
};

// All writes of one request are committed together. The completion comes when they are on disk; a
// lazy request may wait for the next group and still gets its completion.
struct PersistRequest {
  RequestId id;
  std::vector<PersistWrite> writes;
  bool lazy = false;
};

// An error means that nothing of the request was written (a full disk, a read-only folder).
struct PersistCompletion {
  RequestId id;
  Expected<void> result;
};

// One record read back at start.
struct PersistedRecord {
  PersistSpace space;
  Bytes key;
  Bytes value;
};

}  // namespace chordial::ports
