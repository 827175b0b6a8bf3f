#include "sim/node_users.h"

namespace chordial::sim {

namespace {

constexpr Duration attempt_interval = std::chrono::seconds(5);
constexpr std::int64_t registered_for_s = 24 * 3600;

}  // namespace

NodeUsers::NodeUsers(const World& world, NodeIndex node, overlay::Peer& peer, TimerQueue& timers,
                     Rng& rng, crypto::mock::SignatureCost& cost,
                     std::vector<std::uint8_t>& acknowledged)
    : world_(world),
      timers_(timers),
      rng_(rng),
      acknowledged_(acknowledged),
      first_(world.first_user(node)),
      registrations_(peer, timers, rng, *this, *this),
      timer_(*this, 0) {
  for (UserIndex user = first_; user < world.first_user(node + 1); ++user)
    signers_.emplace_back(world.authority, *world.user_certificates[user], cost);
}

void NodeUsers::register_all(Now now, Duration within) {
  const auto pause = rng_.below(static_cast<std::uint64_t>(within.count()) + 1);
  timers_.arm(timer_, now.monotonic + Duration(static_cast<std::int64_t>(pause)));
}

void NodeUsers::on_timer(Now now, std::uint32_t) {
  const WallTime until = start_wall + std::chrono::seconds(registered_for_s);
  bool open = false;
  for (std::size_t i = 0; i < signers_.size(); ++i) {
    const UserIndex user = first_ + static_cast<UserIndex>(i);
    const auto published =
        registrations_.publish(now, world_.aor_of(user), until, std::uint64_t{user} + 1);
    if (published && *published) {
      acknowledged_[user] = 1;
    } else {
      open = true;
    }
  }
  if (open) timers_.arm(timer_, now.monotonic + attempt_interval);
}

crypto::Signer* NodeUsers::signer_of(std::string_view aor) {
  for (std::size_t i = 0; i < signers_.size(); ++i) {
    if (world_.aor_of(first_ + static_cast<UserIndex>(i)) == aor) return &signers_[i];
  }
  return nullptr;
}

void NodeUsers::on_registration_published(Now, std::uint64_t token, const Expected<void>& result) {
  if (result) acknowledged_[token - 1] = 1;
}

}  // namespace chordial::sim
