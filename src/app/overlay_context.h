// From a configuration document to what a running peer shares (overlay::SharedContext).
#pragma once

#include <memory>

#include "configuration/document.h"
#include "overlay/shared_context.h"
#include "usage/sip/registration_rule.h"

namespace chordial::app {

// One document's context with what it points to.
struct OverlayContext {
  configuration::OverlayConfiguration configuration;
  std::vector<usage::RegistrationRule> rules;
  storage::KindTable kinds;
  overlay::SharedContext shared;
};

// `document`: the whole file, as ConfigUpdate sends it. Errors: unsupported (topology plugin, ICE),
// invalid (a domain pattern).
[[nodiscard]] Expected<std::unique_ptr<OverlayContext>> make_overlay_context(
    const configuration::OverlayConfiguration& configuration, Bytes document,
    crypto::CertificateStore& certificates, crypto::Verifier& verifier);

}  // namespace chordial::app
