// What a simulated node does of its own accord: registering users, looking others up, dying and
// coming back.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "sim/shard.h"
#include "storage/resource_name.h"
#include "wire/codes.h"

namespace chordial::sim {

namespace {

constexpr std::uint32_t note_lookup = 4;
constexpr std::size_t bootstrap_addresses = 4;
constexpr double pause_of_session = 0.1;  // ChurnModel::exponential

enum class Verdict : std::uint8_t { correct, wrong, forged, error, timeout };

Verdict verdict_on(const World& world, UserIndex user,
                   const overlay::Outcome<overlay::Fetched>& outcome) {
  if (!outcome) {
    return outcome.error().error.kind == ErrorKind::unavailable ? Verdict::timeout : Verdict::error;
  }
  const auto home = world.ids[world.home_of(user)].bytes();
  const Bytes right = world.registration_of(user);
  Verdict verdict = Verdict::wrong;
  for (const overlay::FetchedValue& value : outcome->values) {
    if (!value.exists) continue;
    if (value.signer != world.user_certificates[user]->hash) return Verdict::forged;
    if (equal(value.key, home) && value.value == right) verdict = Verdict::correct;
  }
  return verdict;
}

}  // namespace

std::vector<SocketAddress> Node::draw_bootstrap() {
  std::vector<SocketAddress> addresses;
  const std::uint64_t peers = world_.ids.size();
  while (addresses.size() < bootstrap_addresses && peers > 1) {
    const auto node = static_cast<NodeIndex>(rng_.below(peers));
    if (node != index_) addresses.push_back(address_of(node));
  }
  return addresses;
}

Duration Node::exponential(double mean_s) {
  return Duration(static_cast<std::int64_t>(-std::log(1 - rng_.fraction()) * mean_s * 1e6));
}

void Node::begin_registering(Now now, Duration within) {
  registers_ = true;
  if (users_) users_->register_all(now, within);
  if (site_) site_->begin_registering(now, within);
}

void Node::begin_work(Now now, MonotonicTime end) {
  work_end_ = end;
  if (site_) site_->begin_work(now, end);
  const double rate = world_.scenario.workload.lookups_per_peer_min;
  if (rate > 0) shard_.timers().arm(lookup_timer_, now.monotonic + exponential(60 / rate));
  if (world_.scenario.churn.model != ChurnModel::none) {
    TimerHandler& handler = *this;
    session_timer_ = std::make_unique<Timer>(handler, session_timer);
    const double mean = world_.scenario.churn.median_session_s / std::numbers::ln2;
    shard_.timers().arm(*session_timer_, now.monotonic + exponential(mean));
  }
}

void Node::on_timer(Now now, std::uint32_t id) {
  if (now.monotonic >= work_end_) return;
  if (id == session_timer) {
    live_or_die(now);
    return;
  }
  if (alive()) look_up(now);
  const double pause_s = 60 / world_.scenario.workload.lookups_per_peer_min;
  shard_.timers().arm(lookup_timer_, now.monotonic + exponential(pause_s));
}

void Node::live_or_die(Now now) {
  double mean = world_.scenario.churn.median_session_s / std::numbers::ln2;
  if (alive()) {
    kill();
    mean *= pause_of_session;
  } else {
    boot(now, nullptr, draw_bootstrap(), false);
    start(now);
  }
  shard_.timers().arm(*session_timer_, now.monotonic + exponential(mean));
}

void Node::look_up(Now now) {
  const auto user = static_cast<UserIndex>(rng_.below(world_.scenario.workload.users));
  overlay::Fetch fetch;
  fetch.resource = storage::resource_id_of(world_.aor_of(user));
  fetch.kind = wire::kind_sip_registration;
  shard_.lookups().started();
  lookups_.push_back({peer().fetch(now, fetch, *this), user, now.monotonic});
  if (site_) site_->whole().drain(now);
}

void Node::on_fetched(Now now, overlay::RequestId id,
                      const overlay::Outcome<overlay::Fetched>& outcome) {
  const auto at = std::find_if(lookups_.begin(), lookups_.end(),
                               [&](const Lookup& lookup) { return lookup.request == id; });
  if (at == lookups_.end()) return;
  const Lookup lookup = *at;
  lookups_.erase(at);
  const Verdict verdict = verdict_on(world_, lookup.user, outcome);
  trace_.absorb(now.monotonic, note_lookup,
                std::uint64_t{lookup.user} << 8 | static_cast<std::uint64_t>(verdict));
  OutcomeLog& log = shard_.lookups();
  switch (verdict) {
    case Verdict::correct:
      log.correct(now.monotonic - lookup.started, outcome->by.hops);
      break;
    case Verdict::forged:
      log.forged();
      [[fallthrough]];
    case Verdict::wrong:
      log.wrong();
      break;
    case Verdict::error:
      log.error();
      break;
    case Verdict::timeout:
      log.timeout();
      break;
  }
}

}  // namespace chordial::sim
