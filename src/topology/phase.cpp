#include "topology/plugin.h"

namespace chordial::topology {

const char* phase_name(Phase phase) {
  switch (phase) {
    case Phase::idle:
      return "idle";
    case Phase::joining:
      return "joining";
    case Phase::ring:
      return "ring";
    case Phase::leaving:
      return "leaving";
    case Phase::isolated:
      return "isolated";
  }
  return "";
}

}  // namespace chordial::topology
