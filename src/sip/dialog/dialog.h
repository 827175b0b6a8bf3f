// A dialog as one user agent keeps it (RFC 3261 §12): identity, route set, remote target and the
// sequence numbers of both sides. Values only: knows no transaction, no timer and no session.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sip/message/build.h"
#include "sip/message/message.h"

namespace chordial::sip {

inline constexpr std::size_t route_set_max = 32;

struct DialogId {
  std::string call_id;
  std::string local_tag;
  std::string remote_tag;

  friend auto operator<=>(const DialogId&, const DialogId&) = default;
};

// The dialog a request that came in belongs to, seen from this side (§12.2.2); nothing outside any
// dialog (To has no tag) or where a field cannot be read.
[[nodiscard]] std::optional<DialogId> dialog_of_request(const Message& request);
// The dialog a response to a request of ours makes or belongs to (§12.1.2, §13.2.2.4).
[[nodiscard]] std::optional<DialogId> dialog_of_response(const Message& response);
// What Replaces or Target-Dialog name, seen from this side (RFC 3891 §3): to-tag is ours.
[[nodiscard]] DialogId dialog_of_reference(const DialogReference& reference);

class Dialog {
 public:
  enum class State : std::uint8_t { early, confirmed, terminated };

  // UAS (§12.1.1): a dialog-making request, answered with `local_tag`. A missing From tag is taken
  // as empty, as of RFC 2543. Errors: malformed, not_found (no Contact), limit (route set).
  [[nodiscard]] static Expected<Dialog> as_server(const Message& request,
                                                  std::string_view local_tag, State state);
  // UAC (§12.1.2): a 101–299 response with a To tag to a request of ours.
  [[nodiscard]] static Expected<Dialog> as_client(const Message& response);

  [[nodiscard]] const DialogId& id() const { return id_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& remote_target() const { return remote_target_; }
  [[nodiscard]] const std::vector<std::string>& route_set() const { return route_set_; }
  // From value and To value of our requests.
  [[nodiscard]] const std::string& local() const { return local_; }
  [[nodiscard]] const std::string& remote() const { return remote_; }

  // UAS: our 2xx went out. UAC: confirm with the 2xx, whose Record-Route is the route set that
  // counts from now on (§13.2.2.4), and whose Contact is the target.
  void confirm() { state_ = State::confirmed; }
  [[nodiscard]] Expected<void> confirm(const Message& response);
  void terminate() { state_ = State::terminated; }

  // The next request of ours (§12.2.1.1): start line, Via, Max-Forwards, Route, From, To, Call-ID,
  // CSeq. The caller adds Contact where the method wants one, and finishes it. Not for ACK, CANCEL.
  [[nodiscard]] MessageBuilder request(Method method, std::string_view via);
  // ACK for a 2xx to the INVITE of this number (§13.2.2.4).
  [[nodiscard]] MessageBuilder ack(std::uint32_t invite_cseq, std::string_view via) const;
  // Where requests go first: the top of the route set, or the remote target.
  [[nodiscard]] std::string next_hop() const;
  [[nodiscard]] std::uint32_t local_cseq() const { return local_cseq_; }

  // A request of the other side (§12.2.2), ACK and CANCEL excepted. Notes its CSeq and, of a target
  // refresh (INVITE, UPDATE, SUBSCRIBE, NOTIFY, REFER), its Contact. Errors: conflict for a CSeq
  // that has been passed already: answer 500; malformed: answer 400.
  [[nodiscard]] Expected<void> receive(const Message& request);
  // A 2xx to a target refresh of ours moves the target (§12.2.1.2).
  void refresh_target(const Message& response);

 private:
  Dialog() = default;
  [[nodiscard]] MessageBuilder start(Method method, std::uint32_t cseq, std::string_view via) const;
  Expected<void> take_routes(const Message& message, bool reversed);

  DialogId id_;
  State state_ = State::early;
  std::string local_;
  std::string remote_;
  std::string remote_target_;
  std::vector<std::string> route_set_;
  std::uint32_t local_cseq_ = 0;
  std::optional<std::uint32_t> remote_cseq_;
};

}  // namespace chordial::sip
