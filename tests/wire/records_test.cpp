// Records stored as values, their signature's input, and limits of the lists in bodies.
#include "wire/address_port.h"
#include "wire/attach.h"
#include "wire/golden.h"
#include "wire/link_messages.h"
#include "wire/sip_registration.h"
#include "wire/storage_messages.h"
#include "wire/topology_messages.h"

namespace chordial::wire::test {
namespace {

TEST(SipRegistration, BothTypesByHand) {
  SipRegistration uri;
  uri.type = SipRegistrationType::sip_registration_uri;
  uri.uri = as_bytes("sip:a@b");
  const std::vector<Destination> list{Destination::of(node(0x11)), Destination::compressed(5)};
  SipRegistration route;
  route.type = SipRegistrationType::sip_registration_route;
  route.contact_prefs = as_bytes("(q)");
  route.destination_list = list;
  SipRegistration unknown;
  const Bytes data{0xde, 0xad};
  unknown.type = static_cast<SipRegistrationType>(9);
  unknown.unknown = data;
  const std::pair<const SipRegistration*, std::string> cases[] = {
      {&uri, "01 0009 0007 7369703a614062"},
      {&route, "02 001b 0003 287129 0014 01 10" + std::string(node_11) + "8005"},
      {&unknown, "09 0002 dead"}};
  for (const auto& [registration, by_hand] : cases) {
    const Bytes bytes = hex(by_hand);
    EXPECT_EQ(to_hex(body_of(*registration)), to_hex(bytes));
    const auto again = parse_value<SipRegistration>(bytes);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(to_hex(body_of(*again)), to_hex(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_FALSE(parse_value<SipRegistration>(ByteView(bytes).first(size))) << size;
  }
}

TEST(SipRegistration, ARouteNeedsADestination) {
  for (const char* too_short : {"02 0004 0000 0000", "02 0006 0000 0002 8005"}) {
    const auto parsed = parse_value<SipRegistration>(hex(too_short));
    ASSERT_FALSE(parsed) << too_short;
    EXPECT_STREQ(parsed.error().field, "destination_list");
    EXPECT_EQ(parsed.error().offset, 5u);
  }
  EXPECT_TRUE(parse_value<SipRegistration>(hex("02 0008 0000 0004 8005 8006")));
}

TEST(IpAddressPort, TheRfcsExampleAndTheOtherFamilies) {
  const Bytes v4 = hex("01 06 c0 00 02 01 17 c4");  // §6.3.1.1
  EXPECT_EQ(to_hex(body_of(IpAddressPort(*SocketAddress::parse("192.0.2.1:6084")))), to_hex(v4));
  EXPECT_EQ(parse_value<IpAddressPort>(v4)->address()->text(), "192.0.2.1:6084");
  const Bytes unknown = hex("07 03 010203");
  const auto kept = parse_value<IpAddressPort>(unknown);
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->address());
  EXPECT_EQ(to_hex(body_of(*kept)), to_hex(unknown));
  EXPECT_FALSE(parse_value<IpAddressPort>(hex("01 07 c0 00 02 01 17 c4 00"))) << "a byte too many";
  EXPECT_FALSE(parse_value<IpAddressPort>(hex("02 06 c0 00 02 01 17 c4"))) << "too short for v6";
}

TEST(DataSignatureInput, IsWhatTheRfcConcatenates) {
  const Bytes identity = hex("03 0000");
  const Bytes single =
      body_of(StoredDataValue{DataModel::single_value, 0, {}, {true, as_bytes("v")}});
  const DataSignatureInput input = data_signature_input(resource(0x33), 0x2, 0x0102030405060708,
                                                        DataModel::single_value, single, identity);
  EXPECT_EQ(to_hex(input.prefix), std::string(resource_33) + "00000002" + "0102030405060708");
  EXPECT_EQ(to_hex(input.value), "010000000176");
  EXPECT_EQ(to_hex(input.identity), "030000");
}

TEST(DataSignatureInput, LeavesAnArraysIndexOut) {
  const auto signed_bytes = [](std::uint32_t index) {
    const Bytes value =
        body_of(StoredDataValue{DataModel::array, index, {}, {true, as_bytes("v")}});
    const DataSignatureInput input =
        data_signature_input(resource(1), 3, 4, DataModel::array, value, {});
    return to_hex(input.prefix) + to_hex(input.value);
  };
  EXPECT_EQ(signed_bytes(array_end), signed_bytes(5));
  EXPECT_TRUE(signed_bytes(5).ends_with("00000000010000000176"));
}

TEST(StoredData, IsTakenApartByItsModel) {
  const Bytes bytes =
      encode_synthetic({DataModel::dictionary, 0, as_bytes("k"), {true, as_bytes("x")}});
  const StoredData data{1, 2, bytes, 500};
  const auto parts = parts_of(data, DataModel::dictionary);
  ASSERT_TRUE(parts);
  EXPECT_EQ(as_text(parts->value.key), "k");
  EXPECT_FALSE(parts->value.value.exists) << "a synthetic value says that nothing is there";
  EXPECT_TRUE(parts->signature.is_none());
  EXPECT_EQ(to_hex(parts->value_bytes), "00016b0000000000");
  const auto wrong = parts_of(data, DataModel::array);
  ASSERT_FALSE(wrong);
  EXPECT_GE(wrong.error().offset, 500u);
}

TEST(Specifier, SingleIsEmpty) {
  EXPECT_TRUE(single_specifier({1, 0, {}, 9}));
  const Bytes byte{0};
  EXPECT_EQ(single_specifier({1, 0, byte, 9}).error().offset, 9u);
}

TEST(RegisteredKindModels, FollowTheRegistrations) {
  const RegisteredKindModels models;
  EXPECT_EQ(models.model(kind_sip_registration), DataModel::dictionary);
  EXPECT_EQ(models.model(kind_turn_service), DataModel::single_value);
  EXPECT_EQ(models.model(kind_certificate_by_node), DataModel::array);
  EXPECT_EQ(models.model(kind_certificate_by_user), DataModel::array);
  EXPECT_EQ(models.model(0xF0000001), std::nullopt);
}

TEST(Attach, TellsWhenIceAndNoIceAreMixed) {
  IceCandidate ice, no_ice;
  ice.overlay_link = OverlayLinkType::dtls_udp_sr;
  no_ice.overlay_link = OverlayLinkType::dtls_udp_sr_no_ice;
  const std::vector<IceCandidate> both{ice, no_ice}, one{no_ice, no_ice};
  EXPECT_TRUE(mixes_ice_and_no_ice(both));
  EXPECT_FALSE(mixes_ice_and_no_ice(one));
  EXPECT_FALSE(mixes_ice_and_no_ice({}));
}

// A structure with a list of `count` elements is read, one with more is not.
template <class T, class Item>
void expect_limit(std::size_t count, List<Item> T::*list, const char* field,
                  const Item& item = {}) {
  T structure;
  const std::vector<Item> full(count, item), over(count + 1, item);
  structure.*list = full;
  const Bytes bytes = body_of(structure);
  const auto well = parse_value<T>(bytes);
  ASSERT_TRUE(well) << field << ": " << well.error().text();
  EXPECT_EQ(((*well).*list).size(), count);
  structure.*list = over;
  const auto refused = parse_value<T>(body_of(structure));
  ASSERT_FALSE(refused) << field;
  EXPECT_EQ(refused.error().kind, ErrorKind::limit) << field;
  EXPECT_STREQ(refused.error().field, field);
}

TEST(Limits, EveryListOfEveryBody) {
  expect_limit(candidates_max, &AttachReqAns::candidates, "candidates");
  expect_limit(candidates_max, &AppAttachReqAns::candidates, "candidates");
  expect_limit(candidate_extensions_max, &IceCandidate::extensions, "IceCandidate.extensions");
  expect_limit(probe_items_max, &ProbeReq::requested_info, "requested_info");
  expect_limit(probe_items_max, &ProbeAns::probe_info, "probe_info");
  expect_limit(kinds_max, &StoreReq::kind_data, "kind_data");
  expect_limit(kinds_max, &StoreAns::kind_responses, "kind_responses");
  expect_limit(kinds_max, &FetchReq::specifiers, "specifiers");
  expect_limit(kinds_max, &FetchAns::kind_responses, "kind_responses");
  expect_limit(kinds_max, &StatAns::kind_responses, "kind_responses");
  expect_limit(kinds_max, &FindAns::results, "results");
  expect_limit(values_max, &StoreKindData::values, "StoreKindData.values");
  expect_limit(values_max, &FetchKindResponse::values, "FetchKindResponse.values");
  expect_limit(values_max, &StatKindResponse::values, "StatKindResponse.values");
  expect_limit(replicas_max, &StoreKindResponse::replicas, "replicas");
  SipRegistration route;
  route.type = SipRegistrationType::sip_registration_route;
  const std::vector<Destination> over(destinations_max + 1, Destination::compressed(1));
  route.destination_list = over;
  EXPECT_EQ(parse_value<SipRegistration>(body_of(route)).error().kind, ErrorKind::limit);
  ConfigUpdateReq update;
  update.type = ConfigUpdateType::kind;
  const std::vector<KindDescription> kinds(kind_descriptions_max + 1);
  update.kinds = kinds;
  EXPECT_EQ(parse_value<ConfigUpdateReq>(body_of(update)).error().kind, ErrorKind::limit);
  const std::vector<ArrayRange> ranges(array_ranges_max + 1);
  const Bytes indices = encode_specifier(ranges);
  EXPECT_EQ(array_specifier({1, 0, indices, 0}).error().kind, ErrorKind::limit);
  const std::vector<DictionaryKey> keys(keys_max + 1);
  const Bytes specifier = encode_specifier(keys);
  EXPECT_EQ(dictionary_specifier({1, 0, specifier, 0}).error().kind, ErrorKind::limit);
}

// Find lists at most 63 Kinds because its length is one byte: the 64th does not fit at all.
TEST(Limits, FindListsAllItsLengthCanHold) {
  FindReq find;
  const std::vector<KindId> kinds(kinds_max, 1);
  find.kinds = kinds;
  EXPECT_EQ(parse_value<FindReq>(body_of(find))->kinds.size(), kinds_max);
}

}  // namespace
}  // namespace chordial::wire::test
