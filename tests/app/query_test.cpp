// The clients of the control socket, against a node that says what the test wants.
#include <cstring>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

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
