#include "sim/outcome_log.h"

#include <algorithm>
#include <numeric>

namespace chordial::sim {

void OutcomeLog::correct(Duration took, unsigned hops) {
  ++counts_.correct;
  ++hops_[std::min<std::size_t>(hops, hops_max - 1)];
  took_us_.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took.count(), UINT32_MAX)));
}

void OutcomeLog::add(const OutcomeLog& other) {
  counts_.started += other.counts_.started;
  counts_.correct += other.counts_.correct;
  counts_.wrong += other.counts_.wrong;
  counts_.error += other.counts_.error;
  counts_.timeout += other.counts_.timeout;
  forged_ += other.forged_;
  for (std::size_t i = 0; i < hops_max; ++i)
    hops_[i] += other.hops_[i];
  took_us_.insert(took_us_.end(), other.took_us_.begin(), other.took_us_.end());
}

OutcomeCounts OutcomeLog::counts() const {
  OutcomeCounts counts = counts_;
  counts.timeout = counts_.started - counts_.correct - counts_.wrong - counts_.error;
  return counts;
}

// The places of median and 99th percentile among what was correct, counted from 1.
std::uint64_t OutcomeLog::half() const {
  return (counts_.correct + 1) / 2;
}

std::uint64_t OutcomeLog::most() const {
  return counts_.correct - counts_.correct / 100;
}

Distribution OutcomeLog::hops() const {
  Distribution hops;
  if (counts_.correct == 0) return hops;
  std::uint64_t seen = 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < hops_max; ++i) {
    if (seen < half() && seen + hops_[i] >= half()) hops.p50 = static_cast<double>(i);
    if (seen < most() && seen + hops_[i] >= most()) hops.p99 = static_cast<double>(i);
    seen += hops_[i];
    sum += hops_[i] * i;
  }
  hops.mean = static_cast<double>(sum) / static_cast<double>(counts_.correct);
  return hops;
}

Distribution OutcomeLog::latency_ms() const {
  Distribution latency;
  if (counts_.correct == 0) return latency;
  std::vector<std::uint32_t> sorted = took_us_;
  std::sort(sorted.begin(), sorted.end());
  const std::uint64_t total = std::accumulate(sorted.begin(), sorted.end(), std::uint64_t{0});
  latency.mean = static_cast<double>(total) / static_cast<double>(sorted.size()) / 1000;
  latency.p50 = sorted[half() - 1] / 1000.0;
  latency.p99 = sorted[most() - 1] / 1000.0;
  return latency;
}

}  // namespace chordial::sim
