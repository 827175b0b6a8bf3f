// A node's own facts as JSON, field by field as the contract names them. A list that would make the
// reply too long ends early; `left_out` says then how many entries are missing.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "node/node.h"

namespace chordial::app {

// Of one list in a reply.
inline constexpr std::size_t reply_entries_max = 1000;
inline constexpr std::size_t reply_list_bytes_max = std::size_t{1} << 20;

class BoundedList {
 public:
  void add(nlohmann::json entry);
  // These were not even made.
  void leave_out(std::size_t entries) { left_out_ += entries; }
  // As `name`, with `left_out` beside it where there is something to say.
  void put(nlohmann::json& into, const char* name);

 private:
  nlohmann::json entries_ = nlohmann::json::array();
  std::size_t bytes_ = 0;
  std::size_t left_out_ = 0;
  bool full_ = false;
};

[[nodiscard]] nlohmann::json status_json(Now now, const node::NodeStatus& status);
[[nodiscard]] nlohmann::json peers_json(Now now, const node::NodeStatus& status);
[[nodiscard]] nlohmann::json routes_json(const node::NodeStatus& status,
                                         const usage::SipUsage& usage);
[[nodiscard]] nlohmann::json registrations_json(Now now, const node::Node& node);
// `more`: counts of what is around the node; may be empty.
[[nodiscard]] nlohmann::json counters_json(const node::Node& node,
                                           const std::function<void(CounterVisitor&)>& more);

}  // namespace chordial::app
