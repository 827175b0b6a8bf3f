// What a document must say, one rule of RFC 6940 §11.1 after the other.
#include <gtest/gtest.h>

#include "configuration/document.h"

namespace chordial::configuration {
namespace {

std::string with(const std::string& inside) {
  return "<?xml version='1.0' encoding='UTF-8'?>"
         "<overlay xmlns='urn:ietf:params:xml:ns:p2p:config-base'>"
         "<configuration instance-name='overlay.example' sequence='1'>" +
         inside + "</configuration></overlay>";
}

std::string kind(const std::string& children) {
  return with("<required-kinds><kind-block><kind id='4026531841'>" + children +
              "</kind></kind-block></required-kinds>");
}

const std::string children[] = {"<data-model>SINGLE</data-model>",
                                "<access-control>NODE-MULTIPLE</access-control>",
                                "<max-count>1</max-count>", "<max-size>9</max-size>",
                                "<max-node-multiple>3</max-node-multiple>"};

std::string all_but(std::size_t left_out, const std::string& instead = {}) {
  std::string text;
  for (std::size_t i = 0; i < std::size(children); ++i)
    text += i == left_out ? instead : children[i];
  return kind(text);
}

TEST(DocumentRules, AKindNeedsEachOfItsElements) {
  ASSERT_TRUE(read_document(as_bytes(all_but(99))));
  const char* const names[] = {"data-model", "access-control", "max-count", "max-size",
                               "max-node-multiple"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    const std::string xml = all_but(i);
    const auto document = read_document(as_bytes(xml));
    ASSERT_FALSE(document) << names[i];
    EXPECT_STREQ(document.error().field, names[i]);
  }
}

TEST(DocumentRules, ItsNumbersAreGreaterThanZero) {
  EXPECT_FALSE(read_document(as_bytes(all_but(2, "<max-count>0</max-count>"))));
  EXPECT_FALSE(read_document(as_bytes(all_but(3, "<max-size>0</max-size>"))));
  EXPECT_FALSE(read_document(as_bytes(all_but(4, "<max-node-multiple>0</max-node-multiple>"))));
}

// §14.4, §14.7, §14.11: what is set aside for experiments means nothing here.
TEST(DocumentRules, ExperimentalNamesAreNobodys) {
  EXPECT_EQ(read_document(as_bytes(all_but(0, "<data-model>EXP-DATA</data-model>"))).error().kind,
            ErrorKind::unsupported);
  EXPECT_EQ(read_document(as_bytes(all_but(1, "<access-control>EXP-MATCH</access-control>")))
                .error()
                .kind,
            ErrorKind::unsupported);
}

TEST(DocumentRules, DefaultsAreTheRfcs) {
  const std::string xml = with("");
  const auto document = read_document(as_bytes(xml));
  ASSERT_TRUE(document);
  const OverlayConfiguration& c = document->configurations[0].configuration;
  EXPECT_EQ(c.chord_update_interval_s, 600u);
  EXPECT_EQ(c.chord_ping_interval_s, 3600u);
  EXPECT_TRUE(c.chord_reactive);
  EXPECT_EQ(c.overlay_reliability_timer_ms, 3000u);
  EXPECT_TRUE(c.overlay_link_protocols.empty());
  EXPECT_EQ(c.self_signed, SelfSigned::forbidden);
  EXPECT_GE(c.successors, 3);
  EXPECT_GE(c.predecessors, 3);
}

TEST(DocumentRules, WhatIsNotPermittedIsNotMentioned) {
  OverlayConfiguration c;
  c.instance_name = "overlay.example";
  const auto element = write_configuration(c);
  ASSERT_TRUE(element);
  EXPECT_EQ(as_text(*element).find("self-signed-permitted"), std::string_view::npos);
  EXPECT_EQ(as_text(*element).find("shared-secret"), std::string_view::npos);
}

}  // namespace
}  // namespace chordial::configuration
