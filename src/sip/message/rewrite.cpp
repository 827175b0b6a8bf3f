#include "sip/message/rewrite.h"

#include <algorithm>

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr std::size_t text_reserve_bytes = 384;

}  // namespace

void Rewriter::put(std::string_view text) {
  if (text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) {
    text_ += text;
    return;
  }
  for (const char c : text) {
    if (c != '\r' && c != '\n' && c != '\0') text_ += c;
  }
}

Rewriter::Splice& Rewriter::add(std::size_t at, std::size_t removed, std::int32_t order) {
  if (splices_.empty()) {
    splices_.reserve(8);
    text_.reserve(text_reserve_bytes);
  }
  return splices_.emplace_back(Splice{static_cast<std::uint32_t>(at),
                                      static_cast<std::uint32_t>(removed),
                                      static_cast<std::uint32_t>(text_.size()), 0, order});
}

void Rewriter::splice(std::size_t at, std::size_t removed, std::string_view text) {
  Splice& made = add(at, removed, 0);
  put(text);
  made.text_length = static_cast<std::uint32_t>(text_.size()) - made.text_at;
}

void Rewriter::insert_line(std::size_t at, std::string_view name, std::string_view value,
                           std::int32_t order) {
  Splice& made = add(at, 0, order);
  put(name);
  text_ += ": ";
  put(value);
  text_ += "\r\n";
  made.text_length = static_cast<std::uint32_t>(text_.size()) - made.text_at;
}

void Rewriter::set_request_uri(std::string_view uri) {
  const std::string_view old = message_->request_uri_text();
  if (!old.empty()) splice(message_->offset_of(old), old.size(), uri);
}

void Rewriter::prepend(HeaderName name, std::string_view value) {
  const std::uint8_t index = message_->first(name);
  std::size_t at = message_->headers_end();
  if (index != no_header) {
    at = message_->offset_of(message_->header(index).line);
  } else if (name == HeaderName::via && message_->header_count() > 0) {
    at = message_->offset_of(message_->header(0).line);
  }
  // Below zero and falling: what is prepended later stands higher, and all of it above what is
  // replaced there.
  insert_line(at, text_of(name), value, -1 - static_cast<std::int32_t>(splices_.size()));
}

void Rewriter::append(HeaderName name, std::string_view value) {
  append_other(text_of(name), value);
}

void Rewriter::append_other(std::string_view name, std::string_view value) {
  insert_line(message_->headers_end(), name, value, 1 + static_cast<std::int32_t>(splices_.size()));
}

void Rewriter::set(HeaderName name, std::string_view value) {
  std::uint8_t index = message_->first(name);
  if (index == no_header) return append(name, value);
  replace(message_->header(index).value, value);
  for (index = message_->next_same(index); index != no_header; index = message_->next_same(index))
    replace(message_->header(index).line, {});
}

void Rewriter::remove_all(HeaderName name) {
  for (std::uint8_t i = message_->first(name); i != no_header; i = message_->next_same(i))
    replace(message_->header(i).line, {});
}

bool Rewriter::remove_first(HeaderName name) {
  auto taken = std::find_if(taken_.begin(), taken_.end(),
                            [&](const Taken& other) { return other.name == name; });
  if (taken == taken_.end()) taken = taken_.insert(taken_.end(), Taken{name, 0});
  ListReader elements = message_->list(name);
  std::optional<ListElement> element = elements.next();
  for (std::uint32_t i = 0; i < taken->elements && element; ++i)
    element = elements.next();
  if (!element) return false;
  ++taken->elements;
  const std::optional<ListElement> following = elements.next();
  if (following && following->header == element->header) {
    const std::size_t at = message_->offset_of(element->text);
    splice(at, message_->offset_of(following->text) - at, {});
  } else {  // what stood in front of it on its line was taken before
    replace(message_->header(element->header).line, {});
  }
  return true;
}

void Rewriter::stamp_top_via(const SocketAddress& source) {
  const auto via = message_->top_via();
  if (via) replace(via->text, stamped(*via, source));
}

void Rewriter::decrement_max_forwards() {
  const auto hops = message_->max_forwards();
  if (!hops) return set(HeaderName::max_forwards, "70");
  set(HeaderName::max_forwards, std::to_string(*hops == 0 ? 0 : *hops - 1));
}

void Rewriter::replace(std::string_view part, std::string_view text) {
  splice(message_->offset_of(part), part.size(), text);
}

void Rewriter::set_body(std::string_view content_type, ByteView body) {
  if (content_type.empty()) {
    remove_all(HeaderName::content_type);
  } else {
    set(HeaderName::content_type, content_type);
  }
  set(HeaderName::content_length, std::to_string(body.size()));
  body_ = body;
}

Bytes Rewriter::gather() {
  std::stable_sort(splices_.begin(), splices_.end(), [](const Splice& a, const Splice& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  });
  const ByteView old = message_->bytes();
  const std::size_t body_at = message_->headers_end() + 2;
  const std::size_t end = body_ ? body_at : old.size();
  Bytes out;
  out.reserve(end + text_.size() + (body_ ? body_->size() : 0));
  const auto copy = [&](std::size_t from, std::size_t until) {
    out.insert(out.end(), old.begin() + static_cast<std::ptrdiff_t>(from),
               old.begin() + static_cast<std::ptrdiff_t>(until));
  };
  std::size_t at = 0;  // everything before has been copied or removed
  for (const Splice& splice : splices_) {
    // A splice that begins in what another one removed: its insertion counts, its replacement not.
    const bool covered = splice.at < at;
    if (!covered) copy(at, splice.at);
    if (!covered || splice.removed == 0) {
      const ByteView text = as_bytes(text_).subspan(splice.text_at, splice.text_length);
      out.insert(out.end(), text.begin(), text.end());
    }
    at = std::max<std::size_t>(at, splice.at + splice.removed);
  }
  copy(std::min(at, end), end);
  if (body_) out.insert(out.end(), body_->begin(), body_->end());
  return out;
}

std::string stamped(const Via& via, const SocketAddress& source) {
  const bool wants_rport = via.wants_rport();
  std::string_view rest = via.parameters.text();
  std::string out(via.text.substr(0, via.text.size() - rest.size()));
  while (!rest.empty()) {
    const std::string_view here = rest;
    const auto parameter = Parameters::take(rest);
    if (equal_nocase(parameter->name, "received") || equal_nocase(parameter->name, "rport"))
      continue;
    out += here.substr(0, here.size() - rest.size());
  }
  const auto sent_by = IpAddress::parse(via.host);
  if (wants_rport || !sent_by || *sent_by != source.ip) out += ";received=" + source.ip.text();
  if (wants_rport) out += ";rport=" + std::to_string(source.port);
  return out;
}

}  // namespace chordial::sip
