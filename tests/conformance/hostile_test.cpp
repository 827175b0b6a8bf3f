// Every message, cut at every byte and with every number in it set to its limits: always an error
// that names its field and place, or a reading that comes back byte for byte.
//
// Which bytes are numbers is not asked: at every place, one to four bytes are taken for one. That
// covers each length, count, enumeration and flag, and whatever lies across two of them. Only the
// middle of a long run of bytes that may be anything (a certificate, a digest) is passed over, once
// each of them has been changed.
#include <gtest/gtest.h>
#include <set>

#include "conformance/all_messages.h"
#include "topology/chord/messages.h"
#include "wire/address_port.h"
#include "wire/framing.h"
#include "wire/sip_registration.h"
#include "wire/walk.h"

namespace chordial::conformance {
namespace {

using namespace wire;

constexpr std::size_t length_at = 16;
constexpr unsigned widths[] = {1, 2, 3, 4};
constexpr std::size_t run_edge_bytes = 8;

class Silent final : public FieldVisitor {
 public:
  void begin_object(const char*) override {}
  void end_object() override {}
  void begin_list(const char*) override {}
  void end_list() override {}
  void number(const char*, std::uint64_t) override {}
  void enumerated(const char*, std::uint64_t, const char*) override {}
  void boolean(const char*, bool) override {}
  void text(const char*, std::string_view) override {}
  void bytes(const char*, ByteView) override {}
  void node_id(const char*, const NodeId&) override {}
};

class AllModels final : public KindModels {
 public:
  [[nodiscard]] std::optional<DataModel> model(KindId kind) const override {
    if (kind == kind_private_first) return DataModel::single_value;
    return RegisteredKindModels().model(kind);
  }
};

// What was met: readings that came back, and the fields that errors named.
struct Met {
  std::size_t kept = 0;
  std::size_t refused = 0;
  std::set<std::string> fields;

  void refuse(const Error& error, std::size_t size, const std::string& what) {
    ++refused;
    fields.insert(error.field);
    EXPECT_STRNE(error.field, "") << what;
    EXPECT_STRNE(error.reason, "") << what;
    EXPECT_LE(error.offset, size) << what << ": " << error.text();
  }
};

void judge(const Bytes& message, Met& met, const std::string& what) {
  const auto again = reencode(message, AllModels());
  Silent visitor;
  const auto shown = walk(message, visitor, AllModels());
  ASSERT_EQ(again.has_value(), shown.has_value()) << what << "\n" << to_hex(message);
  if (!again) return met.refuse(again.error(), message.size(), what);
  ++met.kept;
  ASSERT_EQ(to_hex(*again), to_hex(message)) << what;
}

std::uint64_t number_at(ByteView bytes, std::size_t at, unsigned width) {
  std::uint64_t number = 0;
  for (unsigned i = 0; i < width; ++i)
    number = number << 8 | bytes[at + i];
  return number;
}

void put_number(Bytes& bytes, std::size_t at, unsigned width, std::uint64_t number) {
  for (unsigned i = width; i > 0; --i, number >>= 8)
    bytes[at + i - 1] = static_cast<std::uint8_t>(number);
}

void put_length(Bytes& message) {
  if (message.size() >= length_at + 4) put_number(message, length_at, 4, message.size());
}

// Calls `use(altered, what)` for every number between `begin` and `end` at its limits, and one off.
template <class Use>
void for_each_limit(const Bytes& bytes, std::size_t begin, std::size_t end, Use&& use) {
  for (const unsigned width : widths) {
    const std::uint64_t most = (std::uint64_t{1} << 8 * width) - 1;
    for (std::size_t at = begin; at + width <= end; ++at) {
      const std::uint64_t was = number_at(bytes, at, width);
      std::set<std::uint64_t> values{
          0, most, most - 1, most / 2 + 1, (was + 1) & most, (was - 1) & most};
      values.erase(was);
      for (const std::uint64_t value : values) {
        Bytes altered = bytes;
        put_number(altered, at, width, value);
        use(altered, "byte " + std::to_string(at) + ", " + std::to_string(width) + " wide, " +
                         std::to_string(value));
        if (testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

// The same, but for the middle of runs in which any byte may be changed.
template <class Use>
void for_each_limit_outside_runs(const Bytes& message, std::size_t begin, std::size_t end, Met& met,
                                 Use&& use) {
  std::size_t run = begin;
  for (std::size_t at = begin; at <= end; ++at) {
    if (at < end) {
      Bytes altered = message;
      altered[at] ^= 0xff;
      const std::size_t kept = met.kept;
      judge(altered, met, "byte " + std::to_string(at) + " inverted");
      if (testing::Test::HasFatalFailure()) return;
      if (met.kept > kept) continue;
    }
    // [run, at) may be anything; `at` may not.
    const std::size_t edge = std::min(run + run_edge_bytes, at);
    const std::size_t next = std::min(at + 1, end);
    if (at - run <= 4 * run_edge_bytes) {
      for_each_limit(message, run, std::min(next + 3, end), use);
    } else {
      for_each_limit(message, run, edge, use);
      for_each_limit(message, at - run_edge_bytes, std::min(next + 3, end), use);
    }
    run = next;
  }
}

// A body with as little around it as there can be.
Bytes around(MessageCode code, ByteView body) {
  ForwardingHeader header;
  header.transaction_id = 5;
  return MessageBuilder(header, code, body).finish({});
}
constexpr std::size_t body_at = fixed_header_bytes + 2 + 4;

void alter_bodies(const std::vector<Body>& bodies, Met& met) {
  for (const Body& body : bodies) {
    const Bytes message = around(body.code, body.bytes);
    const std::size_t end = body_at + body.bytes.size();
    for_each_limit_outside_runs(message, body_at, end, met,
                                [&](const Bytes& altered, const std::string& what) {
                                  judge(altered, met, body.name + ": " + what);
                                });
    if (testing::Test::HasFatalFailure()) return;
  }
}

bool is_opaque(MessageCode code) {
  return code == MessageCode::update_req || code == MessageCode::update_ans ||
         code == MessageCode::route_query_ans;
}

TEST(Hostile, ABodyCutAnywhereIsAnErrorWithItsPlace) {
  Met met;
  for (const Body& body : all_bodies()) {
    if (is_opaque(body.code)) continue;  // their insides are Chord's, see below
    for (std::size_t size = 0; size < body.bytes.size(); ++size) {
      const Bytes cut = around(body.code, ByteView(body.bytes).first(size));
      const auto again = reencode(cut, AllModels());
      ASSERT_FALSE(again) << body.name << " cut to " << size;
      met.refuse(again.error(), cut.size(), body.name);
      EXPECT_LE(again.error().offset, body_at + size) << body.name << again.error().text();
    }
  }
  EXPECT_GT(met.refused, 5000u);
}

TEST(Hostile, AMessageCutAnywhereIsAnErrorWithItsPlace) {
  Wrapper wrapper;
  Met met;
  for (const Envelope envelope : envelopes) {
    for (const Body& body : {Body{"PingReq", MessageCode::ping_req, {0, 0}}, all_bodies().back()}) {
      const Bytes whole = wrapper.wrap(body, envelope);
      for (std::size_t size = 0; size < whole.size(); ++size) {
        Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(MessageView::parse(cut)) << "its length field says otherwise";
        put_length(cut);
        const auto again = reencode(cut, AllModels());
        ASSERT_FALSE(again) << body.name << ", " << name_of(envelope) << " cut to " << size;
        met.refuse(again.error(), size, body.name);
      }
    }
  }
  EXPECT_GT(met.refused, 2000u);
}

// Every field that can be wrong is named by some error.
void expect_named(const Met& met, std::initializer_list<const char*> fields) {
  for (const char* field : fields)
    EXPECT_TRUE(met.fields.contains(field)) << field;
  EXPECT_GT(met.refused, 1000u);
  EXPECT_GT(met.kept, 1000u);
}

TEST(Hostile, NumbersOfTopologyBodiesAtTheirLimits) {
  Met met;
  alter_bodies(topology_bodies(), met);
  expect_named(met, {"Destination.destination_data", "Destination.node_id", "Destination.opaque_id",
                     "Destination.resource_id", "Destination.type", "ProbeInformation.value",
                     "overlay_specific_data", "probe_info", "requested_info", "send_update"});
}

TEST(Hostile, NumbersOfLinkBodiesAtTheirLimits) {
  Met met;
  alter_bodies(link_bodies(), met);
  expect_named(met, {"IceCandidate.extensions",
                     "IceCandidate.foundation",
                     "IceCandidate.type",
                     "IceExtension.name",
                     "IceExtension.value",
                     "IpAddressPort",
                     "IpAddressPort.addr",
                     "IpAddressPort.length",
                     "candidates",
                     "password",
                     "role",
                     "ufrag",
                     "ConfigUpdateReq",
                     "ConfigUpdateReq.length",
                     "config_data",
                     "kinds",
                     "KindDescription",
                     "error_info",
                     "padding",
                     "send_update",
                     "message_body"});
}

TEST(Hostile, NumbersOfStorageBodiesAtTheirLimits) {
  Met met;
  alter_bodies(storage_bodies(), met);
  expect_named(met, {"DataValue.exists",
                     "DataValue.value",
                     "DictionaryEntry.key",
                     "DictionaryKey",
                     "FetchKindResponse.values",
                     "FindKindData.kind",
                     "MetaData.exists",
                     "MetaData.hash_value",
                     "SignerIdentity.identity",
                     "StatKindResponse.values",
                     "StoreKindData.values",
                     "StoredData",
                     "StoredData.length",
                     "StoredMetaData",
                     "StoredMetaData.value_length",
                     "indices",
                     "keys",
                     "kind_data",
                     "kind_responses",
                     "model_specifier",
                     "replicas",
                     "resource_id",
                     "results",
                     "signature_value",
                     "specifiers"});
}

// Header lists, options, extensions and security block: all but what lies inside certificates.
TEST(Hostile, NumbersOfEnvelopesAtTheirLimits) {
  Wrapper wrapper;
  Met met;
  for (const Envelope envelope : envelopes) {
    const Bytes message = wrapper.wrap({"PingReq", MessageCode::ping_req, {0, 0}}, envelope);
    const auto view = MessageView::parse(message);
    ASSERT_TRUE(view);
    const auto block = view->security_block();
    ASSERT_TRUE(block);
    const std::size_t certificates = block->certificates.bytes().size();
    const std::size_t signature_bytes = body_of(block->signature).size();
    const std::size_t before = message.size() - signature_bytes - certificates + 3;
    const auto check = [&](const Bytes& altered, const std::string& what) {
      judge(altered, met, std::string(name_of(envelope)) + ": " + what);
    };
    for_each_limit(message, 0, std::min(before, message.size()), check);
    for_each_limit(message, message.size() - signature_bytes, message.size(), check);
  }
  EXPECT_GT(met.refused, 1000u);
  EXPECT_GT(met.kept, 1000u);
}

TEST(Hostile, NumbersOfFragmentsAtTheirLimits) {
  Wrapper wrapper;
  Met met;
  for (const Message& piece : fragments(wrapper)) {
    const auto view = MessageView::parse(piece.bytes);
    ASSERT_TRUE(view);
    for_each_limit(piece.bytes, 0, view->header_bytes(),
                   [&](const Bytes& altered, const std::string& what) {
                     judge(altered, met, piece.name + ": " + what);
                   });
  }
  EXPECT_GT(met.refused, 1000u);
  EXPECT_GT(met.kept, 1000u);
}

// What the topology plugin reads of Update, RouteQueryAns and Leave.
TEST(Hostile, ChordsOwnDataCutOrAltered) {
  namespace chord = topology::chord;
  Met met;
  const auto check = [&](const Body& body, const Bytes& bytes, bool cut) {
    const auto update = chord::decode_update(bytes);
    EXPECT_TRUE(!cut || !update) << body.name;
    if (!update) return met.refuse(update.error(), bytes.size(), body.name);
    ++met.kept;
    const auto ids = [](const chord::NodeIdList& list) {
      std::vector<NodeId> all;
      for (std::size_t i = 0; i < list.size(); ++i)
        all.push_back(list[i]);
      return all;
    };
    Bytes again = chord::encode_peer_ready(update->uptime_s);
    if (update->type == chord::UpdateType::neighbors) {
      again = chord::encode_neighbors(update->uptime_s, ids(update->predecessors),
                                      ids(update->successors));
    } else if (update->type == chord::UpdateType::full) {
      again = chord::encode_full(update->uptime_s, ids(update->predecessors),
                                 ids(update->successors), ids(update->fingers));
    }
    ASSERT_EQ(to_hex(again), to_hex(bytes)) << body.name;
  };
  for (const Body& body : topology_bodies()) {
    if (body.code != MessageCode::update_req) continue;
    for (std::size_t size = 0; size < body.bytes.size(); ++size)
      check(body, Bytes(body.bytes.begin(), body.bytes.begin() + static_cast<long>(size)), true);
    for_each_limit(body.bytes, 0, body.bytes.size(),
                   [&](const Bytes& altered, const std::string&) { check(body, altered, false); });
  }
  EXPECT_GT(met.refused, 500u);
  EXPECT_GT(met.kept, 500u);
}

template <class T>
void judge_value(const Bytes& bytes, bool cut, Met& met) {
  const auto value = parse_value<T>(bytes);
  EXPECT_TRUE(!cut || !value) << to_hex(bytes);
  if (!value) return met.refuse(value.error(), bytes.size(), to_hex(bytes));
  ++met.kept;
  ASSERT_EQ(to_hex(body_of(*value)), to_hex(bytes));
}

template <class T>
void alter_value(const T& value, Met& met) {
  const Bytes bytes = body_of(value);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    judge_value<T>(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size)), true, met);
  for_each_limit(bytes, 0, bytes.size(), [&](const Bytes& altered, const std::string&) {
    judge_value<T>(altered, false, met);
  });
}

// Stored values, and frames of the link: read by others than the codec of messages.
TEST(Hostile, ValuesAndFramesCutOrAltered) {
  Met met;
  const std::vector<Destination> route{Destination::of(NodeId{{1, 2}}),
                                       Destination::compressed(0x1234)};
  SipRegistration to_nodes;
  to_nodes.type = SipRegistrationType::sip_registration_route;
  to_nodes.contact_prefs = as_bytes("(sip.schemes=SIP)");
  to_nodes.destination_list = DestinationList(route);
  SipRegistration forwarding;
  forwarding.type = SipRegistrationType::sip_registration_uri;
  forwarding.uri = as_bytes("sip:bob@example.org");
  alter_value(to_nodes, met);
  alter_value(forwarding, met);
  alter_value(TurnServer{1, *SocketAddress::parse("192.0.2.1:3478")}, met);
  alter_value(TurnServer{1, *SocketAddress::parse("[2001:db8::1]:3478")}, met);
  FramedMessage data;
  data.sequence = 77;
  data.message = as_bytes("a RELOAD message");
  alter_value(data, met);
  alter_value(FramedMessage{true, 77, {}, 0x80000002}, met);
  EXPECT_GT(met.refused, 500u);
  EXPECT_GT(met.kept, 500u);
}

}  // namespace
}  // namespace chordial::conformance
