// The program `chordial`.
#include "app/command_line.h"

int main(int argc, char** argv) {
  return chordial::app::run_command_line(argc, argv);
}
