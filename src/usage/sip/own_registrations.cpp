#include "usage/sip/own_registrations.h"

#include <algorithm>
#include <utility>

#include "storage/resource_name.h"
#include "usage/sip/registration_record.h"
#include "wire/codes.h"

namespace chordial::usage {

namespace {

constexpr Duration check_interval = std::chrono::seconds(60);
// After a change of neighbours: not before the dust has settled, and then so much for each record,
// so that a node of many users does not ask about all of them at once.
constexpr Duration recheck_delay = std::chrono::seconds(1);
constexpr Duration recheck_share = std::chrono::milliseconds(20);
constexpr Duration retry_max = std::chrono::seconds(30);
constexpr std::int64_t lifetime_s_min = 60;
constexpr std::uint8_t patient_failures = 2;                       // before those who wait are told
constexpr std::uint64_t background_turn = std::uint64_t{1} << 63;  // comes after all others

}  // namespace

struct OwnRegistrations::Record {
  Record(OwnRegistrations& owner, std::uint32_t place_, const std::string& name)
      : aor(name), resource(storage::resource_id_of(name)), timer(owner, place_), place(place_) {}

  std::string aor;
  ResourceId resource;
  Timer timer;
  std::uint32_t place;
  bool wanted = false;
  Action action = Action::none;  // what is in flight
  bool recheck = false;          // a look at the overlay is due, soon or after what is in flight
  bool background = false;       // nobody waits for what is in flight
  std::uint8_t failures = 0;     // in a row
  std::uint64_t turn = 0;        // its key in turns_; 0: in no queue
  overlay::RequestId request{};
  WallTime needed_until{};
  WallTime stored_until{};     // zero: not known to stand in the overlay
  WallTime storing_until{};    // of the store in flight
  WallTime may_stand_until{};  // of what was stored, or may have been although nobody said so
  std::uint64_t storage_time_ms = 0;  // of the latest store known
  std::vector<std::uint64_t> waiting;
};

OwnRegistrations::OwnRegistrations(overlay::Peer& peer, TimerQueue& timers, Rng& rng,
                                   UserSigners& signers, OwnRegistrationsHandler& handler)
    : peer_(peer), timers_(timers), rng_(rng), signers_(signers), handler_(handler) {
}

OwnRegistrations::~OwnRegistrations() {
  for (const auto& [request, place] : in_flight_)
    peer_.cancel(request);
}

bool OwnRegistrations::full_for(const std::string& aor) const {
  return by_aor_.size() >= records_max && !by_aor_.contains(aor);
}

OwnRegistrations::Record& OwnRegistrations::record_for(const std::string& aor) {
  if (const auto known = by_aor_.find(aor); known != by_aor_.end()) return *records_[known->second];
  std::uint32_t place = static_cast<std::uint32_t>(records_.size());
  if (free_.empty()) {
    records_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
  }
  records_[place] = std::make_unique<Record>(*this, place, aor);
  by_aor_.emplace(aor, place);
  return *records_[place];
}

Expected<bool> OwnRegistrations::publish(Now now, const std::string& aor, WallTime until,
                                         std::uint64_t token) {
  if (leaving_ || signers_.signer_of(aor) == nullptr) return true;
  if (full_for(aor)) {
    return failure(ErrorKind::limit, "registrations", "this node serves as many users as it may");
  }
  Record& record = record_for(aor);
  const bool stands =
      record.wanted && record.stored_until >= until && record.action == Action::none;
  if (!stands && record.waiting.size() >= waiting_max) {
    return failure(ErrorKind::limit, "registrations", "too many changes of one user at once");
  }
  record.wanted = true;
  record.needed_until = until;
  if (record.stored_until >= until && record.action == Action::none) return true;
  if (token != 0) record.waiting.push_back(token);
  work(now, record);
  return false;
}

Expected<bool> OwnRegistrations::withdraw(Now now, const std::string& aor, std::uint64_t token,
                                          WallTime stands_until) {
  const bool former = stands_until > now.wall && signers_.signer_of(aor) != nullptr;
  if (!by_aor_.contains(aor) && (!former || full_for(aor))) return true;
  Record& record = record_for(aor);
  record.may_stand_until = std::max(record.may_stand_until, stands_until);
  if (record.waiting.size() >= waiting_max) {
    return failure(ErrorKind::limit, "registrations", "too many changes of one user at once");
  }
  record.wanted = false;
  if (token != 0) record.waiting.push_back(token);
  work(now, record);
  return false;
}

// Starts whatever the record needs next, unless something is in flight already.
void OwnRegistrations::work(Now now, Record& record) {
  if (record.action != Action::none) return;
  crypto::Signer* signer = signers_.signer_of(record.aor);
  if (signer == nullptr) {  // its certificate has expired or was revoked: it ends with its lifetime
    timers_.arm(record.timer, now.monotonic);
    return;
  }
  const bool stored = record.wanted && record.stored_until >= record.needed_until;
  if (stored && !record.recheck) {
    check_later(now, record, check_interval);
    // A withdrawal that a later publication overtook while it waited for its turn.
    return tell(now, std::exchange(record.waiting, {}), {});
  }
  const bool background = record.waiting.empty();
  if (full(background)) return await_turn(record, background);
  forget_turn(record);
  record.background = background;
  if (record.background) ++in_background_;
  record.recheck = false;
  if (stored) {
    send_check(now, record);
  } else {
    send_store(now, record, *signer, record.wanted);
  }
}

void OwnRegistrations::await_turn(Record& record, bool background) {
  if (record.turn != 0 && ((record.turn & background_turn) != 0) == background) return;
  forget_turn(record);
  record.turn = ++last_turn_ | (background ? background_turn : 0);
  turns_.emplace(record.turn, record.place);
}

void OwnRegistrations::forget_turn(Record& record) {
  if (record.turn != 0) turns_.erase(record.turn);
  record.turn = 0;
}

bool OwnRegistrations::full(bool background) const {
  return background ? in_background_ >= background_max
                    : in_flight_.size() - in_background_ >= foreground_max;
}

void OwnRegistrations::take_turns(Now now) {
  while (!turns_.empty()) {
    const auto [turn, place] = *turns_.begin();
    if (full((turn & background_turn) != 0)) return;
    Record& record = *records_[place];
    forget_turn(record);
    work(now, record);
  }
}

void OwnRegistrations::send_store(Now now, Record& record, crypto::Signer& signer, bool exists) {
  // A removal must outlive what it removes (§7.4.1.3).
  const WallTime until = exists ? record.needed_until : record.may_stand_until;
  const std::int64_t lifetime_s = std::max((until - now.wall).count() / 1000 + 1, lifetime_s_min);
  record.storing_until = now.wall + std::chrono::seconds(lifetime_s);
  if (exists) record.may_stand_until = std::max(record.may_stand_until, record.storing_until);
  // Whatever the clock says: older than the last one it would be refused.
  record.storage_time_ms = std::max(now.wall_ms(), record.storage_time_ms + 1);
  const auto self = peer_.self().bytes();
  overlay::Store store;
  store.resource = record.resource;
  store.kind = wire::kind_sip_registration;
  store.lifetime_s = static_cast<std::uint32_t>(lifetime_s);
  store.storage_time_ms = record.storage_time_ms;
  overlay::Value value;
  value.key = Bytes(self.begin(), self.end());
  value.exists = exists;
  if (exists) value.value = encode({{peer_.self()}, {}, {}});
  store.values.push_back(std::move(value));
  record.action = exists ? Action::store : Action::remove;
  record.request = peer_.store(now, store, &signer, *this);
  in_flight_.emplace(record.request, record.place);
  ++stores_;
}

void OwnRegistrations::send_check(Now now, Record& record) {
  const auto self = peer_.self().bytes();
  overlay::Fetch fetch;
  fetch.resource = record.resource;
  fetch.kind = wire::kind_sip_registration;
  fetch.keys.emplace_back(self.begin(), self.end());
  record.action = Action::check;
  record.request = peer_.fetch(now, fetch, *this);
  in_flight_.emplace(record.request, record.place);
  ++checks_;
}

OwnRegistrations::Record* OwnRegistrations::find(overlay::RequestId id) {
  const auto flight = in_flight_.find(id);
  if (flight == in_flight_.end()) return nullptr;
  Record* record = records_[flight->second].get();
  in_flight_.erase(flight);
  if (record->background) --in_background_;
  record->background = false;
  return record;
}

void OwnRegistrations::on_stored(Now now, overlay::RequestId id,
                                 const overlay::Outcome<overlay::Stored>& outcome) {
  Record* record = find(id);
  if (record == nullptr) return;
  const Action done = record->action;
  record->action = Action::none;
  if (outcome) {
    stored(now, *record, done);
  } else {
    not_stored(now, *record, done, outcome.error().error);
  }
  take_turns(now);
}

void OwnRegistrations::stored(Now now, Record& record, Action done) {
  record.failures = 0;
  record.stored_until = done == Action::store ? record.storing_until : WallTime{};
  record.may_stand_until = record.stored_until;
  const bool satisfied =
      record.wanted ? record.stored_until >= record.needed_until : done == Action::remove;
  if (!satisfied) return work(now, record);  // the user changed his mind meanwhile
  const std::vector<std::uint64_t> waiting = std::exchange(record.waiting, {});
  if (record.wanted) {
    check_later(now, record, record.recheck ? recheck_delay : check_interval);
  } else {
    erase(record);
  }
  tell(now, waiting, {});
}

void OwnRegistrations::not_stored(Now now, Record& record, Action done, const Error& why) {
  ++failures_;
  if (done == Action::remove) record.stored_until = {};  // it may be gone all the same
  if (why.kind == ErrorKind::conflict && record.failures < patient_failures) {
    // Something newer stands there: stored before a restart, or before the clock was set back.
    ++record.failures;
    record.background = record.waiting.empty();
    if (record.background) ++in_background_;
    return send_check(now, record);
  }
  const bool refused = why.kind == ErrorKind::forbidden || why.kind == ErrorKind::limit ||
                       why.kind == ErrorKind::unsupported || why.kind == ErrorKind::unauthentic;
  // A peer that has just died is noticed within seconds; a phone waits half a minute for its
  // answer.
  const bool give_up = refused || record.failures >= patient_failures;
  retry_later(now, record);
  if (give_up) tell(now, std::exchange(record.waiting, {}), Failure(why));
}

void OwnRegistrations::on_fetched(Now now, overlay::RequestId id,
                                  const overlay::Outcome<overlay::Fetched>& outcome) {
  Record* record = find(id);
  if (record == nullptr) return;
  record->action = Action::none;
  if (outcome) {
    fetched(now, *record, *outcome);
  } else {
    ++failures_;
    retry_later(now, *record);
  }
  take_turns(now);
}

void OwnRegistrations::fetched(Now now, Record& record, const overlay::Fetched& found) {
  bool stands = false;
  for (const overlay::FetchedValue& value : found.values) {
    stands = stands || value.exists;
    record.storage_time_ms = std::max(record.storage_time_ms, value.storage_time_ms);
  }
  const bool known = record.stored_until != WallTime{};
  if (known) record.failures = 0;
  if (known && !stands && record.wanted) {
    record.stored_until = {};
    ++restores_;
  }
  work(now, record);
}

// Last of all: who is told may ask for the next thing at once.
void OwnRegistrations::tell(Now now, const std::vector<std::uint64_t>& waiting,
                            const Expected<void>& result) {
  for (const std::uint64_t token : waiting)
    handler_.on_registration_published(now, token, result);
}

void OwnRegistrations::retry_later(Now now, Record& record) {
  if (record.failures < 5) ++record.failures;
  const Duration pause = std::min(std::chrono::duration_cast<Duration>(std::chrono::seconds(1)) *
                                      (std::int64_t{1} << record.failures),
                                  retry_max);
  record.recheck = true;
  check_later(now, record, pause);
}

void OwnRegistrations::check_later(Now now, Record& record, Duration around) {
  const auto jitter =
      static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(around.count()) / 4 + 1));
  timers_.arm(record.timer, now.monotonic + around - Duration(jitter));
}

void OwnRegistrations::recheck(Now now) {
  const Duration spread =
      std::min(recheck_delay + recheck_share * static_cast<std::int64_t>(by_aor_.size()),
               check_interval - recheck_delay);
  for (const auto& [aor, place] : by_aor_) {
    Record& record = *records_[place];
    if (record.recheck) continue;  // its place in the minute is drawn once
    record.recheck = true;
    const MonotonicTime at =
        now.monotonic + recheck_delay +
        Duration(static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(spread.count()))));
    if (!record.timer.armed() || record.timer.deadline() > at) timers_.arm(record.timer, at);
  }
}

void OwnRegistrations::leave(Now now) {
  leaving_ = true;
  for (const auto& record : records_) {
    if (!record) continue;
    record->wanted = false;
    work(now, *record);
  }
}

void OwnRegistrations::on_timer(Now now, std::uint32_t place) {
  Record& record = *records_[place];
  if (record.action != Action::none) return;
  const bool dead =
      record.wanted ? record.needed_until <= now.wall : record.may_stand_until <= now.wall;
  if (dead && record.waiting.empty()) {
    erase(record);
    return;
  }
  if (signers_.signer_of(record.aor) == nullptr) {
    const std::vector<std::uint64_t> waiting = std::exchange(record.waiting, {});
    erase(record);
    tell(now, waiting,
         failure(ErrorKind::expired, "certificate", "the user's certificate is no longer usable"));
    return;
  }
  record.recheck = true;
  work(now, record);
}

void OwnRegistrations::erase(Record& record) {
  const std::uint32_t place = record.place;
  forget_turn(record);
  by_aor_.erase(record.aor);
  records_[place].reset();
  free_.push_back(place);
}

std::size_t OwnRegistrations::published() const {
  return static_cast<std::size_t>(std::count_if(
      records_.begin(), records_.end(),
      [](const auto& record) { return record && record->stored_until != WallTime{}; }));
}

void OwnRegistrations::count(CounterVisitor& visitor) const {
  visitor.gauge("usage_registrations", by_aor_.size());
  visitor.gauge("usage_registrations_in_flight", in_flight_.size());
  visitor.gauge("usage_registrations_queued", turns_.size());
  visitor.counter("usage_registration_stores", stores_);
  visitor.counter("usage_registration_restores", restores_);
  visitor.counter("usage_registration_checks", checks_);
  visitor.counter("usage_registration_failures", failures_);
}

}  // namespace chordial::usage
