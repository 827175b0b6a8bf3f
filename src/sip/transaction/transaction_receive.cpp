// What the transaction layer does with a message that comes in (RFC 3261 §17.1.3, §17.2.3, §18.2).
#include "sip/message/build.h"
#include "sip/transaction/transaction_layer.h"
#include "sip/transaction/transaction_slot.h"

namespace chordial::sip {

namespace {

constexpr std::uint64_t retry_after_s = 5;
constexpr const char* content_length_field = "Content-Length";

// Where the responses go (§18.2.2, RFC 3581 §4): back to the source address, and to its port if
// that was asked for, else to the port of the sent-by. Deviation: maddr is not followed; it would
// let a stranger choose whom we send to.
Flow response_flow(const Flow& flow, const Via& via) {
  Flow back = flow;
  if (flow.transport == TransportKind::udp && !via.wants_rport())
    back.remote.port = via.port != 0 ? via.port : std::uint16_t{5060};
  return back;
}

}  // namespace

Expected<void> TransactionLayer::handle_message(Now now, const Flow& flow, ByteView bytes) {
  ++counters_.received;
  const auto message = Message::parse(bytes);
  if (!message) {
    ++counters_.dropped;
    return Failure(message.error());
  }
  if (auto good = message->validate(); !good) return refuse(now, flow, *message, good.error());
  if (flow.is_stream() && !message->has(HeaderName::content_length)) {
    return refuse(now, flow, *message,
                  {ErrorKind::malformed, content_length_field, 0, "missing on a stream (§18.3)"});
  }
  if (message->is_response()) return receive_response(now, flow, *message);
  return message->method() == Method::ack ? receive_ack(now, flow, *message)
                                          : receive_request(now, flow, *message);
}

Expected<void> TransactionLayer::refuse(Now now, const Flow& flow, const Message& message,
                                        const Error& error) {
  if (message.is_request() && message.method() != Method::ack && message.top_sent_by()) {
    ++counters_.answered_400;
    const std::uint16_t status = status_for(error);
    answer_stateless(now, flow, message, status,
                     status == 400 ? std::string("Bad ") + error.field : std::string());
  } else {
    ++counters_.dropped;
  }
  // Where it ends is known, hence no reason to give a connection up.
  if (std::string_view(error.field) != content_length_field)
    return failure(ErrorKind::invalid, error.field, error.reason, error.offset);
  return Failure(error);
}

void TransactionLayer::answer_stateless(Now now, const Flow& flow, const Message& request,
                                        std::uint16_t status, std::string_view reason) {
  auto via = request.top_via();
  if (!via) via = request.top_sent_by();
  if (!via) return;
  const Flow back = response_flow(flow, *via);
  auto builder = MessageBuilder::response(request, status, new_tag(), flow.source(), reason);
  if (status == 503) builder.header(HeaderName::retry_after, retry_after_s);
  const Bytes response = builder.finish();
  if (may_send(now, back, request.bytes().size(), response.size()))
    static_cast<void>(send_stateless(now, back, response));
}

Expected<void> TransactionLayer::receive_response(Now now, const Flow& flow,
                                                  const Message& response) {
  const auto key = client_key(response, secret_);
  TransactionSlot* slot = key ? find(*key) : nullptr;
  if (slot == nullptr) {
    ++counters_.responses_stray;
    first_user_.on_response(now, TransactionId::none, 0, response, flow);
    return {};
  }
  ++counters_.responses_matched;
  const TransactionId id = slot->id;
  const Outcome outcome = slot->client()->receive(now, context_for(*slot), response);
  if (slot->client()->cancel_is_due()) send_cancel(now, *slot);
  if (outcome.deliver && slot->user != nullptr)
    slot->user->on_response(now, id, slot->context, response, flow);
  conclude(now, id, outcome);
  return {};
}

Expected<void> TransactionLayer::receive_ack(Now now, const Flow& flow, const Message& ack) {
  const auto key = server_key(ack, text_of(Method::invite), secret_);
  if (!key) {
    ++counters_.dropped;
    return Failure(key.error());
  }
  TransactionSlot* slot = find(*key);
  if (slot == nullptr) {
    ++counters_.acks_stray;
    first_user_.on_ack(now, TransactionId::none, 0, ack, flow);
    return {};
  }
  const TransactionId id = slot->id;
  const Outcome outcome = slot->server()->receive_ack(now, context_for(*slot));
  if (outcome.deliver) slot->user->on_ack(now, id, slot->context, ack, flow);
  conclude(now, id, outcome);
  return {};
}

Expected<void> TransactionLayer::receive_request(Now now, const Flow& flow,
                                                 const Message& request) {
  const auto key = server_key(request, request.method_text(), secret_);
  if (!key) return refuse(now, flow, request, key.error());
  if (TransactionSlot* slot = find(*key)) {
    ++counters_.requests_repeated;
    const Outcome outcome = slot->server()->receive_again(now, context_for(*slot));
    conclude(now, slot->id, outcome);
    return {};
  }
  if (used_ >= limits_.transactions_max) {
    ++counters_.refused_full;
    answer_stateless(now, flow, request, 503, {});
    return {};
  }
  ++counters_.requests_new;
  start_server(now, flow, request, *key);
  return {};
}

void TransactionLayer::start_server(Now now, const Flow& flow, const Message& request,
                                    const TransactionKey& key) {
  const auto via = request.top_via();
  TransactionSlot* slot =
      add(key, ServerTransaction(response_flow(flow, *via), request.method() == Method::invite));
  slot->user = &first_user_;
  const TransactionId id = slot->id;
  first_user_.on_request(now, id, request, flow);
  slot = find(id);
  if (slot == nullptr || slot->server()->answered()) return;
  // The user will answer later, and only now the request is still at hand.
  const Bytes trying = MessageBuilder::response(request, 100, {}, flow.source()).finish();
  if (slot->server()->invite()) {
    if (may_send(now, slot->flow(), request.bytes().size(), trying.size()))
      static_cast<void>(respond(now, id, trying));
  } else {
    slot->server()->await_response(now, context_for(*slot), trying);
  }
}

}  // namespace chordial::sip
