// Retransmission timeout from round-trip samples (RFC 6298 §2, rounded up to a millisecond as RFC
// 6940 §6.6.3.1 asks). Knows no messages.
#pragma once

#include "base/time.h"

namespace chordial::link {

class RttEstimator {
 public:
  // Before the first sample (RFC 6940 §6.6.3.1).
  static constexpr Duration rto_initial{500'000};
  // Deviation: RFC 6298 §2.4 wants a second; the other side acknowledges at once (RFC 6940 §6.6.2),
  // so that only its scheduling delay must fit in.
  static constexpr Duration rto_min{100'000};
  static constexpr Duration rto_max{4'000'000};

  void sample(Duration round_trip);
  [[nodiscard]] Duration rto() const { return rto_; }
  // Zero before the first sample.
  [[nodiscard]] Duration smoothed() const { return smoothed_; }

 private:
  Duration smoothed_{0};
  Duration variation_{0};
  Duration rto_ = rto_initial;
};

}  // namespace chordial::link
