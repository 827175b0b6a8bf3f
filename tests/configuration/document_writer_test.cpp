// Writing: every element comes back as it was, and nothing is written that could not be read.
#include <gtest/gtest.h>

#include "configuration/document.h"

namespace chordial::configuration {
namespace {

NodeId node(std::uint8_t last) {
  return NodeId{{0x0102030405060708, 0x1112131415161700u + last}};
}

WallTime seconds(std::int64_t since_epoch) {
  return WallTime(std::chrono::seconds(since_epoch));
}

KindBlock block_of(const Kind& kind) {
  KindBlock block;
  block.kind = kind;
  const auto element = write_kind(kind);
  EXPECT_TRUE(element.has_value());
  if (element) block.element = *element;
  return block;
}

// Every member differs from its default.
OverlayConfiguration full() {
  OverlayConfiguration c;
  c.instance_name = "overlay.example";
  c.sequence = 65534;
  c.expiration = seconds(1900000000);
  c.topology_plugin = "KADEMLIA";
  c.root_certs = {{1, 2, 3}, {4}};
  c.enrollment_servers = {"https://e.example/?a=1&b=2"};
  c.self_signed = SelfSigned::sha256;
  c.bootstrap_nodes = {*SocketAddress::parse("192.0.2.1:7000"),
                       *SocketAddress::parse("[2001:db8::5]:6084")};
  c.turn_density = 0;
  c.clients_permitted = false;
  c.no_ice = true;
  c.shared_secret = "<a & \"b\" 'c'>\té";
  c.max_message_size = 65536;
  c.initial_ttl = 20;
  c.overlay_reliability_timer_ms = 200;
  c.overlay_link_protocols = {"TLS", "OTHER"};
  c.configuration_signers = {node(1), node(2)};
  c.kind_signers = {node(3)};
  c.bad_nodes = {node(4), node(5)};
  c.mandatory_extensions = {"urn:one", sip_tunnel_namespace, extension_namespace};
  c.chord_update_interval_s = 10;
  c.chord_ping_interval_s = 20;
  c.chord_reactive = false;
  c.redir_branching_factor = 3;
  c.signing_time = seconds(1800000000);
  c.bad_certificates = {crypto::Sha256{7}};
  c.cipher_policy = CipherPolicy::integrity_only;
  c.delegates = {{{9, 8}, node(6), "site-b\\.[a-z]+@overlay\\.example"}};
  c.interworking_nodes = {node(7)};
  c.successors = 2;
  c.predecessors = 4;
  c.fingers = 0;
  c.replicas = 0;
  c.full_mesh = false;
  c.sip_tunnel = true;
  Kind registered;
  registered.name = "SIP-REGISTRATION";
  registered.id = 1;
  registered.data_model = DataModel::dictionary;
  registered.access_control = AccessControl::user_node_match;
  registered.max_count = 16;
  registered.max_size = 2000;
  registered.domains = DomainRestriction{true, {"overlay\\.example", ".*\\.example"}};
  Kind own;
  own.id = 0xf0000001;
  own.data_model = DataModel::array;
  own.access_control = AccessControl::node_multiple;
  own.max_node_multiple = 4;
  c.required_kinds = {block_of(registered), block_of(own)};
  return c;
}

void expect_equal(const OverlayConfiguration& a, const OverlayConfiguration& b) {
  EXPECT_EQ(a.instance_name, b.instance_name);
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.expiration, b.expiration);
  EXPECT_EQ(a.topology_plugin, b.topology_plugin);
  EXPECT_EQ(a.root_certs, b.root_certs);
  EXPECT_EQ(a.enrollment_servers, b.enrollment_servers);
  EXPECT_EQ(a.self_signed, b.self_signed);
  EXPECT_EQ(a.bootstrap_nodes, b.bootstrap_nodes);
  EXPECT_EQ(a.turn_density, b.turn_density);
  EXPECT_EQ(a.clients_permitted, b.clients_permitted);
  EXPECT_EQ(a.no_ice, b.no_ice);
  EXPECT_EQ(a.shared_secret, b.shared_secret);
  EXPECT_EQ(a.max_message_size, b.max_message_size);
  EXPECT_EQ(a.initial_ttl, b.initial_ttl);
  EXPECT_EQ(a.overlay_reliability_timer_ms, b.overlay_reliability_timer_ms);
  EXPECT_EQ(a.overlay_link_protocols, b.overlay_link_protocols);
  EXPECT_EQ(a.configuration_signers, b.configuration_signers);
  EXPECT_EQ(a.kind_signers, b.kind_signers);
  EXPECT_EQ(a.bad_nodes, b.bad_nodes);
  EXPECT_EQ(a.mandatory_extensions, b.mandatory_extensions);
  EXPECT_EQ(a.chord_update_interval_s, b.chord_update_interval_s);
  EXPECT_EQ(a.chord_ping_interval_s, b.chord_ping_interval_s);
  EXPECT_EQ(a.chord_reactive, b.chord_reactive);
  EXPECT_EQ(a.redir_branching_factor, b.redir_branching_factor);
  EXPECT_EQ(a.signing_time, b.signing_time);
  EXPECT_EQ(a.bad_certificates, b.bad_certificates);
  EXPECT_EQ(a.cipher_policy, b.cipher_policy);
  EXPECT_EQ(a.interworking_nodes, b.interworking_nodes);
  EXPECT_EQ(a.successors, b.successors);
  EXPECT_EQ(a.predecessors, b.predecessors);
  EXPECT_EQ(a.fingers, b.fingers);
  EXPECT_EQ(a.replicas, b.replicas);
  EXPECT_EQ(a.full_mesh, b.full_mesh);
  EXPECT_EQ(a.sip_tunnel, b.sip_tunnel);
  ASSERT_EQ(a.delegates.size(), b.delegates.size());
  for (std::size_t i = 0; i < a.delegates.size(); ++i) {
    EXPECT_EQ(a.delegates[i].node_id, b.delegates[i].node_id);
    EXPECT_EQ(a.delegates[i].certificate, b.delegates[i].certificate);
    EXPECT_EQ(a.delegates[i].aor_pattern, b.delegates[i].aor_pattern);
  }
  ASSERT_EQ(a.required_kinds.size(), b.required_kinds.size());
  for (std::size_t i = 0; i < a.required_kinds.size(); ++i) {
    EXPECT_EQ(a.required_kinds[i].kind, b.required_kinds[i].kind);
    EXPECT_EQ(a.required_kinds[i].element, b.required_kinds[i].element);
  }
}

OverlayConfiguration written_and_read(const OverlayConfiguration& configuration) {
  const auto element = write_configuration(configuration);
  EXPECT_TRUE(element.has_value()) << (element ? "" : element.error().text());
  if (!element) return {};
  SignedConfiguration unsigned_one;
  unsigned_one.element = *element;
  auto document = read_document(write_document({unsigned_one}));
  EXPECT_TRUE(document.has_value());
  if (!document) return {};
  EXPECT_EQ(document->configurations.at(0).element, *element);
  return document->configurations[0].configuration;
}

TEST(WriteConfiguration, EveryMemberComesBack) {
  expect_equal(written_and_read(full()), full());
}

TEST(WriteConfiguration, DefaultsComeBack) {
  OverlayConfiguration c;
  c.instance_name = "o";
  expect_equal(written_and_read(c), c);
}

TEST(WriteConfiguration, TheTunnelAndIntegrityOnlyAreMandatoryExtensions) {
  OverlayConfiguration c;
  c.instance_name = "o";
  c.sip_tunnel = true;
  c.cipher_policy = CipherPolicy::integrity_only;
  EXPECT_EQ(written_and_read(c).mandatory_extensions,
            (std::vector<std::string>{sip_tunnel_namespace, extension_namespace}));
}

TEST(WriteConfiguration, WhatCouldNotBeReadIsRefused) {
  OverlayConfiguration c;
  c.instance_name = "not a name";
  auto element = write_configuration(c);
  ASSERT_FALSE(element);
  EXPECT_STREQ(element.error().field, "instance-name");
  c.instance_name = "o";
  c.successors = 33;
  element = write_configuration(c);
  ASSERT_FALSE(element);
  EXPECT_STREQ(element.error().field, "successors");
}

TEST(WriteConfiguration, AKindWhoseBytesSaySomethingElseIsRefused) {
  OverlayConfiguration c = full();
  c.required_kinds[0].kind.max_size = 1;
  const auto element = write_configuration(c);
  ASSERT_FALSE(element);
  EXPECT_STREQ(element.error().field, "kind");
}

TEST(WriteKind, ANumberOutOfRangeIsRefused) {
  Kind kind;
  kind.id = 0;
  EXPECT_FALSE(write_kind(kind));
}

TEST(WriteDocument, SeveralConfigurationsWithTheirSignatures) {
  SignedConfiguration a;
  a.element = to_bytes(as_bytes("<configuration instance-name='a.example'/>"));
  SecurityBlock block;
  block.certificates = {{1, 2}, {3}};
  block.signer_hash = Bytes(32, 5);
  block.signature = {9, 9};
  a.signatures = {block, block};
  SignedConfiguration b;
  b.element = to_bytes(as_bytes("<configuration instance-name='b.example'/>"));
  const Bytes xml = write_document({a, b});
  EXPECT_TRUE(as_text(xml).starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
  const auto document = read_document(xml);
  ASSERT_TRUE(document) << document.error().text();
  ASSERT_EQ(document->configurations.size(), 2u);
  ASSERT_EQ(document->configurations[0].signatures.size(), 2u);
  const SecurityBlock& back = document->configurations[0].signatures[1];
  EXPECT_EQ(back.certificates, block.certificates);
  EXPECT_EQ(back.signer_hash, block.signer_hash);
  EXPECT_EQ(back.signature, block.signature);
  const auto second = read_configuration(xml, "b.example");
  ASSERT_TRUE(second);
  EXPECT_EQ(second->element, b.element);
  const auto other = read_configuration(xml, "c.example");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace chordial::configuration
