#include "sim/lookup_log.h"

#include <algorithm>
#include <numeric>

namespace chordial::sim {

void LookupLog::correct(Duration took, unsigned hops) {
  ++counts_.correct;
  ++hops_[std::min<std::size_t>(hops, hops_max - 1)];
  took_us_.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(took.count(), UINT32_MAX)));
}

void LookupLog::add(const LookupLog& other) {
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

void LookupLog::report(Results& results) const {
  results.lookups = counts_;
  results.lookups.timeout = counts_.started - counts_.correct - counts_.wrong - counts_.error;
  results.forged_accepted = forged_;
  if (counts_.correct == 0) return;

  std::uint64_t seen = 0;
  std::uint64_t sum = 0;
  const std::uint64_t half = (counts_.correct + 1) / 2;
  const std::uint64_t most = counts_.correct - counts_.correct / 100;
  for (std::size_t i = 0; i < hops_max; ++i) {
    if (seen < half && seen + hops_[i] >= half) results.hops.p50 = static_cast<double>(i);
    if (seen < most && seen + hops_[i] >= most) results.hops.p99 = static_cast<double>(i);
    seen += hops_[i];
    sum += hops_[i] * i;
  }
  results.hops.mean = static_cast<double>(sum) / static_cast<double>(counts_.correct);

  std::vector<std::uint32_t> sorted = took_us_;
  std::sort(sorted.begin(), sorted.end());
  const std::uint64_t total = std::accumulate(sorted.begin(), sorted.end(), std::uint64_t{0});
  results.latency_ms.mean = static_cast<double>(total) / static_cast<double>(sorted.size()) / 1000;
  results.latency_ms.p50 = sorted[half - 1] / 1000.0;
  results.latency_ms.p99 = sorted[most - 1] / 1000.0;
}

}  // namespace chordial::sim
