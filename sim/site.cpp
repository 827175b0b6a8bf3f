#include "sim/site.h"

#include "sim/shard.h"

namespace chordial::sim {

namespace {

constexpr Duration one_way = std::chrono::milliseconds(1);

}  // namespace

Site::Site(const World& world, Shard& shard, Node& node)
    : world_(world),
      shard_(shard),
      node_(node),
      first_(world.first_user(node.index())),
      timer_(*this, 0) {
  sip::Sender& line = *this;
  for (UserIndex user = first_; user < world.first_user(node.index() + 1); ++user) {
    phones_.push_back(std::make_unique<Phone>(
        PhoneEnvironment{world, line, shard.timers(), shard.sip(), shard.acknowledged()}, user));
  }
}

void Site::boot(Now now, crypto::mock::MockSigner& signer, std::vector<SocketAddress> bootstrap,
                bool first) {
  phase_ = overlay::Phase::stopped;
  whole_ = std::make_unique<WholeNode>(
      now,
      WholeNodeEnvironment{world_, shard_.context(), shard_.certificates(), shard_.verifier(),
                           shard_.cost(), signer, shard_.timers(), shard_.log(), *this},
      node_.index(), node_.rng().fork(), std::move(bootstrap), first);
}

void Site::start(Now now, const std::vector<ports::PersistedRecord>& records) {
  whole_->start(now, records);
}

void Site::begin_registering(Now now, Duration within) {
  for (const auto& phone : phones_)
    phone->begin_registering(now, within);
}

void Site::begin_work(Now now, MonotonicTime end) {
  for (const auto& phone : phones_)
    phone->begin_work(now, end);
}

void Site::transmit(Now now, const ports::Datagram& datagram) {
  if (datagram.socket == ports::SocketRole::sip) {
    push(now, datagram.local, datagram.remote, datagram.bytes);
  } else {
    shard_.carry(node_.index(), datagram);
  }
}

void Site::persist(ports::PersistRequest request) {
  node_.persist(std::move(request));
}

void Site::on_node_moved(Now now) {
  shard_.note_change();
  const overlay::Phase phase = whole_->peer().phase();
  if (phase == phase_) return;
  phase_ = phase;
  node_.on_phase_changed(now, phase);
}

Expected<void> Site::send(Now now, const sip::Flow& flow, ByteView bytes, sip::TransactionId) {
  push(now, flow.local, flow.remote, bytes);
  return {};
}

void Site::push(Now now, const SocketAddress& from, const SocketAddress& to, ByteView bytes) {
  if (waiting_.size() >= waiting_max) return;
  waiting_.push_back({now.monotonic + one_way, from, to, to_bytes(bytes)});
  if (!timer_.armed()) shard_.timers().arm(timer_, waiting_.front().at);
}

void Site::on_timer(Now now, std::uint32_t) {
  while (!waiting_.empty() && waiting_.front().at <= now.monotonic) {
    const Waiting datagram = std::move(waiting_.front());
    waiting_.pop_front();
    deliver(now, datagram);
  }
  if (!waiting_.empty()) shard_.timers().arm(timer_, waiting_.front().at);
}

void Site::deliver(Now now, const Waiting& datagram) {
  node_.note_local(now, datagram.bytes);
  if (datagram.to == sip_address(node_.index())) {
    if (!alive()) return;
    whole_->handle_datagram(now,
                            {ports::SocketRole::sip, datagram.to, datagram.from, datagram.bytes});
    return;
  }
  for (std::size_t i = 0; i < phones_.size(); ++i) {
    if (phone_address(first_ + static_cast<UserIndex>(i)) != datagram.to) continue;
    return phones_[i]->receive(now, datagram.bytes);
  }
}

}  // namespace chordial::sim
