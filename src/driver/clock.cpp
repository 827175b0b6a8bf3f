#include "driver/clock.h"

#include <array>
#include <sys/random.h>

namespace chordial::driver {

Now system_now() {
  return {
      std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now()),
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now())};
}

Expected<Rng> system_rng() {
  std::array<std::uint64_t, 2> seed{};
  if (getrandom(seed.data(), sizeof seed, 0) != static_cast<ssize_t>(sizeof seed)) {
    return failure(ErrorKind::internal, "getrandom", "the system gives no randomness");
  }
  return Rng(seed[0], seed[1]);
}

}  // namespace chordial::driver
