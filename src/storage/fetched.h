// The reader's side: which values of a FetchAns prove what they say (RFC 6940 §7.4.2.2).
#pragma once

#include <vector>

#include "storage/access_control.h"
#include "wire/storage_messages.h"

namespace chordial::storage {

struct FetchedValue {
  wire::StoredDataValue value;  // a window on the answer
  std::uint64_t storage_time = 0;
  std::uint32_t lifetime = 0;  // seconds left, as the storing peer says
  // Who signed; empty for a synthetic "does not exist". The pointer is good until the next
  // CertificateStore::add.
  Signer signer;
};

struct FetchedKind {
  wire::KindId kind = 0;
  std::uint64_t generation = 0;
  std::vector<FetchedValue> values;  // by index or key, each once
  std::uint32_t rejected = 0;        // left out: not proven, not permitted, or above max-count
};

// The values of one Kind at `resource`. A value is kept if its signature holds and its signer may
// write it there, a synthetic one if it says that nothing exists. Of two for the same place the
// newer one counts. Errors: unsupported (a Kind we do not know). `candidates`: see signer_of.
[[nodiscard]] Expected<FetchedKind> proven_values(Now now, const Judges& judges,
                                                  const ResourceId& resource,
                                                  const wire::FetchKindResponse& response,
                                                  Certificates candidates);

}  // namespace chordial::storage
