// The always-on assert for broken invariants of our own code. No byte from the network and no
// configuration may reach one: those are Errors (base/error.h).
#pragma once

namespace chordial {

// Prints the text with its place to stderr and aborts.
[[noreturn]] void invariant_broken(const char* text, const char* file, int line);

}  // namespace chordial

#define CHORDIAL_INVARIANT(condition) \
  ((condition) ? static_cast<void>(0) \
               : ::chordial::invariant_broken(#condition, __FILE__, __LINE__))
