// Who may say From (design: "Who may be whom"): asked for every request that another node brings.
// Phones are not asked about here; they prove themselves by digest.
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "sip/flow/flow.h"
#include "sip/message/message.h"

namespace chordial::sip {

class AdmissionPolicy {
 public:
  virtual ~AdmissionPolicy() = default;

  // May this From come over this flow (tunnel, application, link)? `from_aor` is canonical, or the
  // whole URI where it is no sip or sips URI. Any error is answered 403.
  [[nodiscard]] virtual Expected<void> admit(Now now, const Message& request, const Flow& flow,
                                             std::string_view from_aor) const = 0;
};

}  // namespace chordial::sip
