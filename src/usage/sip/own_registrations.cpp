#include "usage/sip/own_registrations.h"

#include <algorithm>

#include "storage/resource_name.h"
#include "usage/sip/registration_record.h"
#include "wire/codes.h"

namespace chordial::usage {

namespace {

constexpr Duration check_interval = std::chrono::seconds(60);
constexpr Duration recheck_delay = std::chrono::seconds(2);
constexpr Duration retry_max = std::chrono::seconds(30);
constexpr std::int64_t lifetime_s_min = 60;
constexpr std::uint8_t patient_failures = 2;  // before those who wait are told

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
  bool recheck = false;          // asked for while something was in flight
  std::uint8_t failures = 0;     // in a row
  overlay::RequestId request{};
  WallTime needed_until{};
  WallTime stored_until{};   // zero: not known to stand in the overlay
  WallTime storing_until{};  // of the store in flight
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
  if (signers_.signer_of(aor) == nullptr) return true;
  if (by_aor_.size() >= records_max && !by_aor_.contains(aor)) {
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

Expected<bool> OwnRegistrations::withdraw(Now now, const std::string& aor, std::uint64_t token) {
  const auto known = by_aor_.find(aor);
  if (known == by_aor_.end()) return true;
  Record& record = *records_[known->second];
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
  if (!record.wanted) {
    send_store(now, record, *signer, false);
  } else if (record.stored_until < record.needed_until) {
    send_store(now, record, *signer, true);
  } else if (record.recheck) {
    record.recheck = false;
    send_check(now, record);
  } else {
    check_later(now, record, check_interval);
  }
}

void OwnRegistrations::send_store(Now now, Record& record, crypto::Signer& signer, bool exists) {
  std::int64_t lifetime_s = lifetime_s_min;
  if (exists) {
    lifetime_s = std::max((record.needed_until - now.wall).count() / 1000 + 1, lifetime_s_min);
  } else if (record.stored_until >
             now.wall) {  // the removal must outlive what it removes (§7.4.1.3)
    lifetime_s = std::max((record.stored_until - now.wall).count() / 1000 + 1, lifetime_s_min);
  }
  record.storing_until = now.wall + std::chrono::seconds(lifetime_s);
  const auto self = peer_.self().bytes();
  overlay::Store store;
  store.resource = record.resource;
  store.kind = wire::kind_sip_registration;
  store.lifetime_s = static_cast<std::uint32_t>(lifetime_s);
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
  return record;
}

void OwnRegistrations::on_stored(Now now, overlay::RequestId id,
                                 const overlay::Outcome<overlay::Stored>& outcome) {
  Record* record = find(id);
  if (record == nullptr) return;
  const Action done = record->action;
  record->action = Action::none;
  if (!outcome) {
    ++failures_;
    const ErrorKind kind = outcome.error().error.kind;
    const bool refused = kind == ErrorKind::forbidden || kind == ErrorKind::limit ||
                         kind == ErrorKind::unsupported || kind == ErrorKind::unauthentic;
    // A peer that has just died is noticed within seconds; a phone waits half a minute for its
    // answer.
    if (refused || record->failures >= patient_failures) {
      finish(now, *record, Failure(outcome.error().error));
    }
    retry_later(now, *record);
    return;
  }
  record->failures = 0;
  record->stored_until = done == Action::store ? record->storing_until : WallTime{};
  const bool satisfied =
      record->wanted ? record->stored_until >= record->needed_until : done == Action::remove;
  if (!satisfied) {  // the user changed his mind meanwhile
    work(now, *record);
    return;
  }
  finish(now, *record, {});
  if (record->wanted) {
    check_later(now, *record, check_interval);
  } else {
    erase(*record);
  }
}

void OwnRegistrations::on_fetched(Now now, overlay::RequestId id,
                                  const overlay::Outcome<overlay::Fetched>& outcome) {
  Record* record = find(id);
  if (record == nullptr) return;
  record->action = Action::none;
  if (!outcome) {
    ++failures_;
    retry_later(now, *record);
    return;
  }
  record->failures = 0;
  const bool stands = std::any_of(outcome->values.begin(), outcome->values.end(),
                                  [](const overlay::FetchedValue& value) { return value.exists; });
  if (!stands && record->wanted) {
    record->stored_until = {};
    ++restores_;
  }
  work(now, *record);
}

void OwnRegistrations::finish(Now now, Record& record, const Expected<void>& result) {
  std::vector<std::uint64_t> waiting;
  waiting.swap(record.waiting);
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
  for (const auto& [aor, place] : by_aor_) {
    Record& record = *records_[place];
    record.recheck = true;
    if (record.timer.deadline() > now.monotonic + recheck_delay || !record.timer.armed()) {
      check_later(now, record, recheck_delay);
    }
  }
}

void OwnRegistrations::on_timer(Now now, std::uint32_t place) {
  Record& record = *records_[place];
  if (record.action != Action::none) return;
  const bool dead =
      record.wanted ? record.needed_until <= now.wall : record.stored_until <= now.wall;
  if (dead && record.waiting.empty()) {
    erase(record);
    return;
  }
  if (signers_.signer_of(record.aor) == nullptr) {
    finish(
        now, record,
        failure(ErrorKind::expired, "certificate", "the user's certificate is no longer usable"));
    erase(record);
    return;
  }
  record.recheck = true;
  work(now, record);
}

void OwnRegistrations::erase(Record& record) {
  const std::uint32_t place = record.place;
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
  visitor.counter("usage_registration_stores", stores_);
  visitor.counter("usage_registration_restores", restores_);
  visitor.counter("usage_registration_checks", checks_);
  visitor.counter("usage_registration_failures", failures_);
}

}  // namespace chordial::usage
