// The holding buffer for fragments at their destination (RFC 6940 §6.7). Fragments may come in any
// order, twice, overlapping, over different paths and cut anew on the way; what does not fit the
// bytes held so far begins the message again, for a retransmission may carry other certificates.
// Knows no message contents.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/node_id.h"
#include "base/time.h"

namespace chordial::transport {

inline constexpr std::size_t reassembly_messages_max = 32;
// A quarter of the places per neighbour, so that no one of them can take all.
inline constexpr std::size_t reassembly_messages_per_neighbour_max = 8;
inline constexpr std::size_t reassembly_bytes_max = 1 << 20;
inline constexpr std::size_t reassembly_pieces_max = 512;  // gaps and runs of one message
inline constexpr Duration fragment_lifetime{15'000'000};   // the maximum request lifetime

struct Fragment {
  std::uint64_t transaction_id = 0;
  NodeId neighbour;          // over whose link it came
  ByteView header;           // its forwarding header
  std::uint32_t offset = 0;  // of `body` in the message's contents and security block
  bool last = false;
  ByteView body;
};

struct Reassembled {
  NodeId neighbour;  // from which the fragment with offset 0 came
  Bytes header;      // that fragment's
  Bytes body;
};

// Why fragments went: counted one by one, but for messages forgotten by age.
struct FragmentDrops {
  std::uint32_t malformed = 0;  // above the overlay's message size, or empty and not last
  std::uint32_t limit = 0;      // no place, no bytes or no pieces left
  std::uint32_t expired = 0;    // messages that were not whole in time
  std::uint32_t restarted = 0;  // messages begun anew because a piece contradicted what was held
};

class Reassembly {
 public:
  // The whole message once its last gap is filled; nothing before, and nothing for fragments that
  // are dropped: above message_bytes_max, above a limit of this table, or empty and not last.
  [[nodiscard]] std::optional<Reassembled> add(Now now, const Fragment& fragment,
                                               std::size_t message_bytes_max);
  // Forgets what has waited too long.
  void expire(Now now);
  [[nodiscard]] MonotonicTime next_expiry() const;

  [[nodiscard]] std::size_t messages() const { return held_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] const FragmentDrops& drops() const { return drops_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Run {
    std::uint32_t begin;
    std::uint32_t end;
  };
  struct Held {
    std::uint64_t transaction_id = 0;
    NodeId neighbour;   // that began it, and counts for its limit
    NodeId first_from;  // from which the first fragment came
    MonotonicTime expiry;
    Bytes header;  // empty until the first fragment is here
    Bytes body;
    std::vector<Run> runs;                // what is here: sorted, apart from each other
    std::optional<std::uint32_t> length;  // known once the last fragment is here
  };

  Held* find_or_add(Now now, const Fragment& fragment);
  void restart(Held& held);
  static bool agrees(const Held& held, const Fragment& fragment);
  static void cover(Held& held, Run run);

  std::vector<Held> held_;
  std::size_t bytes_ = 0;
  FragmentDrops drops_;
};

}  // namespace chordial::transport
