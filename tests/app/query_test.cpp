// The clients of the control socket, against a node that says what the test wants.
#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "app/node_json.h"
#include "base/bytes.h"
#include "process.h"

namespace chordial::app {
namespace {

using nlohmann::json;

// Accepts one connection, reads one line, answers with one.
class OneAnswer {
 public:
  OneAnswer(const std::string& path, std::string reply) : reply_(std::move(reply)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 1) != 0) {
      std::abort();
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  // What was asked; complete once the client has ended.
  [[nodiscard]] const std::string& request() const { return request_; }

 private:
  void serve() {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    char c = 0;
    while (::read(connection, &c, 1) == 1 && c != '\n')
      request_ += c;
    // In two pieces, as a stream may bring it.
    const std::size_t half = reply_.size() / 2;
    (void)!::write(connection, reply_.data(), half);
    (void)!::write(connection, reply_.data() + half, reply_.size() - half);
    ::close(connection);
  }

  std::string reply_;
  std::string request_;
  int listener_ = -1;
  std::thread thread_;
};

TEST(Query, NoNodeIsExitThree) {
  const Folder folder;
  for (const char* command : {"status", "peers", "routes", "registrations", "counters"}) {
    const Ended ended = run({command, "--json", "--socket", folder / "none.sock"});
    EXPECT_EQ(ended.code, 3) << command;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err.find("no node is running"), std::string::npos) << ended.err;
  }
  EXPECT_EQ(run({"lookup", "sip:bob@o", "--socket", folder / "none.sock"}).code, 3);
}

TEST(Query, AHealthyStatusIsExitZero) {
  const Folder folder;
  const json status = {{"version", "1"}, {"state", "ring"}, {"problems", json::array()}};
  const OneAnswer node(folder / "s", json{{"ok", true}, {"result", status}}.dump() + "\n");
  const Ended ended = run({"status", "--json", "--socket", folder / "s"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out), status);
  EXPECT_EQ(json::parse(node.request())["command"], "status");
}

TEST(Query, ProblemsAreExitOne) {
  const Folder folder;
  const json problem = {{"code", "isolated"}, {"text", "alone"}, {"action", "check"}};
  const json status = {{"state", "isolated"}, {"problems", {problem}}};
  const OneAnswer node(folder / "s", json{{"ok", true}, {"result", status}}.dump() + "\n");
  const Ended ended = run({"status", "--socket", folder / "s"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.out.find("state: isolated\n"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("action: check\n"), std::string::npos) << ended.out;
}

TEST(Query, ArgumentsTravelAndKindsHaveNames) {
  const Folder folder;
  const OneAnswer node(folder / "s", "{\"ok\":true,\"result\":{}}\n");
  EXPECT_EQ(run({"fetch", "bob@o", "SIP-REGISTRATION", "--socket", folder / "s"}).code, 0);
  EXPECT_EQ(json::parse(node.request()),
            json({{"command", "fetch"}, {"arguments", {"bob@o", "1"}}}));
}

TEST(Query, AnOptionalArgumentMayBeLeftOut) {
  const Folder folder;
  const OneAnswer node(folder / "s", "{\"ok\":true,\"result\":{}}\n");
  EXPECT_EQ(run({"store", "n", "7", "v", "60", "--socket", folder / "s"}).code, 0);
  EXPECT_EQ(json::parse(node.request())["arguments"], json({"n", "7", "v", "60"}));
}

TEST(Query, ARefusalIsExitOneWithItsReason) {
  const Folder folder;
  const OneAnswer node(folder / "s", "{\"ok\":false,\"error\":\"Error_Not_Found: none\"}\n");
  const Ended ended = run({"lookup", "bob@o", "--json", "--socket", folder / "s"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("Error_Not_Found: none"), std::string::npos) << ended.err;
}

TEST(Query, WrongArgumentsAreExitTwo) {
  const Folder folder;
  const OneAnswer node(folder / "s",
                       "{\"ok\":false,\"wrong_usage\":true,\"error\":\"'zz' is no Node-ID\"}\n");
  const Ended ended = run({"ping", "zz", "--socket", folder / "s"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.err.find("ping: 'zz' is no Node-ID\n"), std::string::npos) << ended.err;
  EXPECT_NE(ended.err.find("chordial ping --help"), std::string::npos) << ended.err;
}

// What `command` prints for people when the node answers `result`.
std::string shown(const char* command, const json& result) {
  const Folder folder;
  const OneAnswer node(folder / "s", json{{"ok", true}, {"result", result}}.dump() + "\n");
  std::vector<std::string> words = {command};
  if (std::string(command) == "lookup") words.emplace_back("alice");
  if (std::string(command) == "fetch") words.insert(words.end(), {"alice", "1"});
  words.insert(words.end(), {"--socket", folder / "s"});
  return run(words).out;
}

TEST(Shown, StateAndProblemsComeFirst) {
  const json problem = {{"code", "isolated"}, {"text", "alone"}, {"action", "check"}};
  const std::string text =
      shown("status", {{"algorithm", "CHORD-RELOAD"},
                       {"document_sequence", 3},
                       {"overlay", "home.example"},
                       {"overlay_size_estimate", 1.0},
                       {"bootstrap", {{"method", "configured"}, {"address", "192.0.2.7:6084"}}},
                       {"links", json::array()},
                       {"problems", {problem}},
                       {"state", "isolated"}});
  EXPECT_TRUE(text.starts_with("state: isolated\nproblem: isolated: alone\n  action: check\n"))
      << text;
  EXPECT_NE(text.find("overlay: home.example, about 1 node, CHORD-RELOAD, document 3\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("bootstrap: configured, 192.0.2.7:6084\n"), std::string::npos) << text;
}

TEST(Shown, PeersWithTheAgeOfTheirLastWord) {
  const std::string text = shown("peers", {{"peers",
                                            {{{"node_id", "aa"},
                                              {"address", "192.0.2.7:6084"},
                                              {"path", "direct"},
                                              {"rtt_ms", 1.25},
                                              {"last_contact_s", 192.4},
                                              {"security", "ECDHE"}}}},
                                           {"left_out", 12}});
  EXPECT_NE(text.find("aa    192.0.2.7:6084  direct  1.2 ms  3 min 12 s ago  ECDHE\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("and 12 more, which are not shown\n"), std::string::npos) << text;
}

TEST(Shown, RegistrationsWithWhatIsLeftOfThem) {
  const std::string text = shown(
      "registrations",
      {{"registrations",
        {{{"aor", "alice@home.example"},
          {"contacts",
           {{{"uri", "sip:alice@192.0.2.9"}, {"flow", "udp x"}, {"expires_in_s", 3720}}}}}}}});
  EXPECT_EQ(text, "alice@home.example\n  sip:alice@192.0.2.9, for another 1 h 2 min, by udp x\n");
}

TEST(Shown, ALookupNamesNodesAndNoHexadecimalValue) {
  const json value = {
      {"value", "00ff00ff"}, {"expires_in_s", 59}, {"route", {"n1", "n2"}}, {"forward_to", ""}};
  const json forwarded = {{"value", "01"},
                          {"expires_in_s", 90000},
                          {"route", json::array()},
                          {"forward_to", "carol@home.example"}};
  const std::string text = shown("lookup", {{"name", "alice@home.example"},
                                            {"values", {value, forwarded}},
                                            {"by", "n9"},
                                            {"hops", 2},
                                            {"rtt_ms", 3.0}});
  EXPECT_EQ(text,
            "alice@home.example\n  at node n2, for another 59 s\n  calls go to "
            "carol@home.example, for another 1 d 1 h\nanswered by n9 over 2 links in 3.0 ms\n");
}

TEST(Shown, FetchedTextIsShownAsText) {
  const json values = {{{"value", to_hex(as_bytes("hello"))}, {"expires_in_s", 5}, {"key", "ab"}},
                       {{"value", "0001"}, {"expires_in_s", 5}, {"key", ""}}};
  const std::string text =
      shown("fetch", {{"values", values}, {"by", "n9"}, {"hops", 1}, {"rtt_ms", 1.0}});
  EXPECT_EQ(
      text,
      "ab: \"hello\", for another 5 s\n0x0001, for another 5 s\nanswered by n9 over 1 link in "
      "1.0 ms\n");
}

// A list that would not end is cut, and says so.
TEST(Replies, AreBounded) {
  BoundedList list;
  for (int i = 0; i < 2500; ++i)
    list.add({{"aor", "user" + std::to_string(i)}});
  list.leave_out(10);
  json reply;
  list.put(reply, "registrations");
  EXPECT_EQ(reply["registrations"].size(), reply_entries_max);
  EXPECT_EQ(reply["left_out"], 2500 - reply_entries_max + 10);
  BoundedList large;
  for (int i = 0; i < 10; ++i)
    large.add(std::string(300'000, 'x'));
  json short_reply;
  large.put(short_reply, "values");
  EXPECT_EQ(short_reply["values"].size(), 3u);
  EXPECT_EQ(short_reply["left_out"], 7);
  BoundedList small;
  json whole;
  small.put(whole, "values");
  EXPECT_FALSE(whole.contains("left_out"));
}

TEST(Query, NonsenseAndSilenceAreExitOne) {
  const Folder folder;
  {
    const OneAnswer node(folder / "a", "what?\n");
    EXPECT_EQ(run({"status", "--socket", folder / "a"}).code, 1);
  }
  const OneAnswer node(folder / "b", "");  // closes without a word
  EXPECT_EQ(run({"status", "--socket", folder / "b"}).code, 1);
}

}  // namespace
}  // namespace chordial::app
