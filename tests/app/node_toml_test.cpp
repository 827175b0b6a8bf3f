// A node's file: the annotated example is complete and true, and mistakes are named with their
// line.
#include "app/node_toml.h"

#include <gtest/gtest.h>
#include <set>

#include "app/node_file.h"
#include "process.h"

namespace chordial::app {
namespace {

std::string example() {
  return content_of(std::string(CHORDIAL_EXAMPLES) + "/node.toml");
}

// "section.key" of every line that sets one.
std::vector<std::string> keys_set_in(const std::string& toml) {
  std::vector<std::string> keys;
  std::string section;
  for (std::size_t at = 0; at < toml.size();) {
    const std::size_t end = std::min(toml.find('\n', at), toml.size());
    const std::string line = toml.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("[")) section = line.substr(1, line.find(']') - 1);
    const std::size_t equals = line.find(" = ");
    if (!line.starts_with("#") && equals != std::string::npos) {
      keys.push_back(section + '.' + line.substr(0, equals));
    }
  }
  return keys;
}

TEST(NodeToml, TheExampleHoldsEveryKeyOfTheTableInItsOrder) {
  std::vector<std::string> table;
  for (const NodeKey& key : node_keys()) {
    table.push_back(std::string(key.section) + '.' + key.name);
  }
  EXPECT_EQ(keys_set_in(example()), table);
}

TEST(NodeToml, TheExampleIsRead) {
  const auto config = read_node_toml("node.toml", example());
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->overlay, "home.example");
  EXPECT_EQ(config->bootstrap.size(), 2u);
  EXPECT_EQ(config->link_advertise.text(), "203.0.113.1:6084");
  EXPECT_EQ(config->aliases.at(0), "pbx.home.example");
  EXPECT_EQ(config->trusted_addresses.at(0).text(), "192.0.2.20");
}

TEST(NodeToml, TheExampleStatesTheDefaults) {
  const auto shown = read_node_toml("node.toml", example());
  const auto least = read_node_toml(
      "node.toml",
      "[node]\nstate_dir='x'\n[link]\nlisten='192.0.2.1:1'\n[application]\nlisten='192.0.2.1:2'\n"
      "[sip]\nudp=['192.0.2.1:3']\n");
  ASSERT_TRUE(shown && least);
  EXPECT_EQ(shown->first, least->first);
  EXPECT_EQ(shown->client, least->client);
  EXPECT_EQ(shown->expires_min_s, least->expires_min_s);
  EXPECT_EQ(shown->expires_max_s, least->expires_max_s);
  EXPECT_EQ(shown->offer_md5, least->offer_md5);
  EXPECT_EQ(shown->links_max, least->links_max);
  EXPECT_EQ(shown->transactions_max, least->transactions_max);
  EXPECT_EQ(shown->users_max, least->users_max);
  EXPECT_EQ(shown->connections_max, least->connections_max);
  EXPECT_EQ(shown->log_level, least->log_level);
}

TEST(NodeToml, MistakesAreNamedWithTheirLine) {
  struct Mistake {
    const char* from;
    const char* to;
  };
  const Mistake mistakes[] = {
      {"first = false", "first = 0"},
      {"state_dir = ", "statedir = "},
      {"listen = \"192.0.2.1:6084\"", "listen = \"192.0.2.1\""},
      {"[limits]", "[limit]"},
      {"links_max = 256", "links_max = -1"},
      {"level = \"info\"", "level = \"loud\""},
      {"aliases = [\"pbx.home.example\"]", "aliases = \"pbx.home.example\""},
      {"trusted_addresses = [\"192.0.2.20\"]", "trusted_addresses = [\"gateway\"]"},
      {"offer_md5 = true", "offer_md5 = yes"},
  };
  for (const Mistake& mistake : mistakes) {
    std::string text = example();
    const std::size_t place = text.find(mistake.from);
    ASSERT_NE(place, std::string::npos) << mistake.from;
    text.replace(place, std::string(mistake.from).size(), mistake.to);
    const auto line = std::to_string(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n') + 1);
    const auto config = read_node_toml("my.toml", text);
    ASSERT_FALSE(config) << mistake.to;
    EXPECT_TRUE(config.error().starts_with("my.toml:" + line + ":")) << config.error();
    EXPECT_EQ(config.error().find('\n'), std::string::npos) << config.error();
  }
}

TEST(NodeToml, WhatJoinWritesIsReadBack) {
  node::NodeConfig config;
  config.overlay = "home.example";
  config.state_dir = "/a \"quoted\" folder\\x";
  config.control_socket = "/run/x.sock";
  config.bootstrap = {*SocketAddress::parse("192.0.2.9:1")};
  config.first = true;
  config.link_listen = *SocketAddress::parse("0.0.0.0:6084");
  config.link_advertise = *SocketAddress::parse("192.0.2.1:6084");
  config.application_listen = *SocketAddress::parse("[2001:db8::1]:6085");
  config.sip_udp = {*SocketAddress::parse("192.0.2.1:5060")};
  config.sip_tcp = config.sip_udp;
  const auto back = read_node_toml("x", node_file(config, "a heading"));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->state_dir, config.state_dir);
  EXPECT_EQ(back->control_socket, config.control_socket);
  EXPECT_EQ(back->bootstrap, config.bootstrap);
  EXPECT_TRUE(back->first);
  EXPECT_EQ(back->link_listen, config.link_listen);
  EXPECT_EQ(back->link_advertise, config.link_advertise);
  EXPECT_EQ(back->application_listen, config.application_listen);
  EXPECT_EQ(back->application_advertise.port, 0);
  EXPECT_EQ(back->sip_udp, config.sip_udp);
}

TEST(NodeToml, AWrongFileIsExitTwoNamedByTheProgram) {
  const Folder folder;
  put_content(folder / "n.toml", "[node]\nnonsense = 1\n");
  const Ended ended = run({"status", "--config", folder / "n.toml"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.err.find("n.toml:2:"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace chordial::app
