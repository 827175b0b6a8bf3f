#include "sip/flow/stream_framer.h"

#include <algorithm>

#include "sip/message/message.h"

namespace chordial::sip {

namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view double_crlf = "\r\n\r\n";

}  // namespace

Expected<std::optional<StreamItem>> StreamFramer::next(ByteView& received) {
  if (broken_) return Failure(*broken_);
  auto item = read(received);
  if (!item) broken_ = item.error();
  return item;
}

Expected<std::optional<StreamItem>> StreamFramer::read(ByteView& received) {
  if (buffer_.empty()) {
    while (!received.empty()) {
      std::size_t used = 0;
      auto item = scan(received, used);
      received = received.subspan(used);
      if (!item || *item) return item;
      if (used == 0) break;
    }
    buffer_ = to_bytes(received);
    received = {};
    return std::optional<StreamItem>{};
  }
  if (start_ > 0 && !received.empty()) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  buffer_.insert(buffer_.end(), received.begin(), received.end());
  received = {};
  while (start_ < buffer_.size()) {
    std::size_t used = 0;
    auto item = scan(ByteView(buffer_).subspan(start_), used);
    start_ += used;
    if (!item || *item) return item;
    if (used == 0) return item;
  }
  buffer_ = Bytes{};
  start_ = 0;
  return std::optional<StreamItem>{};
}

Expected<std::optional<StreamItem>> StreamFramer::scan(ByteView bytes, std::size_t& used) {
  const std::string_view text = as_text(bytes);
  if (needed_ == 0 && searched_ == 0) {
    if (pong_expected_ && text.substr(0, 2) == crlf) {
      pong_expected_ = false;
      used = 2;
      return StreamItem{StreamItem::Kind::pong, {}};
    }
    if (text.substr(0, 4) == double_crlf) {
      used = 4;
      return StreamItem{StreamItem::Kind::ping, {}};
    }
    if (double_crlf.substr(0, text.size()) == text) return std::optional<StreamItem>{};
    if (text.substr(0, 2) == crlf) {  // in front of a start line; ignored (RFC 3261 §7.5)
      used = 2;
      return std::optional<StreamItem>{};
    }
  }
  return scan_message(bytes, used);
}

Expected<std::optional<StreamItem>> StreamFramer::scan_message(ByteView bytes, std::size_t& used) {
  if (needed_ == 0) {
    const std::size_t end = as_text(bytes).find(double_crlf, searched_);
    if (end == std::string_view::npos) {
      if (bytes.size() > message_bytes_max)
        return failure(ErrorKind::limit, "stream", "a header without end");
      searched_ = bytes.size() < 3 ? 0 : bytes.size() - 3;
      return std::optional<StreamItem>{};
    }
    searched_ = 0;
    const ByteView head = bytes.first(end + double_crlf.size());
    const auto message = Message::parse(head);
    if (!message) return Failure(message.error());
    const auto length = message->content_length();
    if (!length) broken_ = length.error();  // on a stream it must be there (§18.3)
    needed_ = head.size() + length.value_or(0);
    if (needed_ > message_bytes_max) {
      broken_ = Error{ErrorKind::limit, "Content-Length", 0, "longer than a message may be"};
      needed_ = head.size();
    }
  }
  if (bytes.size() < needed_) return std::optional<StreamItem>{};
  used = needed_;
  needed_ = 0;
  return StreamItem{StreamItem::Kind::message, bytes.first(used)};
}

}  // namespace chordial::sip
