// The users whose home a simulated node is, registered in the overlay by the code that a real node
// uses. Knows no network.
#pragma once

#include "sim/world.h"
#include "usage/sip/own_registrations.h"

namespace chordial::sim {

class NodeUsers final : public usage::UserSigners,
                        public usage::OwnRegistrationsHandler,
                        private TimerHandler {
 public:
  // All outlive it. `acknowledged` has one byte for each user of the world.
  NodeUsers(const World& world, NodeIndex node, overlay::Peer& peer, TimerQueue& timers, Rng& rng,
            crypto::mock::SignatureCost& cost, std::vector<std::uint8_t>& acknowledged);

  // Registers all of them after a pause drawn from [0, within).
  void register_all(Now now, Duration within);
  void recheck(Now now) { registrations_.recheck(now); }

  crypto::Signer* signer_of(std::string_view aor) override;
  void on_registration_published(Now now, std::uint64_t token,
                                 const Expected<void>& result) override;

 private:
  void on_timer(Now now, std::uint32_t id) override;

  const World& world_;
  TimerQueue& timers_;
  Rng& rng_;
  std::vector<std::uint8_t>& acknowledged_;
  UserIndex first_;
  std::vector<crypto::mock::MockSigner> signers_;
  usage::OwnRegistrations registrations_;
  Timer timer_;  // the next attempt for those not yet acknowledged
};

}  // namespace chordial::sim
