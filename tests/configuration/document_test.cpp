// The reader and the writer of the configuration document against RFC 6940's own example and
// against what must be refused.
#include "configuration/document.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace chordial::configuration {
namespace {

std::string example(const std::string& name) {
  std::ifstream file(std::string(CHORDIAL_TEST_DATA) + "/corpus/configuration_document/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

Expected<Document> read(const std::string& xml) {
  return read_document(as_bytes(xml));
}

// A document around the inside of one configuration element.
std::string with(const std::string& inside) {
  return "<overlay xmlns='urn:ietf:params:xml:ns:p2p:config-base'>"
         "<configuration xmlns:chord='urn:ietf:params:xml:ns:p2p:config-chord'"
         " xmlns:c='urn:x-chordial:config:1' instance-name='overlay.example' sequence='7'>" +
         inside + "</configuration></overlay>";
}

OverlayConfiguration only(const std::string& inside) {
  auto document = read(with(inside));
  EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().text());
  return document ? document->configurations.at(0).configuration : OverlayConfiguration();
}

TEST(Document, ExampleOfTheRfcAsPrintedBreaksItsOwnNodeIdLength) {
  const std::string xml = example("rfc6940_example.xml");
  const auto document = read(xml);
  ASSERT_FALSE(document);
  EXPECT_STREQ(document.error().field, "configuration-signer");
  EXPECT_EQ(document.error().offset, xml.find("<configuration-signer>"));
  EXPECT_EQ(document.error().text(), "configuration-signer at byte " +
                                         std::to_string(document.error().offset) +
                                         ": not a Node-ID of 32 hexadecimal digits");
}

TEST(Document, ExampleOfTheRfcWithWholeNodeIds) {
  const std::string xml = example("rfc6940_example_corrected.xml");
  const auto document = read(xml);
  ASSERT_TRUE(document) << document.error().text();
  ASSERT_EQ(document->configurations.size(), 2u);
  const SignedConfiguration& first = document->configurations[0];
  const OverlayConfiguration& c = first.configuration;
  EXPECT_EQ(c.instance_name, "overlay.example.org");
  EXPECT_EQ(c.sequence, 22);
  ASSERT_TRUE(c.expiration);
  EXPECT_EQ(c.expiration->time_since_epoch().count(), 1034233200000);
  EXPECT_EQ(c.topology_plugin, "CHORD-RELOAD");
  ASSERT_EQ(c.root_certs.size(), 2u);
  EXPECT_EQ(c.root_certs[0].size(), 808u);
  EXPECT_EQ(as_text(c.root_certs[1]), "bad cert\n");
  EXPECT_EQ(c.enrollment_servers,
            (std::vector<std::string>{"https://example.org", "https://example.net"}));
  EXPECT_EQ(c.self_signed, SelfSigned::forbidden);
  ASSERT_EQ(c.bootstrap_nodes.size(), 3u);
  EXPECT_EQ(c.bootstrap_nodes[2].text(), "[2001:db8::1]:6084");
  EXPECT_EQ(c.turn_density, 20);
  EXPECT_FALSE(c.clients_permitted);
  EXPECT_FALSE(c.no_ice);
  EXPECT_EQ(c.chord_update_interval_s, 400u);
  EXPECT_EQ(c.chord_ping_interval_s, 30u);
  EXPECT_TRUE(c.chord_reactive);
  EXPECT_EQ(c.shared_secret, "password");
  EXPECT_EQ(c.max_message_size, 4000u);
  EXPECT_EQ(c.initial_ttl, 30);
  EXPECT_EQ(c.overlay_reliability_timer_ms, 3000u);
  EXPECT_EQ(c.overlay_link_protocols, std::vector<std::string>{"TLS"});
  EXPECT_EQ(c.configuration_signers.size(), 1u);
  EXPECT_EQ(c.kind_signers.size(), 2u);
  EXPECT_EQ(c.bad_nodes.size(), 2u);
  EXPECT_EQ(c.mandatory_extensions,
            std::vector<std::string>{"urn:ietf:params:xml:ns:p2p:config-ext1"});
  EXPECT_FALSE(c.sip_tunnel);
  EXPECT_EQ(document->configurations[1].configuration.instance_name, "other.example.net");
}

TEST(Document, TheSignedBytesAreTheElement) {
  const std::string xml = example("rfc6940_example_corrected.xml");
  const auto document = read(xml);
  ASSERT_TRUE(document);
  const std::size_t begin = xml.find("<configuration ");
  const std::size_t end = xml.find("</configuration>") + std::string("</configuration>").size();
  EXPECT_EQ(as_text(document->configurations[0].element), xml.substr(begin, end - begin));
  const OverlayConfiguration& c = document->configurations[0].configuration;
  ASSERT_EQ(c.required_kinds.size(), 2u);
  const std::size_t kind = xml.find("<kind id");
  const std::size_t kind_end = xml.find("</kind>", kind) + 7;
  EXPECT_EQ(as_text(c.required_kinds[1].element), xml.substr(kind, kind_end - kind));
}

TEST(Document, RegisteredKindsIgnoreTheDocumentsModel) {
  const auto document = read(example("rfc6940_example_corrected.xml"));
  ASSERT_TRUE(document);
  const auto& kinds = document->configurations[0].configuration.required_kinds;
  ASSERT_EQ(kinds.size(), 2u);
  EXPECT_EQ(kinds[0].kind.id, 1u);  // the example says SINGLE and USER-MATCH; the registry wins
  EXPECT_EQ(kinds[0].kind.data_model, DataModel::dictionary);
  EXPECT_EQ(kinds[0].kind.access_control, AccessControl::user_node_match);
  EXPECT_EQ(kinds[1].kind.id, 2000u);
  EXPECT_EQ(kinds[1].kind.data_model, DataModel::array);
  EXPECT_EQ(kinds[1].kind.max_node_multiple, 3u);
  EXPECT_EQ(kinds[1].kind.max_count, 22u);
  EXPECT_EQ(kinds[1].kind.max_size, 4u);
}

TEST(Document, AbsentElementsTakeTheDefaultsOfTheRfc) {
  const OverlayConfiguration c = only("");
  EXPECT_EQ(c.topology_plugin, "CHORD-RELOAD");
  EXPECT_EQ(c.turn_density, 1);
  EXPECT_TRUE(c.clients_permitted);
  EXPECT_FALSE(c.no_ice);
  EXPECT_EQ(c.max_message_size, 5000u);
  EXPECT_EQ(c.initial_ttl, 100);
  EXPECT_TRUE(c.chord_reactive);
  EXPECT_FALSE(c.expiration);
  EXPECT_FALSE(c.shared_secret);
}

TEST(Document, MisspellingsOfTheRfcAreRead) {
  EXPECT_EQ(only("<topology-plug-in>FULL-MESH</topology-plug-in>").topology_plugin, "FULL-MESH");
  EXPECT_EQ(only("<enrollment-server><url>https://e.example/</url></enrollment-server>")
                .enrollment_servers.at(0),
            "https://e.example/");
}

TEST(Document, OwnExtensionsAreRead) {
  const OverlayConfiguration c = only(
      "<c:cipher-policy>integrity-only</c:cipher-policy><c:successors>2</c:successors>"
      "<c:predecessors>4</c:predecessors><c:fingers>0</c:fingers><c:replicas>1</c:replicas>"
      "<c:full-mesh>false</c:full-mesh><c:sip-tunnel>allow</c:sip-tunnel>"
      "<c:interworking-node>000102030405060708090a0b0c0d0e0f</c:interworking-node>"
      "<c:bad-certificate>" +
      std::string(64, 'a') +
      "</c:bad-certificate><c:signing-time>2026-01-02T03:04:05Z</c:signing-time>"
      "<c:delegate node-id='000102030405060708090a0b0c0d0e0f' aor-pattern='2[0-9]*@o\\.x'>"
      "AAEC</c:delegate>");
  EXPECT_EQ(c.cipher_policy, CipherPolicy::integrity_only);
  EXPECT_EQ(c.successors, 2);
  EXPECT_EQ(c.predecessors, 4);
  EXPECT_EQ(c.fingers, 0);
  EXPECT_EQ(c.replicas, 1);
  EXPECT_FALSE(c.full_mesh);
  EXPECT_TRUE(c.sip_tunnel);
  EXPECT_EQ(c.interworking_nodes.at(0).hex(), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(to_hex(c.bad_certificates.at(0)), std::string(64, 'a'));
  ASSERT_TRUE(c.signing_time);
  ASSERT_EQ(c.delegates.size(), 1u);
  EXPECT_EQ(c.delegates[0].aor_pattern, "2[0-9]*@o\\.x");
  EXPECT_EQ(c.delegates[0].certificate, (Bytes{0, 1, 2}));
}

TEST(Document, AnExtensionWhoseNamespaceIsNotSignedIsRefused) {
  const std::string xml =
      "<overlay xmlns='urn:ietf:params:xml:ns:p2p:config-base' xmlns:c='urn:x-chordial:config:1'>"
      "<configuration instance-name='o.example'><c:full-mesh>true</c:full-mesh></configuration>"
      "</overlay>";
  const auto document = read(xml);
  ASSERT_FALSE(document);
  EXPECT_STREQ(document.error().field, "full-mesh");
  EXPECT_EQ(document.error().offset, xml.find("<c:full-mesh>"));
}

TEST(Document, WhatNobodyKnowsIsPassedOver) {
  EXPECT_EQ(
      only("<x:new xmlns:x='urn:new'><a><b/></a></x:new><initial-ttl>9</initial-ttl>").initial_ttl,
      9);
  EXPECT_EQ(only("<!-- <initial-ttl>5</initial-ttl> --><?p <initial-ttl?>").initial_ttl, 100);
  EXPECT_EQ(only("<initial-ttl><![CDATA[ 9 ]]></initial-ttl>").initial_ttl, 9);
}

struct Refusal {
  const char* inside;
  const char* field;
  ErrorKind kind;
};

class RefusedElement : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedElement, IsNamedWithItsPlace) {
  const std::string xml = with(GetParam().inside);
  const auto document = read(xml);
  ASSERT_FALSE(document) << GetParam().inside;
  EXPECT_STREQ(document.error().field, GetParam().field);
  EXPECT_EQ(document.error().kind, GetParam().kind);
  EXPECT_GE(document.error().offset, xml.find("<configuration"));
  EXPECT_LT(document.error().offset, xml.size());
  EXPECT_EQ(xml[document.error().offset], '<');
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedElement,
    testing::Values(
        Refusal{"<node-id-length>20</node-id-length>", "node-id-length", ErrorKind::unsupported},
        Refusal{"<node-id-length>21</node-id-length>", "node-id-length", ErrorKind::limit},
        Refusal{"<node-id-length>x</node-id-length>", "node-id-length", ErrorKind::malformed},
        Refusal{"<initial-ttl>0</initial-ttl>", "initial-ttl", ErrorKind::limit},
        Refusal{"<initial-ttl>99999999999</initial-ttl>", "initial-ttl", ErrorKind::limit},
        Refusal{"<initial-ttl>1</initial-ttl><initial-ttl>1</initial-ttl>", "initial-ttl",
                ErrorKind::limit},
        Refusal{"<no-ice>maybe</no-ice>", "no-ice", ErrorKind::malformed},
        Refusal{"<no-ice/>", "no-ice", ErrorKind::malformed},
        Refusal{"<root-cert>AA</root-cert>", "root-cert", ErrorKind::malformed},
        Refusal{"<bootstrap-node address='host.example'/>", "bootstrap-node", ErrorKind::malformed},
        Refusal{"<bootstrap-node address='192.0.2.1' port='0'/>", "bootstrap-node",
                ErrorKind::limit},
        Refusal{"<bad-node>00000000000000000000000000000000</bad-node>", "bad-node",
                ErrorKind::malformed},
        Refusal{"<bad-node>ffffffffffffffffffffffffffffffff</bad-node>", "bad-node",
                ErrorKind::malformed},
        Refusal{"<enrollment-server>http://e.example/</enrollment-server>", "enrollment-server",
                ErrorKind::malformed},
        Refusal{"<self-signed-permitted digest='md5'>true</self-signed-permitted>",
                "self-signed-permitted", ErrorKind::unsupported},
        Refusal{"<overlay-reliability-timer>199</overlay-reliability-timer>",
                "overlay-reliability-timer", ErrorKind::limit},
        Refusal{"<max-message-size>10</max-message-size>", "max-message-size", ErrorKind::limit},
        Refusal{"<c:replicas>9</c:replicas>", "replicas", ErrorKind::limit},
        Refusal{"<c:bad-certificate>aa</c:bad-certificate>", "bad-certificate",
                ErrorKind::malformed},
        Refusal{"<c:cipher-policy>none</c:cipher-policy>", "cipher-policy", ErrorKind::unsupported},
        Refusal{"<c:delegate node-id='000102030405060708090a0b0c0d0e0f'>AAEC</c:delegate>",
                "delegate", ErrorKind::malformed},
        Refusal{"<c:delegate node-id='000102030405060708090a0b0c0d0e0f' aor-pattern='[a'>AAEC"
                "</c:delegate>",
                "delegate", ErrorKind::malformed},
        Refusal{"<required-kinds><kind-block/></required-kinds>", "kind", ErrorKind::malformed},
        Refusal{"<required-kinds><kind-block><kind id='9'><data-model>HEAP</data-model></kind>"
                "</kind-block></required-kinds>",
                "data-model", ErrorKind::unsupported},
        Refusal{"<required-kinds><kind-block><kind name='NOBODYS'></kind></kind-block>"
                "</required-kinds>",
                "kind", ErrorKind::unsupported},
        Refusal{"<required-kinds><kind-block><kind id='9'><data-model>SINGLE</data-model>"
                "<access-control>NODE-MULTIPLE</access-control><max-count>1</max-count>"
                "<max-size>1</max-size></kind></kind-block></required-kinds>",
                "max-node-multiple", ErrorKind::malformed},
        Refusal{"<u:x/>", "document", ErrorKind::malformed},
        Refusal{"<initial-ttl a='1' a='2'>9</initial-ttl>", "document", ErrorKind::malformed},
        Refusal{"<shared-secret>&#1;</shared-secret>", "document", ErrorKind::malformed}));

TEST(Document, MalformedTextIsRefused) {
  for (const char* xml :
       {"", "x", "<", "<overlay", "<overlay>", "<overlay/>", "</overlay>", "<a></b>",
        "<overlay xmlns='urn:other'/>", "<overlay xmlns='urn:ietf:params:xml:ns:p2p:config-base'/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a b='<'/>", "<a>\xff</a>", "<a>\x01</a>",
        "<a/><b/>", "<a><![CDATA[</a>", "<!--", "<?x"}) {
    const auto document = read(xml);
    ASSERT_FALSE(document) << xml;
  }
}

TEST(Document, AnExternalEntityIsNeverLookedAt) {
  const auto document = read("<!DOCTYPE a SYSTEM \"/dev/zero\"><a/>");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().kind, ErrorKind::unsupported);
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

TEST(Document, LimitsHold) {
  const auto kind_of = [](const std::string& xml) {
    const auto document = read(xml);
    return document ? ErrorKind::internal : document.error().kind;
  };
  EXPECT_EQ(kind_of(with(std::string(document_bytes_max, ' '))), ErrorKind::limit);
  EXPECT_EQ(
      kind_of(with(repeated("<a>", document_depth_max) + repeated("</a>", document_depth_max))),
      ErrorKind::limit);
  EXPECT_EQ(kind_of(with(repeated("<a/>", document_elements_max))), ErrorKind::limit);
  const std::string bootstrap = "<bootstrap-node address='192.0.2.1'/>";
  EXPECT_TRUE(read(with(repeated(bootstrap, bootstrap_nodes_max))));
  EXPECT_EQ(kind_of(with(repeated(bootstrap, bootstrap_nodes_max + 1))), ErrorKind::limit);
}

TEST(Document, EveryPrefixAndEveryChangedByteIsAValueOrAnError) {
  const std::string xml = example("rfc6940_example_corrected.xml");
  for (std::size_t length = 0; length < xml.size(); length += 7) {
    EXPECT_FALSE(read(xml.substr(0, length)));
  }
  for (std::size_t at = 0; at < xml.size(); at += 3) {
    std::string changed = xml;
    changed[at] = static_cast<char>(changed[at] ^ 0x15);
    (void)read(changed);
  }
}

TEST(KindBlocks, StandAloneAsInAConfigUpdate) {
  const std::string xml =
      "<kind-block><kind id='4026531841'><max-count>3</max-count><max-size>9</max-size>"
      "<data-model>DICTIONARY</data-model><access-control>USER-NODE-MATCH</access-control></kind>"
      "</kind-block><kind-block><kind name='CERTIFICATE_BY_USER'><max-count>1</max-count>"
      "<max-size>2</max-size><data-model>ARRAY</data-model>"
      "<access-control>USER-MATCH</access-control></kind></kind-block>";
  const auto blocks = read_kind_blocks(as_bytes(xml));
  ASSERT_TRUE(blocks) << blocks.error().text();
  ASSERT_EQ(blocks->size(), 2u);
  EXPECT_EQ((*blocks)[0].kind.id, 0xf0000001u);
  EXPECT_EQ((*blocks)[0].kind.data_model, DataModel::dictionary);
  EXPECT_EQ((*blocks)[1].kind.id, 16u);
  EXPECT_FALSE(read_kind_blocks(as_bytes("<overlay/>")));
}

}  // namespace
}  // namespace chordial::configuration
