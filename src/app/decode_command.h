// `chordial decode`: one RELOAD message in, its fields as JSON out.
#pragma once

#include <string>

namespace chordial::app {

struct DecodeArguments {
  std::string file;       // "-": standard input
  bool hex = false;       // the file is hexadecimal text
  bool reencode = false;  // print what the codec writes from what it read
};
int run_decode(const DecodeArguments& arguments);

}  // namespace chordial::app
