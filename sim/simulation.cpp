#include "sim/simulation.h"

#include <algorithm>
#include <chrono>

#include "sim/checkers.h"
#include "sim/formation.h"
#include "sim/process_usage.h"
#include "sim/script.h"
#include "sim/shard_runner.h"

namespace chordial::sim {

namespace {

// Users register within this time after the overlay has formed; look-ups begin when it has passed
// twice, so that every registration has its replicas.
constexpr Duration register_within = std::chrono::seconds(5);
// Up to so many peers the ring is looked at after every window in which it changed.
constexpr std::uint32_t watched_closely_max = 1000;
// What was asked last is answered or given up: a request of the overlay, and one of a phone (timer
// B after a challenge, then the talk).
constexpr Duration last_answer = std::chrono::seconds(16);
constexpr Duration last_call = std::chrono::seconds(50);
constexpr Duration sample_interval = std::chrono::seconds(15);
// After the last disturbance everything must be in order again: dead links are noticed, replicas
// wait for the hold-down of Parameters::replica_hold_s, and users are looked after every minute.
constexpr Duration settle_bound = std::chrono::seconds(120);

double seconds(Duration span) {
  return std::chrono::duration<double>(span).count();
}

Duration from_seconds(double span) {
  return Duration(static_cast<std::int64_t>(span * 1e6));
}

class Simulation {
 public:
  Simulation(const Scenario& scenario, const RunOptions& options)
      : options_(options),
        world_(scenario),
        acknowledged_(scenario.workload.users),
        runner_(world_, acknowledged_),
        checkers_(world_, runner_.nodes(), results_) {}

  void run() {
    const MonotonicTime formed = form(world_, runner_, checkers_);
    const MonotonicTime begin = formed + 2 * register_within;
    const MonotonicTime end = begin + from_seconds(world_.scenario.duration_s);
    script_.at(formed, [this](Now now) {
      for (Node* node : runner_.nodes())
        node->begin_registering(now, register_within);
    });
    script_.at(begin, [this, end](Now now) {
      traffic_before_ = traffic();
      keepalives_before_ = keepalives(now);
      for (Node* node : runner_.nodes())
        node->begin_work(now, end);
    });
    plan_faults(begin);
    for (MonotonicTime at = formed; at < end; at += sample_interval)
      script_.at(at, [this](Now now) { sample(now); });
    advance(end);
    // What is under way may come to its end; nothing new is asked.
    const Now last = world_.at(end);
    measure(last, seconds(end - begin));
    advance(end + (world_.scenario.node == NodeFidelity::whole ? last_call : last_answer));
    finish(runner_.now());
  }

  Results results_;

 private:
  void advance(MonotonicTime end) {
    while (runner_.now().monotonic < end) {
      runner_.run_window(std::min(end, script_.next()));
      if (world_.scenario.overlay.peers <= watched_closely_max && runner_.take_change()) {
        checkers_.watch(runner_.now());
      }
      while (script_.next() <= runner_.now().monotonic)
        script_.perform(runner_.now());
      runner_.exchange();
    }
  }

  void sample(Now now) {
    checkers_.watch(now);
    if (options_.progress) {
      options_.progress(seconds(now.monotonic - start_time), runner_.events());
    }
  }

  void plan_faults(MonotonicTime begin) {
    Rng rng(world_.scenario.seed, 0x6661756c74);
    for (const Fault& fault : world_.scenario.faults) {
      const MonotonicTime at = begin + from_seconds(fault.at_s);
      const MonotonicTime heal = fault.heal_at_s ? begin + from_seconds(*fault.heal_at_s) : never;
      if (fault.kind == FaultKind::partition) {
        script_.at(at, [this, fault](Now now) { set_groups(now, fault.groups); });
        if (heal != never) script_.at(heal, [this](Now now) { set_groups(now, 1); });
        continue;
      }
      std::vector<NodeIndex> struck;
      for (NodeIndex node = 0; node < world_.scenario.overlay.peers; ++node) {
        if (rng.fraction() < fault.fraction) struck.push_back(node);
      }
      script_.at(at, [this, struck](Now) {
        for (const NodeIndex node : struck)
          runner_.nodes()[node]->kill();
      });
      if (heal == never) continue;
      script_.at(heal, [this, struck](Now now) {
        for (const NodeIndex index : struck) {
          Node& node = *runner_.nodes()[index];
          if (node.alive()) continue;
          node.boot(now, nullptr, node.draw_bootstrap(), false);
          node.start(now);
        }
      });
    }
  }

  void set_groups(Now now, std::uint32_t groups) {
    world_.network.set_groups(groups);
    for (Node* node : runner_.nodes()) {
      if (groups > 1 && node->alive()) node->note_cut();
    }
    checkers_.set_cut(now, groups > 1);
  }

  Traffic traffic() {
    Traffic sum;
    for (const auto& shard : runner_.shards())
      sum.add(shard->traffic());
    return sum;
  }
  std::uint64_t keepalives(Now now) {
    std::uint64_t sum = 0;
    for (const Node* node : runner_.nodes())
      sum += node->keepalives(now);
    return sum;
  }

  void measure(Now now, double span_s) {
    const double scale = 8 / span_s / world_.scenario.overlay.peers;
    const Traffic after = traffic();
    results_.maintenance_bps =
        static_cast<double>(after.maintenance_bytes - traffic_before_.maintenance_bytes) * scale;
    // Both ends count a link's keepalives, and one of them sends.
    const std::uint64_t sent = (keepalives(now) - keepalives_before_) / 2;
    results_.keepalive_bps = static_cast<double>(sent * keepalive_bytes) * scale;
  }

  void finish(Now now) {
    MonotonicTime disturbed = checkers_.whole_since();
    OutcomeLog lookups;
    SipLog sip;
    for (const auto& shard : runner_.shards()) {
      disturbed = std::max(disturbed, shard->disturbed());
      lookups.add(shard->lookups());
      sip.add(shard->sip());
    }
    if (disturbed != never && now.monotonic - disturbed >= settle_bound) {
      checkers_.check_settled(now, acknowledged_);
    }
    results_.lookups = lookups.counts();
    results_.hops = lookups.hops();
    results_.latency_ms = lookups.latency_ms();
    results_.forged_accepted = lookups.forged_accepted();
    results_.calls = sip.calls.counts();
    results_.call_setup_ms = sip.calls.latency_ms();
    results_.calls_ended = sip.hung_up;
    results_.messages = sip.messages.counts();
    if (sip.misdelivered > 0) {
      checkers_.report(now, "misdelivered", "",
                       std::to_string(sip.misdelivered) + " requests reached the wrong phone");
    }
    for (UserIndex user = 0; user < acknowledged_.size(); ++user) {
      if (acknowledged_[user] == 0) continue;
      ++results_.registrations_acknowledged;
      if (checkers_.copies_of(user) == 0) ++results_.registrations_lost;
    }
    TraceSum sum;
    for (const Node* node : runner_.nodes())
      sum.add(node->trace());
    results_.trace_sha256 = sum.hex();
    results_.events = runner_.events();
    results_.simulated_s = seconds(now.monotonic - start_time);
    // Measured while everything is still there.
    results_.bytes_per_peer = process_usage().rss_bytes;
  }

  const RunOptions& options_;
  World world_;
  std::vector<std::uint8_t> acknowledged_;
  ShardRunner runner_;
  Checkers checkers_;
  Script script_;
  Traffic traffic_before_;
  std::uint64_t keepalives_before_ = 0;
};

}  // namespace

Results run(const Scenario& scenario, const std::string& command, const RunOptions& options) {
  const ProcessUsage before = process_usage();
  const auto began = std::chrono::steady_clock::now();
  Results results;
  {
    Simulation simulation(scenario, options);
    simulation.run();
    results = std::move(simulation.results_);
  }
  const ProcessUsage after = process_usage();
  results.scenario = scenario.name;
  results.seed = scenario.seed;
  results.peers = scenario.overlay.peers;
  results.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  results.cpu_s = after.cpu_s - before.cpu_s;
  results.speedup = results.simulated_s / results.wall_s;
  results.rss_peak_bytes = after.rss_peak_bytes;
  results.bytes_per_peer =
      results.bytes_per_peer > before.rss_bytes
          ? (results.bytes_per_peer - before.rss_bytes) / scenario.overlay.peers
          : 0;
  results.replay_command = command + " --seed " + std::to_string(scenario.seed) + " --threads " +
                           std::to_string(scenario.threads);
  return results;
}

}  // namespace chordial::sim
