// All transactions of one node (RFC 3261 §17 as mended by RFC 6026 and RFC 4320): takes every
// message that comes in, absorbs retransmissions, sends its own, and tells the transaction users
// the rest. Must not know what a proxy, a dialog or an overlay is.
//
// Matching is by branch, sent-by and method (§17.1.3, §17.2.3). Requests without the magic cookie
// are matched as RFC 2543 did, by From tag, Call-ID, CSeq number, Request-URI and top Via.
// Deviation: the To tag is left out of that, so that ACK needs no second table.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/counters.h"
#include "base/error.h"
#include "base/rng.h"
#include "base/timer_queue.h"
#include "sip/flow/sender.h"
#include "sip/flow/source_allowance.h"
#include "sip/transaction/outcome.h"
#include "sip/transaction/timers.h"
#include "sip/transaction/transaction_key.h"
#include "sip/transaction/transaction_table.h"
#include "sip/transaction/transaction_user.h"

namespace chordial::sip {

struct TransactionSlot;

struct TransactionLimits {
  // Server transactions above this are refused with 503 and Retry-After, client transactions with
  // an error. What is running is never thrown out.
  std::size_t transactions_max = 65536;
  SourceAllowanceLimits unproven{};  // answers to sources that may be forged
};

class TransactionLayer final : public TimerHandler {
 public:
  // All references outlive the layer. `first_user` gets new requests and strays. Every other user
  // must outlive its transactions or abandon() them.
  TransactionLayer(Sender& sender, TimerQueue& timers, Rng& rng, TransactionUser& first_user,
                   const TransactionTimers& times, TransactionLimits limits = {});
  ~TransactionLayer();
  TransactionLayer(const TransactionLayer&) = delete;
  TransactionLayer& operator=(const TransactionLayer&) = delete;

  // One whole message from `flow`. What cannot be read is counted and dropped, or answered 400
  // where an answer is possible (not to ACK). Returns the error for the log; on a byte stream the
  // caller should close the connection if it is `malformed`: nobody knows where such a message
  // ends.
  Expected<void> handle_message(Now now, const Flow& flow, ByteView bytes);

  // Starts a client transaction for a complete request whose top Via has a new_branch() of ours.
  // Never for ACK (send_stateless). Errors: invalid (cannot be read, ACK, branch in use),
  // unavailable (too many transactions; or it could not be sent, and then no callback follows).
  Expected<TransactionId> send_request(Now now, const Flow& flow, ByteView request,
                                       TransactionUser& user, std::uint64_t context);
  // The same for what was made of a request that has passed validate() by a Rewriter.
  Expected<TransactionId> forward_request(Now now, const Flow& flow, ByteView request,
                                          TransactionUser& user, std::uint64_t context);

  // A CANCEL for an INVITE client transaction (§9.1), sent now or as soon as a provisional response
  // has come; nothing if the final one is there. `extra_lines` go into it, each with CRLF ("Reason:
  // …"). The CANCEL's own transaction reports to nobody. The INVITE ends by its own 487 or by timer
  // B, which is armed again (§9.1).
  void cancel(Now now, TransactionId invite, std::string_view extra_lines = {});

  // A complete response to a server transaction's request. Errors: not_found (it is over), conflict
  // (a final response was sent already), invalid (not a response; a provisional or a 408 to a
  // non-INVITE, RFC 4320 §4: the layer sends the 100 that is due after 3.5 s), unavailable (it
  // could not be sent; the transaction is over, and on_transport_error does not follow). More 2xx
  // of an INVITE may follow the first (RFC 6026 §7.1).
  Expected<void> respond(Now now, TransactionId id, ByteView response);
  // The same, built from the request: no body, a To tag where one is due.
  Expected<void> respond(Now now, TransactionId id, const Message& request, std::uint16_t status,
                         std::string_view to_tag = {});

  // A final response to a request whose sender has not proven that he is where it came from
  // (§8.2.7, docs/decisions/0005): sent once, and the transaction ends without a word to its user,
  // so that nothing is kept of it and nothing is repeated to a victim. Over UDP a response longer
  // than the request is sent only as far as the source's allowance goes; what is withheld counts.
  void respond_unproven(Now now, TransactionId id, const Message& request, ByteView response);
  // A To tag for such a response: every repetition of the request gets the same.
  [[nodiscard]] std::string stable_tag(TransactionId id) const;
  // The sender of what came over this flow has shown that he hears what is sent there.
  void source_proven(const Flow& flow);

  // Outside any transaction: ACK for a 2xx, a 2xx retransmitted by the core.
  Expected<void> send_stateless(Now now, const Flow& flow, ByteView bytes);

  // Ends a transaction without a word to anybody, on_terminated included.
  void abandon(TransactionId id);

  // Gives a server transaction to another user, or a new context to any.
  void set_user(TransactionId id, TransactionUser& user, std::uint64_t context);
  [[nodiscard]] bool alive(TransactionId id) const;
  // Null when it is over.
  [[nodiscard]] const TransactionUser* user_of(TransactionId id) const;
  // The INVITE server transaction that this CANCEL is for (§9.2); none if there is none.
  [[nodiscard]] TransactionId cancelled_by(const Message& cancel) const;
  // Where responses of a server transaction go, or requests of a client transaction went.
  [[nodiscard]] std::optional<Flow> flow_of(TransactionId id) const;

  // What the Sender learned later: one message did not arrive, or a connection is gone.
  void send_failed(Now now, TransactionId id, const Error& error);
  void flow_failed(Now now, const Flow& flow, const Error& error);

  // A branch parameter that nobody can guess, with the magic cookie; and a tag of 64 random bits.
  [[nodiscard]] std::string new_branch();
  [[nodiscard]] std::string new_tag();

  [[nodiscard]] std::size_t size() const { return used_; }
  // Heap and slots held by transactions now.
  [[nodiscard]] std::size_t memory_bytes() const;
  void visit(CounterVisitor& visitor) const;

  void on_timer(Now now, std::uint32_t slot) override;

 private:
  struct Counters {
    std::uint64_t received = 0, dropped = 0, answered_400 = 0, refused_full = 0,
                  answered_unproven = 0;
    std::uint64_t requests_new = 0, requests_repeated = 0, responses_matched = 0;
    std::uint64_t responses_stray = 0, acks_stray = 0, timeouts = 0, transport_errors = 0;
  };

  Expected<void> receive_request(Now now, const Flow& flow, const Message& request);
  Expected<void> receive_response(Now now, const Flow& flow, const Message& response);
  Expected<void> receive_ack(Now now, const Flow& flow, const Message& ack);
  void start_server(Now now, const Flow& flow, const Message& request, const TransactionKey& key);
  Expected<TransactionId> start_client(Now now, const Flow& flow, const Message& request,
                                       TransactionUser* user, std::uint64_t context);
  void send_cancel(Now now, TransactionSlot& invite);
  Expected<void> refuse(Now now, const Flow& flow, const Message& request, const Error& error);
  void answer_stateless(Now now, const Flow& flow, const Message& request, std::uint16_t status,
                        std::string_view reason);
  [[nodiscard]] bool may_send(Now now, const Flow& flow, std::size_t request_bytes,
                              std::size_t answer_bytes);

  [[nodiscard]] TransactionSlot* find(TransactionId id) const;
  [[nodiscard]] TransactionSlot* find(const TransactionKey& key) const;
  // Nothing when the table is full. Caller's duty: the key is not in it.
  template <class Machine>
  TransactionSlot* add(const TransactionKey& key, Machine machine);
  [[nodiscard]] TransactionContext context_for(TransactionSlot& slot);
  void conclude(Now now, TransactionId id, const Outcome& outcome);
  void fail(Now now, TransactionId id, const Error& error);
  void erase(TransactionSlot& slot);

  Sender& sender_;
  TimerQueue& timers_;
  Rng& rng_;
  TransactionUser& first_user_;
  const TransactionTimers& times_;
  TransactionLimits limits_;
  TransactionKeySecret secret_;
  SourceAllowance allowance_;
  std::vector<std::unique_ptr<TransactionSlot>> slots_;
  std::vector<std::uint32_t> free_;
  TransactionTable table_;
  std::size_t used_ = 0;
  std::uint32_t generation_ = 0;
  Counters counters_;
};

}  // namespace chordial::sip
