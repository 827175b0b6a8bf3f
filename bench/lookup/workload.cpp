#include "lookup/workload.h"

#include <algorithm>

#include "driver/clock.h"
#include "storage/resource_name.h"

namespace chordial::bench {

namespace {

constexpr std::uint32_t lifetime_s = 3600;

std::string name_of(const Task& task, std::size_t index) {
  return task.prefix + std::to_string(index);
}

// Different for each resource, so that nobody's value passes for another's.
Bytes value_at(const Task& task, std::size_t index) {
  Bytes value(task.value_bytes, 'x');
  const std::string name = name_of(task, index);
  std::copy_n(name.begin(), std::min(name.size(), value.size()), value.begin());
  return value;
}

std::string reason_of(const overlay::RequestFailure& failure) {
  return failure.error.text() + " (RELOAD error " + std::to_string(failure.reload_code) + ")";
}

}  // namespace

Outcome Workload::run(const Task& task) {
  task_ = task;
  outcome_ = {};
  begun_count_ = ended_count_ = hops_ = 0;
  done_ = {};
  const MonotonicTime begun = driver::system_now().monotonic;
  member_.ask([this](Now now, node::Node& node) {
    node_ = &node;
    const std::size_t first = std::min(task_.concurrency, task_.count);
    for (std::size_t i = 0; i < first; ++i)
      begin_next(now, node);
  });
  done_.get_future().wait();
  const Duration taken = driver::system_now().monotonic - begun;
  outcome_.seconds = static_cast<double>(taken.count()) / 1e6;
  outcome_.hops = static_cast<double>(hops_) /
                  static_cast<double>(std::max<std::size_t>(outcome_.succeeded, 1));
  std::sort(outcome_.latencies_ms.begin(), outcome_.latencies_ms.end());
  return outcome_;
}

void Workload::begin_next(Now, node::Node& node) {
  const std::size_t index = begun_count_++;
  const ResourceId resource = storage::resource_id_of(name_of(task_, index));
  const Now now = driver::system_now();
  overlay::RequestId id{};
  if (task_.operation == Operation::store) {
    overlay::Store request;
    request.resource = resource;
    request.kind = lookup_kind;
    request.lifetime_s = lifetime_s;
    overlay::Value value;
    value.key = to_bytes(task_.writer.bytes());
    value.value = value_at(task_, index);
    request.values.push_back(std::move(value));
    id = node.peer().store(now, request, nullptr, *this);
  } else {
    overlay::Fetch request;
    request.resource = resource;
    request.kind = lookup_kind;
    id = node.peer().fetch(now, request, *this);
  }
  begun_.emplace(id, Begun{index, now.monotonic});
}

void Workload::on_stored(Now now, overlay::RequestId id,
                         const overlay::Outcome<overlay::Stored>& result) {
  ended(now, id, result ? &result->by : nullptr, result ? "" : reason_of(result.error()));
}

void Workload::on_fetched(Now now, overlay::RequestId id,
                          const overlay::Outcome<overlay::Fetched>& result) {
  if (!result) return ended(now, id, nullptr, reason_of(result.error()));
  ended(now, id, &result->by, judge(begun_.at(id).index, *result));
}

// A value that came is one that the peer has proven: signature, certificate and access control.
std::string Workload::judge(std::size_t index, const overlay::Fetched& fetched) const {
  std::size_t existing = 0;
  for (const overlay::FetchedValue& value : fetched.values) {
    if (!value.exists) continue;
    ++existing;
    const crypto::Certificate* signer = node_->peer().context().certificates->find(value.signer);
    if (signer == nullptr || !crypto::names_node(*signer, task_.writer)) {
      return "signed by somebody else";
    }
    if (value.value != value_at(task_, index)) return "not the value that was stored";
  }
  if (fetched.rejected > 0) return "a value was rejected";
  if (task_.operation == Operation::miss) return existing == 0 ? "" : "found what nobody stored";
  return existing == 1 ? "" : std::to_string(existing) + " values in place of one";
}

void Workload::ended(Now now, overlay::RequestId id, const overlay::Answerer* by,
                     std::string failure) {
  const auto at = begun_.find(id);
  const Duration taken = driver::system_now().monotonic - at->second.at;
  begun_.erase(at);
  if (failure.empty()) {
    ++outcome_.succeeded;
    outcome_.latencies_ms.push_back(static_cast<double>(taken.count()) / 1e3);
    hops_ += by->hops;
  } else if (outcome_.first_failure.empty()) {
    outcome_.first_failure = std::move(failure);
  }
  ++ended_count_;
  if (begun_count_ < task_.count) begin_next(now, *node_);
  if (ended_count_ == task_.count) done_.set_value();
}

}  // namespace chordial::bench
