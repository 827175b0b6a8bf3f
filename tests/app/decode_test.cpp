// `chordial decode`: the RFC's names out, the same bytes back, one line where bytes are bad.
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "process.h"

namespace chordial::app {
namespace {

using nlohmann::json;

std::string corpus(const std::string& name) {
  return std::string(CHORDIAL_TEST_DATA) + "/corpus/wire_message/" + name;
}

std::string hex_of(const std::string& path) {
  return to_hex(as_bytes(content_of(path)));
}

TEST(Decode, ShowsTheFieldsUnderTheNamesOfTheRfc) {
  const Ended ended = run({"decode", corpus("PingReq")});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  const json message = json::parse(ended.out);
  const json& header = message["forwarding_header"];
  EXPECT_EQ(header["relo_token"], 0xd2454c4f);
  EXPECT_EQ(header["version"], 10);
  EXPECT_EQ(header["ttl"], 100);
  EXPECT_EQ(header["length"], content_of(corpus("PingReq")).size());
  EXPECT_TRUE(header.contains("overlay"));
  EXPECT_TRUE(header.contains("configuration_sequence"));
  EXPECT_TRUE(header.contains("transaction_id"));
  EXPECT_EQ(message["message_contents"]["message_code"], 0x17);
  EXPECT_EQ(message["message_contents"]["message_code_name"], "ping_req");
  EXPECT_TRUE(message["message_contents"].contains("message_body"));
  EXPECT_TRUE(message.contains("security_block"));
}

TEST(Decode, EveryMessageOfTheCorpusComesBackByteForByte) {
  std::size_t messages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(CHORDIAL_TEST_DATA) +
                                                               "/corpus/wire_message")) {
    const std::string path = entry.path().string();
    const Ended shown = run({"decode", path});
    const Ended again = run({"decode", "--reencode", path});
    EXPECT_EQ(shown.code, again.code) << path;
    if (shown.code != 0) continue;
    ++messages;
    EXPECT_TRUE(json::accept(shown.out)) << path;
    EXPECT_EQ(again.out, hex_of(path) + "\n") << path;
  }
  EXPECT_GE(messages, 5u);
}

TEST(Decode, ReadsHexadecimalTextAndStandardInput) {
  const Folder folder;
  const std::string hex = hex_of(corpus("PingReq"));
  put_content(folder / "hex", hex.substr(0, 10) + " \n" + hex.substr(10) + "\n");
  const Ended from_hex = run({"decode", "--hex", folder / "hex"});
  EXPECT_EQ(from_hex.code, 0) << from_hex.err;
  EXPECT_EQ(from_hex.out, run({"decode", corpus("PingReq")}).out);
  EXPECT_EQ(run({"decode", "--hex", "--reencode", "-"}, hex).out, hex + "\n");
}

TEST(Decode, BadBytesAreOneLineWithFieldAndPlace) {
  const Folder folder;
  const std::string message = content_of(corpus("StoreReq"));
  for (std::size_t length = 0; length < message.size(); length += 29) {
    put_content(folder / "cut", message.substr(0, length));
    for (const char* mode : {"--reencode", ""}) {
      std::vector<std::string> words = {"decode", folder / "cut"};
      if (*mode != '\0') words.emplace_back(mode);
      const Ended ended = run(words);
      ASSERT_EQ(ended.code, 1) << length;
      EXPECT_EQ(ended.out, "") << length;
      EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
      EXPECT_NE(ended.err.find(" at byte "), std::string::npos) << ended.err;
      EXPECT_NE(ended.err.find(": "), std::string::npos) << ended.err;
    }
  }
}

TEST(Decode, BadHexadecimalText) {
  const Ended digit = run({"decode", "--hex", "-"}, "d2 45x");
  EXPECT_EQ(digit.code, 1);
  EXPECT_EQ(digit.err, "hex at byte 5: not a hexadecimal digit\n");
  const Ended odd = run({"decode", "--hex", "-"}, "d24");
  EXPECT_EQ(odd.code, 1);
  EXPECT_EQ(odd.err, "hex at byte 3: an odd number of hexadecimal digits\n");
}

}  // namespace
}  // namespace chordial::app
