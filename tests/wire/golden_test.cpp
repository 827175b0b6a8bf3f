// Every body: the codec writes what the RFC's structures say, reads it back to the same bytes, and
// says where a damaged one is damaged.
#include "wire/golden.h"

#include <set>

#include "wire/body_dispatch.h"
#include "wire/walk.h"

namespace chordial::wire::test {
namespace {

TEST(Golden, TheCodecWritesWhatTheRfcSays) {
  for (const Golden& golden : all_goldens())
    EXPECT_EQ(to_hex(golden.built), to_hex(golden.by_hand)) << golden.name;
}

TEST(Golden, EveryMessageCodeIsThere) {
  std::set<MessageCode> seen;
  for (const Golden& golden : all_goldens())
    seen.insert(golden.code);
  for (unsigned code = 1; code <= 0xffff; ++code) {
    const auto named = static_cast<MessageCode>(code);
    EXPECT_TRUE(*name_of(named) == '\0' || seen.contains(named)) << name_of(named);
  }
}

TEST(Golden, EveryMessageComesBackByteForByte) {
  for (const Golden& golden : all_goldens()) {
    const Bytes message = message_around(golden.code, golden.by_hand);
    const auto again = reencode(message, RegisteredKindModels());
    ASSERT_TRUE(again) << golden.name << ": " << again.error().text();
    EXPECT_EQ(to_hex(*again), to_hex(message)) << golden.name;
  }
}

TEST(Golden, ATruncatedBodyIsAnErrorWithItsPlace) {
  for (const Golden& golden : all_goldens()) {
    for (std::size_t size = 0; size < golden.by_hand.size(); ++size) {
      MessageContents contents;
      contents.message_code = golden.code;
      contents.message_body = ByteView(golden.by_hand).first(size);
      contents.body_offset = 100;
      bool opaque = false;
      const auto use = [&](const auto& body) -> Expected<void> {
        opaque = std::is_same_v<std::remove_cvref_t<decltype(body)>, OpaqueBody>;
        return {};
      };
      const auto parsed = with_body(contents, use);
      if (opaque) continue;  // any bytes are well
      ASSERT_FALSE(parsed) << golden.name << " cut to " << size;
      EXPECT_STRNE(parsed.error().field, "") << golden.name << " cut to " << size;
      EXPECT_GE(parsed.error().offset, 100u);
      EXPECT_LE(parsed.error().offset, 100 + size);
    }
  }
}

TEST(Golden, ATruncatedMessageIsAnErrorWithItsPlace) {
  for (const Golden& golden : all_goldens()) {
    const Bytes whole = message_around(golden.code, golden.by_hand);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      Bytes message(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(MessageView::parse(message)) << "the length field does not fit";
      patch_length(message);
      const auto again = reencode(message, RegisteredKindModels());
      ASSERT_FALSE(again) << golden.name << " cut to " << size;
      EXPECT_STRNE(again.error().field, "") << golden.name << " cut to " << size;
      EXPECT_LE(again.error().offset, size) << again.error().text();
    }
  }
}

TEST(Golden, ALengtheningIsAnError) {
  for (const Golden& golden : all_goldens()) {
    Bytes message = message_around(golden.code, golden.by_hand);
    message.push_back(0);
    patch_length(message);
    const auto again = reencode(message, RegisteredKindModels());
    ASSERT_FALSE(again) << golden.name;
    EXPECT_STREQ(again.error().field, "SecurityBlock") << golden.name;
  }
}

// Whatever an altered message says, it is either refused or comes back as it was: the codec has one
// encoding for every value and drops nothing.
TEST(Golden, AnAlteredMessageIsRefusedOrKeptByteForByte) {
  std::size_t refused = 0, kept = 0;
  bool first = true;
  for (const Golden& golden : all_goldens()) {
    const Bytes whole = message_around(golden.code, golden.by_hand);
    // Header and security block are the same around all of them: altered once.
    const std::size_t body_at = 56, behind_body = 50;
    const std::size_t begin = first ? 0 : body_at, end = whole.size() - (first ? 0 : behind_body);
    first = false;
    for (std::size_t at = begin; at < end; ++at) {
      for (const int value : {0, 0x80, 0xff, whole[at] ^ 1, whole[at] + 1}) {
        Bytes message = whole;
        message[at] = static_cast<std::uint8_t>(value);
        const auto again = reencode(message, RegisteredKindModels());
        if (again) {
          ASSERT_EQ(to_hex(*again), to_hex(message)) << golden.name << " byte " << at;
          ++kept;
        } else {
          ASSERT_LE(again.error().offset, message.size()) << golden.name << " byte " << at;
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(kept, 1000u);
}

}  // namespace
}  // namespace chordial::wire::test
