// Prints every message this system can write, one a line: its name, a tab, its bytes in
// hexadecimal. What a foreign program is asked to judge.
#include <cstdio>

#include "conformance/all_messages.h"

int main() {
  for (const auto& message : chordial::conformance::all_messages())
    std::printf("%s\t%s\n", message.name.c_str(), chordial::to_hex(message.bytes).c_str());
  return 0;
}
