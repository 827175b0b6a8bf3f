// An authority from its making to what a node can do with a join file, and every lie that a node
// must notice.
#include "enrollment/authority.h"

#include <gtest/gtest.h>

#include "configuration/document_signature.h"
#include "crypto/openssl/key_verifier.h"
#include "crypto/openssl/store.h"
#include "enrollment/node_state.h"
#include "temporary_folder.h"

namespace chordial::enrollment {
namespace {

constexpr std::int64_t start = 1'800'000'000;
constexpr std::int64_t day = 86400;

Now at(std::int64_t second) {
  Now now;
  now.wall = WallTime(std::chrono::seconds(second));
  return now;
}

configuration::OverlayConfiguration wanted() {
  configuration::OverlayConfiguration configuration;
  configuration.instance_name = "home.example";
  configuration.max_message_size = 65536;
  configuration.no_ice = true;
  configuration.sip_tunnel = true;
  configuration.successors = 2;
  return configuration;
}

class AuthorityTest : public testing::Test {
 protected:
  Expected<Authority> create() {
    return Authority::create(folder_ / "authority", wanted(), at(start).wall, rng_);
  }
  Expected<Authority> open() { return Authority::open(folder_ / "authority"); }

  TemporaryFolder folder_;
  Rng rng_{1, 2};
};

TEST_F(AuthorityTest, MakesADocumentThatItsOwnRootProves) {
  const auto authority = create();
  ASSERT_TRUE(authority) << authority.error().text();
  const auto document = configuration::read_document(authority->document());
  ASSERT_TRUE(document);
  const auto& signed_one = document->configurations.at(0);
  const auto& c = signed_one.configuration;
  EXPECT_EQ(c.instance_name, "home.example");
  EXPECT_EQ(c.sequence, 1);
  EXPECT_EQ(c.successors, 2);
  EXPECT_EQ(c.signing_time, at(start).wall);
  EXPECT_EQ(c.expiration, at(start + document_days * day).wall);
  EXPECT_TRUE(configuration::check_supported(c));
  EXPECT_NE(configuration::find_kind(c, 1), nullptr);
  const auto store = crypto::openssl::Store::create(configuration::trust_of(c));
  ASSERT_TRUE(store) << store.error().text();
  crypto::openssl::KeyVerifier verifier;
  EXPECT_TRUE(configuration::verify_configuration(signed_one, c.configuration_signers, **store,
                                                  verifier, at(start)));
  EXPECT_TRUE(configuration::verify_kinds(c, **store, verifier, at(start)));
}

TEST_F(AuthorityTest, SecretsAreForTheirOwnerAlone) {
  ASSERT_TRUE(create());
  EXPECT_EQ(mode_of(folder_ / "authority"), 0700u);
  for (const char* secret : {"root.key", "signer.key", "users", "ledger"}) {
    EXPECT_EQ(mode_of(folder_ / "authority/" + secret), 0600u) << secret;
  }
  EXPECT_EQ(mode_of(folder_ / "authority/document.xml"), 0644u);
}

TEST_F(AuthorityTest, IsNeverOverwritten) {
  ASSERT_TRUE(create());
  const std::string key = content_of(folder_ / "authority/root.key");
  const auto second = create();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_EQ(content_of(folder_ / "authority/root.key"), key);
}

TEST_F(AuthorityTest, ANameOrAValueThatCannotBeWrittenLeavesNothingBehind) {
  auto bad = wanted();
  bad.instance_name = "not a name";
  EXPECT_EQ(Authority::create(folder_ / "x", bad, at(start).wall, rng_).error().kind,
            ErrorKind::invalid);
  bad = wanted();
  bad.successors = 99;
  EXPECT_STREQ(Authority::create(folder_ / "x", bad, at(start).wall, rng_).error().field,
               "successors");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x"));
}

TEST_F(AuthorityTest, OpensAgainAndNamesWhatIsDamaged) {
  ASSERT_TRUE(create());
  ASSERT_TRUE(open());
  EXPECT_EQ(Authority::open(folder_ / "none").error().kind, ErrorKind::not_found);
  const std::string signer = content_of(folder_ / "authority/signer.key");
  ASSERT_TRUE(write_file(folder_ / "authority/signer.key", "x",
                         as_bytes(content_of(folder_ / "authority/root.key")), FileMode::secret));
  EXPECT_FALSE(open());  // a key that does not fit its certificate
  ASSERT_TRUE(
      write_file(folder_ / "authority/signer.key", "x", as_bytes("no key"), FileMode::secret));
  const auto damaged = open();
  ASSERT_FALSE(damaged);
  EXPECT_STREQ(damaged.error().field, "signer.key");
}

TEST_F(AuthorityTest, AJoinFileOpensAtItsNode) {
  auto authority = create();
  ASSERT_TRUE(authority);
  ASSERT_EQ(authority->add_user("alice", "secret", {}).value_or(""), "alice@home.example");
  ASSERT_TRUE(authority->add_user("bob@home.example", "geheim", {"kitchen"}));
  ASSERT_TRUE(authority->add_user("carol", "x", {"loft"}));
  const auto file = authority->admit("kitchen", at(start).wall, rng_);
  ASSERT_TRUE(file) << file.error().text();
  const auto carried = decode_join_file(encode_join_file(*file));
  ASSERT_TRUE(carried);
  const auto credentials = open_credentials(*carried, at(start));
  ASSERT_TRUE(credentials) << credentials.error().text();
  const crypto::Certificate& node = credentials->node->certificate();
  EXPECT_EQ(node.node_ids, std::vector<NodeId>{file->node_id});
  EXPECT_EQ(node.user_names.at(0), "node-" + file->node_id.hex() + "@home.example");
  ASSERT_EQ(credentials->users.size(), 2u);
  EXPECT_EQ(credentials->users[0].aor, "alice@home.example");
  EXPECT_EQ(credentials->users[1].aor, "bob@home.example");
  EXPECT_EQ(credentials->users[0].hashes, digest_hashes("alice", "home.example", "secret"));
  EXPECT_EQ(credentials->users[1].hashes, digest_hashes("bob", "home.example", "geheim"));
  const crypto::Certificate& alice = credentials->users[0].signer->certificate();
  EXPECT_EQ(alice.node_ids, std::vector<NodeId>{file->node_id});
  EXPECT_EQ(alice.user_names.at(0), "alice@home.example");
  EXPECT_EQ(alice.not_after, at(start + user_days * day).wall);
  EXPECT_NE(alice.hash, node.hash);
}

TEST_F(AuthorityTest, ANodeThatComesAgainKeepsItsNodeId) {
  auto authority = create();
  ASSERT_TRUE(authority);
  const auto first = authority->admit("kitchen", at(start).wall, rng_);
  const auto other = authority->admit("loft", at(start).wall, rng_);
  ASSERT_TRUE(first && other);
  EXPECT_NE(first->node_id, other->node_id);
  authority = failure(ErrorKind::unavailable, "", "");  // releases the folder
  authority = open();
  ASSERT_TRUE(authority);
  const auto again = authority->admit("kitchen", at(start + day).wall, rng_);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->node_id, first->node_id);
  EXPECT_NE(again->node_key_pem, first->node_key_pem);
  EXPECT_TRUE(open_credentials(*again, at(start + day)));
}

TEST_F(AuthorityTest, AWishedNodeIdIsGivenOnceToOneNode) {
  auto authority = create();
  ASSERT_TRUE(authority);
  const NodeId wished{{0x4000000000000000, 1}};
  const auto file = authority->admit("kitchen", at(start).wall, rng_, wished);
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_EQ(file->node_id, wished);
  EXPECT_TRUE(authority->admit("kitchen", at(start).wall, rng_, wished));
  EXPECT_EQ(authority->admit("loft", at(start).wall, rng_, wished).error().kind,
            ErrorKind::conflict);
  EXPECT_EQ(authority->admit("kitchen", at(start).wall, rng_, NodeId{{5, 5}}).error().kind,
            ErrorKind::conflict);
  EXPECT_EQ(authority->admit("attic", at(start).wall, rng_, wildcard_node_id).error().kind,
            ErrorKind::invalid);
}

TEST_F(AuthorityTest, ANodesStateIsKeptAndReadBack) {
  auto authority = create();
  ASSERT_TRUE(authority);
  ASSERT_TRUE(authority->add_user("alice", "secret", {}));
  auto file = authority->admit("kitchen", at(start).wall, rng_);
  ASSERT_TRUE(file);
  const std::string state = folder_ / "var/home";
  EXPECT_EQ(load_node_state(state, at(start)).error().kind, ErrorKind::not_found);
  ASSERT_TRUE(save_node_state(state, *file, at(start)));
  EXPECT_EQ(mode_of(state), 0700u);
  EXPECT_EQ(mode_of(state + "/credentials"), 0600u);
  const auto loaded = load_node_state(state, at(start));
  ASSERT_TRUE(loaded) << loaded.error().text();
  EXPECT_EQ(loaded->wall_min, at(start).wall);
  EXPECT_EQ(loaded->file.document, file->document);
  EXPECT_EQ(loaded->credentials.users.at(0).aor, "alice@home.example");
  file->node_key_pem = "nonsense";
  EXPECT_FALSE(save_node_state(state, *file, at(start)));
  EXPECT_TRUE(load_node_state(state, at(start)));
}

class LiesInAJoinFile : public AuthorityTest {
 protected:
  void SetUp() override {
    auto authority = create();
    ASSERT_TRUE(authority);
    ASSERT_TRUE(authority->add_user("alice", "secret", {}));
    file_ = *authority->admit("kitchen", at(start).wall, rng_);
    other_ = *authority->admit("loft", at(start).wall, rng_);
    ASSERT_TRUE(open_credentials(file_, at(start)));
  }
  Error refused(std::int64_t second = start) {
    const auto credentials = open_credentials(file_, at(second));
    EXPECT_FALSE(credentials);
    return credentials ? Error() : credentials.error();
  }
  JoinFile file_;
  JoinFile other_;
};

TEST_F(LiesInAJoinFile, AnotherNodesKeyOrCertificate) {
  file_.node_key_pem = other_.node_key_pem;
  EXPECT_STREQ(refused().field, "node-certificate");
  file_.node_certificate = other_.node_certificate;
  EXPECT_STREQ(refused().reason, "names another node");
}

TEST_F(LiesInAJoinFile, AUserCertificateOfAnotherNodeOrUser) {
  const UserCredentials good = file_.users.at(0);
  file_.users[0] = other_.users.at(0);
  EXPECT_STREQ(refused().field, "user-certificate");
  file_.users[0] = good;
  file_.users[0].aor = "mallory@home.example";
  EXPECT_STREQ(refused().reason, "names another user");
  file_.users[0] = good;
  file_.users[0].sealed_hashes = other_.users[0].sealed_hashes;
  EXPECT_STREQ(refused().field, "user-ha1");
}

TEST_F(LiesInAJoinFile, AChangedDocument) {
  std::string xml(as_text(file_.document));
  const std::size_t at_value = xml.find("<c:successors>2<");
  ASSERT_NE(at_value, std::string::npos);
  xml[at_value + 14] = '3';
  file_.document = to_bytes(as_bytes(xml));
  EXPECT_EQ(refused().kind, ErrorKind::unauthentic);
  file_.document = to_bytes(as_bytes("<a/>"));
  EXPECT_EQ(refused().kind, ErrorKind::malformed);
}

TEST_F(LiesInAJoinFile, AnotherOverlay) {
  file_.overlay = "other.example";
  EXPECT_EQ(refused().kind, ErrorKind::not_found);
}

TEST_F(LiesInAJoinFile, TimesThatHavePassed) {
  EXPECT_EQ(refused(start + (node_days + 1) * day).kind, ErrorKind::expired);
  // A clock that never was set counts as showing the document's signing time.
  EXPECT_TRUE(open_credentials(file_, at(0)));
  EXPECT_TRUE(open_credentials(file_, at(start + (user_days + 1) * day)));
}

TEST_F(AuthorityTest, UsersAreChangedAndKept) {
  auto authority = create();
  ASSERT_TRUE(authority);
  ASSERT_TRUE(authority->add_user("alice", "one", {"kitchen"}));
  EXPECT_EQ(authority->add_user("alice", "two", {}).error().kind, ErrorKind::conflict);
  EXPECT_EQ(authority->add_user("bootstrap", "x", {}).error().kind, ErrorKind::forbidden);
  EXPECT_EQ(authority->add_user("bob", "", {}).error().kind, ErrorKind::invalid);
  EXPECT_EQ(authority->change_password("bob", "x").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(authority->change_password("alice", "three"));
  authority = failure(ErrorKind::unavailable, "", "");
  authority = open();
  ASSERT_TRUE(authority);
  ASSERT_EQ(authority->users().size(), 1u);
  EXPECT_EQ(authority->users()[0].hashes, digest_hashes("alice", "home.example", "three"));
  EXPECT_EQ(authority->users()[0].nodes, std::vector<std::string>{"kitchen"});
  const std::string stored = content_of(folder_ / "authority/users");
  EXPECT_EQ(stored.find("three"), std::string::npos);
}

TEST_F(AuthorityTest, AnImportIsAllOrNothing) {
  auto authority = create();
  ASSERT_TRUE(authority);
  const auto bad = authority->import_users("alice,one\nbob,two\nbootstrap,three\n");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::forbidden);
  EXPECT_EQ(bad.error().offset, 3u);
  EXPECT_TRUE(authority->users().empty());
  EXPECT_EQ(authority->import_users("alice,one\nbob,two,kitchen\n").value_or(0), 2u);
  EXPECT_EQ(authority->users().size(), 2u);
}

TEST_F(AuthorityTest, ARemovedUsersCertificatesAreForbiddenUntilTheyExpire) {
  auto authority = create();
  ASSERT_TRUE(authority);
  ASSERT_TRUE(authority->add_user("alice", "one", {}));
  ASSERT_TRUE(authority->add_user("bob", "two", {}));
  const auto file = authority->admit("kitchen", at(start).wall, rng_);
  ASSERT_TRUE(file);
  EXPECT_EQ(authority->remove_user("alice", at(start).wall).value_or(9), 1u);
  EXPECT_EQ(authority->remove_user("alice", at(start).wall).error().kind, ErrorKind::not_found);
  const auto& c = authority->configuration();
  EXPECT_EQ(c.sequence, 2);
  ASSERT_EQ(c.bad_certificates.size(), 1u);
  EXPECT_EQ(c.bad_certificates[0], crypto::sha256({file->users.at(0).certificate}));
  // The nodes that have the first document take the second.
  const auto first = configuration::read_configuration(file->document, "home.example");
  const auto second = configuration::read_configuration(authority->document(), "home.example");
  ASSERT_TRUE(first && second);
  const auto store = crypto::openssl::Store::create(configuration::trust_of(first->configuration));
  crypto::openssl::KeyVerifier verifier;
  EXPECT_TRUE(
      configuration::check_update(first->configuration, *second, **store, verifier, at(start)));
  ASSERT_TRUE(authority->publish(authority->configuration(), at(start + 31 * day).wall));
  EXPECT_TRUE(authority->configuration().bad_certificates.empty());
}

TEST_F(AuthorityTest, ASiteAddsItsOwnUsersAtItsOwnNode) {
  auto authority = create();
  ASSERT_TRUE(authority);
  EXPECT_EQ(authority->delegate("kitchen", "2[0-9]+@home.example", at(start).wall).error().kind,
            ErrorKind::not_found);
  ASSERT_TRUE(authority->admit("kitchen", at(start).wall, rng_));
  EXPECT_FALSE(authority->delegate("kitchen", "[", at(start).wall));
  const auto issued = authority->delegate("kitchen", "2[0-9]+@home\\.example", at(start).wall);
  ASSERT_TRUE(issued) << issued.error().text();
  auto file = authority->admit("kitchen", at(start).wall, rng_);
  auto loft = authority->admit("loft", at(start).wall, rng_);
  ASSERT_TRUE(file && loft);
  const auto site = decode_site_file(encode_site_file(*issued));
  ASSERT_TRUE(site) << site.error().text();
  ASSERT_EQ(add_site_user(*site, *file, "201", "pin", at(start).wall).value_or(""),
            "201@home.example");
  ASSERT_TRUE(add_site_user(*site, *file, "201", "other", at(start).wall));
  const auto credentials = open_credentials(*file, at(start));
  ASSERT_TRUE(credentials) << credentials.error().text();
  ASSERT_EQ(credentials->users.size(), 1u);
  EXPECT_EQ(credentials->users[0].hashes, digest_hashes("201", "home.example", "other"));
  EXPECT_EQ(add_site_user(*site, *file, "alice", "x", at(start).wall).error().kind,
            ErrorKind::forbidden);
  EXPECT_EQ(add_site_user(*site, *loft, "201", "x", at(start).wall).error().kind,
            ErrorKind::invalid);
}

TEST_F(AuthorityTest, ASiteThatLeavesItsPatternIsNotBelieved) {
  auto authority = create();
  ASSERT_TRUE(authority);
  ASSERT_TRUE(authority->admit("kitchen", at(start).wall, rng_));
  auto site = authority->delegate("kitchen", "2[0-9]+@home\\.example", at(start).wall);
  ASSERT_TRUE(site);
  auto file = authority->admit("kitchen", at(start).wall, rng_);
  ASSERT_TRUE(file);
  site->aor_pattern = ".*";  // the document still says otherwise
  ASSERT_TRUE(add_site_user(*site, *file, "alice", "x", at(start).wall));
  const auto credentials = open_credentials(*file, at(start));
  ASSERT_FALSE(credentials);
  EXPECT_EQ(credentials.error().kind, ErrorKind::unauthentic);
}

}  // namespace
}  // namespace chordial::enrollment
