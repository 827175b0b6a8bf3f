// Messages for this node: reassembly, proof of who sent them, and to whom they are handed.
#include "transport/transport.h"
#include "wire/link_messages.h"

namespace chordial::transport {

namespace {

// How often somebody who may not answer can say an error before it is believed: nobody else did.
constexpr std::uint8_t doubts_max = 2;

// Modulo 65535, as in TCP (§6.3.2.1).
bool newer(std::uint16_t a, std::uint16_t b) {
  const unsigned ahead = (65535U + a - b) % 65535U;
  return ahead != 0 && ahead <= 32767;
}

bool destination_critical(const wire::ForwardingHeader& header) {
  for (const wire::ForwardingOption& option : header.options) {
    if ((option.flags & wire::ForwardingOption::destination_critical) != 0) return true;
  }
  return false;
}

// The whole message behind the header of its first fragment.
Bytes whole_message(const Reassembled& parts) {
  ByteWriter writer(parts.header);
  writer.raw(parts.body);
  writer.patch_u32(12, wire::fragment_only);
  writer.patch_u32(16, static_cast<std::uint32_t>(writer.size()));
  return writer.take();
}

}  // namespace

void Transport::on_arrival(Now now, const forwarding::Arrival& arrival) {
  const wire::MessageView& message = arrival.message;
  const wire::ForwardingHeader& header = message.header();
  if (header.is_whole()) return on_message(now, arrival.neighbour, message, arrival.target);
  const auto parts = reassembly_.add(
      now,
      {header.transaction_id, arrival.neighbour, message.bytes().first(message.header_bytes()),
       header.fragment_offset(), header.is_last_fragment(), message.body()},
      settings_.max_message_bytes);
  if (!timer_.armed()) arm(now);
  if (!parts) return;
  const Bytes bytes = whole_message(*parts);
  const auto whole = wire::MessageView::parse(bytes);
  if (!whole) {
    ++counters_.rejected_malformed;
    return;
  }
  on_message(now, parts->neighbour, *whole, arrival.target);
}

void Transport::on_message(Now now, const NodeId& neighbour, const wire::MessageView& message,
                           const wire::Destination& target) {
  const auto contents = message.contents();
  if (!contents) {
    ++counters_.rejected_malformed;
    return;
  }
  if (wire::is_request(contents->message_code)) {
    on_request_message(now, neighbour, message, *contents, target);
  } else {
    on_answer_message(now, neighbour, message, *contents);
  }
}

bool Transport::repeated(Now now, const ReplyTo& reply, std::uint64_t check) {
  const GivenAnswer* given = answers_.find(reply.transaction_id);
  if (given == nullptr) return false;
  ++counters_.repeated;
  if (given->check == check && given->answered) {
    const GivenAnswer copy = *given;
    send_answer(now, reply, copy.contents, copy.signature, {}, true);
  }
  return true;
}

bool Transport::acceptable(Now now, const ReplyTo& reply, const wire::ForwardingHeader& header,
                           const wire::MessageContents& contents) {
  constexpr std::uint16_t any_sequence = 65535;
  const bool any = header.configuration_sequence == any_sequence &&
                   contents.message_code == wire::MessageCode::config_update_req;
  if (!any && header.configuration_sequence != settings_.sequence) {
    if (newer(header.configuration_sequence, settings_.sequence)) {
      refuse(now, reply, wire::ErrorCode::config_too_new);
      handler_.on_newer_configuration(now, reply.requester);
    } else {
      refuse(now, reply, wire::ErrorCode::config_too_old);
      ByteReader reader(reply.route);
      const auto route =
          wire::DestinationList::read_from(reader, wire::destinations_max, "via_list");
      const std::vector<wire::Destination> entries(route.begin(), route.end());
      handler_.on_older_configuration(now, entries);
    }
    return false;
  }
  if (destination_critical(header)) {
    refuse(now, reply, wire::ErrorCode::unsupported_forwarding_option);
    return false;
  }
  const std::uint16_t known[] = {settings_.tunnel_extension};
  const bool tunnel = contents.message_code == wire::MessageCode::ping_req && known[0] != 0;
  const std::span<const std::uint16_t> understood(known, tunnel ? 1 : 0);
  if (wire::unknown_critical_extension(contents, understood)) {
    refuse(now, reply, wire::ErrorCode::unknown_extension);
    return false;
  }
  return true;
}

void Transport::on_request_message(Now now, const NodeId& neighbour,
                                   const wire::MessageView& message,
                                   const wire::MessageContents& contents,
                                   const wire::Destination& target) {
  const wire::ForwardingHeader& header = message.header();
  ReplyTo reply = reply_to(neighbour, header, contents.message_code);
  const std::uint64_t check = siphash(check_key_, header.transaction_id, contents.encoded);
  if (repeated(now, reply, check)) return;
  const auto proven = prove(message, contents, *settings_.certificates, *settings_.verifier, now);
  if (!proven) {
    ++counters_.rejected_signature;
    return;
  }
  ++counters_.received;
  reply.requester = proven->node;
  if (!acceptable(now, reply, header, contents)) return;
  if (must_remember(contents)) {
    answers_.begin(now, header.transaction_id, check);
    if (!timer_.armed()) arm(now);
  }
  Request request{reply, proven->node, *proven->certificate, neighbour, header, target, contents};
  handler_.on_request(now, request);
}

bool Transport::may_answer(const Transaction& transaction, const NodeId& responder) const {
  ByteReader reader(transaction.destinations);
  const auto destinations =
      wire::DestinationList::read_from(reader, wire::destinations_max, "destination_list");
  if (destinations.empty()) return false;
  const wire::Destination target = destinations.back();
  if (target.is_node()) return target.node() == wildcard_node_id || target.node() == responder;
  const auto resource = target.is_resource() ? target.resource() : std::nullopt;
  return resource && handler_.plausible_responder(resource->position, responder);
}

void Transport::note_certificate_use(const Transaction& transaction, const NodeId& neighbour) {
  if (transaction.sent_to != neighbour || !transaction.signer_certificate.empty()) return;
  forwarding::Connection* connection = connections_.find(neighbour);
  if (connection == nullptr) return;
  if (transaction.bare && transaction.transmissions > 1) {
    connection->certificate = forwarding::CertificateNeed::always;
  } else if (connection->certificate == forwarding::CertificateNeed::unknown) {
    connection->certificate = forwarding::CertificateNeed::known;
  }
}

void Transport::on_answer_message(Now now, const NodeId& neighbour,
                                  const wire::MessageView& message,
                                  const wire::MessageContents& contents) {
  const std::uint64_t id = message.header().transaction_id;
  const auto at = transactions_.find(id);
  if (at == transactions_.end() || at->second.local) {
    ++counters_.unexpected_answers;
    return;
  }
  // §6.3.3: nobody can be told with an Error_Unknown_Extension; not to process it is what is left.
  if (wire::unknown_critical_extension(contents, {})) {
    ++counters_.rejected_extension;
    return;
  }
  const auto proven = prove(message, contents, *settings_.certificates, *settings_.verifier, now);
  if (!proven) {
    ++counters_.rejected_signature;
    return;
  }
  Transaction& transaction = at->second;
  const bool plausible = may_answer(transaction, proven->node);
  if (contents.message_code == wire::MessageCode::error) {
    return on_error_answer(now, id, transaction, *proven, contents, plausible);
  }
  if (contents.message_code != wire::answer_to(transaction.code)) {
    ++counters_.rejected_malformed;
    return;
  }
  if (!plausible) {
    ++counters_.rejected_responder;
    return;
  }
  ++counters_.answered;
  const Duration round_trip = now.monotonic - transaction.begun;
  if (transaction.transmissions == 1) round_trip_.measured(round_trip);
  if (proven->node == neighbour) note_certificate_use(transaction, neighbour);
  const std::uint8_t ttl = message.header().ttl;
  const auto hops =
      static_cast<std::uint8_t>(ttl <= settings_.initial_ttl ? settings_.initial_ttl - ttl + 1 : 1);
  auto node = transactions_.extract(at);
  handler_.on_answer(now, node.mapped().purpose,
                     {proven->node, *proven->certificate, contents, hops, round_trip});
}

void Transport::on_error_answer(Now now, std::uint64_t id, Transaction& transaction,
                                const Proven& proven, const wire::MessageContents& contents,
                                bool plausible) {
  const auto error = wire::parse_body<wire::ErrorResponse>(contents);
  if (!error) {
    ++counters_.rejected_malformed;
    return;
  }
  const wire::ErrorCode code = error->error_code;
  if (plausible &&
      (code == wire::ErrorCode::config_too_old || code == wire::ErrorCode::config_too_new)) {
    // One of the two documents is about to be replaced; the next transmission carries the number
    // of whatever document this node then has.
    transaction.doubtful_error = code;
    if (code == wire::ErrorCode::config_too_old) {
      handler_.on_newer_configuration(now, proven.node);
    } else {
      const wire::Destination route[] = {wire::Destination::of(proven.node)};
      handler_.on_older_configuration(now, route);
    }
    return;
  }
  // §6.3.4 lets nobody else answer; a peer on the way may still have a reason to refuse (TTL, a
  // loop). One such word is a hint, the next transmission may take another way.
  if (!plausible) {
    ++counters_.rejected_responder;
    transaction.doubtful_error = code;
    if (++transaction.doubts < doubts_max) return;
  }
  ++counters_.answered;
  fail(now, id, {error_of(code), code, proven.node, error->error_info});
}

}  // namespace chordial::transport
