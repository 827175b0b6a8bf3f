#include "sip/message/header_name.h"

#include <array>

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

// In the order of HeaderName.
constexpr std::array<std::string_view, header_name_count> long_forms = {
    "",
    "Accept",
    "Accept-Contact",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Call-Info",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Diversion",
    "Event",
    "Expires",
    "Flow-Timer",
    "From",
    "Geolocation",
    "Geolocation-Routing",
    "History-Info",
    "Identity",
    "Join",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "Path",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Reason",
    "Record-Route",
    "Refer-To",
    "Referred-By",
    "Reject-Contact",
    "Replaces",
    "Reply-To",
    "Request-Disposition",
    "Require",
    "Resource-Priority",
    "Retry-After",
    "Route",
    "RSeq",
    "Server",
    "Service-Route",
    "Session-Expires",
    "SIP-ETag",
    "SIP-If-Match",
    "Subject",
    "Subscription-State",
    "Supported",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "Via",
    "Warning",
    "WWW-Authenticate",
};

struct CompactForm {
  char letter[2];
  HeaderName name;
};

constexpr CompactForm compact_forms[] = {
    {"a", HeaderName::accept_contact},
    {"u", HeaderName::allow_events},
    {"i", HeaderName::call_id},
    {"m", HeaderName::contact},
    {"e", HeaderName::content_encoding},
    {"l", HeaderName::content_length},
    {"c", HeaderName::content_type},
    {"o", HeaderName::event},
    {"f", HeaderName::from},
    {"y", HeaderName::identity},
    {"r", HeaderName::refer_to},
    {"b", HeaderName::referred_by},
    {"j", HeaderName::reject_contact},
    {"d", HeaderName::request_disposition},
    {"x", HeaderName::session_expires},
    {"s", HeaderName::subject},
    {"k", HeaderName::supported},
    {"t", HeaderName::to},
    {"v", HeaderName::via},
};

// An open-addressing table made at compile time, so that a name costs one hash and one comparison.
constexpr std::size_t table_size = 256;

constexpr std::size_t hash_of(std::string_view text) {
  const auto at = [&](std::size_t i) {
    const char c = text[i];
    return static_cast<std::size_t>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  };
  return (text.size() * 29 + at(0) * 7 + at(text.size() - 1) * 3 + at(text.size() / 2) * 13) %
         table_size;
}

constexpr auto table = [] {
  std::array<std::uint8_t, table_size> slots{};
  for (std::size_t i = 1; i < long_forms.size(); ++i) {
    std::size_t at = hash_of(long_forms[i]);
    while (slots[at] != 0)
      at = (at + 1) % table_size;
    slots[at] = static_cast<std::uint8_t>(i);
  }
  return slots;
}();

constexpr auto letters = [] {
  std::array<HeaderName, 26> names{};
  for (const CompactForm& form : compact_forms)
    names[static_cast<std::size_t>(form.letter[0] - 'a')] = form.name;
  return names;
}();

}  // namespace

HeaderName header_name_of(std::string_view text) {
  if (text.empty()) return HeaderName::other;
  if (text.size() == 1) {
    const char letter = lower(text[0]);
    if (letter < 'a' || letter > 'z') return HeaderName::other;
    return letters[static_cast<std::size_t>(letter - 'a')];
  }
  for (std::size_t at = hash_of(text); table[at] != 0; at = (at + 1) % table_size) {
    if (equal_nocase(long_forms[table[at]], text)) return static_cast<HeaderName>(table[at]);
  }
  return HeaderName::other;
}

std::string_view text_of(HeaderName name) {
  const auto index = static_cast<std::size_t>(name);
  return index < long_forms.size() ? long_forms[index] : std::string_view{};
}

}  // namespace chordial::sip
