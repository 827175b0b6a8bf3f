// Rewriting by splices: what a proxy does to a message (RFC 3261 §16.6, §16.7), and a naive twin
// that does the same with lists of lines.
#include "sip/message/rewrite.h"

#include "base/rng.h"
#include "sip_message/sample.h"

namespace chordial::sip {
namespace {

std::string gathered(Rewriter& rewriter) {
  return std::string(as_text(rewriter.gather()));
}

TEST(Rewriter, LeavesAnUntouchedMessageAlone) {
  const Parsed message(sample_invite);
  Rewriter rewriter(*message);
  EXPECT_EQ(gathered(rewriter), sample_invite);
}

TEST(Rewriter, ForwardsARequest) {
  const Parsed message(sample_invite);
  Rewriter rewriter(*message);
  rewriter.set_request_uri("sip:bob@192.0.2.7:5070");
  rewriter.stamp_top_via({*IpAddress::parse("203.0.113.5"), 5099});
  rewriter.prepend_via("SIP/2.0/UDP proxy.example.com;branch=z9hG4bKp");
  rewriter.decrement_max_forwards();
  EXPECT_TRUE(rewriter.remove_first_route());
  rewriter.prepend(HeaderName::record_route, "<sip:proxy.example.com;lr>");
  const Parsed out(gathered(rewriter));
  EXPECT_TRUE(out->validate().has_value());
  EXPECT_EQ(out->request_uri_text(), "sip:bob@192.0.2.7:5070");
  EXPECT_EQ(*out->max_forwards(), 69U);
  const auto vias = out->vias();
  ASSERT_EQ(vias->size(), 4U);
  EXPECT_EQ((*vias)[0].branch(), "z9hG4bKp");
  EXPECT_EQ((*vias)[1].parameters.text(), ";branch=z9hG4bKnashds8;received=203.0.113.5;rport=5099");
  const auto routes = out->routes();
  ASSERT_EQ(routes->size(), 2U);
  EXPECT_EQ((*routes)[0].uri.host, "two.example.com");
  EXPECT_EQ(out->value(HeaderName::record_route), "<sip:proxy.example.com;lr>");
  EXPECT_EQ(as_text(out->body()), "v=0\n");
  EXPECT_EQ(*out->value_of_other("X-Private"), "one");
}

TEST(Rewriter, TakesViasOffOneByOne) {
  const Parsed message(sample_invite);
  Rewriter rewriter(*message);
  EXPECT_TRUE(rewriter.remove_top_via());
  EXPECT_TRUE(rewriter.remove_top_via());
  const Parsed one(gathered(rewriter));
  ASSERT_EQ(one->vias()->size(), 1U);
  EXPECT_EQ(one->top_via()->host, "192.0.2.9");
  EXPECT_TRUE(rewriter.remove_top_via());
  EXPECT_FALSE(rewriter.remove_top_via());
  EXPECT_FALSE(Parsed(gathered(rewriter))->has(HeaderName::via));
}

TEST(Rewriter, StampsByRfc3581) {
  const SocketAddress source{*IpAddress::parse("192.0.2.1"), 4000};
  const auto stamp = [&](std::string_view text) { return stamped(*Via::parse(text), source); };
  EXPECT_EQ(stamp("SIP/2.0/UDP 192.0.2.1:5060;branch=b"), "SIP/2.0/UDP 192.0.2.1:5060;branch=b");
  EXPECT_EQ(stamp("SIP/2.0/UDP 192.0.2.2;branch=b"),
            "SIP/2.0/UDP 192.0.2.2;branch=b;received=192.0.2.1");
  EXPECT_EQ(stamp("SIP/2.0/UDP host"), "SIP/2.0/UDP host;received=192.0.2.1");
  EXPECT_EQ(stamp("SIP/2.0/UDP 192.0.2.1 ;rport;branch=b"),
            "SIP/2.0/UDP 192.0.2.1 ;branch=b;received=192.0.2.1;rport=4000");
  // What the sender claims about itself does not stay.
  EXPECT_EQ(stamp("SIP/2.0/UDP h;received=10.0.0.1;rport=1"),
            "SIP/2.0/UDP h;received=192.0.2.1;rport=4000");
  EXPECT_EQ(stamp("SIP/2.0/UDP 192.0.2.1;received=10.0.0.1"), "SIP/2.0/UDP 192.0.2.1");
  EXPECT_EQ(stamped(*Via::parse("SIP/2.0/UDP [2001:db8::1]:5060;rport"),
                    {*IpAddress::parse("2001:db8::1"), 7}),
            "SIP/2.0/UDP [2001:db8::1]:5060;received=2001:db8::1;rport=7");
}

TEST(Rewriter, SetsRemovesAndReplaces) {
  const Parsed message(sample_invite);
  Rewriter rewriter(*message);
  rewriter.remove_all(HeaderName::route);
  rewriter.set(HeaderName::subject, "x\r\nEvil: y");
  rewriter.append_other("X-Last", "1");
  rewriter.set_body("text/plain", as_bytes("hello, world"));
  const Parsed out(gathered(rewriter));
  EXPECT_TRUE(out->validate().has_value());
  EXPECT_FALSE(out->has(HeaderName::route));
  EXPECT_EQ(out->value(HeaderName::subject), "xEvil: y");
  EXPECT_FALSE(out->value_of_other("Evil").has_value());
  EXPECT_EQ(out->value(HeaderName::content_type), "text/plain");
  EXPECT_EQ(as_text(out->body()), "hello, world");
  Rewriter empty(*message);
  empty.set_body({}, {});
  const Parsed bare(gathered(empty));
  EXPECT_EQ(*bare->content_length(), 0U);
  EXPECT_FALSE(bare->has(HeaderName::content_type));
}

TEST(Rewriter, AddsMaxForwardsAndPrependsInOrder) {
  const std::string text =
      "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nPath: <sip:old>\r\n\r\n";
  const Parsed message(text);
  Rewriter rewriter(*message);
  rewriter.decrement_max_forwards();
  rewriter.prepend(HeaderName::path, "<sip:one>");
  rewriter.prepend(HeaderName::path, "<sip:two>");
  EXPECT_EQ(gathered(rewriter),
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nPath: <sip:two>\r\nPath: "
            "<sip:one>\r\nPath: <sip:old>\r\nMax-Forwards: 70\r\n\r\n");
}

// The twin: a message as a list of (name, elements).
struct Twin {
  std::vector<std::pair<std::string, std::vector<std::string>>> lines;

  void prepend(const std::string& name, const std::string& value) {
    auto at = lines.begin();
    while (at != lines.end() && at->first != name)
      ++at;
    lines.insert(at, {name, {value}});
  }
  bool remove_first(const std::string& name, std::size_t& prepended) {
    std::size_t skip = prepended;
    for (auto line = lines.begin(); line != lines.end(); ++line) {
      if (line->first != name) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      line->second.erase(line->second.begin());
      if (line->second.empty()) lines.erase(line);
      return true;
    }
    return false;
  }
  [[nodiscard]] std::string text() const {
    std::string out = "OPTIONS sip:a@b SIP/2.0\r\n";
    for (const auto& [name, elements] : lines) {
      out += name + ": ";
      for (std::size_t i = 0; i < elements.size(); ++i)
        out += (i == 0 ? "" : ", ") + elements[i];
      out += "\r\n";
    }
    return out + "\r\nbody";
  }
};

TEST(Rewriter, AgreesWithANaiveTwin) {
  Rng rng(7, 8);
  const std::pair<HeaderName, std::string> names[] = {
      {HeaderName::via, "Via"}, {HeaderName::route, "Route"}, {HeaderName::path, "Path"}};
  for (int round = 0; round < 2000; ++round) {
    Twin twin;
    for (const auto& [name, text] : names)
      twin.lines.push_back({text, {"<sip:first>"}});
    for (std::uint64_t i = rng.below(8); i > 0; --i) {
      std::vector<std::string> elements;
      for (std::uint64_t k = 1 + rng.below(4); k > 0; --k)
        elements.push_back("<sip:e" + std::to_string(rng.below(1000)) + ",x>");
      twin.lines.push_back({names[rng.below(3)].second, elements});
    }
    const std::string original = twin.text();
    const Parsed message(original);
    Rewriter rewriter(*message);
    std::size_t prepended[3] = {0, 0, 0};
    bool emptied[3] = {false, false, false};
    for (std::uint64_t step = rng.below(10); step > 0; --step) {
      const std::size_t which = rng.below(3);
      const auto& [name, text] = names[which];
      if (rng.below(2) == 0 && !emptied[which]) {
        const std::string value = "<sip:new" + std::to_string(step) + ">";
        twin.prepend(text, value);
        rewriter.prepend(name, value);
        ++prepended[which];
      } else {
        const bool removed = twin.remove_first(text, prepended[which]);
        EXPECT_EQ(rewriter.remove_first(name), removed);
        emptied[which] = true;  // where later ones go depends on what is left; tested above
      }
    }
    ASSERT_EQ(gathered(rewriter), twin.text()) << original;
  }
}

}  // namespace
}  // namespace chordial::sip
