#include "usage/sip/overlay_location.h"

#include <algorithm>

#include "storage/resource_name.h"
#include "usage/sip/binding_record.h"
#include "usage/sip/registration_record.h"
#include "wire/codes.h"

namespace chordial::usage {

namespace {

// How long a caller waits for the overlay when the callee has phones right here: a cut link must
// not hold up a local call.
constexpr Duration local_patience = std::chrono::seconds(1);

// A published record stands a quarter of the binding's life longer than the binding; of the usual
// hour that is this.
constexpr std::chrono::minutes published_longer{15};

Expected<void> merged(const Expected<void>& first, const Expected<void>& second) {
  return first ? second : first;
}

}  // namespace

OverlayLocation::OverlayLocation(std::string overlay, overlay::Peer& peer, ports::Outbox& outbox,
                                 TimerQueue& timers, Rng& rng, UserSigners& signers,
                                 CallerRights& rights)
    : overlay_(std::move(overlay)),
      peer_(peer),
      outbox_(outbox),
      timers_(timers),
      rights_(rights),
      registrations_(peer, timers, rng, signers, *this),
      timer_(*this, 0) {
}

OverlayLocation::~OverlayLocation() {
  for (const auto& [request, lookup] : lookups_)
    peer_.cancel(request);
}

sip::Located OverlayLocation::local_contacts(Now now, std::string_view aor) const {
  sip::Located located;
  local_->contacts_of(now, aor, located.targets);
  return located;
}

bool OverlayLocation::overlay_in_reach() const {
  const overlay::Phase phase = peer_.phase();
  if (phase != overlay::Phase::ring && phase != overlay::Phase::mesh) return false;
  return peer_.sizes().links > 0;
}

std::optional<Expected<sip::Located>> OverlayLocation::lookup(Now now, ports::RequestId id,
                                                              const sip::LookupQuery& query,
                                                              sip::LocationHandler& handler) {
  sip::Located located = local_contacts(now, query.aor);
  const bool here = !located.targets.empty();
  if (query.local_only || host_of_aor(query.aor) != overlay_ || !overlay_in_reach()) {
    if (here) return located;
    if (query.local_only || overlay_in_reach() || host_of_aor(query.aor) != overlay_) {
      return failure(ErrorKind::not_found, "aor", "no phone is registered under this address");
    }
    return failure(ErrorKind::unavailable, "overlay", "no other node is in reach");
  }
  if (lookups_.size() >= lookups_max) {
    if (here) return located;
    return failure(ErrorKind::unavailable, "lookups", "too many at once");
  }
  overlay::Fetch fetch;
  fetch.resource = storage::resource_id_of(query.aor);
  fetch.kind = wire::kind_sip_registration;
  const overlay::RequestId request = peer_.fetch(now, fetch, *this);
  lookups_.emplace(request, Lookup{id, &handler, std::string(query.aor),
                                   here ? now.monotonic + local_patience : never});
  ++lookups_started_;
  // Patience is the same for all, so the first one waiting is the first one due.
  if (here && !timer_.armed()) timers_.arm(timer_, now.monotonic + local_patience);
  return std::nullopt;
}

void OverlayLocation::on_fetched(Now now, overlay::RequestId id,
                                 const overlay::Outcome<overlay::Fetched>& outcome) {
  const auto place = lookups_.find(id);
  if (place == lookups_.end()) return;
  const Lookup lookup = std::move(place->second);
  lookups_.erase(place);
  if (outcome) {
    answer(now, lookup, *outcome);
  } else {
    answer(now, lookup, Failure(outcome.error().error));
  }
}

void OverlayLocation::answer(Now now, const Lookup& lookup,
                             const Expected<overlay::Fetched>& fetched) {
  sip::Located located = local_contacts(now, lookup.aor);
  if (!fetched && fetched.error().kind != ErrorKind::not_found) {
    ++lookups_failed_;
    if (located.targets.empty()) {
      lookup.handler->on_located(
          now, lookup.id,
          failure(ErrorKind::unavailable, "overlay", "the address could not be looked up"));
      return;
    }
  }
  if (fetched) {
    for (const overlay::FetchedValue& value : fetched->values) {
      if (!value.exists || located.targets.size() >= sip::targets_max) continue;
      const auto record = decode(value.value);
      if (!record) continue;
      if (!record->forward_to.empty()) {
        located.forward_to = record->forward_to;
      } else if (record->route.back() != peer_.self()) {
        // Who answers from there may say that he is this user.
        const auto* signer = peer_.context().certificates->find(value.signer);
        if (signer != nullptr) rights_.learn(record->route.back(), *signer);
        located.targets.emplace_back(sip::RemoteNode{record->route.back()});
      }
    }
  }
  if (located.targets.empty() && located.forward_to.empty()) {
    lookup.handler->on_located(
        now, lookup.id,
        failure(ErrorKind::not_found, "aor", "no phone is registered under this address"));
    return;
  }
  lookup.handler->on_located(now, lookup.id, located);
}

void OverlayLocation::on_timer(Now now, std::uint32_t /*id*/) {
  std::vector<Lookup> late;
  MonotonicTime next = never;
  for (auto it = lookups_.begin(); it != lookups_.end();) {
    if (it->second.local_deadline > now.monotonic) {
      next = std::min(next, it->second.local_deadline);
      ++it;
      continue;
    }
    peer_.cancel(it->first);
    late.push_back(std::move(it->second));
    it = lookups_.erase(it);
  }
  if (next != never) timers_.arm(timer_, next);
  for (const Lookup& lookup : late) {
    ++lookups_local_;
    answer(now, lookup, failure(ErrorKind::unavailable, "overlay", "no answer in time"));
  }
}

std::optional<Expected<void>> OverlayLocation::update(Now now, ports::RequestId id,
                                                      const sip::LocationUpdate& update,
                                                      sip::LocationHandler& handler) {
  if (updates_.size() >= updates_max)
    return failure(ErrorKind::unavailable, "updates", "too many at once");
  const std::uint64_t token = next_token_++;
  const std::string aor(update.aor);
  const auto published =
      update.bindings.empty()
          ? registrations_.withdraw(now, aor, token)
          : registrations_.publish(now, aor, now.wall + std::chrono::seconds(update.lifetime_s),
                                   token);
  if (!published) return Failure(published.error());

  const ports::RequestId request = outbox_.next_request_id();
  on_disk_.emplace(request, token);
  updates_.emplace(token, Update{id, &handler, true, !*published, {}});
  write_bindings(now, request, aor, update.bindings, update.lazy);
  return std::nullopt;
}

void OverlayLocation::write_bindings(Now now, ports::RequestId id, const std::string& aor,
                                     std::span<const sip::Binding> bindings, bool lazy) {
  ports::PersistRequest request{id, {}, lazy};
  ports::PersistWrite write{ports::PersistSpace::bindings, to_bytes(as_bytes(aor)), std::nullopt};
  if (!bindings.empty()) write.value = encode_bindings(now, bindings);
  request.writes.push_back(std::move(write));
  outbox_.persist(std::move(request));
}

void OverlayLocation::restored(Now now, const std::string& aor,
                               std::span<const sip::Binding> before,
                               std::span<const sip::Binding> kept) {
  const auto last_of = [&](std::span<const sip::Binding> bindings) {
    MonotonicTime last = MonotonicTime::min();
    for (const sip::Binding& binding : bindings)
      last = std::max(last, binding.expires);
    return now.wall + std::chrono::ceil<std::chrono::milliseconds>(last - now.monotonic);
  };
  if (before.empty()) return;
  // Nobody waits for it, and above the limit of users the registrar refuses the bindings as well.
  if (kept.empty()) {
    static_cast<void>(registrations_.withdraw(now, aor, 0, last_of(before) + published_longer));
  } else {
    static_cast<void>(registrations_.publish(now, aor, last_of(kept), 0));
  }
  if (kept.size() == before.size()) return;
  write_bindings(now, outbox_.next_request_id(), aor, kept, true);
}

bool OverlayLocation::handle_completion(Now now, const ports::PersistCompletion& completion) {
  const auto place = on_disk_.find(completion.id);
  if (place == on_disk_.end()) return false;
  const std::uint64_t token = place->second;
  on_disk_.erase(place);
  settle(now, token, true, completion.result);
  return true;
}

void OverlayLocation::on_registration_published(Now now, std::uint64_t token,
                                                const Expected<void>& result) {
  settle(now, token, false, result);
}

void OverlayLocation::settle(Now now, std::uint64_t token, bool disk,
                             const Expected<void>& result) {
  const auto place = updates_.find(token);
  if (place == updates_.end()) return;
  Update& update = place->second;
  (disk ? update.disk : update.overlay) = false;
  update.result = merged(update.result, result);
  if (update.disk || update.overlay) return;
  const Update done = update;
  updates_.erase(place);
  done.handler->on_updated(now, done.id, done.result);
}

void OverlayLocation::count(CounterVisitor& visitor) const {
  registrations_.count(visitor);
  visitor.counter("usage_lookups", lookups_started_);
  visitor.counter("usage_lookups_failed", lookups_failed_);
  visitor.counter("usage_lookups_answered_locally", lookups_local_);
  visitor.gauge("usage_lookups_open", lookups_.size());
}

}  // namespace chordial::usage
