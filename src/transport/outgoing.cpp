// Requests and answers on their way out.
#include "transport/transport.h"
#include "wire/link_messages.h"

namespace chordial::transport {

namespace {

wire::DestinationList destinations_of(ByteView encoded) {
  ByteReader reader(encoded);
  return wire::DestinationList::read_from(reader, wire::destinations_max, "destination_list");
}

}  // namespace

Expected<std::uint64_t> Transport::request(Now now, const Outgoing& outgoing) {
  if (transactions_.size() >= transactions_max) {
    return failure(ErrorKind::limit, "transactions", "too many requests without an answer");
  }
  std::uint64_t id = rng_.u64();
  while (id == 0 || transactions_.count(id) != 0)
    id = rng_.u64();

  Transaction transaction;
  ByteWriter destinations;
  for (const wire::Destination& destination : outgoing.destinations)
    wire::write(destinations, destination);
  transaction.destinations = destinations.take();
  ByteWriter contents;
  wire::write(contents,
              wire::MessageContents{outgoing.code,
                                    outgoing.body,
                                    wire::List<wire::MessageExtension>(outgoing.extensions),
                                    0,
                                    {}});
  transaction.contents = contents.take();
  if (transaction.contents.size() > settings_.max_message_bytes) {
    return failure(ErrorKind::limit, "message_body", "larger than max-message-size");
  }
  transaction.purpose = outgoing.purpose;
  transaction.code = outgoing.code;
  transaction.first_hop = outgoing.first_hop;
  transaction.adjacent = outgoing.adjacent;
  transaction.transmissions_limit =
      static_cast<std::uint8_t>(std::min(outgoing.transmissions, transmissions_max));
  transaction.begun = now.monotonic;
  transaction.certificates.assign(outgoing.certificates.begin(), outgoing.certificates.end());
  crypto::Signer& signer = outgoing.signer != nullptr ? *outgoing.signer : signer_;
  if (&signer != &signer_) transaction.signer_certificate = signer.certificate().der;

  const auto hop = forwarder_.first_hop(destinations_of(transaction.destinations));
  transaction.local = !outgoing.first_hop && hop.kind == forwarding::FirstHop::Kind::self;
  ++counters_.requests;
  transaction.deadline = now.monotonic;
  if (!transaction.local) {
    transaction.signature =
        sign_contents(signer, settings_.self, settings_.overlay_hash, id, transaction.contents);
  }
  const auto at = transactions_.emplace(id, std::move(transaction)).first;
  if (!at->second.local) transmit(now, id, at->second);
  const auto still = transactions_.find(id);
  if (still != transactions_.end() &&
      (!timer_.armed() || timer_.deadline() > still->second.deadline)) {
    timers_.arm(timer_, still->second.deadline);
  }
  return id;
}

bool Transport::may_go_bare(const Transaction& transaction, const NodeId& next) const {
  if (transaction.transmissions > 0 || !transaction.signer_certificate.empty()) return false;
  const auto destinations = destinations_of(transaction.destinations);
  if (destinations.size() != 1 || !(destinations.front() == wire::Destination::of(next))) {
    return false;
  }
  const forwarding::Connection* connection = connections_.find(next);
  return connection != nullptr && connection->certificate == forwarding::CertificateNeed::known;
}

void Transport::transmit(Now now, std::uint64_t id, Transaction& transaction) {
  const forwarding::FirstHop hop = hop_for(transaction);
  if (hop.kind != forwarding::FirstHop::Kind::link) {
    transaction.sent_to.reset();
    if (hop.kind == forwarding::FirstHop::Kind::self) {  // since whoever it was meant for has gone
      transaction.local = true;
      transaction.transmissions = 0;
      transaction.deadline = now.monotonic;
      return;
    }
    // Nothing to wait for where there is no way out at all; else the routing table may heal.
    if (transaction.adjacent || connections_.empty()) {
      transaction.transmissions = transaction.transmissions_limit;
      transaction.deadline = now.monotonic;
      return;
    }
    return schedule(now, transaction);
  }
  const bool bare = may_go_bare(transaction, hop.node);
  if (transaction.transmissions == 0) transaction.bare = bare;
  std::vector<ByteView> certificates;
  if (!transaction.signer_certificate.empty()) {
    certificates.push_back(transaction.signer_certificate);
  } else if (!bare) {
    certificates.push_back(signer_.certificate().der);
  }
  append_certificates(transaction.certificates, certificates);
  transaction.sent_to = hop.node;
  schedule(now, transaction);
  const Bytes destinations = transaction.destinations;
  wire::ForwardingHeader header = header_for(id, transaction.code);
  header.destination_list = destinations_of(destinations);
  const Bytes body = message_body(transaction.contents, certificates, transaction.signature);
  // Last: a link may report its end from inside, and whoever hears of that may cancel this very
  // request. A link that does not take it is like a loss on the way.
  (void)forwarder_.send(now, hop.link, header, body);
}

forwarding::FirstHop Transport::hop_for(const Transaction& transaction) const {
  if (transaction.first_hop) {
    if (const forwarding::Connection* connection = connections_.find(*transaction.first_hop)) {
      return {forwarding::FirstHop::Kind::link, connection->link, connection->node};
    }
    if (transaction.adjacent) return {};
  }
  return forwarder_.first_hop(destinations_of(transaction.destinations));
}

void Transport::schedule(Now now, Transaction& transaction) const {
  const Duration timer = settings_.reliability_timer;
  const MonotonicTime end = transaction.begun + transmissions_max * timer;
  const unsigned sent = transaction.transmissions++;
  const bool patient = transaction.transmissions_limit == transmissions_max;
  const Duration wait = round_trip_.wait(sent, timer, patient ? 3 : 2);
  // When the RFC's timer would have it next.
  MonotonicTime latest = now.monotonic + timer - (now.monotonic - transaction.begun) % timer;
  if (patient && sent + 2 == transmissions_max) latest = std::max(latest, end - timer);
  if (patient && sent + 2 > transmissions_max) latest = end;
  transaction.deadline =
      patient && sent + 2 >= transmissions_max ? latest : std::min(now.monotonic + wait, latest);
  if (transaction.deadline < end) return;
  transaction.deadline = std::max(now.monotonic, end);
  transaction.transmissions = transaction.transmissions_limit;
}

void Transport::append_certificates(std::span<const crypto::CertificateHash> hashes,
                                    std::vector<ByteView>& certificates) const {
  for (const crypto::CertificateHash& hash : hashes) {
    const crypto::Certificate* known = settings_.certificates->find(hash);
    if (known != nullptr && certificates.size() < wire::certificates_max) {
      certificates.push_back(known->der);
    }
  }
}

void Transport::step(Now now, std::uint64_t id) {
  const auto at = transactions_.find(id);
  if (at == transactions_.end() || at->second.deadline > now.monotonic) return;
  Transaction& transaction = at->second;
  if (transaction.local && transaction.transmissions == 0) return deliver_locally(now, id);
  if (!transaction.local && transaction.transmissions < transaction.transmissions_limit) {
    ++counters_.retransmissions;
    return transmit(now, id, transaction);
  }
  ++counters_.timed_out;
  if (transaction.doubtful_error != wire::ErrorCode::invalid) {
    return fail(now, id,
                {error_of(transaction.doubtful_error), transaction.doubtful_error, {}, {}});
  }
  const char* reason = transaction.sent_to || transaction.local ? "no answer in time" : "no route";
  fail(now, id,
       {Error{ErrorKind::unavailable, "transaction_id", 0, reason},
        wire::ErrorCode::invalid,
        {},
        {}});
}

void Transport::deliver_locally(Now now, std::uint64_t id) {
  Transaction& transaction = transactions_.find(id)->second;
  transaction.transmissions = 1;
  transaction.deadline = transaction.begun + transmissions_max * settings_.reliability_timer;
  const Bytes encoded = std::move(transaction.contents);
  const Bytes destinations = transaction.destinations;
  const Bytes signer_der = transaction.signer_certificate;

  const crypto::Certificate* signer = &signer_.certificate();
  if (!signer_der.empty()) {
    const auto added = settings_.certificates->add(signer_der, now);
    if (!added) return fail(now, id, {added.error(), wire::ErrorCode::forbidden, {}, {}});
    signer = *added;
  }
  ByteReader reader(encoded);
  wire::MessageContents contents;
  wire::read(reader, contents);
  wire::ForwardingHeader header = header_for(id, contents.message_code);
  header.destination_list = destinations_of(destinations);
  ReplyTo reply;
  reply.transaction_id = id;
  reply.requester = reply.neighbour = settings_.self;
  reply.code = contents.message_code;
  reply.local = true;
  ++counters_.received;
  const wire::Destination target = header.destination_list.back();
  Request request{reply, settings_.self, *signer, settings_.self, header, target, contents};
  handler_.on_request(now, request);
}

void Transport::fail(Now now, std::uint64_t id, const Failed& failed) {
  auto node = transactions_.extract(id);
  if (!node.empty()) handler_.on_failed(now, node.mapped().purpose, failed);
}

void Transport::on_neighbour_lost(Now now, const NodeId& neighbour) {
  for (auto& [id, transaction] : transactions_) {
    if (transaction.sent_to != neighbour) continue;
    if (transaction.adjacent) {
      transaction.transmissions = transaction.transmissions_limit;
    } else {  // most of what was sent has reached nobody
      transaction.transmissions = std::min<std::uint8_t>(transaction.transmissions, 1);
    }
    transaction.sent_to.reset();
    transaction.deadline = now.monotonic;
  }
  arm(now);
}

void Transport::give(Now now, const ReplyTo& reply, wire::MessageCode code, ByteView body,
                     std::span<const crypto::CertificateHash> certificates) {
  ByteWriter writer;
  wire::write(writer, wire::MessageContents{code, body, {}, 0, {}});
  const Bytes encoded = writer.take();
  if (reply.local) {
    auto node = transactions_.extract(reply.transaction_id);
    if (node.empty()) return;
    ByteReader reader(encoded);
    wire::MessageContents contents;
    wire::read(reader, contents);
    ++counters_.answered;
    const Purpose purpose = node.mapped().purpose;
    if (code == wire::MessageCode::error) {
      const auto error = wire::parse_body<wire::ErrorResponse>(contents);
      const wire::ErrorCode value = error ? error->error_code : wire::ErrorCode::invalid_message;
      handler_.on_failed(
          now, purpose,
          {error_of(value), value, settings_.self, error ? error->error_info : ByteView()});
    } else {
      handler_.on_answer(now, purpose,
                         {settings_.self, signer_.certificate(), contents, 0,
                          now.monotonic - node.mapped().begun});
    }
    return;
  }
  const Bytes signature =
      sign_contents(signer_, settings_.self, settings_.overlay_hash, reply.transaction_id, encoded);
  // Deviation: §6.3.2 names Error_Incompatible_with_Overlay for this, the list of errors in
  // §6.3.3.1 Error_Response_Too_Large: the code that says what is the matter.
  if (code != wire::MessageCode::error &&
      response_bytes(reply, encoded, signature, certificates) > response_bytes_limit(reply)) {
    return refuse(now, reply, wire::ErrorCode::response_too_large);
  }
  answers_.set(reply.transaction_id, encoded, signature);
  send_answer(now, reply, encoded, signature, certificates, false);
}

// Of the whole answer, with this node's certificate: a repetition carries it in any case.
std::size_t Transport::response_bytes(const ReplyTo& reply, ByteView contents, ByteView signature,
                                      std::span<const crypto::CertificateHash> certificates) const {
  std::vector<ByteView> all{signer_.certificate().der};
  append_certificates(certificates, all);
  std::size_t bytes = wire::fixed_header_bytes + reply.route.size() + reply.options.size() +
                      contents.size() + 2 + signature.size();
  for (const ByteView der : all)
    bytes += 3 + der.size();
  return bytes;
}

std::size_t Transport::response_bytes_limit(const ReplyTo& reply) const {
  const std::size_t overlay = settings_.max_message_bytes;
  return reply.max_response_bytes == 0 ? overlay
                                       : std::min<std::size_t>(overlay, reply.max_response_bytes);
}

void Transport::answer(Now now, const ReplyTo& reply, ByteView body,
                       std::span<const crypto::CertificateHash> certificates) {
  if (body.size() > settings_.max_message_bytes)
    return refuse(now, reply, wire::ErrorCode::response_too_large);
  give(now, reply, wire::answer_to(reply.code), body, certificates);
}

void Transport::refuse(Now now, const ReplyTo& reply, wire::ErrorCode code, ByteView info) {
  ++counters_.errors_sent;
  if (info.empty()) info = as_bytes(description_of(code));
  give(now, reply, wire::MessageCode::error, wire::body_of(wire::ErrorResponse{code, info}), {});
}

void Transport::drop(const ReplyTo& reply) {
  answers_.forget(reply.transaction_id);
}

void Transport::send_answer(Now now, const ReplyTo& reply, ByteView contents, ByteView signature,
                            std::span<const crypto::CertificateHash> certificates, bool with_own) {
  wire::ForwardingHeader header = header_for(reply.transaction_id, wire::MessageCode::invalid);
  header.destination_list = destinations_of(reply.route);
  ByteReader options(reply.options);
  header.options = wire::List<wire::ForwardingOption>::read_from(
      options, wire::forwarding_options_max, "options");
  const auto hop = forwarder_.first_hop(header.destination_list);
  if (hop.kind != forwarding::FirstHop::Kind::link) return;
  const forwarding::Connection* connection = connections_.find(reply.neighbour);
  const bool bare = !with_own && header.destination_list.size() == 1 && connection != nullptr &&
                    connection->certificate == forwarding::CertificateNeed::known;
  std::vector<ByteView> all;
  if (!bare) all.push_back(signer_.certificate().der);
  append_certificates(certificates, all);
  (void)forwarder_.send(now, hop.link, header, message_body(contents, all, signature));
}

void Transport::on_refused(Now now, const forwarding::Arrival& arrival, wire::ErrorCode error,
                           const char* info) {
  ReplyTo reply = reply_to(arrival.neighbour, arrival.message.header(), wire::MessageCode::invalid);
  ByteWriter writer;
  const Bytes body = wire::body_of(wire::ErrorResponse{error, as_bytes(info)});
  wire::write(writer, wire::MessageContents{wire::MessageCode::error, body, {}, 0, {}});
  const Bytes contents = writer.take();
  // An answer to bytes that nobody has checked is never larger than they were.
  const std::size_t certificate_bytes = signer_.certificate().der.size() + 3;
  constexpr std::size_t signature_bytes = 128;
  const std::size_t least = wire::fixed_header_bytes + reply.route.size() + reply.options.size() +
                            contents.size() + signature_bytes + certificate_bytes;
  if (least > arrival.message.bytes().size()) return;
  ++counters_.errors_sent;
  send_answer(now, reply, contents,
              sign_contents(signer_, settings_.self, settings_.overlay_hash, reply.transaction_id,
                            contents),
              {}, true);
}

}  // namespace chordial::transport
