// End-to-end transactions (RFC 6940 §6.2, §6.3.4): requests with retransmission, answers matched by
// transaction id and by who may give them, repeated requests, reassembly, signatures at both ends.
// Knows no method's meaning.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/counters.h"
#include "base/rng.h"
#include "base/timer_queue.h"
#include "forwarding/forwarder.h"
#include "transport/answers.h"
#include "transport/error_codes.h"
#include "transport/reassembly.h"
#include "transport/round_trip.h"
#include "transport/signature.h"

namespace chordial::transport {

inline constexpr std::size_t transactions_max = 1024;

// What the configuration document and the node say; outlives the Transport, may change.
struct Settings {
  NodeId self;
  std::uint32_t overlay_hash = 0;
  std::uint16_t sequence = 0;          // configuration_sequence
  std::uint16_t tunnel_extension = 0;  // the one extension that is understood; 0: none
  std::uint8_t initial_ttl = 100;
  std::uint32_t max_message_bytes = 65536;
  Duration reliability_timer{3'000'000};
  crypto::CertificateStore* certificates = nullptr;
  crypto::Verifier* verifier = nullptr;
};

// What the owner wants to remember of a request of its own.
struct Purpose {
  std::uint8_t what = 0;
  std::uint64_t reference = 0;
};

// A request to be sent. Everything is copied.
struct Outgoing {
  std::span<const wire::Destination> destinations;
  wire::MessageCode code = wire::MessageCode::invalid;
  ByteView body;
  std::span<const wire::MessageExtension> extensions{};
  crypto::Signer* signer = nullptr;                         // null: the node's own
  std::span<const crypto::CertificateHash> certificates{};  // others that its content needs
  std::optional<NodeId> first_hop{};  // a linked node; nothing: by the routing table
  // Only over the link with first_hop: has failed when that link is lost.
  bool adjacent = false;
  unsigned transmissions = transmissions_max;  // 1 to transmissions_max
  Purpose purpose{};
};

// Where the answer to a request goes. The handler keeps it as long as it likes.
struct ReplyTo {
  std::uint64_t transaction_id = 0;
  NodeId requester;
  NodeId neighbour;  // over whose link it came
  Bytes route;       // encoded destination list of the answer
  Bytes options;     // encoded forwarding options to copy
  std::uint32_t max_response_bytes = 0;
  wire::MessageCode code = wire::MessageCode::invalid;  // of the request
  bool local = false;                                   // from this very node
};

// A request for this node, its signature proven. Views and pointers live during the call.
struct Request {
  ReplyTo& reply;  // may be moved from
  NodeId from;     // who signed
  const crypto::Certificate& signer;
  NodeId neighbour;  // over whose link it came; this node itself for a request of its own
  const wire::ForwardingHeader& header;
  const wire::Destination& target;
  const wire::MessageContents& contents;
};

struct Answer {
  NodeId from;
  const crypto::Certificate& signer;
  const wire::MessageContents& contents;
  std::uint8_t hops = 0;  // links it crossed; 0 from this very node
  Duration round_trip{0};
};

struct Failed {
  Error error;
  wire::ErrorCode code = wire::ErrorCode::invalid;  // of an ErrorResponse
  NodeId from;                                      // who sent it
  ByteView info;                                    // lives during the call
};

// Handlers may make, cancel and answer requests from inside every call.
class TransportHandler {
 public:
  virtual void on_request(Now now, Request& request) = 0;
  virtual void on_answer(Now now, const Purpose& purpose, const Answer& answer) = 0;
  virtual void on_failed(Now now, const Purpose& purpose, const Failed& failed) = 0;
  // §6.3.4: whether an answer for `position` may come from there.
  [[nodiscard]] virtual bool plausible_responder(RingPosition position,
                                                 const NodeId& responder) const = 0;
  // That node has an older configuration document than this one (§6.3.2.1). `route` leads to it.
  virtual void on_older_configuration(Now now, std::span<const wire::Destination> route) = 0;
  // That node has a newer one.
  virtual void on_newer_configuration(Now now, const NodeId& node) = 0;

 protected:
  ~TransportHandler() = default;
};

struct TransportCounters {
  std::uint32_t requests = 0;  // of ours
  std::uint32_t answered = 0;
  std::uint32_t timed_out = 0;
  std::uint32_t retransmissions = 0;
  std::uint32_t received = 0;  // requests for this node
  std::uint32_t repeated = 0;  // recognised as repetitions
  std::uint32_t rejected_signature = 0;
  std::uint32_t rejected_responder = 0;  // an answer from somebody who may not give it
  std::uint32_t rejected_malformed = 0;
  std::uint32_t rejected_extension = 0;  // an answer with a critical extension nobody here knows
  std::uint32_t unexpected_answers = 0;
  std::uint32_t errors_sent = 0;
};

class Transport final : public forwarding::ForwardingHandler, public TimerHandler {
 public:
  // All references outlive it.
  Transport(const Settings& settings, forwarding::Forwarder& forwarder,
            forwarding::ConnectionTable& connections, crypto::Signer& signer, TimerQueue& timers,
            Rng& rng, TransportHandler& handler);

  // The number by which it can be cancelled. The outcome comes later, never from inside this call.
  // Errors: limit (too many transactions, a message above max-message-size).
  Expected<std::uint64_t> request(Now now, const Outgoing& outgoing);
  // No outcome follows.
  void cancel(std::uint64_t transaction_id);

  // Both end a request; a second one is ignored by the other side. `certificates`: those that the
  // answer's values need.
  void answer(Now now, const ReplyTo& reply, ByteView body,
              std::span<const crypto::CertificateHash> certificates = {});
  void refuse(Now now, const ReplyTo& reply, wire::ErrorCode code, ByteView info = {});
  // A request that is not answered at all, and not remembered.
  void drop(const ReplyTo& reply);

  // A link is gone: what went over it is sent again another way, or has failed.
  void on_neighbour_lost(Now now, const NodeId& neighbour);

  [[nodiscard]] std::size_t transactions() const { return transactions_.size(); }
  [[nodiscard]] Duration round_trip() const { return round_trip_.smoothed(); }
  [[nodiscard]] std::size_t memory_bytes() const;
  void count(CounterVisitor& visitor) const;
  [[nodiscard]] const TransportCounters& counters() const { return counters_; }

  // forwarding::ForwardingHandler
  void on_arrival(Now now, const forwarding::Arrival& arrival) override;
  void on_refused(Now now, const forwarding::Arrival& arrival, wire::ErrorCode error,
                  const char* info) override;
  // TimerHandler
  void on_timer(Now now, std::uint32_t id) override;

 private:
  struct Transaction {
    Purpose purpose;
    Bytes destinations;  // encoded
    Bytes contents;      // signed
    Bytes signature;
    std::vector<crypto::CertificateHash> certificates;
    std::optional<NodeId> first_hop;
    std::optional<NodeId> sent_to;  // the latest first hop
    Bytes signer_certificate;       // DER; empty for the node's own
    MonotonicTime begun;
    MonotonicTime deadline;  // of the next step
    wire::MessageCode code = wire::MessageCode::invalid;
    wire::ErrorCode doubtful_error = wire::ErrorCode::invalid;  // said by somebody on the way
    std::uint8_t transmissions = 0;
    std::uint8_t transmissions_limit = transmissions_max;
    std::uint8_t doubts = 0;
    bool adjacent = false;
    bool bare = false;  // the first transmission went without the node's own certificate
    bool local = false;
  };
  using Transactions = std::map<std::uint64_t, Transaction>;

  // outgoing.cpp
  void transmit(Now now, std::uint64_t id, Transaction& transaction);
  [[nodiscard]] forwarding::FirstHop hop_for(const Transaction& transaction) const;
  void schedule(Now now, Transaction& transaction) const;
  void append_certificates(std::span<const crypto::CertificateHash> hashes,
                           std::vector<ByteView>& certificates) const;
  [[nodiscard]] bool may_go_bare(const Transaction& transaction, const NodeId& next) const;
  void step(Now now, std::uint64_t id);
  void deliver_locally(Now now, std::uint64_t id);
  void fail(Now now, std::uint64_t id, const Failed& failed);
  void arm(Now now);
  [[nodiscard]] std::size_t response_bytes(
      const ReplyTo& reply, ByteView contents, ByteView signature,
      std::span<const crypto::CertificateHash> certificates) const;
  [[nodiscard]] std::size_t response_bytes_limit(const ReplyTo& reply) const;
  void send_answer(Now now, const ReplyTo& reply, ByteView contents, ByteView signature,
                   std::span<const crypto::CertificateHash> certificates, bool with_own);
  void give(Now now, const ReplyTo& reply, wire::MessageCode code, ByteView body,
            std::span<const crypto::CertificateHash> certificates);
  [[nodiscard]] wire::ForwardingHeader header_for(std::uint64_t transaction_id,
                                                  wire::MessageCode code) const;

  // incoming.cpp
  void on_message(Now now, const NodeId& neighbour, const wire::MessageView& message,
                  const wire::Destination& target);
  void on_request_message(Now now, const NodeId& neighbour, const wire::MessageView& message,
                          const wire::MessageContents& contents, const wire::Destination& target);
  [[nodiscard]] bool repeated(Now now, const ReplyTo& reply, std::uint64_t check);
  [[nodiscard]] bool acceptable(Now now, const ReplyTo& reply, const wire::ForwardingHeader& header,
                                const wire::MessageContents& contents);
  void on_answer_message(Now now, const NodeId& neighbour, const wire::MessageView& message,
                         const wire::MessageContents& contents);
  [[nodiscard]] bool may_answer(const Transaction& transaction, const NodeId& responder) const;
  void on_error_answer(Now now, std::uint64_t id, Transaction& transaction, const Proven& proven,
                       const wire::MessageContents& contents, bool plausible);
  void note_certificate_use(const Transaction& transaction, const NodeId& neighbour);

  const Settings& settings_;
  forwarding::Forwarder& forwarder_;
  forwarding::ConnectionTable& connections_;
  crypto::Signer& signer_;
  TimerQueue& timers_;
  Rng& rng_;
  TransportHandler& handler_;
  Timer timer_;
  Transactions transactions_;
  Answers answers_;
  Reassembly reassembly_;
  RoundTrip round_trip_;
  TransportCounters counters_;
  std::uint64_t check_key_;
};

// Where the answer to a message goes: back over the link it came from and along its via list
// (§6.1.2, §6.2.2).
[[nodiscard]] ReplyTo reply_to(const NodeId& neighbour, const wire::ForwardingHeader& header,
                               wire::MessageCode code);

// Whether repetitions of such a request must be recognised, because processing it again would not
// come to the same.
[[nodiscard]] bool must_remember(const wire::MessageContents& contents);

}  // namespace chordial::transport
