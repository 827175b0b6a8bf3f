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

constexpr std::uint8_t outer_tag = V_ASN1_CONSTRUCTED | V_ASN1_SEQUENCE;

// The header of a DER value with contents of so many bytes, below 65536.
void append_header(Bytes& out, std::uint8_t tag, std::size_t size) {
  out.push_back(tag);
  if (size >= 256) {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(size >> 8));
  } else if (size >= 128) {
    out.push_back(0x81);
  }
  out.push_back(static_cast<std::uint8_t>(size));
}

// The signature (r, n-s) for (r, s) in DER; empty if it is none of ECDSA P-256.
Bytes twin_of_signature(const ASN1_BIT_STRING* signature) {
  const unsigned char* at = signature->data;
  const EcdsaSignature given(d2i_ECDSA_SIG(nullptr, &at, signature->length));
  const NativeGroup group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  NativeBignum r(given ? BN_dup(ECDSA_SIG_get0_r(given.get())) : nullptr);
  NativeBignum s(BN_new());
  const EcdsaSignature twin(ECDSA_SIG_new());
  if (!group || !r || !s || !twin ||
      BN_sub(s.get(), EC_GROUP_get0_order(group.get()), ECDSA_SIG_get0_s(given.get())) != 1) {
    return {};
  }
  ECDSA_SIG_set0(twin.get(), r.release(), s.release());
  return to_der(i2d_ECDSA_SIG, twin.get());
}

// `der` is x509's encoding, known to be DER down to the signature.
CertificateHash hash_of_twin(X509* x509, ByteView der) {
  const ASN1_BIT_STRING* bits = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&bits, &algorithm, x509);
  if (OBJ_obj2nid(algorithm->algorithm) != NID_ecdsa_with_SHA256) return {};
  const Bytes signature = twin_of_signature(bits);
  if (signature.empty()) return {};
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }
  const std::size_t header_bytes = (der[1] & 0x80) == 0 ? 2 : 2 + (der[1] & 0x7f);
  Bytes old_tail;
  append_header(old_tail, V_ASN1_BIT_STRING, static_cast<std::size_t>(bits->length) + 1);
  const std::size_t tail_bytes = old_tail.size() + 1 + static_cast<std::size_t>(bits->length);
  const ByteView kept = der.subspan(header_bytes, der.size() - header_bytes - tail_bytes);
  Bytes tail;
  append_header(tail, V_ASN1_BIT_STRING, signature.size() + 1);
  tail.push_back(0);  // unused bits
  tail.insert(tail.end(), signature.begin(), signature.end());
  Bytes header;
  append_header(header, outer_tag, kept.size() + tail.size());
  return sha256({header, kept, tail});
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
  certificate->twin_hash = hash_of_twin(x509, der);
  ERR_clear_error();
  return certificate;
}

}  // namespace chordial::crypto::openssl
