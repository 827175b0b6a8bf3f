// A storing peer with its surroundings: certificates of users and nodes, a clock that the test
// moves, and short ways to sign, store and fetch values.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/mock/mock_authority.h"
#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"
#include "storage/resource_name.h"
#include "storage/storage.h"
#include "wire/message.h"

namespace chordial::storage::test {

inline constexpr wire::KindId kind_single = 0xF0000001;  // USER-MATCH, one value of 16 bytes
inline constexpr wire::KindId kind_array = 0xF0000002;   // USER-MATCH, four values of 16 bytes
inline constexpr wire::KindId kind_ruled = 0xF0000003;   // USER-MATCH, and the value says "yes"
inline constexpr wire::KindId kind_unknown = 0xF00000FF;

[[nodiscard]] NodeId node(std::uint8_t byte);

// A value to be signed and stored.
struct Write {
  wire::KindId kind = kind_single;
  std::string value = "v";
  std::uint64_t time = 1000;  // storage_time
  std::uint32_t lifetime = 3600;
  std::uint32_t index = 0;
  std::string key{};
  bool exists = true;
};

// A value as a FetchAns has it.
struct Seen {
  std::uint32_t index = 0;
  std::string key;
  bool exists = false;
  std::string value;
  std::uint64_t time = 0;
  std::uint32_t lifetime = 0;
  bool is_signed = false;

  friend bool operator==(const Seen&, const Seen&) = default;
};

// Pins are counted, everything else goes to the mock store.
class CountingStore final : public crypto::CertificateStore {
 public:
  explicit CountingStore(const crypto::mock::MockAuthority& authority) : store(authority) {}

  Expected<const crypto::Certificate*> add(ByteView der, Now now) override {
    return store.add(der, now);
  }
  const crypto::Certificate* find(const crypto::CertificateHash& hash) const override {
    return store.find(hash);
  }
  Expected<void> usable(const crypto::Certificate& certificate, Now now) const override {
    return store.usable(certificate, now);
  }
  void pin(const crypto::CertificateHash& hash) override { ++pins[hash]; }
  void unpin(const crypto::CertificateHash& hash) override {
    if (--pins[hash] == 0) pins.erase(hash);
  }

  crypto::mock::MockStore store;
  std::map<crypto::CertificateHash, int> pins;
};

class World final : public StorageOwner {
 public:
  explicit World(std::uint64_t seed = 1);

  // The certificate of a user at a node, or of a node itself; made once.
  const crypto::Certificate* user(const std::string& name, std::uint8_t at);
  const crypto::Certificate* node_certificate(std::uint8_t at);
  const crypto::Certificate* certificate(const std::string& name, const std::vector<NodeId>& nodes,
                                         std::chrono::hours valid);

  void pass(std::chrono::milliseconds time);  // timers fire
  // Everything in memory is lost, and what is on disk read back.
  void restart();

  // StoredDataValue and Signature, signed for this place.
  Bytes sign(const ResourceId& resource, const Write& write, const crypto::Certificate* signer);
  // A StoreReq of values all signed by `signer`, who also sends it.
  StoreOutcome store(const ResourceId& resource, const std::vector<Write>& writes,
                     const crypto::Certificate* signer, std::uint64_t generation = 0,
                     std::uint8_t replica_number = 0);
  // One with values that are encoded already.
  StoreOutcome store_raw(const ResourceId& resource, const Write& write, ByteView encoded,
                         const crypto::Certificate* sender, std::uint64_t generation = 0,
                         std::uint8_t replica_number = 0);
  StoreOutcome store_request(const wire::StoreReq& request, const crypto::Certificate* sender);

  // All of a Kind: the value, the whole array or dictionary.
  std::vector<Seen> fetch_all(const ResourceId& resource, wire::KindId kind);
  std::vector<Seen> fetch(const ResourceId& resource, wire::KindId kind, ByteView specifier,
                          std::uint64_t requested_generation = 0);
  std::uint64_t generation(const ResourceId& resource, wire::KindId kind);

  // StorageOwner
  bool responsible_for(const ResourceId& resource) const override {
    return !not_mine.contains(resource);
  }
  void on_values_dropped(Now, std::vector<ports::PersistWrite> writes) override { apply(writes); }

  // The disk.
  void apply(const std::vector<ports::PersistWrite>& writes);

  Now now{MonotonicTime(std::chrono::hours(1)), WallTime(std::chrono::hours(500'000))};
  Rng rng;
  crypto::mock::MockAuthority authority{"example.org", rng};
  CountingStore certificates{authority};
  crypto::mock::SignatureCost cost;
  crypto::mock::MockVerifier verifier{authority, cost};
  KindTable kinds;
  Judges judges{&kinds, &certificates, &verifier};
  StorageLimits limits;
  TimerQueue timers{MonotonicTime(std::chrono::hours(1))};
  std::set<ResourceId> not_mine;
  bool accepts = true;           // StoreRights::accepted
  std::vector<NodeId> replicas;  // StoreRights::replicas
  std::map<Bytes, Bytes> disk;

 private:
  std::optional<Storage> storage_;

 public:
  Storage& storage;

 private:
  std::map<std::string, const crypto::Certificate*> made_;
};

[[nodiscard]] std::vector<Kind> test_kinds();
// The values of a FetchAns' only Kind.
[[nodiscard]] std::vector<Seen> seen_in(ByteView fetch_ans, wire::DataModel model);

}  // namespace chordial::storage::test
