#include "sim/network_model.h"

#include <algorithm>
#include <array>

#include "base/rng.h"
#include "link/reliable_sender.h"

namespace chordial::sim {

namespace {

// Purposes of the hash; different ones give independent numbers.
constexpr std::uint64_t purpose_latency = 1;
constexpr std::uint64_t purpose_packet = 2;
constexpr std::uint64_t purpose_group = 3;

std::uint64_t mix(std::uint64_t seed, std::uint64_t purpose, std::uint32_t a, std::uint32_t b,
                  std::uint32_t c) {
  std::array<std::uint8_t, 12> bytes{};
  for (unsigned i = 0; i < 4; ++i) {
    bytes[i] = static_cast<std::uint8_t>(a >> 8 * i);
    bytes[4 + i] = static_cast<std::uint8_t>(b >> 8 * i);
    bytes[8 + i] = static_cast<std::uint8_t>(c >> 8 * i);
  }
  return siphash(seed, purpose, bytes);
}

// The wire fidelity's first timeout on a link with this round trip.
Duration first_timeout(Duration one_way) {
  return std::clamp(3 * one_way, link::RttEstimator::rto_min, link::RttEstimator::rto_max);
}

Duration timeout(Duration one_way, unsigned transmission) {
  return std::min(first_timeout(one_way) * (1 << transmission), link::RttEstimator::rto_max);
}

}  // namespace

Duration NetworkModel::base(NodeIndex from, NodeIndex to) const {
  const auto spread =
      static_cast<std::uint64_t>((network_.latency.most - network_.latency.least).count() + 1);
  const std::uint64_t drawn =
      mix(seed_, purpose_latency, std::min(from, to), std::max(from, to), 0) % spread;
  return network_.latency.least + Duration(static_cast<std::int64_t>(drawn));
}

Duration NetworkModel::give_up(NodeIndex from, NodeIndex to) const {
  const Duration one_way = base(from, to);
  Duration sum{0};
  for (unsigned i = 0; i < link::ReliableSender::timeouts_max; ++i)
    sum += timeout(one_way, i);
  return std::max(sum, lookahead());
}

std::uint32_t NetworkModel::group(NodeIndex node) const {
  return groups_ == 1 ? 0
                      : static_cast<std::uint32_t>(mix(seed_, purpose_group, node, 0, 0) % groups_);
}

Fate NetworkModel::fate(NodeIndex from, NodeIndex to, std::uint32_t sequence) const {
  return fate(from, to, sequence, link::ReliableSender::timeouts_max);
}

Fate NetworkModel::datagram_fate(NodeIndex from, NodeIndex to, std::uint32_t sequence) const {
  return fate(from, to, sequence, 1);
}

Fate NetworkModel::fate(NodeIndex from, NodeIndex to, std::uint32_t sequence,
                        unsigned transmissions) const {
  if (group(from) != group(to)) return {false};
  const Duration one_way = base(from, to);
  Fate fate{true, one_way};
  if (network_.loss == 0 && network_.reorder == 0) return fate;
  Rng rng(mix(seed_, purpose_packet, from, to, sequence), seed_);
  if (network_.reorder > 0 && rng.fraction() < network_.reorder) {
    fate.delay +=
        Duration(static_cast<std::int64_t>(rng.fraction() * static_cast<double>(one_way.count())));
  }
  for (unsigned i = 0; network_.loss > 0 && rng.fraction() < network_.loss; ++i) {
    if (i + 1 == transmissions) return {false};
    fate.delay += timeout(one_way, i);
  }
  return fate;
}

}  // namespace chordial::sim
