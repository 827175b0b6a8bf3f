// The user part of our phone-side Record-Route (RFC 5626 §5.2): which phones' flows a dialog runs
// over, sealed with what names that dialog. Each end is given its own: the callee's is bound to
// Call-ID, both names and the caller's tag, the caller's to both tags, and neither opens for the
// other end. Who shows one that opens, from where it was given out, is a party of a dialog that was
// set up through this node and needs no new proof; and the flow in it reaches a phone behind a NAT.
// Keeps no state.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sip/flow/flow.h"
#include "sip/location/own_names.h"
#include "sip/message/message.h"

namespace chordial::sip {

// What a message says of its dialog. From and To are canonical, or whole URIs that are no AOR.
struct DialogNames {
  std::string_view call_id;
  std::string from;
  std::string_view from_tag;
  std::string to;
  std::string_view to_tag;

  // Errors: malformed where one of them cannot be read. Views into the message.
  static Expected<DialogNames> of(const Message& message, const OwnNames& names);
};

// Phones of this node; the other end of a dialog may be at another one.
struct DialogFlows {
  std::optional<Flow> caller;
  std::optional<Flow> callee;

  friend bool operator==(const DialogFlows&, const DialogFlows&) = default;
};

class FlowTokens {
 public:
  // The key must be the same after a restart if dialogs shall live through it.
  FlowTokens(std::uint64_t key_low, std::uint64_t key_high)
      : key_low_(key_low), key_high_(key_high) {}

  // For a request that may begin a dialog, at least one of the flows addressed. Hexadecimal text,
  // at most 202 characters.
  [[nodiscard]] std::string for_callee(const DialogFlows& flows, const DialogNames& request) const;
  // What becomes of for_callee's token on its way back in a response with a To tag (RFC 3261 §16.7
  // step 8); nothing for anything that was not made here for this dialog.
  [[nodiscard]] std::optional<std::string> for_caller(std::string_view token,
                                                      const DialogNames& response) const;

  struct Opened {
    DialogFlows flows;
    bool by_caller = false;  // who sent the request

    [[nodiscard]] const std::optional<Flow>& near() const {
      return by_caller ? flows.caller : flows.callee;
    }
    [[nodiscard]] const std::optional<Flow>& far() const {
      return by_caller ? flows.callee : flows.caller;
    }
  };
  // Of a request inside a dialog; nothing for anything that was not given to its sender here for
  // this dialog.
  [[nodiscard]] std::optional<Opened> open(std::string_view token,
                                           const DialogNames& request) const;

 private:
  std::uint64_t key_low_;
  std::uint64_t key_high_;
};

}  // namespace chordial::sip
