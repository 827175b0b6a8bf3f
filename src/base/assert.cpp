#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace chordial {

void invariant_broken(const char* text, const char* file, int line) {
  std::fprintf(stderr, "chordial: broken invariant: %s (%s:%d)\n", text, file, line);
  std::abort();
}

}  // namespace chordial
