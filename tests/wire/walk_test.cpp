// A message shown field by field under the RFC's names (wire/walk.h).
#include "wire/walk.h"

#include "wire/golden.h"
#include "wire/link_messages.h"
#include "wire/show.h"

namespace chordial::wire::test {
namespace {

// Writes the calls down, one line each, and keeps count of what is open.
class Transcript final : public FieldVisitor {
 public:
  void begin_object(const char* name) override { open(name, "{"); }
  void end_object() override { close("}"); }
  void begin_list(const char* name) override { open(name, "["); }
  void end_list() override { close("]"); }
  void number(const char* name, std::uint64_t value) override { line(name, std::to_string(value)); }
  void enumerated(const char* name, std::uint64_t value, const char* label) override {
    line(name, std::to_string(value) + " " + label);
  }
  void boolean(const char* name, bool value) override { line(name, value ? "true" : "false"); }
  void text(const char* name, std::string_view value) override {
    line(name, "'" + std::string(value) + "'");
  }
  void bytes(const char* name, ByteView value) override { line(name, to_hex(value)); }
  void node_id(const char* name, const NodeId& value) override { line(name, value.hex()); }

  std::string written;
  std::string stack;

 private:
  void line(const char* name, const std::string& value) {
    written += std::string(name) + " " + value + "\n";
  }
  void open(const char* name, const char* bracket) {
    line(name, bracket);
    stack += bracket;
  }
  void close(const char* bracket) {
    ASSERT_FALSE(stack.empty());
    EXPECT_EQ(stack.back(), bracket[0] == '}' ? '{' : '[');
    stack.pop_back();
    written += std::string(bracket) + "\n";
  }
};

TEST(Walk, ShowsAPing) {
  Transcript transcript;
  ASSERT_TRUE(walk(message_around(MessageCode::ping_req, hex("0001 ff")), transcript,
                   RegisteredKindModels()));
  EXPECT_EQ(transcript.written,
            " {\nforwarding_header {\nrelo_token 3527756879\noverlay 305419896\n"
            "configuration_sequence 7\nversion 10\nttl 100\nfragment 3221225472\nlength 115\n"
            "transaction_id 72623859790382856\nmax_response_length 0\nvia_list_length 0\n"
            "destination_list_length 18\noptions_length 0\nvia_list [\n]\ndestination_list [\n"
            "Destination {\ntype 1 node\nlength 16\ndestination_data {\n"
            "node_id 11111111111111111111111111111111\n}\n}\n]\noptions [\n]\n}\n"
            "message_contents {\nmessage_code 23 ping_req\nmessage_body {\npadding ff\n}\n"
            "extensions [\n]\n}\nsecurity_block {\ncertificates [\n]\nsignature {\nalgorithm {\n"
            "hash 4 sha256\nsignature 3 ecdsa\n}\nidentity {\nidentity_type 1 cert_hash\n"
            "length 34\nhash_alg 4 sha256\ncertificate_hash "
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n}\n"
            "signature_value aabbcc\n}\n}\n}\n");
}

TEST(Walk, ShowsEveryMessageAndClosesWhatItOpens) {
  for (const Golden& golden : all_goldens()) {
    Transcript transcript;
    const auto shown =
        walk(message_around(golden.code, golden.by_hand), transcript, RegisteredKindModels());
    ASSERT_TRUE(shown) << golden.name << ": " << shown.error().text();
    EXPECT_EQ(transcript.stack, "") << golden.name;
  }
}

std::string body_shown(const char* name) {
  for (const Golden& golden : all_goldens()) {
    if (std::string_view(golden.name) != name) continue;
    Transcript transcript;
    EXPECT_TRUE(
        walk(message_around(golden.code, golden.by_hand), transcript, RegisteredKindModels()));
    const auto from = transcript.written.find("message_body {\n") + 15;
    return transcript.written.substr(from,
                                     transcript.written.find("extensions [\n]\n}\nsec") - from);
  }
  return "no such golden";
}

TEST(Walk, ShowsRecordsAndErrorsAsStructures) {
  const std::string store = body_shown("StoreReq");
  EXPECT_NE(
      store.find("kind 2 TURN-SERVICE\ngeneration_counter 99\nvalues [\nStoredData {\n"
                 "storage_time 1000\nlifetime 60\nvalue {\nexists true\nvalue {\niteration 3\n"
                 "server_address {\ntype 1 ipv4_address\nv4addr_port {\naddr '192.0.2.1'\n"
                 "port 3478\n"),
      std::string::npos)
      << store;
  EXPECT_NE(store.find("value {\nkey 6b\nvalue {\nexists false\nvalue \n"), std::string::npos);
  EXPECT_NE(store.find("kind 4026531841 \n"), std::string::npos);
  EXPECT_NE(store.find("value_and_signature 0100000009030106"), std::string::npos);
  EXPECT_NE(
      body_shown("Error_Unknown_Kind").find("unknown_kinds [\n 4026531841 \n 2 TURN-SERVICE\n]"),
      std::string::npos);
  EXPECT_NE(body_shown("Error_Generation_Counter_Too_Low").find("generation_counter 9\n"),
            std::string::npos);
  EXPECT_NE(body_shown("AttachReq").find("role 'passive'\n"), std::string::npos);
  EXPECT_NE(
      body_shown("RouteQueryReq to a compressed id").find("destination {\nopaque_id 33059\n}"),
      std::string::npos);
}

TEST(Walk, StopsWithTheErrorsPlace) {
  Transcript transcript;
  const Bytes message = message_around(MessageCode::store_req, hex("10 3333"));
  const auto shown = walk(message, transcript, RegisteredKindModels());
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().text(), "resource_id at byte 63: the bytes end inside this field");
}

TEST(Walk, ShowsAFragmentsBytes) {
  ForwardingHeader header;
  header.fragment = fragment_high_bit | 512;
  Transcript transcript;
  const Bytes fragment = with_header(header, hex("c0ffee"));
  ASSERT_TRUE(walk(fragment, transcript, RegisteredKindModels()));
  EXPECT_TRUE(transcript.written.ends_with("}\nfragment_data c0ffee\n}\n"));
  EXPECT_EQ(*reencode(fragment, RegisteredKindModels()), fragment);
}

TEST(Utf8, KnowsWellFormedTextFromBytes) {
  for (const char* well : {"", "41", "c3a9", "e282ac", "f09f9880", "41c3a9", "f48fbfbf", "efbfbf"})
    EXPECT_TRUE(is_utf8(hex(well))) << well;
  for (const char* ill : {"80", "c3", "c328", "e282", "c0af", "c1bf", "e08080", "eda080",
                          "f0808080", "f4908080", "f8888080", "ff", "41ff", "e28228"})
    EXPECT_FALSE(is_utf8(hex(ill))) << ill;
}

}  // namespace
}  // namespace chordial::wire::test
