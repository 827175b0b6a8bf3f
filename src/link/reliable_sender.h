// The sending half of Simple Reliability (RFC 6940 §6.6.3) with a window: which message goes out
// under which sequence number, when again, and when the link is given up. Knows no bytes of frames,
// no security and no socket.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "link/congestion_window.h"
#include "link/rtt_estimator.h"

namespace chordial::link {

class ReliableSender {
 public:
  static constexpr std::size_t queue_messages_max = 256;      // waiting, not yet sent
  static constexpr std::size_t queue_bytes_max = 256 * 1024;  // waiting, not yet sent
  static constexpr unsigned timeouts_max = 5;        // in a row, without any ack (§6.6.3.1)
  static constexpr unsigned transmissions_max = 16;  // of one message
  static constexpr unsigned suspect_timeouts = 3;    // without any ack in between (§6.6.3.1)
  static constexpr unsigned reorder_tolerance = 3;   // later acks that mean "lost"

  // A message to put on the wire now. The view lives until the next call.
  struct Frame {
    std::uint32_t sequence;
    ByteView message;
  };

  // Takes a copy. Errors: unavailable (queue full; the message is dropped).
  [[nodiscard]] Expected<void> push(ByteView message);
  // The next frame the window allows, a lost one before a new one; call until there is none.
  [[nodiscard]] std::optional<Frame> next(Now now);
  void on_ack(Now now, std::uint32_t ack_sequence, std::uint32_t received);
  // At or after next_timeout(). False: the bounds are exceeded and the link is to be closed.
  [[nodiscard]] bool on_timeout(Now now);
  [[nodiscard]] MonotonicTime next_timeout() const;

  [[nodiscard]] bool suspect() const { return timeouts_in_row_ >= suspect_timeouts; }
  [[nodiscard]] const RttEstimator& rtt() const { return rtt_; }
  [[nodiscard]] std::uint32_t window() const { return window_.size(); }
  [[nodiscard]] std::size_t queued() const { return queue_.size() - queue_head_; }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }
  [[nodiscard]] std::uint64_t retransmissions() const { return retransmissions_; }

 private:
  struct Transmission {
    MonotonicTime at;
    std::uint32_t sequence;
  };
  // Acks of transmissions older than these no longer count; the message is sent again.
  static constexpr std::size_t transmissions_kept = 6;

  struct Outgoing {
    Bytes message;
    std::array<Transmission, transmissions_kept> sent;
    unsigned transmissions = 0;
    unsigned timeouts = 0;
    unsigned acked_later = 0;  // of messages sent after this one's last transmission
    bool lost = false;         // waits for its retransmission

    [[nodiscard]] const Transmission& last() const {
      return sent[(transmissions - 1) % transmissions_kept];
    }
    [[nodiscard]] const Transmission* find(std::uint32_t sequence) const;
  };

  Frame transmit(Now now, Outgoing& message);
  bool acknowledge(Now now, std::uint32_t sequence, bool sample);
  void lose(Outgoing& message);
  [[nodiscard]] MonotonicTime deadline(const Outgoing& message) const;
  [[nodiscard]] std::uint32_t outstanding() const;

  RttEstimator rtt_;
  CongestionWindow window_;
  std::vector<Outgoing> in_flight_;  // oldest first; at most CongestionWindow::largest
  std::vector<Bytes> queue_;         // from queue_head_ on
  std::size_t queue_head_ = 0;
  std::size_t queue_bytes_ = 0;
  std::uint32_t next_sequence_ = 0;
  std::uint32_t recovery_ = 0;  // losses of earlier sequence numbers belong to the last loss event
  unsigned timeouts_in_row_ = 0;
  std::uint64_t retransmissions_ = 0;
};

}  // namespace chordial::link
