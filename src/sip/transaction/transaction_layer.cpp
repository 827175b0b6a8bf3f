#include "sip/transaction/transaction_layer.h"

#include <array>

#include "base/byte_writer.h"
#include "sip/message/build.h"
#include "sip/message/syntax.h"
#include "sip/transaction/transaction_slot.h"

namespace chordial::sip {

namespace {

// The status of a response from its first line; 0 if this is none.
std::uint16_t status_of(ByteView response) {
  const std::string_view text = as_text(response);
  if (text.size() < 12 || !equal_nocase(text.substr(0, 8), "SIP/2.0 ")) return 0;
  const auto status = parse_decimal(text.substr(8, 3), 699);
  return status && *status >= 100 ? static_cast<std::uint16_t>(*status) : std::uint16_t{0};
}

Failure over() {
  return failure(ErrorKind::not_found, "transaction", "it is over");
}

}  // namespace

TransactionLayer::TransactionLayer(Sender& sender, TimerQueue& timers, Rng& rng,
                                   TransactionUser& first_user, const TransactionTimers& times,
                                   TransactionLimits limits)
    : sender_(sender),
      timers_(timers),
      rng_(rng),
      first_user_(first_user),
      times_(times),
      limits_(limits),
      secret_{rng.u64(), rng.u64()},
      allowance_(rng, limits.unproven) {
}

TransactionLayer::~TransactionLayer() = default;

TransactionSlot* TransactionLayer::find(TransactionId id) const {
  const auto index = static_cast<std::uint32_t>(static_cast<std::uint64_t>(id));
  if (index >= slots_.size() || slots_[index] == nullptr) return nullptr;
  return slots_[index]->id == id ? slots_[index].get() : nullptr;
}

TransactionSlot* TransactionLayer::find(const TransactionKey& key) const {
  const auto found = table_.find(
      key, [&](std::uint32_t slot) -> const TransactionKey& { return slots_[slot]->key; });
  return found ? slots_[*found].get() : nullptr;
}

template <class Machine>
TransactionSlot* TransactionLayer::add(const TransactionKey& key, Machine machine) {
  if (used_ >= limits_.transactions_max) return nullptr;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  if (++generation_ == 0) ++generation_;  // an id is never 0
  const auto id = static_cast<TransactionId>((std::uint64_t{generation_} << 32) | index);
  slots_[index] = std::make_unique<TransactionSlot>(*this, index, key, id, std::move(machine));
  table_.insert(key, index);
  ++used_;
  return slots_[index].get();
}

template TransactionSlot* TransactionLayer::add(const TransactionKey&, ClientTransaction);
template TransactionSlot* TransactionLayer::add(const TransactionKey&, ServerTransaction);

void TransactionLayer::erase(TransactionSlot& slot) {
  const auto index = static_cast<std::uint32_t>(static_cast<std::uint64_t>(slot.id));
  table_.erase(slot.key, index);
  slots_[index].reset();
  free_.push_back(index);
  --used_;
}

TransactionContext TransactionLayer::context_for(TransactionSlot& slot) {
  return {sender_, timers_, times_, slot.timer, slot.id};
}

// What the user hears after a machine has moved. The transaction may be gone after every callback.
void TransactionLayer::conclude(Now now, TransactionId id, const Outcome& outcome) {
  if (outcome.timed_out) {
    ++counters_.timeouts;
    const TransactionSlot* slot = find(id);
    if (slot != nullptr && slot->user != nullptr) slot->user->on_timeout(now, id, slot->context);
  }
  if (outcome.failed) {
    ++counters_.transport_errors;
    const TransactionSlot* slot = find(id);
    if (slot != nullptr && slot->user != nullptr)
      slot->user->on_transport_error(now, id, slot->context, *outcome.failed);
  }
  if (!outcome.over) return;
  TransactionSlot* slot = find(id);
  if (slot == nullptr) return;
  TransactionUser* user = slot->user;
  const std::uint64_t context = slot->context;
  erase(*slot);
  if (user != nullptr) user->on_terminated(now, id, context);
}

void TransactionLayer::on_timer(Now now, std::uint32_t index) {
  TransactionSlot& slot = *slots_[index];
  const TransactionContext context = context_for(slot);
  const Outcome outcome =
      std::visit([&](auto& machine) { return machine.on_timer(now, context); }, slot.machine);
  conclude(now, slot.id, outcome);
}

Expected<TransactionId> TransactionLayer::send_request(Now now, const Flow& flow, ByteView request,
                                                       TransactionUser& user,
                                                       std::uint64_t context) {
  const auto message = Message::parse(request);
  if (!message) return Failure(message.error());
  if (auto good = message->validate(); !good) return Failure(good.error());
  if (!message->is_request() || message->method() == Method::ack)
    return failure(ErrorKind::invalid, "request", "not a request with a transaction of its own");
  return start_client(now, flow, *message, &user, context);
}

Expected<TransactionId> TransactionLayer::forward_request(Now now, const Flow& flow,
                                                          ByteView request, TransactionUser& user,
                                                          std::uint64_t context) {
  const auto message = Message::parse(request);
  if (!message) return Failure(message.error());
  return start_client(now, flow, *message, &user, context);
}

Expected<TransactionId> TransactionLayer::start_client(Now now, const Flow& flow,
                                                       const Message& request,
                                                       TransactionUser* user,
                                                       std::uint64_t context) {
  const auto key = client_key(request, secret_);
  if (!key) return Failure(key.error());
  if (find(*key) != nullptr) return failure(ErrorKind::invalid, "Via", "the branch is in use");
  TransactionSlot* slot = add(*key, ClientTransaction(flow, request.method() == Method::invite));
  if (slot == nullptr) {
    ++counters_.refused_full;
    return failure(ErrorKind::unavailable, "transaction", "too many of them");
  }
  slot->user = user;
  slot->context = context;
  if (auto sent = slot->client()->start(now, context_for(*slot), request); !sent) {
    erase(*slot);
    return Failure(sent.error());
  }
  return slot->id;
}

void TransactionLayer::cancel(Now now, TransactionId invite, std::string_view extra_lines) {
  TransactionSlot* slot = find(invite);
  if (slot == nullptr || slot->client() == nullptr) return;
  if (slot->client()->may_cancel(extra_lines)) send_cancel(now, *slot);
}

void TransactionLayer::send_cancel(Now now, TransactionSlot& invite) {
  const Flow flow = invite.flow();
  const Bytes cancel = invite.client()->take_cancel(now, context_for(invite));
  const auto message = Message::parse(cancel);
  if (!message) return;
  const auto started = start_client(now, flow, *message, nullptr, 0);
  // Without a transaction it is sent all the same, once.
  if (!started) static_cast<void>(send_stateless(now, flow, cancel));
}

Expected<void> TransactionLayer::respond(Now now, TransactionId id, ByteView response) {
  const std::uint16_t status = status_of(response);
  if (status == 0) return failure(ErrorKind::invalid, "response", "not a response");
  TransactionSlot* slot = find(id);
  if (slot == nullptr || slot->server() == nullptr) return over();
  const auto outcome = slot->server()->respond(now, context_for(*slot), status, response);
  if (outcome) {
    conclude(now, id, *outcome);
    return {};
  }
  if (slot->server()->state() == ServerTransaction::State::terminated) {
    Outcome ended;
    ended.over = true;
    conclude(now, id, ended);
  }
  return Failure(outcome.error());
}

Expected<void> TransactionLayer::respond(Now now, TransactionId id, const Message& request,
                                         std::uint16_t status, std::string_view to_tag) {
  const TransactionSlot* slot = find(id);
  if (slot == nullptr) return over();
  const std::string tag = to_tag.empty() && status > 100 ? new_tag() : std::string(to_tag);
  return respond(now, id,
                 MessageBuilder::response(request, status, tag, slot->flow().source()).finish());
}

bool TransactionLayer::may_send(Now now, const Flow& flow, std::size_t request_bytes,
                                std::size_t answer_bytes) {
  return flow.transport != TransportKind::udp ||
         allowance_.take(now, flow.remote.ip, request_bytes, answer_bytes);
}

void TransactionLayer::respond_unproven(Now now, TransactionId id, const Message& request,
                                        ByteView response) {
  TransactionSlot* slot = find(id);
  if (slot == nullptr) return;
  const Flow back = slot->flow();
  erase(*slot);
  ++counters_.answered_unproven;
  if (may_send(now, back, request.bytes().size(), response.size()))
    static_cast<void>(send_stateless(now, back, response));
}

std::string TransactionLayer::stable_tag(TransactionId id) const {
  const TransactionSlot* slot = find(id);
  if (slot == nullptr) return {};
  ByteWriter writer;
  writer.u64(slot->key.high);
  return to_hex(writer.view());
}

void TransactionLayer::source_proven(const Flow& flow) {
  if (flow.transport == TransportKind::udp) return allowance_.restore(flow.remote.ip);
  sender_.flow_proven(flow);
}

Expected<void> TransactionLayer::send_stateless(Now now, const Flow& flow, ByteView bytes) {
  return sender_.send(now, flow, bytes, TransactionId::none);
}

void TransactionLayer::abandon(TransactionId id) {
  if (TransactionSlot* slot = find(id)) erase(*slot);
}

void TransactionLayer::set_user(TransactionId id, TransactionUser& user, std::uint64_t context) {
  if (TransactionSlot* slot = find(id)) {
    slot->user = &user;
    slot->context = context;
  }
}

bool TransactionLayer::alive(TransactionId id) const {
  return find(id) != nullptr;
}

const TransactionUser* TransactionLayer::user_of(TransactionId id) const {
  const TransactionSlot* slot = find(id);
  return slot == nullptr ? nullptr : slot->user;
}

TransactionId TransactionLayer::cancelled_by(const Message& cancel) const {
  const auto key = server_key(cancel, text_of(Method::invite), secret_);
  if (!key) return TransactionId::none;
  const TransactionSlot* slot = find(*key);
  return slot == nullptr ? TransactionId::none : slot->id;
}

std::optional<Flow> TransactionLayer::flow_of(TransactionId id) const {
  const TransactionSlot* slot = find(id);
  return slot == nullptr ? std::nullopt : std::optional(slot->flow());
}

void TransactionLayer::fail(Now now, TransactionId id, const Error& error) {
  TransactionSlot* slot = find(id);
  if (slot == nullptr) return;
  const Outcome outcome =
      std::visit([&](auto& machine) { return machine.fail(error); }, slot->machine);
  conclude(now, id, outcome);
}

void TransactionLayer::send_failed(Now now, TransactionId id, const Error& error) {
  fail(now, id, error);
}

void TransactionLayer::flow_failed(Now now, const Flow& flow, const Error& error) {
  std::vector<TransactionId> lost;
  for (const auto& slot : slots_) {
    if (slot != nullptr && slot->flow() == flow) lost.push_back(slot->id);
  }
  for (const TransactionId id : lost)
    fail(now, id, error);
}

std::string TransactionLayer::new_branch() {
  std::array<std::uint8_t, 12> random{};
  rng_.fill(random);
  return std::string(magic_cookie) + to_hex(random);
}

std::string TransactionLayer::new_tag() {
  std::array<std::uint8_t, 8> random{};
  rng_.fill(random);
  return to_hex(random);
}

std::size_t TransactionLayer::memory_bytes() const {
  std::size_t bytes = table_.memory_bytes();
  for (const auto& slot : slots_) {
    if (slot != nullptr) bytes += slot->memory_bytes();
  }
  return bytes;
}

void TransactionLayer::visit(CounterVisitor& visitor) const {
  visitor.gauge("sip_transactions", used_);
  visitor.gauge("sip_transactions_memory_bytes", memory_bytes());
  visitor.counter("sip_transaction_messages_received", counters_.received);
  visitor.counter("sip_transaction_messages_dropped", counters_.dropped);
  visitor.counter("sip_transaction_requests_answered_400", counters_.answered_400);
  visitor.counter("sip_transaction_requests_answered_unproven", counters_.answered_unproven);
  visitor.counter("sip_transaction_refused_full", counters_.refused_full);
  visitor.counter("sip_transaction_requests_new", counters_.requests_new);
  visitor.counter("sip_transaction_requests_repeated", counters_.requests_repeated);
  visitor.counter("sip_transaction_responses_matched", counters_.responses_matched);
  visitor.counter("sip_transaction_responses_stray", counters_.responses_stray);
  visitor.counter("sip_transaction_acks_stray", counters_.acks_stray);
  visitor.counter("sip_transaction_timeouts", counters_.timeouts);
  visitor.counter("sip_transaction_transport_errors", counters_.transport_errors);
  allowance_.visit(visitor);
}

}  // namespace chordial::sip
