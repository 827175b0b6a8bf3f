#include "link/reliable_sender.h"

#include <algorithm>

namespace chordial::link {

namespace {

// Sequence numbers wrap after 2^32 messages.
bool earlier(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) < 0;
}

}  // namespace

const ReliableSender::Transmission* ReliableSender::Outgoing::find(std::uint32_t sequence) const {
  const std::size_t kept = std::min<std::size_t>(transmissions, transmissions_kept);
  for (std::size_t i = 0; i < kept; ++i) {
    if (sent[i].sequence == sequence) return &sent[i];
  }
  return nullptr;
}

Expected<void> ReliableSender::push(ByteView message) {
  if (queued() >= queue_messages_max || queue_bytes_ + message.size() > queue_bytes_max) {
    return failure(ErrorKind::unavailable, "link", "send queue full");
  }
  queue_bytes_ += message.size();
  queue_.push_back(to_bytes(message));
  return {};
}

std::uint32_t ReliableSender::outstanding() const {
  return static_cast<std::uint32_t>(std::count_if(in_flight_.begin(), in_flight_.end(),
                                                  [](const Outgoing& m) { return !m.lost; }));
}

ReliableSender::Frame ReliableSender::transmit(Now now, Outgoing& message) {
  if (message.transmissions > 0) ++retransmissions_;
  message.sent[message.transmissions % transmissions_kept] = {now.monotonic, next_sequence_};
  ++message.transmissions;
  message.acked_later = 0;
  message.lost = false;
  return {next_sequence_++, message.message};
}

std::optional<ReliableSender::Frame> ReliableSender::next(Now now) {
  if (outstanding() >= window_.size()) return std::nullopt;
  for (Outgoing& message : in_flight_) {
    if (message.lost) return transmit(now, message);
  }
  if (queued() == 0 || in_flight_.size() >= CongestionWindow::largest) return std::nullopt;
  Outgoing& message = in_flight_.emplace_back();
  message.message = std::move(queue_[queue_head_++]);
  queue_bytes_ -= message.message.size();
  if (queue_head_ == queue_.size()) {
    queue_.clear();
    queue_head_ = 0;
  } else if (queue_head_ >= queue_messages_max) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_head_));
    queue_head_ = 0;
  }
  return transmit(now, message);
}

bool ReliableSender::acknowledge(Now now, std::uint32_t sequence, bool sample) {
  const auto at = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const Outgoing& message) {
    return message.find(sequence) != nullptr;
  });
  if (at == in_flight_.end()) return false;
  // The mask may speak of something that arrived long ago; only the ack's own number is fresh.
  if (sample) rtt_.sample(now.monotonic - at->find(sequence)->at);
  window_.on_acknowledged(outstanding() >= window_.size() || queued() > 0);
  in_flight_.erase(at);
  for (Outgoing& message : in_flight_) {
    if (!message.lost && earlier(message.last().sequence, sequence)) ++message.acked_later;
  }
  return true;
}

void ReliableSender::lose(Outgoing& message) {
  message.lost = true;
  if (!earlier(message.last().sequence, recovery_)) {
    window_.on_loss();
    recovery_ = next_sequence_;
  }
}

void ReliableSender::on_ack(Now now, std::uint32_t ack_sequence, std::uint32_t received) {
  bool progress = acknowledge(now, ack_sequence, true);
  for (std::uint32_t bit = 1; bit < 32; ++bit) {
    if ((received >> bit & 1) != 0) {
      progress = acknowledge(now, ack_sequence - bit, false) || progress;
    }
  }
  if (!progress) return;
  timeouts_in_row_ = 0;
  for (Outgoing& message : in_flight_) {
    if (!message.lost && message.acked_later >= reorder_tolerance) lose(message);
  }
}

MonotonicTime ReliableSender::deadline(const Outgoing& message) const {
  return message.last().at + std::min(rtt_.rto() * (1 << std::min(message.timeouts, timeouts_max)),
                                      RttEstimator::rto_max);
}

bool ReliableSender::on_timeout(Now now) {
  bool expired = false;
  bool exhausted = false;
  for (Outgoing& message : in_flight_) {
    if (message.lost || deadline(message) > now.monotonic) continue;
    ++message.timeouts;
    exhausted = exhausted || message.timeouts >= timeouts_max;
    if (message.transmissions >= transmissions_max) return false;
    lose(message);
    expired = true;
  }
  // Messages that time out together are one sign of trouble, not many.
  if (expired) ++timeouts_in_row_;
  // Deviation: §6.6.3.1 closes the link after five transmissions of a message. While others are
  // acknowledged the link is merely bad, and so it needs as many time-outs without any ack.
  return !exhausted || timeouts_in_row_ < timeouts_max;
}

MonotonicTime ReliableSender::next_timeout() const {
  MonotonicTime first = never;
  for (const Outgoing& message : in_flight_) {
    if (!message.lost) first = std::min(first, deadline(message));
  }
  return first;
}

}  // namespace chordial::link
