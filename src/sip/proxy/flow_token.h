// The user part of our phone-side Record-Route (RFC 5626 §5.2): which phones' flows a dialog runs
// over, sealed with the dialog's Call-ID and the two names in From and To. Who shows a token that
// opens is a party of a dialog that was set up through this node, and needs no new proof; and the
// flow in it reaches a phone behind a NAT. Keeps no state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/flow/flow.h"
#include "sip/location/own_names.h"
#include "sip/message/message.h"

namespace chordial::sip {

// What a token is bound to besides its flows: Call-ID and both names, in one order for requests of
// both directions. Errors: malformed where one of them cannot be read.
[[nodiscard]] Expected<std::string> dialog_binding(const Message& request, const OwnNames& names);

class FlowTokens {
 public:
  // The key must be the same after a restart if dialogs shall live through it.
  FlowTokens(std::uint64_t key_low, std::uint64_t key_high)
      : key_low_(key_low), key_high_(key_high) {}

  // One or two addressed flows. Hexadecimal text, at most 200 characters.
  [[nodiscard]] std::string seal(const std::vector<Flow>& flows, std::string_view binding) const;
  // Nothing for anything that was not sealed here for this dialog.
  [[nodiscard]] std::optional<std::vector<Flow>> open(std::string_view token,
                                                      std::string_view binding) const;

 private:
  std::uint64_t key_low_;
  std::uint64_t key_high_;
};

}  // namespace chordial::sip
