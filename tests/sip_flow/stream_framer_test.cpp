// Framing by Content-Length and CRLF keepalives: the same items come out however the stream is cut
// up.
#include "sip/flow/stream_framer.h"

#include "base/rng.h"
#include "sip/message/message.h"

namespace chordial::sip {
namespace {

std::string message(int number, std::size_t body_bytes) {
  return "MESSAGE sip:a@b SIP/2.0\r\nCSeq: " + std::to_string(number) +
         " MESSAGE\r\nl: " + std::to_string(body_bytes) + "\r\n\r\n" + std::string(body_bytes, 'x');
}

// Everything that comes out of one piece; empty on error.
bool feed(StreamFramer& framer, std::string_view piece, std::vector<std::string>& items) {
  ByteView received = as_bytes(piece);
  while (true) {
    const auto item = framer.next(received);
    if (!item) return false;
    if (!*item) return received.empty();
    switch ((*item)->kind) {
      case StreamItem::Kind::message:
        items.emplace_back(as_text((*item)->bytes));
        break;
      case StreamItem::Kind::ping:
        items.emplace_back("ping");
        break;
      case StreamItem::Kind::pong:
        items.emplace_back("pong");
        break;
    }
  }
}

TEST(StreamFramer, WholeMessagesAreNotCopied) {
  StreamFramer framer;
  const std::string text = message(1, 3) + message(2, 0);
  ByteView received = as_bytes(text);
  const auto first = framer.next(received);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(static_cast<const void*>((*first)->bytes.data()),
            static_cast<const void*>(text.data()));
  const auto second = framer.next(received);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(as_text((*second)->bytes), message(2, 0));
  EXPECT_EQ(framer.held_bytes(), 0U);
}

TEST(StreamFramer, AnyCuttingGivesTheSameItems) {
  Rng rng(3, 4);
  const std::vector<std::string> expected = {message(1, 10),  "ping", message(2, 0),
                                             message(3, 300), "ping", message(4, 1)};
  std::string stream;
  for (const std::string& item : expected)
    stream += item == "ping" ? "\r\n\r\n" : item;
  for (int round = 0; round < 500; ++round) {
    StreamFramer framer;
    std::vector<std::string> items;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size =
          std::min<std::size_t>(stream.size() - at, 1 + rng.below(round < 5 ? 1 : 120));
      ASSERT_TRUE(feed(framer, std::string_view(stream).substr(at, size), items));
      at += size;
    }
    EXPECT_EQ(items, expected);
    EXPECT_EQ(framer.held_bytes(), 0U);
  }
}

TEST(StreamFramer, PongsAndStrayLineEnds) {
  StreamFramer framer;
  std::vector<std::string> items;
  framer.expect_pong();
  ASSERT_TRUE(feed(framer, "\r\n", items));
  EXPECT_EQ(items, std::vector<std::string>{"pong"});
  ASSERT_TRUE(feed(framer, "\r\n" + message(1, 0), items));
  EXPECT_EQ(items.size(), 2U);
  EXPECT_EQ(items.back(), message(1, 0));
}

TEST(StreamFramer, RefusesWhatCannotBeFramed) {
  for (const std::string& text : {
           std::string("MESSAGE sip:a@b SIP/2.0\r\nCSeq: 1 MESSAGE\r\n\r\n"),
           std::string("MESSAGE sip:a@b SIP/2.0\r\nl: -1\r\n\r\n"),
           std::string("MESSAGE sip:a@b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n"),
           std::string("MESSAGE sip:a@b SIP/2.0\r\nl: 65535\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
           std::string(message_bytes_max + 1, 'x'),
       }) {
    StreamFramer framer;
    std::vector<std::string> items;
    EXPECT_FALSE(feed(framer, text, items)) << text.substr(0, 60);
    // Of what can be read but for its length, the head goes up, so that it can be answered.
    const bool readable = text.rfind("MESSAGE", 0) == 0;
    EXPECT_EQ(items.size(), readable ? 1U : 0U);
    if (readable) {
      EXPECT_EQ(items.front(), text);
    }
    EXPECT_FALSE(feed(framer, message(1, 0), items)) << "nothing behind it is read";
  }
}

TEST(StreamFramer, AHeaderWithoutEndIsBounded) {
  StreamFramer framer;
  std::vector<std::string> items;
  std::size_t fed = 0;
  while (fed < 10 * message_bytes_max && feed(framer, "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", items))
    fed += 32;
  EXPECT_LE(fed, message_bytes_max + 32);
  EXPECT_LE(framer.held_bytes(), message_bytes_max + 64);
}

}  // namespace
}  // namespace chordial::sip
