#include "sim/shard_runner.h"

#include <algorithm>

namespace chordial::sim {

ShardRunner::ShardRunner(const World& world, std::vector<std::uint8_t>& acknowledged)
    : world_(world), gate_(world.scenario.threads) {
  for (unsigned i = 0; i < world.scenario.threads; ++i)
    shards_.push_back(std::make_unique<Shard>(world, i, acknowledged));
  nodes_.reserve(world.ids.size());
  for (NodeIndex index = 0; index < world.ids.size(); ++index)
    nodes_.push_back(&shards_[world.shard_of(index)]->add(index));
  for (std::size_t i = 1; i < shards_.size(); ++i)
    threads_.emplace_back([this, i] { work(i); });
}

ShardRunner::~ShardRunner() {
  stop_ = true;
  if (!threads_.empty()) gate_.pass();
}

void ShardRunner::work(std::size_t shard) {
  while (true) {
    gate_.pass();  // the window is known
    if (stop_) return;
    shards_[shard]->run_until(window_end_);
    gate_.pass();  // everybody has run
  }
}

MonotonicTime ShardRunner::lower_bound() const {
  MonotonicTime bound = never;
  for (const auto& shard : shards_)
    bound = std::min(bound, shard->lower_bound());
  return bound;
}

bool ShardRunner::worth_sharing() const {
  if (threads_.empty()) return false;
  std::size_t due = 0;
  for (const auto& shard : shards_)
    due += shard->due_before(window_end_);
  return due >= shared_events_min;
}

void ShardRunner::run_window(MonotonicTime until) {
  // Windows end where the calendars' buckets end, so that nothing is sent into an open bucket.
  const Duration width = world_.network.lookahead();
  const MonotonicTime first = std::max(now_, lower_bound());
  if (first < until) {
    const MonotonicTime edge = start_time + width * ((first - start_time) / width + 1);
    window_end_ = std::min(edge, until);
    if (worth_sharing()) {
      gate_.pass();
      shards_[0]->run_until(window_end_);
      gate_.pass();
    } else {
      for (const auto& shard : shards_)
        shard->run_until(window_end_);
    }
    now_ = window_end_;
  } else {
    now_ = until;
  }
  for (const auto& shard : shards_)
    shard->set_time(now_);
}

void ShardRunner::exchange() {
  if (shards_.size() == 1) return;
  for (const auto& to : shards_) {
    for (const auto& from : shards_)
      to->collect(*from);
  }
}

std::uint64_t ShardRunner::events() const {
  std::uint64_t sum = 0;
  for (const auto& shard : shards_)
    sum += shard->events();
  return sum;
}

bool ShardRunner::take_change() {
  bool changed = false;
  for (const auto& shard : shards_)
    changed = shard->take_change() || changed;
  return changed;
}

}  // namespace chordial::sim
