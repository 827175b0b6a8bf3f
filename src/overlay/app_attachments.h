// AppAttach (RFC 6940 §6.5.2): requests of others that wait for this node's candidates, and the
// conversion between usages' values and the wire.
#pragma once

#include <string_view>
#include <vector>

#include "overlay/requests.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core;

class AppAttachments {
 public:
  static constexpr std::size_t pending_max = 64;
  static constexpr Duration answer_limit{15'000'000};

  explicit AppAttachments(Core& core) : core_(core) {}

  void on_request(Now now, transport::Request& request);
  void answer(Now now, AppAttachId id, const Expected<AppAttach>& answer);
  void on_timer(Now now);
  [[nodiscard]] MonotonicTime next_timer() const;
  [[nodiscard]] std::size_t memory_bytes() const { return pending_.capacity() * sizeof(Pending); }

 private:
  struct Pending {
    AppAttachId id;
    transport::ReplyTo reply;
    MonotonicTime deadline;
  };

  Core& core_;
  std::vector<Pending> pending_;
};

[[nodiscard]] Bytes encode_app_attach(const AppAttach& attach, std::string_view role, bool no_ice);
// Errors: malformed, truncated, limit (candidates_max).
[[nodiscard]] Expected<AppAttach> decode_app_attach(const wire::MessageContents& contents);

}  // namespace chordial::overlay
