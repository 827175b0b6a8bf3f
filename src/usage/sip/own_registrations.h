// The records that this node keeps in the overlay for its own users: stored, extended, looked after
// every minute and after every change of neighbours, stored again when missing, removed (RFC 7904
// §3; design: the registering node checks its users' records). Knows no SIP message and no binding:
// only which address is reachable here and until when.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/counters.h"
#include "base/rng.h"
#include "base/timer_queue.h"
#include "overlay/peer.h"
#include "usage/sip/user_signers.h"

namespace chordial::usage {

class OwnRegistrationsHandler {
 public:
  // The outcome of a publish or withdraw that was given `token`: success once the record stands at
  // the responsible peer and a replica. Errors: unavailable (no answer in time), or what the
  // storing peer said.
  virtual void on_registration_published(Now now, std::uint64_t token,
                                         const Expected<void>& result) = 0;

 protected:
  ~OwnRegistrationsHandler() = default;
};

class OwnRegistrations final : public TimerHandler, public overlay::UsageHandler {
 public:
  static constexpr std::size_t records_max = 65536;
  static constexpr std::size_t waiting_max = 16;  // of one record
  // Requests in flight that somebody waits for, and that nobody waits for. Other records wait their
  // turn, in the order in which they came, those that are waited for first.
  static constexpr std::size_t foreground_max = overlay::usage_requests_max / 3;
  static constexpr std::size_t background_max = overlay::usage_requests_max / 12;

  // All references outlive it.
  OwnRegistrations(overlay::Peer& peer, TimerQueue& timers, Rng& rng, UserSigners& signers,
                   OwnRegistrationsHandler& handler);
  ~OwnRegistrations();

  // The user is reachable here until `until`. True: that is true already (the record outlives it,
  // or this node has no certificate for the user and serves him locally alone), and no callback
  // follows. False: on_registration_published follows, never from inside this call. A token of 0
  // asks for none. Errors: limit.
  [[nodiscard]] Expected<bool> publish(Now now, const std::string& aor, WallTime until,
                                       std::uint64_t token);
  // The user has no binding here any more. Same result as publish. `stands_until`: until when the
  // record may stand that this node stored before it was started anew; zero: it stored none.
  [[nodiscard]] Expected<bool> withdraw(Now now, const std::string& aor, std::uint64_t token,
                                        WallTime stands_until = {});
  // Successors, links or phase have changed: look again soon, of many users within the minute.
  void recheck(Now now);
  // The node goes: everything is withdrawn, and nothing published any more. idle() is true when
  // the overlay has answered for all.
  void leave(Now now);
  [[nodiscard]] bool idle() const { return in_flight_.empty() && turns_.empty(); }

  [[nodiscard]] std::size_t published() const;
  void count(CounterVisitor& visitor) const;

  void on_timer(Now now, std::uint32_t record) override;
  void on_stored(Now now, overlay::RequestId id,
                 const overlay::Outcome<overlay::Stored>& outcome) override;
  void on_fetched(Now now, overlay::RequestId id,
                  const overlay::Outcome<overlay::Fetched>& outcome) override;

 private:
  enum class Action : std::uint8_t { none, store, remove, check };
  struct Record;

  [[nodiscard]] bool full_for(const std::string& aor) const;
  Record& record_for(const std::string& aor);
  void await_turn(Record& record, bool background);
  void forget_turn(Record& record);
  void take_turns(Now now);
  [[nodiscard]] bool full(bool background) const;
  void stored(Now now, Record& record, Action done);
  void not_stored(Now now, Record& record, Action done, const Error& why);
  void fetched(Now now, Record& record, const overlay::Fetched& found);
  void work(Now now, Record& record);
  void send_store(Now now, Record& record, crypto::Signer& signer, bool exists);
  void send_check(Now now, Record& record);
  void tell(Now now, const std::vector<std::uint64_t>& waiting, const Expected<void>& result);
  void retry_later(Now now, Record& record);
  void check_later(Now now, Record& record, Duration around);
  void erase(Record& record);
  [[nodiscard]] Record* find(overlay::RequestId id);

  overlay::Peer& peer_;
  TimerQueue& timers_;
  Rng& rng_;
  UserSigners& signers_;
  OwnRegistrationsHandler& handler_;
  std::vector<std::unique_ptr<Record>> records_;  // empty places are reused
  std::vector<std::uint32_t> free_;
  std::map<std::string, std::uint32_t, std::less<>> by_aor_;
  std::map<overlay::RequestId, std::uint32_t> in_flight_;
  std::map<std::uint64_t, std::uint32_t> turns_;  // in their order -> place
  std::uint64_t last_turn_ = 0;
  std::size_t in_background_ = 0;
  bool leaving_ = false;
  std::uint64_t stores_ = 0, restores_ = 0, checks_ = 0, failures_ = 0;
};

}  // namespace chordial::usage
