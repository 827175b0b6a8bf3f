// The control socket, and the signals that end a process.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include "echo_node.h"
#include "loopback.h"

namespace chordial::driver {
namespace {

class Control : public ::testing::Test {
 protected:
  Control() {
    char name[] = "/tmp/chordial_control_XXXXXX";
    folder = ::mkdtemp(name);
    path = folder / "node.sock";
  }
  ~Control() override { std::filesystem::remove_all(folder); }

  Expected<void> listen(Reactor& on) {
    return on.listen_control(path,
                             [](Now, std::string_view request, const Reactor::ControlReply& reply) {
                               reply("<" + std::string(request) + ">");
                             });
  }

  std::filesystem::path folder;
  std::string path;
  EchoNode node;
  Reactor reactor{node, nullptr};
};

TEST_F(Control, OneLineInOneLineOut) {
  ASSERT_TRUE(listen(reactor));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const Running running(reactor);
  Client client(SOCK_STREAM, AF_UNIX);
  ASSERT_TRUE(client.connect(path));
  ASSERT_TRUE(client.send("status\n"));
  EXPECT_EQ(client.receive_lines(), "<status>\n");
  // In pieces, and more than one at once.
  ASSERT_TRUE(client.send("le"));
  ASSERT_TRUE(client.send("ave\nstatus\n"));
  EXPECT_EQ(client.receive_lines(2), "<leave>\n<status>\n");
}

TEST_F(Control, ARequestWithoutEndIsCutOff) {
  ASSERT_TRUE(listen(reactor));
  const Running running(reactor);
  Client client(SOCK_STREAM, AF_UNIX);
  ASSERT_TRUE(client.connect(path));
  const std::string much(200'000, 'x');
  client.send(much);
  const std::string answer = client.receive();
  EXPECT_TRUE(answer == "closed" || answer == "silence") << answer;
  Client other(SOCK_STREAM, AF_UNIX);
  ASSERT_TRUE(other.connect(path));
  ASSERT_TRUE(other.send("status\n"));
  EXPECT_EQ(other.receive_lines(), "<status>\n");
}

TEST_F(Control, ASecondNodeIsToldThatOneRuns) {
  ASSERT_TRUE(listen(reactor));
  EchoNode second_node;
  Reactor second(second_node, nullptr);
  EXPECT_EQ(listen(second).error().kind, ErrorKind::unavailable);
}

TEST_F(Control, WhatADeadNodeLeftIsReplaced) {
  {
    Client dead(SOCK_STREAM, AF_UNIX);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    ASSERT_EQ(::bind(dead.descriptor(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  ASSERT_TRUE(listen(reactor));
  const Running running(reactor);
  Client client(SOCK_STREAM, AF_UNIX);
  ASSERT_TRUE(client.connect(path));
  ASSERT_TRUE(client.send("status\n"));
  EXPECT_EQ(client.receive_lines(), "<status>\n");
}

// Whoever waits for the overlay is answered late; the reactor may be gone by then.
TEST_F(Control, AReplyMayOutliveTheReactor) {
  Reactor::ControlReply kept;
  Client client(SOCK_STREAM, AF_UNIX);
  {
    Reactor brief(node, nullptr);
    ASSERT_TRUE(brief.listen_control(path, [&](Now, std::string_view, Reactor::ControlReply reply) {
      kept = std::move(reply);
      brief.stop();
    }));
    ASSERT_TRUE(client.connect(path));
    ASSERT_TRUE(client.send("lookup\n"));
    brief.run();
  }
  ASSERT_TRUE(kept);
  kept("late");
  EXPECT_EQ(client.receive(), "closed");
}

TEST_F(Control, AReplyMayComeLate) {
  Reactor::ControlReply kept;
  ASSERT_TRUE(
      reactor.listen_control(path, [&](Now, std::string_view request, Reactor::ControlReply reply) {
        if (request == "wait") {
          kept = std::move(reply);
        } else if (kept) {
          kept("late");
          reply("done");
        } else {
          reply("not yet");
        }
      }));
  const Running running(reactor);
  Client waiting(SOCK_STREAM, AF_UNIX);
  Client other(SOCK_STREAM, AF_UNIX);
  ASSERT_TRUE(waiting.connect(path) && other.connect(path));
  ASSERT_TRUE(waiting.send("wait\n"));
  std::string said;
  do {
    ASSERT_TRUE(other.send("go\n"));
    said = other.receive_lines();
  } while (said == "not yet\n");
  EXPECT_EQ(said, "done\n");
  EXPECT_EQ(waiting.receive_lines(), "late\n");
}

TEST_F(Control, PathsThatCannotBe) {
  path = std::string(200, 'x');
  EXPECT_EQ(listen(reactor).error().kind, ErrorKind::limit);
  path = folder / "missing" / "node.sock";
  EXPECT_EQ(listen(reactor).error().kind, ErrorKind::invalid);
}

TEST_F(Control, TheSocketGoesWithTheNode) {
  ASSERT_TRUE(listen(reactor));
  node.done = true;
  reactor.run();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Control, TheFirstSignalLeaves) {
  int left = 0;
  reactor.on_signals([&](Now) {
    ++left;
    node.done = true;
  });
  ::raise(SIGTERM);
  reactor.run();
  EXPECT_EQ(left, 1);
}

TEST_F(Control, TheSecondSignalEndsANodeThatDoesNot) {
  int left = 0;
  reactor.on_signals([&](Now) {
    ++left;
    ::raise(SIGINT);
  });
  ::raise(SIGTERM);
  reactor.run();
  EXPECT_EQ(left, 1);
  EXPECT_FALSE(node.done);
}

TEST_F(Control, ANodeThatNeverLeavesIsEndedInTime) {
  ReactorLimits limits;
  limits.leave_time_max = std::chrono::milliseconds(20);
  Reactor impatient(node, nullptr, limits);
  int left = 0;
  impatient.on_signals([&](Now) { ++left; });
  ::raise(SIGTERM);
  impatient.run();
  EXPECT_EQ(left, 1);
  EXPECT_FALSE(node.done);
}

}  // namespace
}  // namespace chordial::driver
