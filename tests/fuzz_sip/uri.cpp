// Two URIs, one a line: nothing breaks, and comparing does not depend on the order.
#include "sip/message/uri.h"

#include "base/assert.h"
#include "sip/message/values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chordial;
  using namespace chordial::sip;
  const std::string_view text = as_text({data, size});
  const std::size_t line = text.find('\n');
  const std::string_view second =
      line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  static_cast<void>(NameAddress::parse(text, "From"));
  static_cast<void>(Via::parse(text));
  const auto a = Uri::parse(text.substr(0, line));
  const auto b = Uri::parse(second);
  if (a) {
    const auto aor = canonical_aor(*a);
    CHORDIAL_INVARIANT(!aor || aor->find('@') != std::string::npos);
    CHORDIAL_INVARIANT(!a->headers.empty() || equivalent(*a, *a));
  }
  if (a && b) CHORDIAL_INVARIANT(equivalent(*a, *b) == equivalent(*b, *a));
  return 0;
}
