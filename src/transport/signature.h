// Signatures over messages (RFC 6940 §6.3.4): made where a message begins, checked where it ends.
// Contents and signature are kept apart from the certificates, which it does not cover, so that the
// same signed contents can be sent again with more or fewer of them.
#pragma once

#include <vector>

#include "crypto/certificate_store.h"
#include "crypto/signer.h"
#include "wire/message.h"

namespace chordial::transport {

// Which Node-ID signs: a certificate with several is used with H(NodeId || certificate).
// The encoded Signature.
[[nodiscard]] Bytes sign_contents(crypto::Signer& signer, const NodeId& node, std::uint32_t overlay,
                                  std::uint64_t transaction_id, ByteView contents);

// Contents, certificates and signature one after the other: all behind a forwarding header.
[[nodiscard]] Bytes message_body(ByteView contents, const std::vector<ByteView>& certificates,
                                 ByteView signature);

struct Proven {
  const crypto::Certificate* certificate = nullptr;
  NodeId node;  // that signed
};

// Who signed the message. The certificate is looked for in the message and among those known.
// Afterwards all certificates of the message are known to `store`, as far as they are good.
// Errors: malformed, unauthentic, unsupported, expired, forbidden.
[[nodiscard]] Expected<Proven> prove(const wire::MessageView& message,
                                     const wire::MessageContents& contents,
                                     crypto::CertificateStore& store, crypto::Verifier& verifier,
                                     Now now);

}  // namespace chordial::transport
