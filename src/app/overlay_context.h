// From a configuration document to what a running peer shares (overlay::SharedContext), and the
// keeper that puts a newer document in its place (RFC 6940 §6.5.4).
#pragma once

#include <functional>
#include <memory>

#include "configuration/document.h"
#include "crypto/openssl/key_verifier.h"
#include "crypto/openssl/store.h"
#include "overlay/peer.h"
#include "ports/persist.h"
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

class ConfigurationKeeper final : public overlay::ConfigurationHandler {
 public:
  // Called with the new context once a newer document has been accepted; and with the document to
  // keep it.
  using Adopt = std::function<void(Now, const overlay::SharedContext&, ByteView document)>;

  ConfigurationKeeper(std::unique_ptr<OverlayContext> current, crypto::openssl::Store& store,
                      crypto::openssl::KeyVerifier& verifier)
      : current_(std::move(current)), store_(store), verifier_(verifier) {}
  void set_adopt(Adopt adopt) { adopt_ = std::move(adopt); }

  [[nodiscard]] const OverlayContext& current() const { return *current_; }

  [[nodiscard]] Expected<void> on_configuration(Now now, ByteView document) override;
  [[nodiscard]] Expected<void> on_kinds(Now now, const std::vector<ByteView>& kinds) override;

 private:
  std::unique_ptr<OverlayContext> current_;
  std::vector<std::unique_ptr<OverlayContext>>
      former_;  // the plugin still refers to its parameters
  crypto::openssl::Store& store_;
  crypto::openssl::KeyVerifier& verifier_;
  Adopt adopt_;
};

}  // namespace chordial::app
