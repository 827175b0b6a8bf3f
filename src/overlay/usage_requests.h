// The requests of usages: from values to messages and back (RFC 6940 §7.4, §6.5.3, and the SIP
// tunnel). Each ends in exactly one call of its UsageHandler, never from inside the call that made
// it.
#pragma once

#include <map>
#include <vector>

#include "overlay/requests.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core;

class UsageRequests {
 public:
  static_assert(usage_requests_max == transport::transactions_max / 4 * 3);

  explicit UsageRequests(Core& core) : core_(core) {}

  RequestId store(Now now, const Store& request, crypto::Signer* signer, UsageHandler& usage);
  RequestId fetch(Now now, const Fetch& request, UsageHandler& usage);
  RequestId stat(Now now, const Fetch& request, UsageHandler& usage);
  RequestId find(Now now, const ResourceId& near, std::uint32_t kind, UsageHandler& usage);
  RequestId ping(Now now, const Target& target, UsageHandler& usage);
  RequestId send_tunnel(Now now, const Target& target, ByteView sip, crypto::Signer* signer,
                        UsageHandler& usage);
  RequestId app_attach(Now now, const NodeId& node, const AppAttach& offer, UsageHandler& usage);
  RequestId route_query(Now now, const Target& target, RingPosition position, UsageHandler& usage);
  void cancel(RequestId id);

  void on_answer(Now now, std::uint64_t reference, const transport::Answer& answer);
  void on_failed(Now now, std::uint64_t reference, const transport::Failed& failed);
  void on_timer(Now now);
  [[nodiscard]] MonotonicTime next_timer() const { return refused_at_; }

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  enum class Method : std::uint8_t {
    store,
    fetch,
    stat,
    find,
    ping,
    tunnel,
    app_attach,
    route_query,
  };
  struct Pending {
    Method method = Method::ping;
    std::uint32_t kind = 0;
    UsageHandler* usage = nullptr;
    std::uint64_t transaction = 0;
    ResourceId resource;
    NodeId node;                   // of an AppAttach
    std::optional<Error> refused;  // without having been sent
  };

  RequestId open(const Pending& pending);
  RequestId refuse(Now now, const Pending& pending, const Error& why);
  RequestId send(Now now, Pending pending, const Target& target, transport::Outgoing outgoing);
  RequestId look(Now now, const Fetch& request, Method method, wire::MessageCode code,
                 UsageHandler& usage);
  void fail(Now now, RequestId id, const Pending& pending, const RequestFailure& failure) const;

  // usage_answers.cpp
  void answered(Now now, RequestId id, const Pending& pending,
                const transport::Answer& answer) const;
  [[nodiscard]] Outcome<Stored> stored(const Pending& pending,
                                       const transport::Answer& answer) const;
  [[nodiscard]] Outcome<Fetched> fetched(Now now, const Pending& pending,
                                         const transport::Answer& answer) const;
  [[nodiscard]] Outcome<Statted> statted(const Pending& pending,
                                         const transport::Answer& answer) const;
  [[nodiscard]] Outcome<Found> found(const Pending& pending, const transport::Answer& answer) const;
  [[nodiscard]] Outcome<Pinged> pinged(const transport::Answer& answer) const;

  Core& core_;
  std::map<RequestId, Pending> pending_;
  MonotonicTime refused_at_ = never;
};

}  // namespace chordial::overlay
