// REGISTERs and what becomes of them (RFC 3261 §10.3, RFC 3327).
#include "sip/registrar/registrar.h"

#include <deque>
#include <gtest/gtest.h>

#include "sip/registrar/date.h"

namespace chordial::sip {
namespace {

class RegistrarTest : public testing::Test, public RegistrarHandler, public LocationService {
 protected:
  std::optional<Expected<Located>> lookup(Now, ports::RequestId, const LookupQuery&,
                                          LocationHandler&) override {
    return Expected<Located>{Located{}};
  }
  std::optional<Expected<void>> update(Now, ports::RequestId id, const LocationUpdate& update,
                                       LocationHandler&) override {
    updates.push_back(
        {std::string(update.aor), update.bindings.size(), update.lifetime_s, update.lazy});
    pending.push_back(id);
    if (slow) return std::nullopt;
    return result;
  }
  void on_register_answer(Now, RegisterTicket of, const RegisterAnswer& answer) override {
    later.emplace_back(of, answer);
  }

  struct Sent {
    std::string contacts = "Contact: <sip:alice@198.51.100.1>\r\n";
    std::string extra{};
    std::string call_id = "c1";
    unsigned cseq = 1;
    std::string to = "<sip:alice@dht.example>";
    std::string user = "alice@dht.example";
  };
  std::optional<RegisterAnswer> ask(const Sent& sent) {
    const std::string text =
        "REGISTER sip:dht.example SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: " +
        sent.to + ";tag=1\r\nTo: " + sent.to + "\r\nCall-ID: " + sent.call_id +
        "\r\nCSeq: " + std::to_string(sent.cseq) + " REGISTER\r\n" + sent.contacts + sent.extra +
        "\r\n";
    const auto message = Message::parse(as_bytes(text));
    EXPECT_TRUE(message) << text;
    return registrar.handle(now, ++ticket, *message, flow, sent.user, *this);
  }
  int status(const Sent& sent) { return ask(sent)->status; }
  std::vector<std::string> contacts(const Sent& sent) { return ask(sent)->contacts; }
  void pass(int seconds) {
    now.monotonic += std::chrono::seconds(seconds);
    now.wall += std::chrono::seconds(seconds);
    timers.run(now);
  }
  std::size_t known(const char* aor = "alice@dht.example") {
    std::vector<Target> targets;
    registrar.contacts_of(now, aor, targets);
    return targets.size();
  }

  struct Update {
    std::string aor;
    std::size_t bindings;
    std::uint32_t lifetime_s;
    bool lazy;
  };
  Now now{MonotonicTime(std::chrono::hours(1)), WallTime(std::chrono::seconds(1289690940))};
  TimerQueue timers{now.monotonic};
  const OwnNames names{
      "dht.example", NodeId{{0, 1}}, {}, {*SocketAddress::parse("192.0.2.1:5060")}};
  Flow flow = Flow::udp(*SocketAddress::parse("192.0.2.1:5060"),
                        *SocketAddress::parse("198.51.100.1:5060"));
  Registrar registrar{{.aors_max = 3, .waiting_per_aor_max = 2}, names, *this, timers};
  RegisterTicket ticket = 0;
  std::vector<Update> updates;
  std::deque<ports::RequestId> pending;
  std::vector<std::pair<RegisterTicket, RegisterAnswer>> later;
  Expected<void> result;
  bool slow = false;
};

TEST_F(RegistrarTest, StoresAndLists) {
  const auto answer = ask({.extra = "Expires: 600\r\n"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->contacts, std::vector<std::string>{"<sip:alice@198.51.100.1>;expires=600"});
  EXPECT_EQ(answer->date, "Sat, 13 Nov 2010 23:29:00 GMT");
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0].lifetime_s, 750u) << "a quarter longer than the binding";
  EXPECT_FALSE(updates[0].lazy);
  pass(100);
  EXPECT_EQ(contacts({.contacts = "", .cseq = 2}),
            std::vector<std::string>{"<sip:alice@198.51.100.1>;expires=500"})
      << "a question changes nothing";
  EXPECT_EQ(updates.size(), 1u);
}

TEST_F(RegistrarTest, ARecordRouteMeansNothing) {
  ASSERT_EQ(status({.extra = "Record-Route: <sip:elsewhere@192.0.2.9;lr>\r\n"}), 200);
  std::vector<Target> targets;
  registrar.contacts_of(now, "alice@dht.example", targets);
  ASSERT_EQ(targets.size(), 1u);
  EXPECT_TRUE(std::get<LocalContact>(targets[0]).path.empty());
}

TEST_F(RegistrarTest, OneBadContactChangesNothing) {
  ASSERT_EQ(status({}), 200);
  for (const char* second : {"mailto:alice@x", "<sip:bad", "<sip:alice@198.51.100.9>;expires=1"}) {
    const std::string both = std::string("Contact: <sip:alice@198.51.100.7>, ") + second + "\r\n";
    EXPECT_GE(status({.contacts = both, .cseq = 2}), 400) << second;
    EXPECT_EQ(known(), 1u) << second;
  }
  EXPECT_EQ(updates.size(), 1u);
}

TEST_F(RegistrarTest, WhereTheExpiryComesFrom) {
  EXPECT_EQ(contacts({.contacts = "Contact: <sip:a@198.51.100.1>;expires=120, "
                                  "<sip:b@198.51.100.1>\r\n",
                      .extra = "Expires: 600\r\n"}),
            (std::vector<std::string>{"<sip:a@198.51.100.1>;expires=120",
                                      "<sip:b@198.51.100.1>;expires=600"}))
      << "its own before the Expires header";
  EXPECT_EQ(contacts({.contacts = "Contact: <sip:a@198.51.100.1>\r\n", .cseq = 2}).front(),
            "<sip:a@198.51.100.1>;expires=3600")
      << "the default";
  EXPECT_EQ(
      contacts({.contacts = "Contact: <sip:a@198.51.100.1>;expires=soon\r\n", .cseq = 3}).front(),
      "<sip:a@198.51.100.1>;expires=3600")
      << "what cannot be read is 3600 (§20.10)";
}

TEST_F(RegistrarTest, SeveralPhonesOfOneUser) {
  ASSERT_EQ(status({}), 200);
  const auto all = contacts(
      {.contacts = "m: <sip:alice@198.51.100.2;transport=tcp>;q=0.7;expires=120;+sip.instance="
                   "\"<urn:uuid:1>\"\r\n",
       .call_id = "c2"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1],
            "<sip:alice@198.51.100.2;transport=tcp>;+sip.instance=\"<urn:uuid:1>\";q=0.700"
            ";expires=120");
  std::vector<Target> targets;
  registrar.contacts_of(now, "alice@dht.example", targets);
  EXPECT_EQ(std::get<LocalContact>(targets[0]).uri, "sip:alice@198.51.100.1");
  EXPECT_EQ(std::get<LocalContact>(targets[1]).instance, "<urn:uuid:1>");
  EXPECT_EQ(std::get<LocalContact>(targets[1]).flow, flow);
}

TEST_F(RegistrarTest, Refusals) {
  struct Case {
    const char* what;
    Sent sent;
    int status;
  };
  std::string eleven = "Contact: <sip:a@10.0.0.0>";
  for (int i = 1; i <= 10; ++i)
    eleven += ", <sip:a@10.0.0." + std::to_string(i) + ">";
  const Case cases[] = {
      {"somebody else", {.user = "bob@dht.example"}, 403},
      {"a foreign user", {.to = "<sip:alice@elsewhere.example>"}, 404},
      {"a node", {.to = "<sip:node-00000000000000000000000000000001@dht.example>"}, 404},
      {"no user", {.to = "<sip:dht.example>"}, 404},
      {"too brief", {.extra = "Expires: 30\r\n"}, 423},
      {"star without Expires", {.contacts = "Contact: *\r\n"}, 400},
      {"star with time", {.contacts = "Contact: *\r\n", .extra = "Expires: 9\r\n"}, 400},
      {"star and more", {.contacts = "Contact: *, <sip:a@b>\r\n", .extra = "Expires: 0\r\n"}, 400},
      {"a telephone", {.contacts = "Contact: <tel:+1>\r\n"}, 416},
      {"too many", {.contacts = eleven + "\r\n"}, 400},
      {"unknown extension", {.extra = "Require: path, gruu\r\n"}, 420},
  };
  for (const Case& c : cases) {
    const auto answer = ask(c.sent);
    ASSERT_TRUE(answer) << c.what;
    EXPECT_EQ(answer->status, c.status) << c.what;
    EXPECT_EQ(answer->min_expires_s, c.status == 423 ? 60u : 0u);
    EXPECT_EQ(answer->unsupported, c.status == 420 ? "gruu" : "");
  }
  EXPECT_TRUE(updates.empty());
  EXPECT_EQ(known(), 0u);
}

TEST_F(RegistrarTest, NodeAddressMeansTheDomain) {
  EXPECT_EQ(status({.to = "<sip:alice@192.0.2.1>"}), 200);
  EXPECT_EQ(known(), 1u);
}

TEST_F(RegistrarTest, LongAskedIsCutAndExpiresByTimer) {
  EXPECT_EQ(contacts({.extra = "Expires: 999999\r\n"}).front(),
            "<sip:alice@198.51.100.1>;expires=3600");
  pass(3599);
  EXPECT_EQ(known(), 1u);
  pass(2);
  EXPECT_EQ(known(), 0u);
  EXPECT_EQ(registrar.aors(), 0u) << "who has nothing is forgotten";
  EXPECT_EQ(updates.back().bindings, 0u);
}

TEST_F(RegistrarTest, RemovesOneOrAll) {
  ASSERT_EQ(status({}), 200);
  ASSERT_EQ(status({.contacts = "Contact: <sip:alice@198.51.100.2>\r\n", .call_id = "c2"}), 200);
  EXPECT_EQ(
      contacts({.contacts = "Contact: <SIP:alice@198.51.100.1>;expires=0\r\n", .cseq = 2}).size(),
      1u);
  EXPECT_EQ(contacts({.contacts = "Contact: *\r\n", .extra = "Expires: 0\r\n", .cseq = 3}).size(),
            0u);
  EXPECT_EQ(registrar.aors(), 0u);
}

TEST_F(RegistrarTest, OrderByCallIdAndCSeq) {
  ASSERT_EQ(status({.cseq = 5}), 200);
  EXPECT_EQ(status({.cseq = 5}), 500) << "not higher";
  EXPECT_EQ(status({.contacts = "Contact: *\r\n", .extra = "Expires: 0\r\n", .cseq = 4}), 500);
  EXPECT_EQ(status({.contacts = "Contact: <sip:new@198.51.100.9>, <sip:alice@198.51.100.1>\r\n",
                    .cseq = 5}),
            500);
  EXPECT_EQ(known(), 1u) << "all or nothing";
  EXPECT_EQ(status({.call_id = "after-restart", .cseq = 1}), 200);
}

TEST_F(RegistrarTest, APhoneIsCalledAtItsContactUnlessANatIsInFront) {
  const auto way = [&](const char* user) {
    std::vector<Target> targets;
    registrar.contacts_of(now, user, targets);
    return std::get<LocalContact>(targets.at(0)).flow.remote.text();
  };
  flow.remote = *SocketAddress::parse("198.51.100.1:40000");
  ASSERT_EQ(status({.contacts = "Contact: <sip:alice@198.51.100.1:7000>\r\n"}), 200);
  EXPECT_EQ(way("alice@dht.example"), "198.51.100.1:7000");
  ASSERT_EQ(status({.contacts = "Contact: <sip:alice@198.51.100.1:7000>;expires=0, "
                                "<sip:alice@192.168.1.5:5060>\r\n",
                    .cseq = 2}),
            200);
  EXPECT_EQ(way("alice@dht.example"), "198.51.100.1:40000");
}

TEST_F(RegistrarTest, RefreshIsPublishedEveryQuarter) {
  ASSERT_EQ(status({.extra = "Expires: 400\r\n", .cseq = 1}), 200);
  for (unsigned i = 2; i <= 9; ++i) {
    pass(30);
    ASSERT_EQ(status({.extra = "Expires: 400\r\n", .cseq = i}), 200);
  }
  ASSERT_EQ(updates.size(), 3u) << "after 0, 120 and 240 seconds";
  EXPECT_TRUE(updates[1].lazy);
  EXPECT_EQ(updates[1].lifetime_s, 500u);
  flow.remote.ip = *IpAddress::parse("203.0.113.9");  // a new way is no refresh
  ASSERT_EQ(status({.extra = "Expires: 400\r\n", .cseq = 10}), 200);
  ASSERT_EQ(updates.size(), 4u);
  EXPECT_FALSE(updates[3].lazy);
}

TEST_F(RegistrarTest, VisibleOnlyWhenCommitted) {
  slow = true;
  EXPECT_FALSE(ask({}));
  EXPECT_EQ(known(), 0u);
  EXPECT_FALSE(ask({.contacts = "Contact: <sip:alice@198.51.100.2>\r\n", .call_id = "c2"}));
  EXPECT_FALSE(ask({.contacts = "", .call_id = "c3"}));
  EXPECT_EQ(status({.call_id = "c4"}), 503) << "two wait already";
  registrar.on_updated(now, pending[0], {});
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].first, 1u);
  EXPECT_EQ(later[0].second.contacts.size(), 1u);
  EXPECT_EQ(known(), 1u);
  registrar.on_updated(now, pending[1], failure(ErrorKind::unavailable, "overlay", "gone"));
  ASSERT_EQ(later.size(), 3u) << "the second fails, the question is answered";
  EXPECT_EQ(later[1].second.status, 500);
  EXPECT_NE(later[1].second.retry_after_s, 0u);
  EXPECT_EQ(later[2].second.status, 200);
  EXPECT_EQ(later[2].second.contacts.size(), 1u) << "tentative changes are undone";
}

TEST_F(RegistrarTest, WhatWasRefusedIsTakenBack) {
  ASSERT_EQ(status({.extra = "Expires: 600\r\n"}), 200);
  slow = true;
  EXPECT_FALSE(ask({.contacts = "Contact: *\r\n", .extra = "Expires: 0\r\n", .cseq = 2}));
  ASSERT_EQ(updates.back().bindings, 0u);
  registrar.on_updated(now, pending.back(), failure(ErrorKind::unavailable, "overlay", "gone"));
  ASSERT_EQ(later.back().second.status, 500);
  EXPECT_EQ(known(), 1u);
  ASSERT_EQ(updates.size(), 3u) << "the binding stays, and disk and overlay hear that it does";
  EXPECT_EQ(updates.back().bindings, 1u);
  EXPECT_EQ(updates.back().lifetime_s, 750u);

  const Sent bob{.to = "<sip:bob@dht.example>", .user = "bob@dht.example"};
  EXPECT_FALSE(ask(bob));
  registrar.on_updated(now, pending.back(), failure(ErrorKind::unavailable, "overlay", "gone"));
  ASSERT_EQ(updates.size(), 5u);
  EXPECT_EQ(updates.back().aor, "bob@dht.example");
  EXPECT_EQ(updates.back().bindings, 0u);
  EXPECT_EQ(registrar.aors(), 1u);
}

TEST_F(RegistrarTest, ForbiddenByTheLocationService) {
  result = failure(ErrorKind::forbidden, "user", "no certificate");
  EXPECT_EQ(status({}), 403);
  EXPECT_EQ(registrar.aors(), 0u);
}

TEST_F(RegistrarTest, UsersAreBounded) {
  for (const char* name : {"a", "b", "c"}) {
    const std::string at = std::string(name) + "@dht.example";
    EXPECT_EQ(status({.to = "<sip:" + at + ">", .user = at}), 200);
  }
  EXPECT_EQ(status({}), 503);
  EXPECT_EQ(registrar.bindings(), 3u);
}

TEST_F(RegistrarTest, PathIsKept) {
  ASSERT_EQ(status({.extra = "Path: <sip:p2.example;lr>, <sip:p1.example;lr>\r\n"}), 200);
  std::vector<Target> targets;
  registrar.contacts_of(now, "alice@dht.example", targets);
  EXPECT_EQ(std::get<LocalContact>(targets[0]).path,
            (std::vector<std::string>{"<sip:p2.example;lr>", "<sip:p1.example;lr>"}));
}

TEST_F(RegistrarTest, RestoredBindingsLiveOn) {
  Binding binding;
  binding.uri = "sip:alice@198.51.100.1";
  binding.flow = flow;
  binding.call_id = "c1";
  binding.cseq = 7;
  binding.expires = now.monotonic + std::chrono::seconds(100);
  Binding old = binding;
  old.uri = "sip:alice@198.51.100.2";
  old.expires = now.monotonic;
  EXPECT_EQ(registrar.restore(now, "alice@dht.example", {binding, old}).size(), 1u);
  EXPECT_EQ(known(), 1u);
  EXPECT_TRUE(updates.empty());
  EXPECT_EQ(status({.cseq = 7}), 500);
  EXPECT_EQ(status({.cseq = 8}), 200);
}

TEST_F(RegistrarTest, RestoredConnectionsAreGone) {
  Binding behind_nat;
  behind_nat.uri = "sip:alice@10.0.0.1;transport=tcp";
  behind_nat.flow = Flow::over_stream(TransportKind::tcp, {}, flow.local, flow.remote);
  behind_nat.expires = now.monotonic + std::chrono::seconds(100);
  Binding in_the_open = behind_nat;
  in_the_open.uri = "sip:alice@198.51.100.1:5080;transport=tcp";
  Binding tls = in_the_open;
  tls.flow.transport = TransportKind::tls;
  const auto kept = registrar.restore(now, "alice@dht.example", {behind_nat, in_the_open, tls});
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].uri, in_the_open.uri);
  EXPECT_EQ(kept[0].flow.remote.port, 5080);
  EXPECT_EQ(known(), 1u);
  EXPECT_TRUE(registrar.restore(now, "bob@dht.example", {behind_nat}).empty());
  EXPECT_EQ(registrar.aors(), 1u);
}

TEST_F(RegistrarTest, LostConnection) {
  flow = Flow::over_stream(TransportKind::tcp, ports::StreamId{9}, flow.local,
                           *SocketAddress::parse("198.51.100.1:40000"));
  ASSERT_EQ(status({.contacts = "Contact: <sip:alice@198.51.100.1:5080;transport=tcp>, "
                                "<sip:alice@10.0.0.1>, <sip:alice@198.51.100.1:1>;reg-id=1\r\n"}),
            200);
  registrar.flow_failed(now, flow);
  std::vector<Target> left;
  registrar.contacts_of(now, "alice@dht.example", left);
  ASSERT_EQ(left.size(), 1u) << "behind a NAT, or by its own connection only: gone";
  EXPECT_EQ(std::get<LocalContact>(left[0]).flow.stream, ports::StreamId{});
  EXPECT_EQ(std::get<LocalContact>(left[0]).flow.remote.text(), "198.51.100.1:5080");
  EXPECT_EQ(updates.back().bindings, 1u);
}

}  // namespace
}  // namespace chordial::sip
