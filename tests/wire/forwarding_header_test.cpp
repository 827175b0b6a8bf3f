// The forwarding header, its lists, and putting a new one in front of an untouched body (RFC 6940
// §6.3.2, §6.1.2).
#include "wire/forwarding_header.h"

#include "wire/golden.h"

namespace chordial::wire::test {
namespace {

const std::string fixed =
    "d2454c4f 12345678 0007 0a 64 c0000000 00000000 0102030405060708 00001000";

// All forms of Destination in via_list, two in destination_list, one option.
Bytes header_by_hand() {
  Bytes bytes = hex(fixed + "0030 0016 0006" +                                   //
                    "01 10" + std::string(node_11) + "8abc" + "03 03 02 beef" +  //
                    "03 01 00" + "01 10" + std::string(node_22) + "07 00" +      //
                    "8000" + "02 12 11 00" + std::string(resource_33) +          //
                    "01 07 0002 cafe");
  patch_length(bytes);
  return bytes;
}

ForwardingHeader parse(ByteView bytes) {
  ByteReader reader(bytes);
  ForwardingHeader header;
  read(reader, header);
  EXPECT_TRUE(reader.ok()) << reader.error().text();
  return header;
}

Error parse_error(ByteView bytes) {
  ByteReader reader(bytes);
  ForwardingHeader header;
  read(reader, header);
  EXPECT_FALSE(reader.ok());
  return reader.error();
}

TEST(ForwardingHeader, ReadsEveryFieldAndFormOfDestination) {
  const Bytes bytes = header_by_hand();
  const ForwardingHeader header = parse(bytes);
  EXPECT_EQ(header.overlay, 0x12345678u);
  EXPECT_EQ(header.configuration_sequence, 7u);
  EXPECT_EQ(header.version, reload_version);
  EXPECT_EQ(header.ttl, 100u);
  EXPECT_TRUE(header.is_whole());
  EXPECT_EQ(header.length, bytes.size());
  EXPECT_EQ(header.transaction_id, 0x0102030405060708u);
  EXPECT_EQ(header.max_response_length, 4096u);

  std::vector<Destination> via;
  for (const Destination& destination : header.via_list)
    via.push_back(destination);
  ASSERT_EQ(via.size(), 6u);
  EXPECT_EQ(via[0].node(), node(0x11));
  EXPECT_TRUE(via[1].is_compressed() && via[1].is_opaque());
  EXPECT_EQ(via[1].compressed_id(), 0x8abcu);
  EXPECT_TRUE(via[2].is_opaque() && !via[2].is_compressed());
  EXPECT_EQ(to_hex(via[2].data()), "beef");
  EXPECT_TRUE(via[3].is_opaque() && via[3].data().empty());
  EXPECT_EQ(via[4].node(), node(0x22));
  EXPECT_EQ(static_cast<int>(via[5].type()), 7);

  ASSERT_EQ(header.destination_list.size(), 2u);
  EXPECT_TRUE(header.destination_list.front().is_compressed());
  const Destination last = header.destination_list.back();
  EXPECT_TRUE(last.is_resource());
  EXPECT_FALSE(last.resource()) << "17 bytes are no Resource-ID of ours";
  EXPECT_EQ(to_hex(last.data()), "00" + std::string(resource_33));

  ASSERT_EQ(header.options.size(), 1u);
  EXPECT_EQ(header.options.front().flags, ForwardingOption::forward_critical |
                                              ForwardingOption::destination_critical |
                                              ForwardingOption::response_copy);
  EXPECT_EQ(to_hex(header.options.front().option), "cafe");
}

TEST(ForwardingHeader, IsWrittenAsItWasRead) {
  const Bytes bytes = header_by_hand();
  const ForwardingHeader header = parse(bytes);
  EXPECT_EQ(header_length(header), bytes.size());
  EXPECT_EQ(to_hex(with_header(header, {})), to_hex(bytes));
}

TEST(ForwardingHeader, EveryCutIsAnErrorWithItsPlace) {
  const Bytes whole = header_by_hand();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    patch_length(bytes);
    const Error error = parse_error(bytes);
    EXPECT_EQ(error.kind, ErrorKind::truncated) << size;
    EXPECT_STRNE(error.field, "");
    EXPECT_LE(error.offset, size);
  }
}

TEST(ForwardingHeader, RefusesWhatIsNotReload) {
  struct Case {
    std::size_t at;
    std::uint8_t value;
    const char* field;
    std::uint32_t offset;
    ErrorKind kind;
  };
  const Case cases[] = {
      {0, 0x52, "relo_token", 0, ErrorKind::malformed},
      {10, 0x01, "version", 10, ErrorKind::unsupported},
      {12, 0x40, "fragment", 12, ErrorKind::malformed},
      {19, 0x00, "length", 16, ErrorKind::malformed},
      {18, 0x7f, "length", 16, ErrorKind::truncated},
      {38, 0x00, "Destination.type", 38, ErrorKind::malformed},
      {39, 0x0f, "Destination.node_id", 40, ErrorKind::truncated},
      {39, 0x11, "Destination.destination_data", 56, ErrorKind::malformed},
      {33, 0x2f, "Destination.destination_data", 85, ErrorKind::truncated},
  };
  for (const Case& each : cases) {
    Bytes bytes = header_by_hand();
    bytes[each.at] = each.value;
    const Error error = parse_error(bytes);
    EXPECT_STREQ(error.field, each.field) << "byte " << each.at;
    EXPECT_EQ(error.offset, each.offset) << "byte " << each.at << ": " << error.text();
    EXPECT_EQ(error.kind, each.kind) << "byte " << each.at;
  }
}

Bytes header_with(const std::vector<Destination>& via, const std::vector<Destination>& to,
                  const std::vector<ForwardingOption>& options) {
  ForwardingHeader header;
  header.via_list = via;
  header.destination_list = to;
  header.options = options;
  return with_header(header, {});
}

TEST(ForwardingHeader, ListsAreTakenUpToTheirLimitsAndNoFurther) {
  const std::vector<Destination> full(destinations_max, Destination::compressed(1)),
      over(destinations_max + 1, Destination::compressed(1));
  const std::vector<ForwardingOption> options(forwarding_options_max),
      options_over(forwarding_options_max + 1);
  const Bytes well = header_with(full, full, options);
  EXPECT_EQ(parse(well).via_list.size(), destinations_max);
  EXPECT_EQ(parse_error(header_with(over, full, options)).kind, ErrorKind::limit);
  EXPECT_STREQ(parse_error(header_with(over, full, options)).field, "via_list");
  EXPECT_STREQ(parse_error(header_with(full, over, options)).field, "destination_list");
  EXPECT_STREQ(parse_error(header_with(full, full, options_over)).field, "options");
}

TEST(ForwardingHeader, TellsFragmentsApart) {
  ForwardingHeader header;
  EXPECT_TRUE(header.is_whole());
  header.fragment = fragment_high_bit;
  EXPECT_FALSE(header.is_whole()) << "the first of several";
  EXPECT_FALSE(header.is_last_fragment());
  header.fragment = fragment_high_bit | fragment_last_bit | 1000;
  EXPECT_FALSE(header.is_whole());
  EXPECT_TRUE(header.is_last_fragment());
  EXPECT_EQ(header.fragment_offset(), 1000u);
}

TEST(Forwarded, RewritesTheHeaderAndLeavesTheBody) {
  const Bytes message = with_header(parse(header_by_hand()), hex("00112233"));
  const auto view = MessageView::parse(message);
  ASSERT_TRUE(view);
  HeaderChange change;
  change.ttl = 99;
  change.via_appended = Destination::of(node(0x44));
  change.destinations_removed = 1;
  const std::vector<Destination> unpacked{Destination::of(node(0x55)), Destination::of(node(0x66))};
  change.destinations_prepended = unpacked;
  const auto result = forwarded(*view, change);
  ASSERT_TRUE(result);
  const auto again = MessageView::parse(*result);
  ASSERT_TRUE(again) << again.error().text();

  // The same by way of the structures.
  std::vector<Destination> via, to = unpacked;
  for (const Destination& destination : view->header().via_list)
    via.push_back(destination);
  via.push_back(*change.via_appended);
  to.push_back(view->header().destination_list.back());
  ForwardingHeader expected = view->header();
  expected.ttl = 99;
  expected.via_list = via;
  expected.destination_list = to;
  EXPECT_EQ(to_hex(*result), to_hex(with_header(expected, view->body())));
  EXPECT_EQ(to_hex(again->body()), "00112233");
}

TEST(Forwarded, StopsAtTheListLimit) {
  const std::vector<Destination> full(destinations_max, Destination::compressed(1));
  const Bytes message = header_with(full, full, {});
  const auto view = MessageView::parse(message);
  ASSERT_TRUE(view);
  HeaderChange change;
  EXPECT_TRUE(forwarded(*view, change));
  change.via_appended = Destination::of(node(1));
  EXPECT_EQ(forwarded(*view, change).error().kind, ErrorKind::limit);
  change.via_appended.reset();
  change.destinations_prepended = std::span(full).first(1);
  EXPECT_STREQ(forwarded(*view, change).error().field, "destination_list");
  change.destinations_removed = 1000;  // more than there are
  EXPECT_TRUE(forwarded(*view, change));
}

TEST(Destination, ComparesTypeFormAndBytes) {
  const Bytes two{0x81, 0x23};
  EXPECT_EQ(Destination::of(node(1)), Destination::of(node(1)));
  EXPECT_FALSE(Destination::of(node(1)) == Destination::of(node(2)));
  EXPECT_FALSE(Destination::of(node(1)) == Destination::of(resource(1)));
  EXPECT_FALSE(Destination::opaque(two) == Destination::compressed(0x0123));
  EXPECT_EQ(Destination::compressed(0x0123).compressed_id(), 0x8123u);
  EXPECT_EQ(Destination::of(resource(3)).resource(), resource(3));
}

TEST(Destination, LongestOpaqueAndResource) {
  const Bytes longest(254, 0x5a);
  for (const Destination& destination :
       {Destination::opaque(longest), Destination::of(WireResourceId(longest))}) {
    const Bytes bytes = body_of(destination);
    EXPECT_EQ(bytes.size(), destination.wire_bytes());
    const auto again = parse_value<Destination>(bytes);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, destination);
  }
  Bytes too_long(256, 0x5a);
  too_long[0] = 0xff;
  EXPECT_EQ(parse_value<WireResourceId>(too_long).error().kind, ErrorKind::limit);
}

}  // namespace
}  // namespace chordial::wire::test
