// How values lie in memory and on disk. For storage's own files. Knows no rules.
#pragma once

#include <algorithm>
#include <vector>

#include "crypto/certificate.h"
#include "ports/persist.h"
#include "wire/stored_data.h"

namespace chordial::storage {

// One value as it came: what was signed and the signature stay the bytes they were.
struct StoredValue {
  Bytes value_and_signature;
  std::uint64_t storage_time = 0;
  MonotonicTime ends = never;
  crypto::CertificateHash signer{};

  // What StorageLimits::bytes_max counts.
  [[nodiscard]] std::size_t bytes() const {
    return value_and_signature.size() + sizeof(StoredValue);
  }
};

struct StoredKind {
  wire::KindId kind = 0;
  std::uint64_t generation = 0;
  std::vector<StoredValue> values;  // by index or key
};

struct Resource {
  std::vector<StoredKind> kinds;  // by Kind-ID
};

// Where a generation counter begins: at the clock, so that one which ended with its last value and
// begins again never meets a number that somebody still remembers, nor one that was lost with a
// restart. 1024 changes fit into a millisecond.
[[nodiscard]] inline std::uint64_t first_generation(Now now) {
  return std::max<std::uint64_t>(now.wall_ms() << 10, 1);
}

// Where a value lies within its Kind: nothing, an index, or a key.
struct Place {
  std::uint32_t index = 0;
  ByteView key;
};
[[nodiscard]] int compare(const Place& a, const Place& b);
[[nodiscard]] Place place_of(const wire::StoredDataValue& value);
// Caller's duty: it was stored, so that it parses.
[[nodiscard]] Place place_of(const StoredValue& value, wire::DataModel model);
// The first value at or after the place, among values in order.
[[nodiscard]] std::vector<StoredValue>::const_iterator find_place(
    const std::vector<StoredValue>& values, wire::DataModel model, const Place& place);

// The value's parts. Caller's duty: it was stored, so that it parses.
[[nodiscard]] wire::StoredDataParts parts_of(const StoredValue& value, wire::DataModel model);
// As a peer sends it, with the lifetime that is left.
[[nodiscard]] wire::StoredData stored_data(Now now, const StoredValue& value);

// The key of a value's record on disk, and the record with it. `certificate` is the signer's DER,
// kept so that the value can be served after a restart; empty where it is not known.
[[nodiscard]] Bytes record_key(const ResourceId& resource, wire::KindId kind, const Place& place);
[[nodiscard]] ports::PersistWrite record_of(Now now, const ResourceId& resource, wire::KindId kind,
                                            const Place& place, std::uint64_t generation,
                                            const StoredValue& value, ByteView certificate);
[[nodiscard]] ports::PersistWrite deletion_of(const ResourceId& resource, wire::KindId kind,
                                              const Place& place);

// A record taken apart; the views are windows on it.
struct Record {
  ResourceId resource;
  wire::KindId kind = 0;
  std::uint64_t generation = 0;
  std::uint64_t storage_time = 0;
  std::uint64_t ends_ms = 0;  // wall clock, milliseconds since 1970
  ByteView certificate;
  ByteView value_and_signature;
};
[[nodiscard]] Expected<Record> parse_record(const ports::PersistedRecord& record);

}  // namespace chordial::storage
