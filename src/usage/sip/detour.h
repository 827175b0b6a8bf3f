// The way around the tunnel (design §2: a peer that answers Error_Unknown_Extension is reached by
// AppAttach instead): which nodes take no tunnelled message, and what waits for a direct connection
// to be made to them. Knows no connection.
#pragma once

#include <map>
#include <vector>

#include "base/bytes.h"
#include "base/counters.h"
#include "base/error.h"
#include "base/node_id.h"
#include "base/time.h"
#include "sip/flow/sender.h"

namespace chordial::usage {

class Detour {
 public:
  static constexpr std::size_t nodes_max = 1024;  // the one noted longest ago goes first
  static constexpr Duration memory{600'000'000};  // then the tunnel is tried again
  static constexpr std::size_t waiting_max = 256;
  static constexpr std::size_t waiting_bytes_max = std::size_t{1} << 20;

  struct Waiting {
    sip::TransactionId on_behalf_of;
    Bytes bytes;
  };

  // The node has refused a tunnelled message.
  void note(Now now, const NodeId& node);
  [[nodiscard]] bool needed(const NodeId& node) const { return nodes_.contains(node); }
  // Tries the tunnel again where that is due.
  void forget_old(Now now);

  // A repetition by the same transaction waits once. Error: unavailable (too much waits).
  [[nodiscard]] Expected<void> wait(const NodeId& node, sip::TransactionId on_behalf_of,
                                    ByteView bytes);
  // In the order in which they came.
  [[nodiscard]] std::vector<Waiting> take(const NodeId& node);
  void count(CounterVisitor& visitor) const;

 private:
  std::map<NodeId, MonotonicTime> nodes_;  // -> until when
  std::multimap<NodeId, Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t noted_ = 0;
};

}  // namespace chordial::usage
