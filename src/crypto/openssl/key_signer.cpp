#include "crypto/openssl/key_signer.h"

#include <openssl/err.h>

#include "base/assert.h"
#include "crypto/openssl/parsed_certificate.h"
#include "crypto/openssl/signature_context.h"

namespace chordial::crypto::openssl {

void KeySigner::Free::operator()(evp_pkey_ctx_st* context) const {
  EVP_PKEY_CTX_free(context);
}

KeySigner::KeySigner(PrivateKey key, std::unique_ptr<const Certificate> certificate,
                     SignatureAlgorithm algorithm)
    : key_(std::move(key)),
      certificate_(std::move(certificate)),
      algorithm_(algorithm),
      context_(signature_context(key_.native(), EVP_PKEY_sign_init).release()) {
  CHORDIAL_INVARIANT(context_ != nullptr);
}

Expected<std::unique_ptr<KeySigner>> KeySigner::create(PrivateKey key, ByteView certificate,
                                                       std::string_view overlay) {
  const auto x509 = x509_from_der(certificate);
  if (!x509) return Failure(x509.error());
  auto parsed = parse_certificate(x509->get(), certificate, overlay);
  if (!parsed) return Failure(parsed.error());
  if (EVP_PKEY_eq((*parsed)->key.get(), key.native()) != 1) {
    ERR_clear_error();
    return failure(ErrorKind::invalid, "private_key", "it does not belong to the certificate");
  }
  const SignatureAlgorithm algorithm = is_rsa(key.native()) ? rsa_sha256 : ecdsa_sha256;
  return std::unique_ptr<KeySigner>(new KeySigner(std::move(key), std::move(*parsed), algorithm));
}

Bytes KeySigner::sign(std::initializer_list<ByteView> parts) {
  const Sha256 digest = sha256(parts);
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.native())));
  std::size_t size = signature.size();
  // A key in memory that was checked when it was read fails only when memory does.
  CHORDIAL_INVARIANT(
      EVP_PKEY_sign(context_.get(), signature.data(), &size, digest.data(), digest.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace chordial::crypto::openssl
