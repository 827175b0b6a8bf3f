// The system's clocks as the argument the core takes, and seeds from the system's entropy.
#pragma once

#include "base/error.h"
#include "base/rng.h"
#include "base/time.h"

namespace chordial::driver {

[[nodiscard]] Now system_now();
// Seeded by getrandom(2); waits for the system's pool early at boot. Error: internal.
[[nodiscard]] Expected<Rng> system_rng();

}  // namespace chordial::driver
