// Signed stores and fetches over real DTLS links on the loopback, in lines that have the shape of
// bench/lookup.py's other programs: one overlay of whole nodes in this process, one member more
// that stores and another that fetches.
//
//   lookup [--nodes 20] [--operations 500] [--value-bytes 200] [--warm 15] [--base-port 22000]
//          [--update-interval 600] [--fingers 16] [--successors 8]
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>

#include "driver/clock.h"
#include "lookup/process_usage.h"
#include "lookup/workload.h"

namespace chordial::bench {
namespace {

class Options {
 public:
  Options(int count, char** arguments) {
    for (int i = 1; i < count; ++i) {
      const std::string_view key = arguments[i];
      const auto at = values_.find(key);
      if (at == values_.end() || i + 1 == count) give_up("no such option: " + std::string(key));
      const std::string_view text = arguments[++i];
      const auto read = std::from_chars(text.data(), text.data() + text.size(), at->second);
      if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
        give_up(std::string(key) + " wants a number");
      }
    }
  }
  [[nodiscard]] unsigned at(std::string_view key) const { return values_.find(key)->second; }

 private:
  std::map<std::string_view, unsigned> values_ = {
      {"--nodes", 20},   {"--operations", 500},  {"--value-bytes", 200},
      {"--warm", 15},    {"--base-port", 22000}, {"--update-interval", 600},
      {"--fingers", 16}, {"--successors", 8},
  };
};

double percentile(const std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(static_cast<double>(sorted.size()) * part);
  return sorted[std::min(at, sorted.size() - 1)];
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

template <class... Values>
std::string text(const char* format, Values... values) {
  char line[512];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

void form(Cluster& cluster, std::size_t nodes, unsigned warm_s) {
  const std::uint64_t pss = process_pss_bytes();
  const std::uint64_t cpu = process_cpu_ns();
  const MonotonicTime begun = driver::system_now().monotonic;
  std::vector<double> joins;
  for (std::size_t i = 0; i < nodes; ++i) {
    const Duration taken = cluster.add();
    if (i > 0) joins.push_back(static_cast<double>(taken.count()) / 1e3);
  }
  const Duration all = driver::system_now().monotonic - begun;
  cluster.settle(std::chrono::seconds(120));
  std::this_thread::sleep_for(std::chrono::seconds(warm_s));
  std::sort(joins.begin(), joins.end());
  const auto n = static_cast<double>(nodes);
  say(text(
      "chordial cluster n=%zu join_ms p50=%.1f p99=%.1f total_s=%.2f cpu_ms_per_join=%.2f "
      "pss_kb_per_node=%.0f links_per_node=%.1f",
      nodes, percentile(joins, 0.5), percentile(joins, 0.99),
      static_cast<double>(all.count()) / 1e6, static_cast<double>(process_cpu_ns() - cpu) / 1e6 / n,
      static_cast<double>(process_pss_bytes() - pss) / 1024 / n, cluster.links_per_node()));
}

void measure_background() {
  constexpr double seconds = 3;
  const std::uint64_t cpu = process_cpu_ns();
  const std::uint64_t sent = udp_datagrams_sent();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  say(text("chordial background cpu_us_per_s_all=%.0f udp_datagrams_per_s_all=%.0f",
           static_cast<double>(process_cpu_ns() - cpu) / 1e3 / seconds,
           static_cast<double>(udp_datagrams_sent() - sent) / seconds));
}

// One line for the row, and, where cryptography is timed, one more for its share.
void measure(Cluster& cluster, Member& member, const char* name, const Task& task, bool timed) {
  cluster.time_cryptography(timed);
  const CryptoAccount crypto_before = cluster.crypto();
  const std::uint64_t cpu_before = process_cpu_ns();
  const std::uint64_t sent_before = udp_datagrams_sent();
  const Outcome outcome = Workload(member).run(task);
  const std::uint64_t cpu = process_cpu_ns() - cpu_before;
  const std::uint64_t sent = udp_datagrams_sent() - sent_before;
  CryptoAccount crypto = cluster.crypto();
  crypto -= crypto_before;
  cluster.time_cryptography(false);

  const double n = static_cast<double>(std::max<std::size_t>(outcome.succeeded, 1));
  const auto& ms = outcome.latencies_ms;
  if (!timed) {
    say(
        text("chordial %s n=%zu ok=%zu conc=%zu rate=%.0f/s ms p50=%.3f p90=%.3f p99=%.3f "
             "cpu_us_per_op_all_nodes=%.0f udp_datagrams_per_op=%.1f hops=%.2f",
             name, task.count, outcome.succeeded, task.concurrency, n / outcome.seconds,
             percentile(ms, 0.5), percentile(ms, 0.9), percentile(ms, 0.99),
             static_cast<double>(cpu) / 1e3 / n, static_cast<double>(sent) / n, outcome.hops));
  } else {
    std::string line = text("chordial cryptography %s conc=%zu", name, task.concurrency);
    for (std::size_t i = 0; i < crypto_works; ++i) {
      const char* work = crypto_work_name(static_cast<CryptoWork>(i));
      line += text(" %s_per_op=%.2f %s_us_per_op=%.1f", work,
                   static_cast<double>(crypto.operations[i]) / n, work,
                   static_cast<double>(crypto.nanoseconds[i]) / 1e3 / n);
    }
    line += text(" us_per_op=%.1f of_cpu_us_per_op=%.1f share=%.2f",
                 static_cast<double>(crypto.total_nanoseconds()) / 1e3 / n,
                 static_cast<double>(cpu) / 1e3 / n,
                 static_cast<double>(crypto.total_nanoseconds()) / static_cast<double>(cpu));
    say(line);
  }
  if (outcome.succeeded != task.count) {
    say(text("chordial failed %s: %s", name, outcome.first_failure.c_str()));
  }
}

int run(int count, char** arguments) {
  const Options options(count, arguments);
  OverlayOptions overlay;
  overlay.base_port = static_cast<std::uint16_t>(options.at("--base-port"));
  overlay.topology.update_interval_s = options.at("--update-interval");
  overlay.topology.fingers = static_cast<std::uint8_t>(options.at("--fingers"));
  overlay.topology.successors = static_cast<std::uint8_t>(options.at("--successors"));
  Cluster cluster(overlay);
  form(cluster, options.at("--nodes") + 2, options.at("--warm"));
  Member& writer = cluster.at(cluster.size() - 2);
  Member& reader = cluster.at(cluster.size() - 1);
  measure_background();

  Task task;
  task.writer = writer.id();
  task.value_bytes = options.at("--value-bytes");
  const std::size_t operations = options.at("--operations");
  for (const std::size_t concurrency : {std::size_t{1}, std::size_t{16}}) {
    for (const bool timed : {false, true}) {
      task.count = concurrency == 1 || timed ? operations : 2 * operations;
      task.concurrency = concurrency;
      task.prefix = text("key-%zu-%s-", concurrency, timed ? "timed" : "free");
      task.operation = Operation::store;
      measure(cluster, writer, "store", task, timed);
      task.operation = Operation::fetch;
      measure(cluster, reader, "fetch", task, timed);
      if (timed) continue;
      task.operation = Operation::miss;
      task.prefix = "nobody-" + task.prefix;
      measure(cluster, reader, "fetch_miss", task, timed);
    }
  }
  return 0;
}

}  // namespace
}  // namespace chordial::bench

int main(int count, char** arguments) {
  return chordial::bench::run(count, arguments);
}
