#include "transport/transport.h"

namespace chordial::transport {

Transport::Transport(const Settings& settings, forwarding::Forwarder& forwarder,
                     forwarding::ConnectionTable& connections, crypto::Signer& signer,
                     TimerQueue& timers, Rng& rng, TransportHandler& handler)
    : settings_(settings),
      forwarder_(forwarder),
      connections_(connections),
      signer_(signer),
      timers_(timers),
      rng_(rng),
      handler_(handler),
      timer_(*this, 0),
      check_key_(rng.u64()) {
}

ReplyTo reply_to(const NodeId& neighbour, const wire::ForwardingHeader& header,
                 wire::MessageCode code) {
  ReplyTo reply;
  reply.transaction_id = header.transaction_id;
  reply.neighbour = neighbour;
  reply.max_response_bytes = header.max_response_length;
  reply.code = code;
  const std::vector<wire::Destination> via(header.via_list.begin(), header.via_list.end());
  ByteWriter route;
  wire::write(route, wire::Destination::of(neighbour));
  for (auto entry = via.rbegin(); entry != via.rend(); ++entry)
    wire::write(route, *entry);
  reply.route = route.take();
  ByteWriter options;
  for (wire::ForwardingOption option : header.options) {
    if ((option.flags & wire::ForwardingOption::response_copy) == 0) continue;
    option.flags = 0;
    wire::write(options, option);
  }
  reply.options = options.take();
  return reply;
}

bool must_remember(const wire::MessageContents& contents) {
  switch (contents.message_code) {
    case wire::MessageCode::probe_req:
    case wire::MessageCode::fetch_req:
    case wire::MessageCode::find_req:
    case wire::MessageCode::stat_req:
    case wire::MessageCode::route_query_req:
      return false;
    case wire::MessageCode::ping_req:
      return !contents.extensions.empty();
    default:
      return true;
  }
}

wire::ForwardingHeader Transport::header_for(std::uint64_t transaction_id,
                                             wire::MessageCode code) const {
  // §6.3.2.1: a ConfigUpdate with this number is accepted whatever the receiver's is.
  constexpr std::uint16_t any_sequence = 65535;
  wire::ForwardingHeader header;
  header.overlay = settings_.overlay_hash;
  header.configuration_sequence =
      code == wire::MessageCode::config_update_req ? any_sequence : settings_.sequence;
  header.ttl = settings_.initial_ttl;
  header.transaction_id = transaction_id;
  return header;
}

void Transport::arm(Now now) {
  MonotonicTime next = std::min(answers_.next_expiry(), reassembly_.next_expiry());
  for (const auto& [id, transaction] : transactions_)
    next = std::min(next, transaction.deadline);
  if (next == never) {
    timer_.cancel();
  } else {
    timers_.arm(timer_, std::max(next, now.monotonic));
  }
}

void Transport::on_timer(Now now, std::uint32_t) {
  std::vector<std::uint64_t> due;
  for (const auto& [id, transaction] : transactions_) {
    if (transaction.deadline <= now.monotonic) due.push_back(id);
  }
  for (const std::uint64_t id : due)
    step(now, id);
  answers_.expire(now);
  reassembly_.expire(now);
  arm(now);
}

void Transport::cancel(std::uint64_t transaction_id) {
  transactions_.erase(transaction_id);
}

std::size_t Transport::memory_bytes() const {
  constexpr std::size_t node_bytes = sizeof(Transactions::value_type) + 4 * sizeof(void*);
  std::size_t sum = answers_.memory_bytes() + reassembly_.memory_bytes();
  for (const auto& [id, t] : transactions_) {
    sum += node_bytes + t.destinations.capacity() + t.contents.capacity() + t.signature.capacity() +
           t.signer_certificate.capacity() +
           t.certificates.capacity() * sizeof(crypto::CertificateHash);
  }
  return sum;
}

void Transport::count(CounterVisitor& visitor) const {
  const TransportCounters& c = counters_;
  visitor.counter("transport_requests", c.requests);
  visitor.counter("transport_requests_answered", c.answered);
  visitor.counter("transport_requests_timed_out", c.timed_out);
  visitor.counter("transport_retransmissions", c.retransmissions);
  visitor.counter("transport_requests_received", c.received);
  visitor.counter("transport_requests_repeated", c.repeated);
  visitor.counter("transport_rejected_signature", c.rejected_signature);
  visitor.counter("transport_rejected_responder", c.rejected_responder);
  visitor.counter("transport_rejected_malformed", c.rejected_malformed);
  visitor.counter("transport_rejected_extension", c.rejected_extension);
  visitor.counter("transport_unexpected_answers", c.unexpected_answers);
  visitor.counter("transport_errors_sent", c.errors_sent);
  const FragmentDrops& drops = reassembly_.drops();
  visitor.counter("transport_fragments_dropped_malformed", drops.malformed);
  visitor.counter("transport_fragments_dropped_limit", drops.limit);
  visitor.counter("transport_reassembly_expired", drops.expired);
  visitor.counter("transport_reassembly_restarted", drops.restarted);
  visitor.gauge("transport_transactions", transactions_.size());
  visitor.gauge("transport_answers_kept", answers_.size());
  visitor.gauge("transport_reassembly_bytes", reassembly_.bytes());
}

}  // namespace chordial::transport
