// What every command promises: help, exit codes, one clear line where usage is wrong.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "process.h"

namespace chordial::app {
namespace {

TEST(CommandLine, VersionInWordsAndAsJson) {
  const Ended words = run({"version"});
  EXPECT_EQ(words.code, 0);
  EXPECT_EQ(words.out, std::string("chordial ") + CHORDIAL_TEST_VERSION + "\n");
  const Ended json = run({"version", "--json"});
  EXPECT_EQ(json.code, 0);
  EXPECT_EQ(nlohmann::json::parse(json.out)["version"], CHORDIAL_TEST_VERSION);
}

TEST(CommandLine, EveryCommandHasHelp) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"overlay"},
                                                          {"overlay", "create"},
                                                          {"overlay", "admit"},
                                                          {"join"},
                                                          {"user"},
                                                          {"user", "add"},
                                                          {"user", "passwd"},
                                                          {"user", "list"},
                                                          {"user", "remove"},
                                                          {"user", "import"},
                                                          {"overlay", "delegate"},
                                                          {"decode"},
                                                          {"status"},
                                                          {"peers"},
                                                          {"routes"},
                                                          {"registrations"},
                                                          {"lookup"},
                                                          {"ping"},
                                                          {"store"},
                                                          {"fetch"},
                                                          {"version"},
                                                          {"node"},
                                                          {"counters"}};
  for (std::vector<std::string> command : commands) {
    std::string shown;
    for (const std::string& word : command)
      shown += word + ' ';
    command.emplace_back("--help");
    const Ended ended = run(command);
    EXPECT_EQ(ended.code, 0) << shown;
    EXPECT_NE(ended.out.find("Usage: chordial"), std::string::npos) << shown;
    EXPECT_EQ(ended.err, "") << shown;
  }
}

TEST(CommandLine, WrongUsageIsExitTwoWithALineOnStandardError) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"nonsense"},
      {"version", "--nonsense"},
      {"overlay"},
      {"overlay", "create"},
      {"overlay", "create", "home.example"},
      {"overlay", "create", "home.example", "--dir", "x", "--successors", "300"},
      {"overlay", "create", "home.example", "--dir", "x", "--full-mesh=maybe"},
      {"overlay", "create", "home.example", "--dir", "x", "--algorithm", "ring"},
      {"overlay", "create", "home.example", "--dir", "x", "--bootstrap", "host.example"},
      {"overlay", "create", "not a name", "--dir", "x"},
      {"overlay", "admit", "kitchen", "--dir", "/nonexistent", "--out", "x"},
      {"user", "add", "alice"},
      {"user", "add", "alice", "--dir", "/nonexistent"},
      {"user", "list", "--dir", "/nonexistent"},
      {"join"},
      {"join", "/nonexistent.join"},
      {"decode"},
      {"decode", "/nonexistent"},
      {"lookup"},
      {"fetch", "sip:a@b"},
      {"status", "--config", "/nonexistent"},
  };
  for (const std::vector<std::string>& arguments : wrong) {
    std::string shown;
    for (const std::string& word : arguments)
      shown += word + ' ';
    const Ended ended = run(arguments, "secret\n");
    EXPECT_EQ(ended.code, 2) << shown << ended.out << ended.err;
    EXPECT_TRUE(ended.err.starts_with("chordial: ")) << shown << ended.err;
    EXPECT_EQ(ended.out, "") << shown;
  }
}

}  // namespace
}  // namespace chordial::app
