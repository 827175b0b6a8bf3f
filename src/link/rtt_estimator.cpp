#include "link/rtt_estimator.h"

#include <algorithm>

namespace chordial::link {

void RttEstimator::sample(Duration round_trip) {
  round_trip = std::max(round_trip, Duration(1));
  if (smoothed_.count() == 0) {
    smoothed_ = round_trip;
    variation_ = round_trip / 2;
  } else {
    const Duration off = smoothed_ > round_trip ? smoothed_ - round_trip : round_trip - smoothed_;
    variation_ = (3 * variation_ + off) / 4;
    smoothed_ = (7 * smoothed_ + round_trip) / 8;
  }
  const Duration granularity{1000};
  const Duration rto = smoothed_ + std::max(granularity, 4 * variation_);
  const Duration rounded{(rto.count() + 999) / 1000 * 1000};
  rto_ = std::clamp(rounded, rto_min, rto_max);
}

}  // namespace chordial::link
