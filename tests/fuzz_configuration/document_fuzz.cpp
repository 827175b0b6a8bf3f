// Any bytes as a configuration document: no crash, and what is read can be written and read again
// with the same meaning.
#include <cstdlib>

#include "configuration/document.h"

using namespace chordial;
using namespace chordial::configuration;

namespace {

// Writing is a function of the meaning, so equal texts are equal meanings.
void require_round_trip(const SignedConfiguration& first) {
  const auto element = write_configuration(first.configuration);
  if (!element) {
    // Kinds are copied as bytes, which need the prefixes of the document they came from; and what
    // was short may become too long.
    const bool excused =
        !first.configuration.required_kinds.empty() || element.error().kind == ErrorKind::limit;
    if (!excused) std::abort();
    return;
  }
  SignedConfiguration rewritten = first;
  rewritten.element = *element;
  const auto second = read_document(write_document({rewritten}));
  if (!second) {
    if (second.error().kind != ErrorKind::limit) std::abort();
    return;
  }
  const auto again = write_configuration(second->configurations.at(0).configuration);
  if (!again || *again != *element) std::abort();
  if (second->configurations[0].signatures.size() != first.signatures.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto document = read_document(bytes)) {
    for (const SignedConfiguration& configuration : document->configurations) {
      require_round_trip(configuration);
    }
  }
  (void)read_kind_blocks(bytes);
  return 0;
}
