// The overlay as a location service (RFC 7904 §4): looks a user up among this node's phones and in
// the overlay, and tells disk and overlay when a phone has come or gone. Knows no SIP message.
#pragma once

#include <map>
#include <memory>

#include "ports/outbox.h"
#include "sip/location/location_service.h"
#include "usage/sip/caller_rights.h"
#include "usage/sip/own_registrations.h"

namespace chordial::usage {

class OverlayLocation final : public sip::LocationService,
                              public overlay::UsageHandler,
                              public OwnRegistrationsHandler,
                              public TimerHandler {
 public:
  static constexpr std::size_t lookups_max = overlay::usage_requests_max;
  // They wait for disk and overlay, but take their turn there.
  static constexpr std::size_t updates_max = 16384;

  // `overlay` is the only name space whose users are looked up (RFC 7904 §3.4). All references
  // outlive it.
  OverlayLocation(std::string overlay, overlay::Peer& peer, ports::Outbox& outbox,
                  TimerQueue& timers, Rng& rng, UserSigners& signers, CallerRights& rights);
  ~OverlayLocation() override;
  // Before the first call of anything else; the registrar, which outlives this.
  void set_local_bindings(const sip::LocalBindings& local) { local_ = &local; }

  // A user known by his address alone is remembered as long as this node has a key or a phone of
  // his.
  [[nodiscard]] std::optional<Expected<sip::Located>> lookup(
      Now now, ports::RequestId id, const sip::LookupQuery& query,
      sip::LocationHandler& handler) override;
  [[nodiscard]] std::optional<Expected<void>> update(Now now, ports::RequestId id,
                                                     const sip::LocationUpdate& update,
                                                     sip::LocationHandler& handler) override;

  // After a restart: `kept` is left of the user's bindings `before`, as the disk has them. The
  // overlay is told again that the user is here, or that he is not; and the disk, where any is
  // gone.
  void restored(Now now, const std::string& aor, std::span<const sip::Binding> before,
                std::span<const sip::Binding> kept);
  // The disk has answered; false: not a request of ours.
  bool handle_completion(Now now, const ports::PersistCompletion& completion);
  // Neighbours or phase have changed.
  void recheck(Now now) { registrations_.recheck(now); }
  [[nodiscard]] std::size_t published() const { return registrations_.published(); }
  void count(CounterVisitor& visitor) const;

  void on_fetched(Now now, overlay::RequestId id,
                  const overlay::Outcome<overlay::Fetched>& outcome) override;
  void on_registration_published(Now now, std::uint64_t token,
                                 const Expected<void>& result) override;
  void on_timer(Now now, std::uint32_t id) override;

 private:
  struct Lookup {
    ports::RequestId id;
    sip::LocationHandler* handler;
    std::string aor;
    MonotonicTime
        local_deadline;  // when the phones here are answered without the overlay; or never
  };
  // Waits for the disk, the overlay, or both.
  struct Update {
    ports::RequestId id;
    sip::LocationHandler* handler;
    bool disk = false;
    bool overlay = false;
    Expected<void> result;
  };

  [[nodiscard]] sip::Located local_contacts(Now now, std::string_view aor) const;
  [[nodiscard]] bool overlay_in_reach() const;
  void write_bindings(Now now, ports::RequestId id, const std::string& aor,
                      std::span<const sip::Binding> bindings, bool lazy);
  void answer(Now now, const Lookup& lookup, const Expected<overlay::Fetched>& fetched);
  void settle(Now now, std::uint64_t token, bool disk, const Expected<void>& result);

  std::string overlay_;
  overlay::Peer& peer_;
  ports::Outbox& outbox_;
  TimerQueue& timers_;
  CallerRights& rights_;
  const sip::LocalBindings* local_ = nullptr;
  OwnRegistrations registrations_;
  Timer timer_;
  std::map<overlay::RequestId, Lookup> lookups_;
  std::map<std::uint64_t, Update> updates_;
  std::map<ports::RequestId, std::uint64_t> on_disk_;  // persist request -> token
  std::uint64_t next_token_ = 1;
  std::uint64_t lookups_started_ = 0, lookups_failed_ = 0, lookups_local_ = 0;
};

}  // namespace chordial::usage
