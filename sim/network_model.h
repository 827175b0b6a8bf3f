// What the network does to a packet: how long it takes, whether it arrives. A pure function of the
// seed, the pair of nodes and the packet's number, so that threads change nothing. Loss is not seen
// by links of the *message* fidelity as such: it costs them the retransmissions that the wire
// fidelity would make, and after the last of these the link.
#pragma once

#include "sim/event.h"
#include "sim/scenario.h"

namespace chordial::sim {

struct Fate {
  bool arrives = true;
  Duration delay{0};  // until it arrives
};

class NetworkModel {
 public:
  NetworkModel(const Network& network, std::uint64_t seed) : network_(network), seed_(seed) {}

  // Of a packet between links, retransmissions included.
  [[nodiscard]] Fate fate(NodeIndex from, NodeIndex to, std::uint32_t sequence) const;
  // Of a single datagram: nobody sends it again.
  [[nodiscard]] Fate datagram_fate(NodeIndex from, NodeIndex to, std::uint32_t sequence) const;
  // After so long a sender knows that a silent node is gone.
  [[nodiscard]] Duration give_up(NodeIndex from, NodeIndex to) const;
  // The least delay of any packet.
  [[nodiscard]] Duration lookahead() const { return network_.latency.least; }

  // Nodes of different groups do not reach each other; 1: all do. Between events only.
  void set_groups(std::uint32_t groups) { groups_ = groups; }
  [[nodiscard]] std::uint32_t group(NodeIndex node) const;
  [[nodiscard]] std::uint32_t groups() const { return groups_; }

 private:
  [[nodiscard]] Duration base(NodeIndex from, NodeIndex to) const;
  [[nodiscard]] Fate fate(NodeIndex from, NodeIndex to, std::uint32_t sequence,
                          unsigned transmissions) const;

  Network network_;
  std::uint64_t seed_;
  std::uint32_t groups_ = 1;
};

}  // namespace chordial::sim
