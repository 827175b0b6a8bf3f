// Marks, bounds and times shared by the parts of Chord. All times are this implementation's choice
// unless a section is named.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace chordial::topology::chord {

// Marks of a link (PeerTable).
inline constexpr std::uint8_t mark_finger = 1;     // the peer chosen for its finger interval
inline constexpr std::uint8_t mark_ours = 2;       // this node asked for the link
inline constexpr std::uint8_t mark_owed = 4 | 8;   // the UpdateType to be sent; 0 for none
inline constexpr std::uint8_t mark_departed = 16;  // sent a Leave: its late Updates count no more
inline constexpr std::uint8_t mark_named = 32;     // a peer named it as member; still silent
inline constexpr std::uint8_t mark_strikes = 64 | 128;  // requests left unanswered in a row
inline constexpr unsigned mark_owed_shift = 2;
inline constexpr unsigned mark_strikes_shift = 6;

// What changed (dirty_).
inline constexpr std::uint8_t dirty_successors = 1;
inline constexpr std::uint8_t dirty_predecessors = 2;
inline constexpr std::uint8_t dirty_range = 4;

// Above this, a peer that is neither neighbor nor finger is not routed through.
inline constexpr std::size_t peers_max = 256;
// Links beyond are not taken note of; the overlay has its own, lower limit.
inline constexpr std::size_t others_max = 512;
inline constexpr std::size_t pending_max = 32;     // further candidates wait for a later Update
inline constexpr std::size_t shunned_max = 8;      // the one that expires first goes
inline constexpr std::size_t admitting_max = 8;    // further joining nodes are refused for now
inline constexpr std::size_t candidates_max = 96;  // ids of one Update that are looked at
inline constexpr unsigned fingers_max = 128;       // §10.7.4.3

// A link has its own, quicker way to notice that its other end is gone, so one unanswered request
// is no proof: with a tenth of all messages lost for good, live neighbors would be dropped for
// ever.
inline constexpr unsigned strikes_max = 3;

// Updates owed within this time leave together.
inline constexpr Duration settle_delay = std::chrono::milliseconds(50);
inline constexpr std::uint32_t stabilize_first_s = 1;
inline constexpr std::uint32_t stabilize_growth = 3;
inline constexpr std::uint32_t settled_interval_s = 3;
inline constexpr Duration attach_wait = std::chrono::seconds(60);
inline constexpr Duration shun_after_loss = std::chrono::seconds(3);
inline constexpr Duration shun_after_failure = std::chrono::seconds(8);
inline constexpr unsigned shun_doublings_max = 6;

inline constexpr Duration seek_wait = std::chrono::seconds(8);
inline constexpr Duration gather_wait = std::chrono::seconds(4);
inline constexpr Duration ask_wait = std::chrono::seconds(20);
inline constexpr Duration transfer_wait = std::chrono::seconds(60);
inline constexpr Duration retry_first = std::chrono::milliseconds(500);
inline constexpr unsigned retry_doublings_max = 5;
inline constexpr std::uint8_t join_attempts_max = 8;

inline constexpr Duration search_first = std::chrono::seconds(2);
inline constexpr Duration search_again = std::chrono::seconds(10);

}  // namespace chordial::topology::chord
