#include "storage/world.h"

#include "base/assert.h"

namespace chordial::storage::test {
namespace {

class SaysYes final : public ValueRule {
 public:
  bool permits(const ResourceId&, const wire::StoredDataValue& value,
               const crypto::Certificate&) const override {
    return as_text(value.value.value) == "yes";
  }
};

wire::StoredDataValue value_of(const Write& write, wire::DataModel model) {
  return {model, write.index, as_bytes(write.key), {write.exists, as_bytes(write.value)}};
}

}  // namespace

NodeId node(std::uint8_t byte) {
  return *NodeId::from_bytes(Bytes(16, byte));
}

std::vector<Kind> test_kinds() {
  static const SaysYes says_yes;
  std::vector<Kind> kinds = registered_kinds();
  kinds.push_back({kind_single, wire::DataModel::single_value, AccessControl::user_match, 1, 16});
  kinds.push_back({kind_array, wire::DataModel::array, AccessControl::user_match, 4, 16});
  kinds.push_back(
      {kind_ruled, wire::DataModel::single_value, AccessControl::user_match, 1, 16, 0, &says_yes});
  return kinds;
}

World::World(std::uint64_t seed)
    : rng(seed, 2), kinds(test_kinds()), storage(storage_.emplace(judges, limits, timers, *this)) {
}

const crypto::Certificate* World::certificate(const std::string& name,
                                              const std::vector<NodeId>& nodes,
                                              std::chrono::hours valid) {
  const auto der = authority.issue(
      {nodes, name, now.wall - std::chrono::hours(1), now.wall + valid}, made_.size() + 1);
  CHORDIAL_INVARIANT(der);
  return *certificates.store.intern(*der);
}

const crypto::Certificate* World::user(const std::string& name, std::uint8_t at) {
  const crypto::Certificate*& made = made_[name + "/" + std::to_string(at)];
  if (made == nullptr) made = certificate(name, {node(at)}, std::chrono::hours(10'000));
  return made;
}

const crypto::Certificate* World::node_certificate(std::uint8_t at) {
  return user("node-" + node(at).hex() + "@example.org", at);
}

void World::pass(std::chrono::milliseconds time) {
  now.monotonic += time;
  now.wall += time;
  timers.run(now);
}

void World::restart() {
  storage_.emplace(judges, limits, timers, *this);
  const auto records = disk;
  for (const auto& [key, value] : records) {
    if (const auto write =
            storage.restore(now, {ports::PersistSpace::stored_resources, key, value}))
      apply({*write});
  }
}

Bytes World::sign(const ResourceId& resource, const Write& write,
                  const crypto::Certificate* signer) {
  const wire::DataModel model = kinds.model(write.kind).value_or(wire::DataModel::single_value);
  const wire::StoredDataValue value = value_of(write, model);
  const Bytes value_bytes = wire::body_of(value);
  const wire::SignerIdentity identity = wire::SignerIdentity::cert_hash(signer->hash);
  const Bytes identity_bytes = wire::encode(identity);
  const auto input = wire::data_signature_input(resource, write.kind, write.time, model,
                                                value_bytes, identity_bytes);
  crypto::mock::MockSigner key(authority, *signer, cost);
  const Bytes signature = key.sign({input.prefix, input.value, input.identity});
  return wire::encode(value,
                      {key.algorithm().hash, key.algorithm().signature, identity, signature});
}

StoreOutcome World::store_request(const wire::StoreReq& request,
                                  const crypto::Certificate* sender) {
  // By way of the wire, as requests come.
  const Bytes body = wire::body_of(request);
  const auto parsed = wire::parse_value<wire::StoreReq>(body);
  CHORDIAL_INVARIANT(parsed);
  StoreRights rights;
  rights.sender = {sender, sender->node_ids.front()};
  rights.accepted = accepts;
  rights.replicas = replicas;
  const crypto::Certificate* in_message[] = {sender};
  rights.certificates = in_message;
  StoreOutcome outcome = storage.store(now, *parsed, rights);
  apply(outcome.writes);
  return outcome;
}

StoreOutcome World::store(const ResourceId& resource, const std::vector<Write>& writes,
                          const crypto::Certificate* signer, std::uint64_t generation,
                          std::uint8_t replica_number) {
  std::vector<Bytes> encoded;
  for (const Write& write : writes)
    encoded.push_back(sign(resource, write, signer));
  std::map<wire::KindId, std::vector<wire::StoredData>> values;
  for (std::size_t i = 0; i < writes.size(); ++i)
    values[writes[i].kind].push_back({writes[i].time, writes[i].lifetime, encoded[i], 0});
  std::vector<wire::StoreKindData> data;
  for (const auto& [kind, list] : values)
    data.push_back({kind, generation, list});
  return store_request({resource, replica_number, data}, signer);
}

StoreOutcome World::store_raw(const ResourceId& resource, const Write& write, ByteView encoded,
                              const crypto::Certificate* sender, std::uint64_t generation,
                              std::uint8_t replica_number) {
  const std::vector<wire::StoredData> values{{write.time, write.lifetime, encoded, 0}};
  const std::vector<wire::StoreKindData> data{{write.kind, generation, values}};
  return store_request({resource, replica_number, data}, sender);
}

std::vector<Seen> seen_in(ByteView fetch_ans, wire::DataModel model) {
  std::vector<Seen> all;
  const auto answer = wire::parse_value<wire::FetchAns>(fetch_ans);
  CHORDIAL_INVARIANT(answer);
  CHORDIAL_INVARIANT(answer->kind_responses.size() == 1);
  const wire::FetchKindResponse response = answer->kind_responses.front();
  for (const wire::StoredData& data : response.values) {
    const auto parts = wire::parts_of(data, model);
    CHORDIAL_INVARIANT(parts);
    all.push_back({parts->value.index, std::string(as_text(parts->value.key)),
                   parts->value.value.exists, std::string(as_text(parts->value.value.value)),
                   data.storage_time, data.lifetime, !parts->signature.is_none()});
  }
  return all;
}

std::vector<Seen> World::fetch(const ResourceId& resource, wire::KindId kind, ByteView specifier,
                               std::uint64_t requested_generation) {
  const std::vector<wire::StoredDataSpecifier> specifiers{
      {kind, requested_generation, specifier, 0}};
  const Answer answer = storage.fetch(now, {resource, specifiers});
  CHORDIAL_INVARIANT(answer.ok());
  return seen_in(answer.body, *kinds.model(kind));
}

std::vector<Seen> World::fetch_all(const ResourceId& resource, wire::KindId kind) {
  const std::vector<wire::ArrayRange> whole{{0, wire::array_end}};
  Bytes specifier;
  if (*kinds.model(kind) == wire::DataModel::array) specifier = wire::encode_specifier(whole);
  if (*kinds.model(kind) == wire::DataModel::dictionary)
    specifier = wire::encode_specifier(wire::List<wire::DictionaryKey>());
  return fetch(resource, kind, specifier);
}

std::uint64_t World::generation(const ResourceId& resource, wire::KindId kind) {
  const Bytes specifier(*kinds.model(kind) == wire::DataModel::single_value ? 0 : 2, 0);
  const std::vector<wire::StoredDataSpecifier> specifiers{{kind, 0, specifier, 0}};
  const Answer answer = storage.fetch(now, {resource, specifiers});
  return wire::parse_value<wire::FetchAns>(answer.body)->kind_responses.front().generation;
}

void World::apply(const std::vector<ports::PersistWrite>& writes) {
  for (const ports::PersistWrite& write : writes) {
    CHORDIAL_INVARIANT(write.space == ports::PersistSpace::stored_resources);
    if (write.value) {
      disk[write.key] = *write.value;
    } else {
      disk.erase(write.key);
    }
  }
}

}  // namespace chordial::storage::test
