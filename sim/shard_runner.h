// All shards, one thread each, in windows no longer than the lookahead: within a window no shard
// can hear of what another one does. Between windows one thread has everything for itself.
#pragma once

#include <memory>
#include <thread>

#include "sim/gate.h"
#include "sim/shard.h"

namespace chordial::sim {

class ShardRunner {
 public:
  // World and acknowledgements outlive it.
  ShardRunner(const World& world, std::vector<std::uint8_t>& acknowledged);
  ~ShardRunner();
  ShardRunner(const ShardRunner&) = delete;
  ShardRunner& operator=(const ShardRunner&) = delete;

  // Lets time go on to the end of one window, to `until` at most; over a time in which nothing
  // happens it goes at once.
  void run_window(MonotonicTime until);
  // Hands over what was sent from one shard to another; also after nodes were touched from outside.
  void exchange();

  [[nodiscard]] Now now() const { return world_.at(now_); }
  // By index.
  [[nodiscard]] std::vector<Node*>& nodes() { return nodes_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Shard>>& shards() const { return shards_; }
  [[nodiscard]] std::uint64_t events() const;
  [[nodiscard]] bool take_change();

 private:
  // Windows with fewer events than this are not worth waking anybody.
  static constexpr std::size_t shared_events_min = 32;

  void work(std::size_t shard);
  [[nodiscard]] bool worth_sharing() const;
  [[nodiscard]] MonotonicTime lower_bound() const;

  const World& world_;
  MonotonicTime now_ = start_time;
  MonotonicTime window_end_ = start_time;
  bool stop_ = false;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Node*> nodes_;
  Gate gate_;
  std::vector<std::jthread> threads_;  // of all shards but the first
};

}  // namespace chordial::sim
