// Any bytes as the value of Authorization: the parser answers, its views stay inside the value, and
// what it takes it takes again.
#include "base/assert.h"
#include "sip/auth/digest_credentials.h"

namespace {

bool inside(std::string_view part, std::string_view whole) {
  return part.data() == nullptr ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const auto parsed = chordial::sip::parse_digest_credentials(value);
  if (!parsed) {
    CHORDIAL_INVARIANT(parsed.error().offset <= size);
    return 0;
  }
  for (const std::string_view part : {parsed->username, parsed->realm, parsed->nonce, parsed->uri,
                                      parsed->response, parsed->cnonce, parsed->qop, parsed->nc}) {
    CHORDIAL_INVARIANT(inside(part, value));
  }
  CHORDIAL_INVARIANT(!parsed->username.empty() && !parsed->response.empty());
  return 0;
}
