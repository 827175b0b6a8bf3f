// Who may store what: signatures, senders and the policies (RFC 6940 §7.3, §7.4.1.1).
#include "storage/world.h"

namespace chordial::storage::test {
namespace {

using wire::ErrorCode;

class Access : public testing::Test {
 protected:
  World world;
  const crypto::Certificate* alice = world.user("alice@example.org", 1);
  const crypto::Certificate* bob = world.user("bob@example.org", 2);
  ResourceId at_alice = resource_id_of("alice@example.org");
  ResourceId at_bob = resource_id_of("bob@example.org");

  ErrorCode stored(const ResourceId& resource, const Write& write,
                   const crypto::Certificate* signer) {
    return world.store(resource, {write}, signer).answer.error;
  }
  static std::string key_of(std::uint8_t at) { return std::string(as_text(node(at).bytes())); }
};

TEST_F(Access, EveryAlteredByteIsForbidden) {
  const Write write{.kind = kind_array, .value = "hello", .index = 1};
  const Bytes encoded = world.sign(at_alice, write, alice);
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    Bytes altered = encoded;
    altered[at] ^= 1;
    const ErrorCode error = world.store_raw(at_alice, write, altered, alice).answer.error;
    if (at < 4) continue;  // the index is not signed (§7.4.2.2)
    EXPECT_TRUE(error == ErrorCode::forbidden || error == ErrorCode::invalid_message ||
                error == ErrorCode::data_too_large)
        << "byte " << at << ": " << wire::name_of(error);
  }
}

TEST_F(Access, ASignatureCoversPlaceKindAndTime) {
  // Alice may write to both Kinds and both of her names, so that only the signature stands in the
  // way.
  const crypto::Certificate* both =
      world.certificate("alice@example.org", {node(1)}, std::chrono::hours(9));
  const Write write{.kind = kind_single};
  const Bytes encoded = world.sign(at_alice, write, both);
  EXPECT_EQ(world.store_raw(at_alice, write, encoded, both).answer.error, ErrorCode::invalid);
  Write other_time = write;
  other_time.time = 2000;
  EXPECT_EQ(world.store_raw(at_alice, other_time, encoded, both).answer.error,
            ErrorCode::forbidden);
  Write other_kind = write;
  other_kind.kind = kind_ruled;
  other_kind.value = "yes";
  Bytes yes = world.sign(at_alice, Write{.kind = kind_single, .value = "yes"}, both);
  EXPECT_EQ(world.store_raw(at_alice, other_kind, yes, both).answer.error, ErrorCode::forbidden);
  EXPECT_EQ(world.store_raw(at_bob, write, encoded, bob).answer.error, ErrorCode::forbidden);
}

TEST_F(Access, UnsignedValuesAreForbidden) {
  const Bytes synthetic = wire::encode_synthetic({wire::DataModel::single_value, 0, {}, {}});
  EXPECT_EQ(world.store_raw(at_alice, {}, synthetic, alice).answer.error, ErrorCode::forbidden);
  EXPECT_EQ(world.store_raw(at_alice, {}, synthetic, alice, 1, 1).answer.error,
            ErrorCode::forbidden);
}

TEST_F(Access, CertificatesThatMayNotBeUsedAreForbidden) {
  World other(7);  // another authority
  const crypto::Certificate* stranger = other.user("alice@example.org", 1);
  const Bytes encoded = other.sign(at_alice, {}, stranger);
  EXPECT_EQ(world.store_raw(at_alice, {}, encoded, alice).answer.error, ErrorCode::forbidden);

  crypto::Trust trust;
  trust.bad_certificates = {alice->hash};
  world.certificates.store.configure(trust);
  EXPECT_EQ(stored(at_alice, {}, alice), ErrorCode::forbidden);
  world.certificates.store.configure({});
  EXPECT_EQ(stored(at_alice, {}, alice), ErrorCode::invalid);
  world.pass(std::chrono::hours(10'001));
  EXPECT_EQ(stored(at_alice, {.time = 2000}, alice), ErrorCode::forbidden) << "expired";
}

TEST_F(Access, UserMatch) {
  EXPECT_EQ(stored(at_alice, {}, alice), ErrorCode::invalid);
  EXPECT_EQ(stored(at_bob, {}, alice), ErrorCode::forbidden);
  EXPECT_EQ(stored(at_alice, {.time = 2000}, world.user("alice@example.org", 9)),
            ErrorCode::invalid)
      << "at whatever node";
}

TEST_F(Access, NodeMatch) {
  const Write write{.kind = wire::kind_certificate_by_node};
  EXPECT_EQ(stored(resource_id_of(node(1)), write, world.node_certificate(1)), ErrorCode::invalid);
  EXPECT_EQ(stored(resource_id_of(node(1)), write, world.node_certificate(2)),
            ErrorCode::forbidden);
  EXPECT_EQ(stored(at_alice, write, alice), ErrorCode::forbidden);
}

TEST_F(Access, UserNodeMatch) {
  const Write mine{.kind = wire::kind_sip_registration, .key = key_of(1)};
  const Write of_another_node{.kind = wire::kind_sip_registration, .key = key_of(2)};
  const Write longer{.kind = wire::kind_sip_registration, .key = key_of(1) + "x"};
  EXPECT_EQ(stored(at_alice, mine, alice), ErrorCode::invalid);
  EXPECT_EQ(stored(at_alice, of_another_node, alice), ErrorCode::forbidden);
  EXPECT_EQ(stored(at_alice, longer, alice), ErrorCode::forbidden);
  EXPECT_EQ(stored(at_bob, mine, alice), ErrorCode::forbidden);
  EXPECT_EQ(stored(at_alice, of_another_node, bob), ErrorCode::forbidden);
}

TEST_F(Access, NodeMultiple) {
  const Write write{.kind = wire::kind_turn_service};
  const crypto::Certificate* relay = world.node_certificate(5);
  for (const std::uint8_t i : {std::uint8_t{1}, std::uint8_t{7}, std::uint8_t{20}})
    EXPECT_EQ(stored(resource_id_of(node(5), i), write, relay), ErrorCode::invalid) << int{i};
  EXPECT_EQ(stored(resource_id_of(node(5), 21), write, relay), ErrorCode::forbidden);
  EXPECT_EQ(stored(resource_id_of(node(6), 1), write, relay), ErrorCode::forbidden);
  EXPECT_EQ(stored(resource_id_of(node(5)), write, relay), ErrorCode::forbidden);
}

TEST_F(Access, NodeIdMatch) {
  const Write write{.kind = wire::kind_redir, .key = key_of(5)};
  EXPECT_EQ(stored(at_alice, write, world.node_certificate(5)), ErrorCode::invalid) << "anywhere";
  EXPECT_EQ(stored(at_alice, write, world.node_certificate(6)), ErrorCode::forbidden);
}

TEST_F(Access, AUsagesRuleHasTheLastWord) {
  EXPECT_EQ(stored(at_alice, {.kind = kind_ruled, .value = "no"}, alice), ErrorCode::forbidden);
  EXPECT_EQ(stored(at_alice, {.kind = kind_ruled, .value = "yes"}, alice), ErrorCode::invalid);
}

TEST_F(Access, TheSenderOfAnOriginalConformsTooAndThatOfAReplicaNeedNot) {
  const Bytes encoded = world.sign(at_alice, {}, alice);
  EXPECT_EQ(world.store_raw(at_alice, {}, encoded, bob).answer.error, ErrorCode::forbidden);
  EXPECT_EQ(world.store_raw(at_alice, {}, encoded, bob, 3, 1).answer.error, ErrorCode::invalid);
}

TEST_F(Access, CertHashNodeIdNamesOneOfSeveralNodes) {
  const crypto::Certificate* two =
      world.certificate("node-x@example.org", {node(3), node(4)}, std::chrono::hours(5));
  // Value, identity and signature by hand: what World::sign does with cert_hash.
  const Bytes value =
      wire::body_of(wire::StoredDataValue{wire::DataModel::array, 0, {}, {true, as_bytes("der")}});
  const auto signed_as = [&](const wire::SignerIdentity& identity, const ResourceId& resource) {
    const Bytes identity_bytes = wire::encode(identity);
    const auto input = wire::data_signature_input(resource, wire::kind_certificate_by_node, 1000,
                                                  wire::DataModel::array, value, identity_bytes);
    const Bytes signature =
        world.authority.signature(two->hash, {input.prefix, input.value, input.identity});
    return wire::encode({wire::DataModel::array, 0, {}, {true, as_bytes("der")}},
                        {4, 3, identity, signature});
  };
  const Write write{.kind = wire::kind_certificate_by_node};
  const auto hash = crypto::sha256({node(4).bytes(), two->der});
  const auto identity = wire::SignerIdentity::cert_hash_node_id(hash);
  const ResourceId at_four = resource_id_of(node(4)), at_three = resource_id_of(node(3));
  EXPECT_EQ(world.store_raw(at_four, write, signed_as(identity, at_four), two, 3, 1).answer.error,
            ErrorCode::invalid);
  EXPECT_EQ(world.store_raw(at_three, write, signed_as(identity, at_three), two, 3, 1).answer.error,
            ErrorCode::forbidden)
      << "the certificate names node 3, the identity does not";
  const auto plain = wire::SignerIdentity::cert_hash(two->hash);
  EXPECT_EQ(world.store_raw(at_three, write, signed_as(plain, at_three), two, 3, 1).answer.error,
            ErrorCode::forbidden)
      << "cert_hash does not say which node";
}

}  // namespace
}  // namespace chordial::storage::test
