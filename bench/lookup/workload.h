// A row of stores or fetches by one member, so many of them outstanding at a time, each outcome
// checked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lookup/cluster.h"

namespace chordial::bench {

enum class Operation : std::uint8_t { store, fetch, miss };

struct Task {
  Operation operation = Operation::store;
  std::string prefix;  // of the resource names: the same names are stored and fetched
  NodeId writer;       // who has stored, or stores
  std::size_t count = 0;
  std::size_t concurrency = 1;
  std::size_t value_bytes = 200;
};

struct Outcome {
  std::size_t succeeded = 0;
  std::vector<double> latencies_ms;  // sorted; of those that succeeded
  double hops = 0;                   // links the answer crossed, on average
  double seconds = 0;
  std::string first_failure;
};

class Workload final : private overlay::UsageHandler {
 public:
  explicit Workload(Member& member) : member_(member) {}

  [[nodiscard]] Outcome run(const Task& task);

 private:
  struct Begun {
    std::size_t index;
    MonotonicTime at;
  };

  void on_stored(Now now, overlay::RequestId id,
                 const overlay::Outcome<overlay::Stored>& result) override;
  void on_fetched(Now now, overlay::RequestId id,
                  const overlay::Outcome<overlay::Fetched>& result) override;
  void begin_next(Now now, node::Node& node);
  // Empty `failure` where it went well.
  void ended(Now now, overlay::RequestId id, const overlay::Answerer* by, std::string failure);
  [[nodiscard]] std::string judge(std::size_t index, const overlay::Fetched& fetched) const;

  Member& member_;
  node::Node* node_ = nullptr;  // on the member's thread only
  Task task_;
  Outcome outcome_;
  std::size_t begun_count_ = 0;
  std::size_t ended_count_ = 0;
  std::size_t hops_ = 0;
  std::map<overlay::RequestId, Begun> begun_;
  std::promise<void> done_;
};

}  // namespace chordial::bench
