#include "link/wire_link.h"

#include <algorithm>

#include "base/rng.h"
#include "link/client_hello.h"
#include "wire/framing.h"

namespace chordial::link {

WireLink::WireLink(WireLinkOwner& owner, const WireLinkOptions& options, TimerQueue& timers)
    : owner_(owner), options_(options), timers_(timers), timer_(*this, 0) {
}

void WireLink::place(const SocketAddress& local, const SocketAddress& remote) {
  local_ = local;
  remote_ = remote;
}

void WireLink::start(Now now, LinkId id, std::unique_ptr<crypto::LinkSecurity> security,
                     std::optional<NodeId> expected,
                     const std::optional<HelloRandom>& client_hello) {
  id_ = id;
  security_ = std::move(security);
  expected_ = expected;
  hello_random_ = client_hello;
  client_ = !client_hello.has_value();
  started_ = last_heard_ = now.monotonic;
  phase_ = Phase::handshake;
  collecting_ = true;
  security_->start(now);
  finish(now);
}

void WireLink::handle_datagram(Now now, ByteView datagram) {
  if (phase_ != Phase::handshake && phase_ != Phase::established) return;
  collecting_ = true;
  security_->handle_datagram(now, datagram);
  finish(now);
}

void WireLink::handle_timeout(Now now) {
  if (phase_ != Phase::handshake && phase_ != Phase::established) return;
  collecting_ = true;
  if (security_->next_timeout() <= now.monotonic) security_->handle_timeout(now);
  if (phase_ == Phase::handshake && now.monotonic - started_ >= options_.handshake_duration_max) {
    end(now, {ErrorKind::unavailable, "handshake", 0, "no answer in time"});
  }
  if (phase_ == Phase::established && sender_.next_timeout() <= now.monotonic &&
      !sender_.on_timeout(now)) {
    security_->close(now);
    end(now, {ErrorKind::unavailable, "link", 0, "no acknowledgement"});
  }
  finish(now);
}

std::size_t WireLink::message_bytes_max() const {
  const std::size_t record = security_ == nullptr ? 0 : security_->plaintext_bytes_max();
  if (options_.carriage == Carriage::application) return record;
  return record - std::min(record, wire::frame_data_header_bytes);
}

Expected<void> WireLink::send(Now now, ByteView message) {
  if (options_.carriage == Carriage::application) return send_record(now, message);
  if (phase_ != Phase::established) {
    return failure(ErrorKind::unavailable, "link", "not established");
  }
  if (message.size() > message_bytes_max()) {
    return failure(ErrorKind::limit, "message", "longer than the link carries");
  }
  if (auto pushed = sender_.push(message); !pushed) return pushed;
  if (!collecting_) finish(now);
  return {};
}

Expected<void> WireLink::send_record(Now now, ByteView record) {
  if (phase_ != Phase::established) {
    return failure(ErrorKind::unavailable, "link", "not established");
  }
  const bool outermost = !collecting_;
  collecting_ = true;
  auto written = security_->write(now, record);
  if (outermost) finish(now);
  return written;
}

void WireLink::close(Now now) {
  if (phase_ == Phase::over || phase_ == Phase::unused) return;
  const bool outermost = !collecting_;
  collecting_ = true;
  phase_ = Phase::over;
  security_->close(now);
  if (outermost) finish(now);
}

void WireLink::abandon() {
  phase_ = Phase::over;
  timer_.cancel();
}

void WireLink::end(Now now, const Error& why) {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  owner_.link_over(now, *this, why);
}

void WireLink::finish(Now now) {
  collecting_ = true;
  if (phase_ == Phase::established && ack_due_) write_ack(now);
  if (phase_ == Phase::established) pump(now);
  collecting_ = false;
  flush();
  arm();
}

void WireLink::write_ack(Now now) {
  const std::uint32_t sequence = *ack_due_;
  ack_due_.reset();
  ByteWriter frame;
  wire::write(frame, {true, sequence, {}, received_.mask(sequence)});
  (void)security_->write(now, frame.view());  // a lost ack is repaired by the next one's mask
}

void WireLink::pump(Now now) {
  while (phase_ == Phase::established) {
    const auto next = sender_.next(now);
    if (!next) return;
    ByteWriter frame;
    wire::write_data_header(frame, next->sequence, next->message.size());
    frame.raw(next->message);
    (void)security_->write(now,
                           frame.view());  // what could not be written counts as lost on the way
  }
}

void WireLink::flush() {
  if (outgoing_.empty()) return;
  owner_.link_transmit(*this, outgoing_);
  outgoing_.clear();
}

void WireLink::arm() {
  MonotonicTime deadline = never;
  if (phase_ == Phase::handshake) {
    deadline = std::min(security_->next_timeout(), started_ + options_.handshake_duration_max);
  } else if (phase_ == Phase::established) {
    deadline = std::min(security_->next_timeout(), sender_.next_timeout());
  }
  if (deadline == never) {
    timer_.cancel();
  } else if (!timer_.armed() || timer_.deadline() != deadline) {
    timers_.arm(timer_, deadline);
  }
}

void WireLink::on_timer(Now now, std::uint32_t) {
  owner_.link_timeout(now, *this);
}

void WireLink::on_security_transmit(ByteView datagram) {
  if (client_ && phase_ == Phase::handshake) {
    if (const auto random = client_hello_random(datagram)) hello_random_ = random;
  }
  if (outgoing_.size() + datagram.size() > options_.datagram_bytes_max) flush();
  outgoing_.insert(outgoing_.end(), datagram.begin(), datagram.end());
  if (!collecting_) flush();
}

void WireLink::on_security_established(Now now, const crypto::Certificate& peer) {
  if (phase_ != Phase::handshake) return;
  last_heard_ = now.monotonic;
  if (expected_ && !names_node(peer, *expected_)) {
    security_->close(now);
    end(now, {ErrorKind::unauthentic, "certificate", 0, "names another node"});
    return;
  }
  phase_ = Phase::established;
  proven_ = true;
  owner_.link_established(now, *this, peer);
}

void WireLink::on_security_closed(Now now, const Error& why) {
  end(now, why);
}

void WireLink::on_security_plaintext(Now now, ByteView record) {
  if (phase_ != Phase::established || record.empty()) return;
  last_heard_ = now.monotonic;
  if (options_.carriage == Carriage::application) {
    owner_.link_message(now, *this, record);
  } else if (record[0] >= 'A' && record[0] <= 'Z') {
    owner_.link_sip(now, *this, record);
  } else {
    on_frame(now, record);
  }
}

void WireLink::on_frame(Now now, ByteView record) {
  ByteReader reader(record);
  wire::FramedMessage frame;
  wire::read(reader, frame);
  reader.expect_end("record");
  if (!reader.ok()) {
    ++malformed_;
  } else if (frame.is_ack) {
    sender_.on_ack(now, frame.sequence, frame.received);
  } else {
    deliver(now, frame.sequence, frame.message);
  }
}

void WireLink::deliver(Now now, std::uint32_t sequence, ByteView message) {
  constexpr std::uint32_t mask_reach = 31;
  if (ack_due_ && sequence - *ack_due_ > mask_reach) write_ack(now);
  ack_due_ = sequence;
  const std::uint64_t digest = siphash(options_.digest_key_low, options_.digest_key_high, message);
  if (!received_.note(sequence) || recent_.repeated(now, options_.repetition_age_max, digest)) {
    ++repetitions_;
    return;
  }
  owner_.link_message(now, *this, message);
}

LinkInfo WireLink::info() const {
  LinkInfo info;
  info.remote = remote_;
  info.security = security_ == nullptr ? "" : security_->cipher();
  info.rtt_us = static_cast<std::uint32_t>(sender_.rtt().smoothed().count());
  info.established = established();
  info.suspect = sender_.suspect();
  info.last_heard = last_heard_;
  return info;
}

}  // namespace chordial::link
