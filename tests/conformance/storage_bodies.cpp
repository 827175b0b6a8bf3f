// Store, Fetch, Stat and Find with a value of every Kind and data model (RFC 6940 §7.4, RFC 7904
// §3.2, RFC 7374 §4.1).
#include "conformance/all_messages.h"
#include "crypto/overlay_authority.h"
#include "wire/address_port.h"
#include "wire/sip_registration.h"
#include "wire/storage_messages.h"

namespace chordial::conformance {

using namespace wire;

namespace {

constexpr std::uint64_t stored_at = 1'700'000'000'000;
const ResourceId place{{0x1111111111111111, 0x2222222222222222}};
const NodeId node_a{{1, 1}};
const NodeId node_b{{2, 2}};
const auto key_a = node_a.bytes();  // views of it last
const auto key_b = node_b.bytes();

// Signed as far as a dissector can see: these signatures cover nothing, for nobody here stores
// them.
class Values {
 public:
  StoredData add(const StoredDataValue& value, bool with_node_id = false) {
    Signature signature;
    signature.hash_algorithm = hash_sha256;
    signature.signature_algorithm = signature_ecdsa;
    signature.identity =
        with_node_id ? SignerIdentity::cert_hash_node_id(hash_) : SignerIdentity::cert_hash(hash_);
    signature.signature_value = signature_value_;
    return {stored_at, 3600, bytes_.emplace_back(encode(value, signature)), 0};
  }
  StoredData synthetic(const StoredDataValue& where) {
    return {0, 0, bytes_.emplace_back(encode_synthetic(where)), 0};
  }
  StoredMetaData meta(const MetaDataValue& value) {
    return {stored_at, 3600, bytes_.emplace_back(body_of(value)), 0};
  }
  ByteView keep(Bytes bytes) { return bytes_.emplace_back(std::move(bytes)); }

 private:
  Bytes hash_ = Bytes(32, 0xa5);
  Bytes signature_value_ = Bytes(70, 0x5a);
  std::deque<Bytes> bytes_;
};

StoredDataValue single(ByteView value) {
  return {DataModel::single_value, 0, {}, {true, value}};
}
StoredDataValue entry(std::uint32_t index, ByteView value) {
  return {DataModel::array, index, {}, {true, value}};
}
StoredDataValue keyed(ByteView key, ByteView value, bool exists = true) {
  return {DataModel::dictionary, 0, key, {exists, value}};
}

// One Kind's values, under the name of what they show.
struct KindValues {
  std::string name;
  KindId kind;
  std::vector<StoredData> values;
};

Bytes registration_to(const std::vector<Destination>& route) {
  SipRegistration registration;
  registration.type = SipRegistrationType::sip_registration_route;
  registration.contact_prefs = as_bytes("(sip.schemes=SIP)");
  registration.destination_list = DestinationList(route);
  return body_of(registration);
}

// RedirServiceProvider of one node in a namespace, at the root of its tree (RFC 7374 §4.1).
Bytes redir_provider() {
  constexpr std::uint8_t no_extension = 0;
  const std::vector<Destination> route{Destination::of(node_a)};
  ByteWriter writer;
  writer.u8(no_extension);
  write_list(writer, 2, DestinationList(route));
  writer.vector(2, as_bytes("turn-server"));
  writer.u16(0);
  writer.u16(0);
  writer.u16(0);
  return writer.take();
}

std::vector<KindValues> kind_values(Values& values) {
  const std::vector<Destination> route{Destination::of(node_a), Destination::of(node_b)};
  SipRegistration forwarding;
  forwarding.type = SipRegistrationType::sip_registration_uri;
  forwarding.uri = as_bytes("sip:bob@example.org");
  const ByteView at_nodes = values.keep(registration_to(route));
  const ByteView forwarded = values.keep(body_of(forwarding));
  const ByteView turn_v4 =
      values.keep(body_of(TurnServer{1, *SocketAddress::parse("192.0.2.1:3478")}));
  const ByteView turn_v6 =
      values.keep(body_of(TurnServer{2, *SocketAddress::parse("[2001:db8::1]:3478")}));
  static const Bytes der =
      crypto::openssl::OverlayAuthority().node(crypto::openssl::node_id(1))->certificate().der;
  const ByteView certificate = der;
  const ByteView provider = values.keep(redir_provider());
  return {
      {"SIP-REGISTRATION route", kind_sip_registration, {values.add(keyed(key_b, at_nodes))}},
      {"SIP-REGISTRATION uri", kind_sip_registration, {values.add(keyed(key_a, forwarded))}},
      {"SIP-REGISTRATION two",
       kind_sip_registration,
       {values.add(keyed(key_a, at_nodes)), values.add(keyed(key_b, forwarded), true)}},
      {"SIP-REGISTRATION removed", kind_sip_registration, {values.add(keyed(key_a, {}, false))}},
      {"TURN-SERVICE", kind_turn_service, {values.add(single(turn_v4))}},
      {"TURN-SERVICE over IPv6", kind_turn_service, {values.add(single(turn_v6))}},
      {"CERTIFICATE_BY_NODE", kind_certificate_by_node, {values.add(entry(0, certificate))}},
      {"CERTIFICATE_BY_NODE appended",
       kind_certificate_by_node,
       {values.add(entry(array_end, certificate))}},
      {"CERTIFICATE_BY_USER",
       kind_certificate_by_user,
       {values.add(entry(0, certificate)), values.add(entry(1, certificate), true)}},
      {"REDIR", kind_redir, {values.add(keyed(key_a, provider))}},
      {"a private Kind", kind_private_first, {values.add(single(as_bytes("private")))}},
  };
}

std::vector<Body> store_bodies() {
  Values values;
  std::vector<Body> bodies;
  const std::vector<KindValues> all = kind_values(values);
  for (const KindValues& each : all) {
    const std::vector<StoreKindData> kinds{{each.kind, 7, each.values}};
    bodies.push_back(
        {"StoreReq " + each.name, MessageCode::store_req, body_of(StoreReq{place, 0, kinds})});
    const std::vector<FetchKindResponse> responses{{each.kind, 7, each.values}};
    bodies.push_back(
        {"FetchAns " + each.name, MessageCode::fetch_ans, body_of(FetchAns{responses})});
  }
  const std::vector<StoreKindData> several{{all[0].kind, 0, all[0].values},
                                           {all[4].kind, 1, all[4].values},
                                           {all[8].kind, 2, all[8].values}};
  bodies.push_back({"StoreReq of a replica, three Kinds", MessageCode::store_req,
                    body_of(StoreReq{place, 2, several})});
  const std::vector<NodeId> replicas{node_a, node_b};
  const std::vector<StoreKindResponse> responses{{kind_sip_registration, 8, replicas},
                                                 {kind_turn_service, 2, {}}};
  bodies.push_back({"StoreAns", MessageCode::store_ans, body_of(StoreAns{responses})});
  return bodies;
}

std::vector<Body> fetch_bodies() {
  Values values;
  const std::vector<ArrayRange> ranges{{0, 3}, {5, array_end}};
  const std::vector<DictionaryKey> keys{{key_a}, {key_b}};
  const Bytes indices = encode_specifier(List<ArrayRange>(ranges)),
              by_key = encode_specifier(List<DictionaryKey>(keys)),
              all_keys = encode_specifier(List<DictionaryKey>());
  const std::vector<StoredDataSpecifier> specifiers{{kind_turn_service, 0, {}, 0},
                                                    {kind_certificate_by_node, 3, indices, 0},
                                                    {kind_sip_registration, 0, by_key, 0},
                                                    {kind_redir, 0, all_keys, 0}};
  const FetchReq request{place, specifiers};
  const std::vector<FetchKindResponse> nothing{
      {kind_turn_service, 0, std::span<const StoredData>()}, {kind_certificate_by_node, 3, {}}};
  const std::vector<StoredData> synthetic{values.synthetic({DataModel::dictionary, 0, key_a, {}})};
  const std::vector<StoredData> gaps{values.synthetic({DataModel::array, 4, {}, {}})};
  const std::vector<FetchKindResponse> absent{{kind_sip_registration, 0, synthetic},
                                              {kind_certificate_by_user, 2, gaps}};
  return {
      {"FetchReq", MessageCode::fetch_req, body_of(request)},
      {"FetchReq for nothing", MessageCode::fetch_req, body_of(FetchReq{place, {}})},
      {"StatReq", MessageCode::stat_req, body_of(request)},
      {"FetchAns without values", MessageCode::fetch_ans, body_of(FetchAns{nothing})},
      {"FetchAns of values nobody stored", MessageCode::fetch_ans, body_of(FetchAns{absent})},
  };
}

std::vector<Body> stat_and_find_bodies() {
  Values values;
  const Bytes digest(32, 0x77);
  const std::vector<StoredMetaData> singles{
      values.meta({DataModel::single_value, 0, {}, {true, 9, hash_sha256, digest}})};
  const std::vector<StoredMetaData> entries{
      values.meta({DataModel::array, 1, {}, {true, 300, hash_sha256, digest}}),
      values.meta({DataModel::array, 2, {}, {false, 0, hash_none, {}}})};
  const std::vector<StoredMetaData> keyeds{
      values.meta({DataModel::dictionary, 0, key_a, {true, 40, hash_sha256, digest}})};
  const std::vector<StatKindResponse> responses{{kind_turn_service, 1, singles},
                                                {kind_certificate_by_node, 2, entries},
                                                {kind_sip_registration, 3, keyeds}};
  const std::vector<KindId> kinds{kind_sip_registration, kind_turn_service};
  const std::vector<FindKindData> found{{kind_sip_registration, place},
                                        {kind_turn_service, ResourceId{}}};
  return {
      {"StatAns", MessageCode::stat_ans, body_of(StatAns{responses})},
      {"FindReq", MessageCode::find_req, body_of(FindReq{place, kinds})},
      {"FindAns", MessageCode::find_ans, body_of(FindAns{found})},
  };
}

}  // namespace

std::vector<Body> storage_bodies() {
  std::vector<Body> bodies;
  for (const auto& part : {store_bodies(), fetch_bodies(), stat_and_find_bodies()})
    bodies.insert(bodies.end(), part.begin(), part.end());
  return bodies;
}

}  // namespace chordial::conformance
