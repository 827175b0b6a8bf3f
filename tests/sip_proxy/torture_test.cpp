// The table of tests/torture against the proxy of one node: each message from a stranger over UDP
// and TCP, and from a user of the domain over UDP. tests/process/torture_test.py sends the same
// table to a node that runs.
#include <fstream>
#include <iterator>
#include <sstream>

#include "sip/flow/stream_framer.h"
#include "sip_proxy/world.h"

namespace chordial::sip::test {
namespace {

const std::string folder = CHORDIAL_TEST_DATA "/torture/";

struct Case {
  std::string file, source, udp, tcp, user;
};

std::vector<Case> cases() {
  std::ifstream table(folder + "cases.csv");
  std::vector<Case> out;
  std::string line;
  std::getline(table, line);  // names of the columns
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    Case c;
    for (std::string* field : {&c.file, &c.source, &c.udp, &c.tcp, &c.user})
      std::getline(fields, *field, ',');
    out.push_back(c);
  }
  return out;
}

std::string bytes_of(const Case& c) {
  std::ifstream file(folder + c.file + ".dat", std::ios::binary);
  EXPECT_TRUE(file.good()) << c.file;
  return {std::istreambuf_iterator<char>(file), {}};
}

class Bench {
 public:
  Bench()
      : node(world, 1, "192.0.2.1:5060", "example.com", {"example.net", "example.org"},
             {user.remote.ip}) {
    register_user("user@example.com");
  }
  // So that a request for any user of the domain finds a phone.
  void register_addressee(const std::string& text) {
    const auto message = Message::parse(as_bytes(text));
    const auto uri = message ? message->request_uri() : Failure(message.error());
    const auto aor = uri ? node.names.aor_of(*uri) : Failure(uri.error());
    if (aor && node.names.is_domain(*uri)) register_user(*aor);
  }
  void register_user(const std::string& aor) {
    Binding binding;
    binding.uri = "sip:phone@198.51.100.50";
    binding.flow = Flow::udp(node.address, *SocketAddress::parse("198.51.100.50:5060"));
    binding.expires = world.now.monotonic + std::chrono::hours(1);
    node.registrar.restore(world.now, aor, {binding});
  }

  std::string over_udp(const Flow& flow, const std::string& text) {
    (void)node.transactions.handle_message(world.now, flow, as_bytes(text));
    return outcome();
  }
  // With '!' where the connection must be closed.
  std::string over_tcp(const std::string& text) {
    const Flow flow = Flow::over_stream(TransportKind::tcp, ports::StreamId{7}, node.address,
                                        *SocketAddress::parse("198.51.100.7:4000"));
    StreamFramer framer;
    ByteView bytes = as_bytes(text);
    bool closed = false;
    while (!closed) {
      const auto item = framer.next(bytes);
      if (item && !*item) break;
      closed = !item;
      if (!item || (*item)->kind != StreamItem::Kind::message) continue;
      const auto handled = node.transactions.handle_message(world.now, flow, (*item)->bytes);
      closed = !handled && handled.error().kind == ErrorKind::malformed;
    }
    return outcome() + (closed ? "!" : "");
  }

  World world;
  const Flow stranger = Flow::udp(*SocketAddress::parse("192.0.2.1:5060"),
                                  *SocketAddress::parse("198.51.100.7:5060"));
  const Flow user = Flow::udp(*SocketAddress::parse("192.0.2.1:5060"),
                              *SocketAddress::parse("198.51.100.8:5060"));
  Node node;

 private:
  // The status of the first final answer, "forwarded", or "-".
  std::string outcome() const {
    for (const std::string& text : node.sent) {
      if (text.rfind("SIP/2.0 1", 0) == 0) continue;
      return text.rfind("SIP/2.0 ", 0) == 0 ? text.substr(8, 3) : "forwarded";
    }
    return "-";
  }
};

TEST(Torture, EachMessageIsTreatedAsTheTableSays) {
  const auto all = cases();
  EXPECT_GT(all.size(), 140u);
  for (const Case& c : all) {
    const std::string text = bytes_of(c);
    {
      Bench bench;
      EXPECT_EQ(bench.over_udp(bench.stranger, text), c.udp) << c.file << " over UDP";
      EXPECT_EQ(bench.node.proxy.contexts(), 0u) << c.file;
      EXPECT_EQ(bench.node.transactions.size(), 0u) << c.file;
    }
    {
      Bench bench;
      EXPECT_EQ(bench.over_tcp(text), c.tcp) << c.file << " over TCP";
      EXPECT_EQ(bench.node.transactions.size(), 0u) << c.file;
    }
    Bench bench;
    bench.register_addressee(text);
    EXPECT_EQ(bench.over_udp(bench.user, text), c.user) << c.file << " from a user";
    bench.world.pass(std::chrono::seconds(70));
    EXPECT_LE(bench.node.transactions.size(), 2u) << c.file;
  }
}

}  // namespace
}  // namespace chordial::sip::test
