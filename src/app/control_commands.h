// What a running node answers on its control socket: one JSON request in, one JSON reply out, at
// once or when the overlay has answered. Requests: {"command": "status"}, {"command": "lookup",
// "arguments": ["sip:bob@…"]}. Replies: {"ok": true, "result": …} or {"ok": false, "error": "…"},
// with "wrong_usage": true where the arguments could never be right.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "node/node.h"

namespace chordial::app {

inline constexpr std::size_t control_request_bytes_max = 65536;

// What the node itself does not know.
struct ControlSurroundings {
  std::vector<node::Problem> problems;                        // for `status`
  std::function<void(CounterVisitor&)> count = nullptr;       // for `counters`
  std::function<void(node::NodeStatus&)> describe = nullptr;  // what changes, for `status`
};

class ControlCommands final : private overlay::UsageHandler {
 public:
  using Reply = std::function<void(std::string)>;
  static constexpr std::size_t open_max = 64;  // commands that wait for the overlay

  explicit ControlCommands(node::Node& node, ControlSurroundings surroundings = {})
      : node_(node), surroundings_(std::move(surroundings)) {}
  ~ControlCommands();

  // Calls `reply` exactly once, unless this is destroyed before.
  void handle(Now now, std::string_view request, Reply reply);

 private:
  struct Open {
    Reply reply;
    std::string name;  // what was asked for, as the user wrote it
    ResourceId resource{};
    std::uint32_t kind = 0;  // of a Fetch
    bool lookup = false;     // a Fetch that asks where a user is
  };

  void start(Now now, const std::string& command, const std::vector<std::string>& arguments,
             Reply reply);
  void start_lookup(Now now, const std::string& aor, Reply reply);
  void start_ping(Now now, const std::string& target, Reply reply);
  void start_store(Now now, const std::vector<std::string>& arguments, Reply reply);
  void start_fetch(Now now, const std::vector<std::string>& arguments, Reply reply);
  [[nodiscard]] std::string aor_of(const std::string& text) const;
  void start_fetch(Now now, Open open);
  template <class T>
  [[nodiscard]] std::string failed(const overlay::Outcome<T>& outcome) const;
  [[nodiscard]] Open take(overlay::RequestId id);

  void on_stored(Now now, overlay::RequestId id,
                 const overlay::Outcome<overlay::Stored>& outcome) override;
  void on_fetched(Now now, overlay::RequestId id,
                  const overlay::Outcome<overlay::Fetched>& outcome) override;
  void on_pinged(Now now, overlay::RequestId id,
                 const overlay::Outcome<overlay::Pinged>& outcome) override;

  node::Node& node_;
  ControlSurroundings surroundings_;
  std::map<overlay::RequestId, Open> open_;
};

}  // namespace chordial::app
