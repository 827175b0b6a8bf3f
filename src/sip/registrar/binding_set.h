// One user's bindings and how a REGISTER changes them, all or nothing (RFC 3261 §10.3 steps 6 to
// 8). Values in, values out: knows no timer and nobody who waits.
#pragma once

#include <vector>

#include "base/time.h"
#include "sip/registrar/register_request.h"

namespace chordial::sip {

struct ExpiryRules {
  std::uint32_t min_s = 60;  // less is refused with 423, unless it is an hour or more
  std::uint32_t max_s = 3600;
  std::uint32_t default_s = 3600;
};

struct BindingChange {
  std::vector<Binding> bindings;  // as they are after the change
  bool changed = false;           // anything at all
  bool only_extended = false;     // nothing but expiry times, and none of them earlier than before
};

// Refusals: 423, 500 (older than what is stored: a CSeq that does not grow), 503 (too many
// bindings). `bindings` must hold no expired one.
[[nodiscard]] tl::expected<BindingChange, RegisterRefusal> apply(
    Now now, const std::vector<Binding>& bindings, const RegisterRequest& request,
    const ExpiryRules& rules);

// Takes the expired ones out; true if there was one.
bool remove_expired(Now now, std::vector<Binding>& bindings);
// When the first, or the last, of them expires; `never`, or the epoch, of none.
[[nodiscard]] MonotonicTime first_expiry(const std::vector<Binding>& bindings);
[[nodiscard]] MonotonicTime last_expiry(const std::vector<Binding>& bindings);
// Whole seconds left, rounded up.
[[nodiscard]] std::uint32_t seconds_left(Now now, MonotonicTime expires);

// The Contact value of a 200: "<uri>;…;expires=n".
[[nodiscard]] std::string contact_value(Now now, const Binding& binding);

}  // namespace chordial::sip
