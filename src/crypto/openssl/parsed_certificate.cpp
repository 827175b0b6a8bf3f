#include "crypto/openssl/parsed_certificate.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "crypto/openssl/subject_names.h"

namespace chordial::crypto::openssl {

namespace {

using EcdsaSignature = Native<ECDSA_SIG, ECDSA_SIG_free>;
using NativeGroup = Native<EC_GROUP, EC_GROUP_free>;

Failure malformed(const char* field, const char* reason) {
  ERR_clear_error();
  return failure(ErrorKind::malformed, field, reason);
}

bool read_time(const ASN1_TIME* time, WallTime& out) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return false;
  out = WallTime(std::chrono::seconds(timegm(&parts)));
  return true;
}

CertificateHash hash_of_twin(X509* x509) {
  const ASN1_BIT_STRING* bits = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&bits, &algorithm, x509);
  const unsigned char* at = bits->data;
  const EcdsaSignature signature(OBJ_obj2nid(algorithm->algorithm) == NID_ecdsa_with_SHA256
                                     ? d2i_ECDSA_SIG(nullptr, &at, bits->length)
                                     : nullptr);
  const NativeGroup group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const NativeX509 copy(signature && group ? X509_dup(x509) : nullptr);
  NativeBignum r(signature ? BN_dup(ECDSA_SIG_get0_r(signature.get())) : nullptr);
  NativeBignum s(BN_new());
  const EcdsaSignature twin(ECDSA_SIG_new());
  if (!copy || !r || !s || !twin ||
      BN_sub(s.get(), EC_GROUP_get0_order(group.get()), ECDSA_SIG_get0_s(signature.get())) != 1) {
    ERR_clear_error();
    return {};
  }
  ECDSA_SIG_set0(twin.get(), r.release(), s.release());
  const Bytes der = to_der(i2d_ECDSA_SIG, twin.get());
  const ASN1_BIT_STRING* copied = nullptr;
  X509_get0_signature(&copied, nullptr, copy.get());
  // The library offers no call that sets a signature it did not make.
  auto* replaced = const_cast<ASN1_BIT_STRING*>(copied);
  if (ASN1_STRING_set(replaced, der.data(), static_cast<int>(der.size())) != 1) return {};
  return sha256({to_der(i2d_X509, copy.get())});
}

}  // namespace

Expected<Validity> validity_of(const X509* x509) {
  Validity validity;
  if (!read_time(X509_get0_notBefore(x509), validity.not_before) ||
      !read_time(X509_get0_notAfter(x509), validity.not_after)) {
    return malformed("validity", "not a time");
  }
  return validity;
}

Expected<std::unique_ptr<ParsedCertificate>> parse_certificate(X509* x509, ByteView der,
                                                               std::string_view overlay) {
  auto certificate = std::make_unique<ParsedCertificate>();
  if (auto names = read_subject_names(x509, overlay, *certificate); !names)
    return Failure(names.error());
  const auto validity = validity_of(x509);
  if (!validity) return Failure(validity.error());
  certificate->not_before = validity->not_before;
  certificate->not_after = validity->not_after;
  // Asking for the flags is what makes the library read the extensions.
  if ((X509_get_extension_flags(x509) & EXFLAG_INVALID) != 0) {
    return malformed("extensions", "unreadable");
  }
  if ((X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE) == 0) {
    return malformed("key_usage", "the key may not sign");
  }
  EVP_PKEY* key = X509_get_pubkey(x509);
  certificate->key.reset(key);
  if (auto allowed = check_key(key); !allowed) return Failure(allowed.error());
  certificate->der = to_bytes(der);
  certificate->hash = sha256({der});
  certificate->twin_hash = hash_of_twin(x509);
  ERR_clear_error();
  return certificate;
}

}  // namespace chordial::crypto::openssl
