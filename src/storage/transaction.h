// One StoreReq on its way into the storage (RFC 6940 §7.4.1.1): everything is checked before
// anything is changed, so that all values are stored or none. For storage's own files.
#pragma once

#include "storage/storage.h"

namespace chordial::storage {

// Why a request is refused: what the Answer will say.
struct Refusal {
  // Whose limit it is, where it is one.
  enum class Limit : std::uint8_t { none, kind, resource, signer, room };

  wire::ErrorCode error = wire::ErrorCode::invalid;
  Bytes info;
  Limit limit = Limit::none;
};
[[nodiscard]] Refusal refusal(wire::ErrorCode error, std::string_view text);
// Error_Data_Too_Large.
[[nodiscard]] Refusal above(Refusal::Limit limit, std::string_view text);
// Error_Unknown_Kind with its list (§7.4.1.2).
[[nodiscard]] Refusal unknown_kinds(const std::vector<wire::KindId>& kinds);
[[nodiscard]] Answer answer_of(Refusal refusal);

class Storage::Transaction {
 public:
  Transaction(Storage& storage, Now now, const ResourceId& resource)
      : storage_(storage), now_(now), resource_(resource) {}

  // The checks of §7.4.1.1, the cheap ones first.
  [[nodiscard]] std::optional<Refusal> check(const wire::StoreReq& request,
                                             const StoreRights& rights);
  // Takes what is newer and good of a FetchAns, and leaves the rest.
  void check_newer(const wire::FetchAns& answer, Certificates certificates);

  // What one place and one signer may hold, once all other checks are passed.
  [[nodiscard]] std::optional<Refusal> check_quotas() const;
  // False when there is no room; nothing has been changed then, but for values that had to go.
  [[nodiscard]] bool make_room(bool evict, std::vector<ports::PersistWrite>& writes);
  void commit(StoreOutcome& outcome, std::span<const NodeId> replicas);

 private:
  struct Change {
    wire::StoredDataParts parts;
    std::uint64_t storage_time = 0;
    std::uint32_t lifetime = 0;
    bool added = false;         // nothing lives at its place
    bool unchanged = false;     // the very value that is there already
    bool same_content = false;  // what it says is there already
    Signer signer{};
  };
  struct KindChange {
    const Kind* kind = nullptr;
    std::uint64_t requested_generation = 0;
    std::uint64_t generation = 0;  // before; 0 where nothing lives
    std::vector<Change> changes;
  };

  [[nodiscard]] std::optional<Refusal> check_kinds(const wire::StoreReq& request);
  [[nodiscard]] std::optional<Refusal> parse_values(const wire::StoreKindData& data,
                                                    KindChange& kind) const;
  [[nodiscard]] std::optional<Refusal> check_generations() const;
  [[nodiscard]] std::optional<Refusal> check_value(const KindChange& kind, std::size_t index) const;
  // Finds what is at the value's place, and the place of an appended value.
  [[nodiscard]] std::optional<Refusal> place_value(const KindChange& kind, Change& change) const;
  [[nodiscard]] std::optional<Refusal> check_count(const KindChange& kind) const;
  [[nodiscard]] std::optional<Refusal> check_signer(const KindChange& kind, Change& change,
                                                    Certificates certificates) const;
  // The index for an appended value; nothing when the array is full.
  [[nodiscard]] std::optional<std::uint32_t> end_of_array(const KindChange& kind) const;
  // What lives at the place; null if nothing does.
  [[nodiscard]] const StoredValue* living(const Kind& kind, const Place& place) const;
  [[nodiscard]] const StoredValue* same_appended(const Kind& kind, const Change& change) const;
  [[nodiscard]] static std::size_t stored_bytes(const Change& change);
  void drop_ended(StoredKind& stored, std::vector<ports::PersistWrite>& writes);
  void put(const KindChange& kind, const Change& change, StoredKind& stored,
           std::vector<ports::PersistWrite>& writes);

  Storage& storage_;
  Now now_;
  ResourceId resource_;
  bool replica_ = false;
  bool merging_ = false;
  std::vector<KindChange> kinds_;
};

}  // namespace chordial::storage
