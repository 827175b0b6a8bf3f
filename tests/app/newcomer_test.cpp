// What a newcomer types, and what the program says to it: nothing is dropped silently, and every
// refusal says what to do.
#include <filesystem>
#include <sys/stat.h>

#include "app/node_toml.h"
#include "overlay_fixture.h"

namespace chordial::app {
namespace {

using Newcomer = Overlay;

bool says(const std::string& text, const char* what) {
  return text.find(what) != std::string::npos;
}

TEST_F(Newcomer, AnOverlayWithIceIsNotMadeWhileNoneCanRun) {
  const Ended ended = run({"overlay", "create", "o.example", "--dir", folder_ / "other"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(says(ended.err, "add --no-ice")) << ended.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "other"));
}

TEST_F(Newcomer, ANodeThatIsNotThereIsNamed) {
  ASSERT_EQ(admit("kitchen").code, 0);
  const Ended ended = user({"add", "alice", "--nodes", "kitchen,n9"}, "secret\n");
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(says(ended.err, "no node 'n9'")) << ended.err;
  EXPECT_EQ(user({"list"}).out, "");
}

TEST_F(Newcomer, AUserOfAnotherDomainIsToldHowToBeCalled) {
  const Ended ended = user({"add", "eve@other.example"}, "secret\n");
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(says(ended.err, "eve@other.example")) << ended.err;
  EXPECT_TRUE(says(ended.err, "eve or eve@home.example") ||
              says(ended.err, "alice or alice@home.example"))
      << ended.err;
  EXPECT_FALSE(says(ended.err, "@ and its name")) << ended.err;
}

TEST_F(Newcomer, UsersComeFromStandardInputToo) {
  const Ended ended = user({"import", "-"}, "user,password\nalice,one\nbob,two\n");
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(user({"list"}).out,
            "alice@home.example  at every node\nbob@home.example  at every node\n");
}

TEST_F(Newcomer, OptionsThatAKeptConfigurationWouldSwallowAreRefused) {
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(join("kitchen", {"--listen-link", "127.0.0.1:7001"}).code, 0);
  const std::string before = content_of(folder_ / "kitchen.toml");
  const std::vector<std::vector<std::string>> swallowed = {
      {"--listen-link", "127.0.0.1:7009"},
      {"--listen-application", "127.0.0.1:7009"},
      {"--listen-sip", "127.0.0.1:7009"},
      {"--listen-sip", "nonsense"},
  };
  for (const auto& more : swallowed) {
    const Ended ended = join("kitchen", more);
    EXPECT_EQ(ended.code, 2) << more[0];
    EXPECT_TRUE(says(ended.err, more[0].c_str())) << ended.err;
    EXPECT_TRUE(says(ended.err, "in that file")) << ended.err;
  }
  const Ended elsewhere = run({"join", folder_ / "kitchen.join", "--config",
                               folder_ / "kitchen.toml", "--state-dir", folder_ / "other.state"});
  EXPECT_EQ(elsewhere.code, 2);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "other.state"));
  // What says the same is no harm.
  EXPECT_EQ(join("kitchen", {"--listen-link", "127.0.0.1:7001"}).code, 0);
  EXPECT_EQ(content_of(folder_ / "kitchen.toml"), before);
}

TEST_F(Newcomer, FirstIsNotSwallowedEither) {
  ASSERT_EQ(admit("loft").code, 0);
  ASSERT_EQ(join("loft", {"--listen-link", "127.0.0.1:7044"}).code, 0);
  EXPECT_EQ(join("loft", {"--first"}).code, 2);
}

TEST_F(Newcomer, OneAddressMeansTheSameInterfaceForAll) {
  ASSERT_EQ(admit("kitchen").code, 0);
  ASSERT_EQ(join("kitchen", {"--listen-link", "127.0.0.3:7001"}).code, 0);
  const auto config = read_node_toml(folder_ / "kitchen.toml");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->application_listen.text(), "127.0.0.3:6085");
  EXPECT_EQ(config->sip_udp.at(0).text(), "127.0.0.3:5060");
  ASSERT_EQ(admit("loft").code, 0);
  ASSERT_EQ(join("loft", {"--listen-sip", "127.0.0.4:7001"}).code, 0);
  EXPECT_EQ(read_node_toml(folder_ / "loft.toml")->link_listen.text(), "127.0.0.4:6084");
}

TEST_F(Newcomer, LooseFoldersOfSecretsAreClosed) {
  ::chmod((folder_ / "authority").c_str(), 0755);
  ::chmod((folder_ / "authority/root.key").c_str(), 0644);
  ASSERT_EQ(user({"list"}).code, 0);
  EXPECT_EQ(mode_of(folder_ / "authority"), 0700u);
  EXPECT_EQ(mode_of(folder_ / "authority/root.key"), 0600u);
  EXPECT_EQ(mode_of(folder_ / "authority/document.xml"), 0644u);
  ASSERT_EQ(admit("kitchen").code, 0);
  std::filesystem::create_directory(folder_ / "kitchen.state");
  ::chmod((folder_ / "kitchen.state").c_str(), 0777);
  ASSERT_EQ(join("kitchen").code, 0);
  EXPECT_EQ(mode_of(folder_ / "kitchen.state"), 0700u);
}

TEST_F(Newcomer, AFolderThatOthersWriteToHoldsNoKeys) {
  ASSERT_EQ(admit("kitchen").code, 0);
  std::filesystem::create_directory(folder_ / "kitchen.state");
  put_content(folder_ / "kitchen.state/holiday.jpg", "not ours");
  ::chmod((folder_ / "kitchen.state").c_str(), 0777);
  const Ended ended = join("kitchen");
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(says(ended.err, "others may write")) << ended.err;
  EXPECT_EQ(mode_of(folder_ / "kitchen.state"), 0777u);  // nor is it taken from them
}

TEST(Hints, WrongUsagePointsToTheHelpOfTheCommand) {
  EXPECT_TRUE(says(run({"overlay", "create"}).err, "chordial overlay create --help"));
  EXPECT_TRUE(says(run({"user", "add", "--nonsense"}).err, "chordial user add --help"));
  EXPECT_TRUE(says(run({"nonsense"}).err, "chordial --help"));
}

TEST(Hints, AllHelpIsOnEveryCommandAndItsOptions) {
  const Ended ended = run({"--help-all"});
  EXPECT_EQ(ended.code, 0);
  for (const char* option : {"chordial overlay create", "--integrity-only", "chordial user import",
                             "--listen-application", "LIFETIME_S", "--threads", "--keylog"}) {
    EXPECT_TRUE(says(ended.out, option)) << option;
  }
}

TEST(Hints, StoreAndFetchSayWhatTheyTake) {
  const std::string help = run({"store", "--help"}).out;
  EXPECT_TRUE(says(help, "SIP-REGISTRATION")) << help;
  EXPECT_TRUE(says(help, "How long it stands")) << help;
}

TEST(Simulator, RunsInTheProgram) {
  const Ended ended = run({"sim", "run", "small-ring", "--seed", "7", "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json results = json::parse(ended.out);
  EXPECT_EQ(results["scenario"], "small-ring");
  EXPECT_EQ(results["seed"], 7);
  EXPECT_EQ(results["peers"], 32);
  EXPECT_TRUE(results["violations"].empty());
  EXPECT_EQ(
      json::parse(run({"sim", "run", "small-ring", "--seed", "7", "--json"}).out)["trace_sha256"],
      results["trace_sha256"]);
}

TEST(Simulator, WrongScenariosAreOneLineAndExitTwo) {
  const Folder folder;
  put_content(folder / "s.toml", "name = \"x\"\nnonsense = 1\n");
  const Ended unknown = run({"sim", "run", folder / "s.toml"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_TRUE(unknown.err.starts_with("chordial: " + (folder / "s.toml") + ":2: ")) << unknown.err;
  const Ended missing = run({"sim", "run", "no-such-scenario"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_TRUE(missing.err.starts_with("chordial: no-such-scenario: ")) << missing.err;
}

TEST(Simulator, ItsScenariosAreListed) {
  const Ended ended = run({"sim", "scenarios", "--json"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json list = json::parse(ended.out)["scenarios"];
  EXPECT_GE(list.size(), 3u);
  EXPECT_EQ(run({"sim", "scenarios"}).out.find(list[0]["name"].get<std::string>()), 0u);
}

}  // namespace
}  // namespace chordial::app
