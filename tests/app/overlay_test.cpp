// From an authority to a node that could be started, with the program alone.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "app/node_toml.h"
#include "enrollment/node_state.h"
#include "overlay_fixture.h"

namespace chordial::app {
namespace {

TEST_F(Overlay, CreateWritesWhatWasAskedFor) {
  EXPECT_EQ(created_["overlay"], "home.example");
  EXPECT_EQ(created_["algorithm"], "CHORD-RELOAD");
  EXPECT_EQ(created_["document_sequence"], 1);
  const auto c = document();
  EXPECT_EQ(c.instance_name, "home.example");
  EXPECT_TRUE(c.no_ice);
  EXPECT_EQ(c.successors, 2);
  EXPECT_EQ(c.fingers, 4);
  EXPECT_EQ(c.replicas, 1);
  EXPECT_FALSE(c.full_mesh);
  EXPECT_TRUE(c.sip_tunnel);
  EXPECT_EQ(c.max_message_size, 65536u);
  ASSERT_EQ(c.bootstrap_nodes.size(), 2u);
  EXPECT_EQ(c.bootstrap_nodes[0].text(), "127.0.0.1:7001");
  EXPECT_EQ(c.bootstrap_nodes[1].text(), "127.0.0.2:6084");
  EXPECT_EQ(created_["root_sha256"], to_hex(crypto::sha256({c.root_certs.at(0)})));
}

TEST_F(Overlay, CreateNeverOverwrites) {
  const std::string before = content_of(folder_ / "authority/root.key");
  const Ended again =
      run({"overlay", "create", "home.example", "--dir", folder_ / "authority", "--no-ice"});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("already"), std::string::npos);
  EXPECT_EQ(content_of(folder_ / "authority/root.key"), before);
}

TEST_F(Overlay, IntegrityOnlyIsACipherPolicy) {
  ASSERT_EQ(
      run({"overlay", "create", "o", "--dir", folder_ / "ham", "--no-ice", "--integrity-only"})
          .code,
      0);
  const std::string xml = content_of(folder_ / "ham/document.xml");
  EXPECT_NE(xml.find("<c:cipher-policy>integrity-only<"), std::string::npos);
}

TEST_F(Overlay, AnErrorDeepInTheDocumentIsNamed) {
  const Ended ended =
      run({"overlay", "create", "o", "--dir", folder_ / "bad", "--no-ice", "--successors", "33"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.err.find("successors"), std::string::npos);
}

TEST_F(Overlay, FromUserToNode) {
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(admit("loft").code, 0);
  ASSERT_EQ(user({"add", "alice"}, "secret\n").code, 0);
  ASSERT_EQ(user({"add", "bob@home.example", "--nodes", "kitchen,loft"}, "geheim").code, 0);
  ASSERT_EQ(user({"add", "carol", "--nodes", "loft"}, "x\n").code, 0);
  const Ended admitted = admit("kitchen", {"--json"});
  ASSERT_EQ(admitted.code, 0) << admitted.err;
  const json facts = json::parse(admitted.out);
  EXPECT_EQ(facts["users"], json({"alice@home.example", "bob@home.example"}));
  EXPECT_EQ(mode_of(folder_ / "kitchen.join"), 0600u);

  const Ended joined =
      join("kitchen", {"--listen-link", "127.0.0.1:7001", "--listen-application", "127.0.0.1:7101",
                       "--listen-sip", "127.0.0.1:7201", "--json"});
  ASSERT_EQ(joined.code, 0) << joined.err;
  const json result = json::parse(joined.out);
  EXPECT_EQ(result["node_id"], facts["node_id"]);
  EXPECT_EQ(result["phones_register_at"], "127.0.0.1:7201");
  EXPECT_EQ(result["first"], true);  // it stands first in the document
  const auto config = read_node_toml(folder_ / "kitchen.toml");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->link_listen.text(), "127.0.0.1:7001");
  EXPECT_EQ(config->application_listen.text(), "127.0.0.1:7101");
  EXPECT_EQ(config->sip_udp.at(0).text(), "127.0.0.1:7201");
  EXPECT_EQ(config->control_socket, folder_ / "kitchen.sock");
  EXPECT_TRUE(config->first);
  Now now;
  const auto state = enrollment::load_node_state(config->state_dir, now);
  ASSERT_TRUE(state) << state.error().text();
  EXPECT_EQ(state->credentials.users.at(0).hashes,
            enrollment::digest_hashes("alice", "home.example", "secret"));
  EXPECT_EQ(state->credentials.users.at(1).hashes,
            enrollment::digest_hashes("bob", "home.example", "geheim"));
}

TEST_F(Overlay, JoiningAgainRenewsTheStateAndKeepsTheConfiguration) {
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(join("kitchen").code, 0);
  const std::string config = content_of(folder_ / "kitchen.toml") + "# by hand\n";
  put_content(folder_ / "kitchen.toml", config);
  const std::string before = content_of(folder_ / "kitchen.state/credentials");
  ASSERT_EQ(admit("kitchen").code, 0);
  const Ended again = join("kitchen");
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(content_of(folder_ / "kitchen.toml"), config);
  EXPECT_NE(content_of(folder_ / "kitchen.state/credentials"), before);
}

TEST_F(Overlay, AFolderOfAnotherNodeIsKept) {
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(admit("loft").code, 0);
  ASSERT_EQ(join("kitchen").code, 0);
  const Ended ended = run({"join", folder_ / "loft.join", "--config", folder_ / "loft.toml",
                           "--state-dir", folder_ / "kitchen.state"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.err.find("belongs to node kitchen"), std::string::npos);
}

TEST_F(Overlay, ADamagedJoinFileChangesNothing) {
  ASSERT_EQ(admit("kitchen").code, 0);
  std::string file = content_of(folder_ / "kitchen.join");
  file.replace(file.find("home.example"), 12, "evil.example");
  put_content(folder_ / "kitchen.join", file);
  const Ended ended = join("kitchen");
  EXPECT_EQ(ended.code, 2);
  EXPECT_FALSE(ended.err.empty());
  EXPECT_EQ(content_of(folder_ / "kitchen.toml"), "");
  EXPECT_EQ(mode_of(folder_ / "kitchen.state"), 0u);
  put_content(folder_ / "kitchen.join", "something else");
  EXPECT_EQ(join("kitchen").code, 2);
}

TEST_F(Overlay, WrongListeningAddresses) {
  ASSERT_EQ(admit("kitchen").code, 0);
  EXPECT_EQ(join("kitchen", {"--listen-link", "7001"}).code, 2);
  EXPECT_EQ(
      join("kitchen", {"--listen-link", "127.0.0.1:7001", "--listen-sip", "127.0.0.1:7001"}).code,
      2);
  ASSERT_EQ(join("kitchen", {"--listen-link", "0.0.0.0:7001"}).code, 0);
  const auto config = read_node_toml(folder_ / "kitchen.toml");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->link_advertise.port, 7001);
  EXPECT_FALSE(config->link_advertise.ip.is_unspecified());
}

TEST_F(Overlay, AWishedNodeId) {
  const std::string id = "40000000000000000000000000000001";
  const Ended admitted = admit("kitchen", {"--node-id", id, "--json"});
  ASSERT_EQ(admitted.code, 0) << admitted.err;
  EXPECT_EQ(json::parse(admitted.out)["node_id"], id);
  EXPECT_EQ(admit("loft", {"--node-id", id}).code, 1);
  EXPECT_EQ(admit("attic", {"--node-id", "40"}).code, 2);
}

TEST_F(Overlay, UsersAreListedChangedAndRemoved) {
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(user({"add", "alice", "--nodes", "kitchen"}, "one\n").code, 0);
  EXPECT_EQ(user({"add", "alice"}, "one\n").code, 1);
  EXPECT_EQ(user({"add", "bootstrap"}, "one\n").code, 1);
  EXPECT_EQ(user({"add", "no good"}, "one\n").code, 2);
  EXPECT_EQ(user({"add", "bob"}, "\n").code, 2);
  EXPECT_EQ(user({"add", "bob"}, "").code, 1);
  EXPECT_EQ(user({"passwd", "nobody"}, "x\n").code, 1);
  ASSERT_EQ(admit("kitchen").code, 0);
  const Ended changed = user({"passwd", "alice", "--json"}, "two\n");
  ASSERT_EQ(changed.code, 0) << changed.err;
  EXPECT_EQ(json::parse(changed.out)["nodes_to_tell"], json({"kitchen"}));
  const json list = json::parse(user({"list", "--json"}).out);
  EXPECT_EQ(
      list["users"],
      json::parse(R"([{"aor":"alice@home.example","nodes":["kitchen"],"every_node":false}])"));
  const Ended removed = user({"remove", "alice", "--json"});
  ASSERT_EQ(removed.code, 0) << removed.err;
  EXPECT_EQ(json::parse(removed.out)["certificates_forbidden"], 1);
  EXPECT_EQ(json::parse(removed.out)["document_sequence"], 2);
  EXPECT_EQ(document().bad_certificates.size(), 1u);
  EXPECT_EQ(user({"remove", "alice"}).code, 1);
  EXPECT_EQ(user({"list"}).out, "");
}

TEST_F(Overlay, PasswordsAreNowhereInClear) {
  ASSERT_EQ(user({"add", "alice"}, "very-secret-word\n").code, 0);
  ASSERT_EQ(admit("kitchen").code, 0);
  for (const char* name : {"authority/users", "authority/ledger", "kitchen.join"}) {
    EXPECT_EQ(content_of(folder_ / name).find("very-secret-word"), std::string::npos) << name;
  }
  const std::string hash =
      to_hex(enrollment::digest_hashes("alice", "home.example", "very-secret-word").md5);
  EXPECT_EQ(content_of(folder_ / "kitchen.join").find(hash), std::string::npos);
}

TEST_F(Overlay, AnImportNamesTheLineThatIsWrong) {
  put_content(folder_ / "users.csv", "user,password\nalice,one\nbob\n");
  const Ended wrong = user({"import", folder_ / "users.csv"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_NE(wrong.err.find("users.csv:3: "), std::string::npos) << wrong.err;
  EXPECT_EQ(user({"list"}).out, "");
  put_content(folder_ / "users.csv", "user,password,nodes\nalice,one\nbob,two,kitchen\n");
  const Ended unknown = user({"import", folder_ / "users.csv"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("users.csv:3: there is no node 'kitchen'"), std::string::npos)
      << unknown.err;
  EXPECT_EQ(user({"list"}).out, "");
  ASSERT_EQ(admit("kitchen").code, 0);
  EXPECT_EQ(user({"import", folder_ / "users.csv"}).code, 0);
  EXPECT_EQ(user({"list"}).out,
            "alice@home.example  at every node\nbob@home.example  at kitchen\n");
  EXPECT_EQ(user({"import", folder_ / "none.csv"}).code, 2);
}

TEST_F(Overlay, ASiteAddsUsersAtItsNode) {
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(run({"overlay", "delegate", "kitchen", "--pattern", "2[0-9]+@home\\.example", "--dir",
                 folder_ / "authority", "--out", folder_ / "kitchen.site"})
                .code,
            0);
  EXPECT_EQ(mode_of(folder_ / "kitchen.site"), 0600u);
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(join("kitchen").code, 0);
  const std::vector<std::string> at_site = {"--site", folder_ / "kitchen.site", "--state-dir",
                                            folder_ / "kitchen.state"};
  const auto add = [&](const std::string& name) {
    std::vector<std::string> words = {"user", "add", name};
    words.insert(words.end(), at_site.begin(), at_site.end());
    return run(words, "pin\n");
  };
  const Ended added = add("201");
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_EQ(add("alice").code, 1);
  Now now;
  const auto state = enrollment::load_node_state(folder_ / "kitchen.state", now);
  ASSERT_TRUE(state) << state.error().text();
  ASSERT_EQ(state->credentials.users.size(), 1u);
  EXPECT_EQ(state->credentials.users[0].aor, "201@home.example");
}

}  // namespace
}  // namespace chordial::app
