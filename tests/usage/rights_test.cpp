// Who may say From, and which domains an overlay admits.
#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"
#include "overlay/world.h"
#include "storage/resource_name.h"
#include "usage/sip/caller_rights.h"
#include "usage/sip/registration_rule.h"

namespace chordial::usage {
namespace {

class Rights : public testing::Test {
 protected:
  overlay::World world{2};
  NodeId there = world[1].id;
  CallerRights rights{world.certificates, "overlay.example"};
};

TEST_F(Rights, AUserCertificateProvesItsAddressAtItsNodeAlone) {
  const auto alice = world.user("alice@overlay.example", there);
  EXPECT_FALSE(rights.may_say_from(world.now, there, "alice@overlay.example"));
  const auto known = world.certificates.add(alice->certificate().der, world.now);
  ASSERT_TRUE(known);
  rights.learn(there, **known);
  EXPECT_TRUE(rights.may_say_from(world.now, there, "alice@overlay.example"));
  EXPECT_FALSE(rights.may_say_from(world.now, there, "bob@overlay.example"));
  EXPECT_FALSE(rights.may_say_from(world.now, world[0].id, "alice@overlay.example"));
  rights.learn(world[0].id, **known);
  EXPECT_FALSE(rights.may_say_from(world.now, world[0].id, "alice@overlay.example"))
      << "it names another node";
}

TEST_F(Rights, ACertificateThatExpiredProvesNothing) {
  const auto alice = world.user("alice@overlay.example", there);
  const auto known = world.certificates.add(alice->certificate().der, world.now);
  ASSERT_TRUE(known);
  rights.learn(there, **known);
  Now late = world.now;
  late.wall = (*known)->not_after + std::chrono::hours(1);
  EXPECT_FALSE(rights.may_say_from(late, there, "alice@overlay.example"));
}

TEST_F(Rights, OutsideAddressesComeFromInterworkingNodesOnly) {
  EXPECT_FALSE(rights.may_say_from(world.now, there, "x@carrier.example"));
  rights.set_interworking_nodes({there});
  EXPECT_TRUE(rights.may_say_from(world.now, there, "x@carrier.example"));
  EXPECT_FALSE(rights.may_say_from(world.now, there, "alice@overlay.example"));
}

TEST_F(Rights, TheRuleOfDomainsIsReadAsPosixExpressions) {
  const auto alice = world.user("alice@phones.my.example", there);
  const wire::StoredDataValue value{};
  const ResourceId resource = storage::resource_id_of("alice@phones.my.example");
  const auto rule = RegistrationRule::create({"dht\\.example", ".*\\.my\\.example"});
  ASSERT_TRUE(rule);
  EXPECT_TRUE(rule->permits(resource, value, alice->certificate()));
  EXPECT_FALSE(
      rule->permits(storage::resource_id_of("bob@phones.my.example"), value, alice->certificate()));
  EXPECT_FALSE(
      RegistrationRule::only("dht.example").permits(resource, value, alice->certificate()));
  EXPECT_FALSE(RegistrationRule::create({"(unclosed"}));
}

}  // namespace
}  // namespace chordial::usage
