// The overlay algorithms of this build by the name a configuration document calls them (RFC 6940
// §11.1, topology-plugin). Alone in knowing all plugins, so that none depends on another.
#include "topology/chord/chord.h"
#include "topology/plugin.h"

namespace chordial::topology {

std::unique_ptr<Plugin> make_plugin(std::string_view name, const NodeId& self,
                                    const Parameters& parameters, Rng& rng) {
  if (name == "CHORD-RELOAD") return std::make_unique<chord::Chord>(self, parameters, rng);
  return nullptr;
}

}  // namespace chordial::topology
