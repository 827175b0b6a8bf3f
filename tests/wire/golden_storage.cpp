// Store, Fetch, Stat, Find for each data model (RFC 6940 §7.4), with the records of RFC 7904 §3.2
// and §9 as values.
#include "wire/address_port.h"
#include "wire/golden.h"
#include "wire/sip_registration.h"
#include "wire/storage_messages.h"

namespace chordial::wire::test {
namespace {

const std::string signature_by_hand =
    "04 03  01 0022 04 20 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "0002 5151";

// The values live as long as the program, for structures are windows.
struct Values {
  Bytes hash = Bytes(32, 0xaa);
  Bytes signature_value{0x51, 0x51};
  Signature signature{hash_sha256, signature_ecdsa, SignerIdentity::cert_hash(hash),
                      signature_value};
  Bytes turn = body_of(TurnServer{3, *SocketAddress::parse("192.0.2.1:3478")});
  Bytes single = encode({DataModel::single_value, 0, {}, {true, turn}}, signature);
  Bytes entry = encode({DataModel::array, 2, {}, {true, as_bytes("DER")}}, signature);
  Bytes gap = encode_synthetic({DataModel::array, 1, {}, {}});
  Bytes removed = encode({DataModel::dictionary, 0, as_bytes("k"), {false, {}}}, signature);
  std::vector<StoredData> single_values{{1000, 60, single, 0}};
  std::vector<StoredData> array_values{{0, 0, gap, 0}, {2000, 61, entry, 0}};
  std::vector<StoredData> dictionary_values{{3000, 62, removed, 0}};
};

const Values& values() {
  static const Values all;
  return all;
}

std::vector<Golden> store_goldens() {
  const std::vector<StoreKindData> kinds{
      {kind_turn_service, 99, values().single_values},
      {kind_certificate_by_node, 0, values().array_values},
      {kind_sip_registration, 5, values().dictionary_values},
      {0xF0000001, 1, values().single_values},  // nobody knows its model
  };
  // turn 9 bytes, so single is 1+4+9, entry 4+1+4+3, gap 4+1+4 and 9 of signature, removed 3+1+4;
  // a signature is 43.
  const std::string single =
      "00000045 00000000000003e8 0000003c  01 00000009 03 01 06 c0000201 0d96" + signature_by_hand;
  const std::string gap =
      "0000001c 0000000000000000 00000000  00000001 00 00000000  00 00 03 0000 0000";
  const std::string entry =
      "00000043 00000000000007d0 0000003d  00000002 01 00000003 444552" + signature_by_hand;
  const std::string removed =
      "0000003f 0000000000000bb8 0000003e  0001 6b 00 00000000" + signature_by_hand;
  const std::vector<FetchKindResponse> responses{
      {kind_turn_service, 99, values().single_values},
      {kind_certificate_by_node, 4, values().array_values},
      {kind_sip_registration, 5, values().dictionary_values},
      {kind_certificate_by_user, 8, {}},
  };
  return {
      {"StoreReq", MessageCode::store_req,
       hex("10" + std::string(resource_33) + "01  0000017c" + "00000002 0000000000000063 00000049" +
           single +  //
           "00000003 0000000000000000 00000067" + gap + entry +
           "00000001 0000000000000005 00000043" + removed + "f0000001 0000000000000001 00000049" +
           single),
       body_of(StoreReq{resource(0x33), 1, kinds})},
      {"StoreReq at a foreign Resource-ID", MessageCode::store_req, hex("03 464f4f 00 00000000"),
       body_of(StoreReq{WireResourceId(as_bytes("FOO")), 0, {}})},
      {"FetchAns", MessageCode::fetch_ans,
       hex("00000133"
           "00000002 0000000000000063 00000049" +
           single +  //
           "00000003 0000000000000004 00000067" + gap + entry +
           "00000001 0000000000000005 00000043" + removed + "00000010 0000000000000008 00000000"),
       body_of(FetchAns{responses})},
  };
}

std::vector<Golden> stat_and_find_goldens() {
  const Bytes digest(32, 0xbb);
  const Bytes single =
      body_of(MetaDataValue{DataModel::single_value, 0, {}, {true, 9, hash_sha256, digest}});
  const Bytes entry = body_of(MetaDataValue{DataModel::array, 2, {}, {false, 0, hash_none, {}}});
  const Bytes keyed = body_of(
      MetaDataValue{DataModel::dictionary, 0, as_bytes("k"), {true, 1, hash_sha256, digest}});
  const std::vector<StoredMetaData> singles{{1000, 60, single, 0}}, entries{{0, 0, entry, 0}},
      keyeds{{3000, 62, keyed, 0}};
  const std::vector<StatKindResponse> responses{{kind_turn_service, 99, singles},
                                                {kind_certificate_by_node, 4, entries},
                                                {kind_sip_registration, 5, keyeds}};
  const std::string digest_by_hand(64, 'b');
  const std::vector<KindId> kinds{1, 2};
  const std::vector<FindKindData> found{{1, resource(0x33)}, {2, ResourceId{}}};
  return {
      {"StatAns", MessageCode::stat_ans,
       hex("000000bc"
           "00000002 0000000000000063 00000037"
           "  00000033 00000000000003e8 0000003c  01 00000009 04 20" +
           digest_by_hand +
           "00000003 0000000000000004 0000001b"
           "  00000017 0000000000000000 00000000  00000002 00 00000000 00 00"
           "00000001 0000000000000005 0000003a"
           "  00000036 0000000000000bb8 0000003e  0001 6b 01 00000001 04 20" +
           digest_by_hand),
       body_of(StatAns{responses})},
      {"FindReq", MessageCode::find_req,
       hex("10" + std::string(resource_33) + "08 00000001 00000002"),
       body_of(FindReq{resource(0x33), kinds})},
      {"FindAns", MessageCode::find_ans,
       hex("002a 00000001 10" + std::string(resource_33) +
           "00000002 10 00000000000000000000000000000000"),
       body_of(FindAns{found})},
  };
}

std::vector<Golden> answer_and_fetch_goldens() {
  const std::vector<NodeId> replicas{node(0x11), node(0x22)};
  const std::vector<StoreKindResponse> responses{{kind_turn_service, 100, replicas},
                                                 {kind_sip_registration, 6, {}}};
  const std::vector<ArrayRange> ranges{{0, 4}, {6, array_end}};
  const std::vector<DictionaryKey> keys{{as_bytes("k")}, {{}}};
  const Bytes indices = encode_specifier(ranges), two_keys = encode_specifier(keys),
              wildcard = encode_specifier(List<DictionaryKey>()), unknown{0xde, 0xad};
  const std::vector<StoredDataSpecifier> specifiers{{kind_turn_service, 99, {}, 0},
                                                    {kind_certificate_by_node, 0, indices, 0},
                                                    {kind_sip_registration, 5, two_keys, 0},
                                                    {kind_redir, 5, wildcard, 0},
                                                    {0xF0000001, 1, unknown, 0}};
  const std::string fetch_by_hand =
      "10" + std::string(resource_33) +
      "0063"
      "00000002 0000000000000063 0000"
      "00000003 0000000000000000 0012 0010 00000000 00000004 00000006 ffffffff"
      "00000001 0000000000000005 0007 0005 0001 6b 0000"
      "00000104 0000000000000005 0002 0000"
      "f0000001 0000000000000001 0002 dead";
  const FetchReq fetch{resource(0x33), specifiers};
  return {
      {"StoreAns", MessageCode::store_ans,
       hex("003c 00000002 0000000000000064 0020" + std::string(node_11) + std::string(node_22) +
           "00000001 0000000000000006 0000"),
       body_of(StoreAns{responses})},
      {"FetchReq", MessageCode::fetch_req, hex(fetch_by_hand), body_of(fetch)},
      {"StatReq", MessageCode::stat_req, hex(fetch_by_hand), body_of(fetch)},
  };
}

}  // namespace

std::vector<Golden> storage_goldens() {
  std::vector<Golden> all = store_goldens();
  for (const auto& part : {stat_and_find_goldens(), answer_and_fetch_goldens()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace chordial::wire::test
