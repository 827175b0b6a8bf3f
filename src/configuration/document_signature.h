// Who may say what an overlay is: signatures of configurations and Kinds, and the rule for updates
// (RFC 6940 §6.5.4.2, §11.1).
#pragma once

#include "configuration/document.h"
#include "crypto/certificate_store.h"
#include "crypto/signer.h"

namespace chordial::configuration {

// Checks one signature: its certificate chains to a root the store knows, is usable now, and names
// one of `signers`. Errors: unauthentic, unsupported (algorithm), and those of the store.
[[nodiscard]] Expected<void> verify_element(ByteView element, const SecurityBlock& block,
                                            const std::vector<NodeId>& signers,
                                            crypto::CertificateStore& store,
                                            crypto::Verifier& verifier, Now now);

// One signature at least must be by one of `signers`. For the first document: its own signers, with
// a store of roots that are trusted for another reason (a join file, HTTPS).
[[nodiscard]] Expected<void> verify_configuration(const SignedConfiguration& configuration,
                                                  const std::vector<NodeId>& signers,
                                                  crypto::CertificateStore& store,
                                                  crypto::Verifier& verifier, Now now);

// Every kind-block must be signed by one of the configuration's kind-signers.
[[nodiscard]] Expected<void> verify_kinds(const OverlayConfiguration& configuration,
                                          crypto::CertificateStore& store,
                                          crypto::Verifier& verifier, Now now);

// Whether `next` may take the place of `previous`: same overlay, newer sequence, not expired,
// signed by a configuration-signer of `previous`, its Kinds signed by its own kind-signers. Errors:
// conflict (other name, not newer), expired, unauthentic.
[[nodiscard]] Expected<void> check_update(const OverlayConfiguration& previous,
                                          const SignedConfiguration& next,
                                          crypto::CertificateStore& store,
                                          crypto::Verifier& verifier, Now now);

}  // namespace chordial::configuration
