#include "crypto/openssl/issuing.h"

#include <array>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "crypto/openssl/parsed_certificate.h"
#include "crypto/openssl/subject_names.h"

namespace chordial::crypto::openssl {

namespace {

Failure invalid(const char* field, const char* reason) {
  return failure(ErrorKind::invalid, field, reason);
}

bool set_serial(X509* x509) {
  std::array<std::uint8_t, 16> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) return false;
  random[0] = static_cast<std::uint8_t>((random[0] & 0x7f) | 0x40);  // positive, always 16 bytes
  const NativeBignum number(BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509)) != nullptr;
}

bool set_time(ASN1_TIME* time, WallTime value) {
  return ASN1_TIME_adj(time,
                       std::chrono::floor<std::chrono::seconds>(value).time_since_epoch().count(),
                       0, 0) != nullptr;
}

bool add_basic_constraints(X509* x509, bool is_authority, long path_length) {
  const Native<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(BASIC_CONSTRAINTS_new());
  if (!constraints) return false;
  constraints->ca = is_authority ? 0xff : 0;
  if (path_length >= 0) {
    constraints->pathlen = ASN1_INTEGER_new();
    if (constraints->pathlen == nullptr ||
        ASN1_INTEGER_set(constraints->pathlen, path_length) != 1) {
      return false;
    }
  }
  return X509_add1_ext_i2d(x509, NID_basic_constraints, constraints.get(), 1, X509V3_ADD_DEFAULT) ==
         1;
}

// Bit numbers of RFC 5280 §4.2.1.3.
constexpr int digital_signature_bit = 0;
constexpr int key_agreement_bit = 4;
constexpr int certificate_sign_bit = 5;

bool add_key_usage(X509* x509, std::initializer_list<int> bits) {
  const Native<ASN1_BIT_STRING, ASN1_BIT_STRING_free> usage(ASN1_BIT_STRING_new());
  if (!usage) return false;
  for (const int bit : bits) {
    if (ASN1_BIT_STRING_set_bit(usage.get(), bit, 1) != 1) return false;
  }
  return X509_add1_ext_i2d(x509, NID_key_usage, usage.get(), 1, X509V3_ADD_DEFAULT) == 1;
}

// Chains are built by these: two delegates may bear one name.
bool add_key_identifiers(X509* x509, X509* issuer) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const Native<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> id(ASN1_OCTET_STRING_new());
  if (!id || X509_pubkey_digest(x509, EVP_sha1(), digest.data(), &size) != 1 ||
      ASN1_OCTET_STRING_set(id.get(), digest.data(), static_cast<int>(size)) != 1 ||
      X509_add1_ext_i2d(x509, NID_subject_key_identifier, id.get(), 0, X509V3_ADD_DEFAULT) != 1) {
    return false;
  }
  const ASN1_OCTET_STRING* issuer_id = X509_get0_subject_key_id(issuer);
  if (issuer_id == nullptr) return true;  // a foreign root without one
  const Native<AUTHORITY_KEYID, AUTHORITY_KEYID_free> authority(AUTHORITY_KEYID_new());
  if (!authority) return false;
  authority->keyid = ASN1_OCTET_STRING_dup(issuer_id);
  return authority->keyid != nullptr &&
         X509_add1_ext_i2d(x509, NID_authority_key_identifier, authority.get(), 0,
                           X509V3_ADD_DEFAULT) == 1;
}

bool set_common_name(X509* x509, std::string_view name) {
  X509_NAME* subject = X509_get_subject_name(x509);
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

// A version 3 certificate with serial number, validity and key.
NativeX509 begin(const Validity& validity, EVP_PKEY* public_key) {
  NativeX509 x509(X509_new());
  const bool ok = x509 && X509_set_version(x509.get(), X509_VERSION_3) == 1 &&
                  set_serial(x509.get()) &&
                  set_time(X509_getm_notBefore(x509.get()), validity.not_before) &&
                  set_time(X509_getm_notAfter(x509.get()), validity.not_after) &&
                  X509_set_pubkey(x509.get(), public_key) == 1;
  return ok ? std::move(x509) : nullptr;
}

Expected<Bytes> finish(X509* x509, const PrivateKey& key) {
  if (X509_sign(x509, key.native(), EVP_sha256()) <= 0) return library_failure("certificate");
  Bytes der = to_der(i2d_X509, x509);
  if (der.empty()) return library_failure("certificate");
  if (der.size() > certificate_bytes_max) return invalid("certificate", "it became too long");
  return der;
}

Expected<NativeX509> read_issuer(const Issuer& issuer) {
  auto x509 = x509_from_der(issuer.certificate);
  if (!x509) return x509;
  if ((X509_get_extension_flags(x509->get()) & EXFLAG_CA) == 0) {
    return invalid("issuer", "not a certificate authority");
  }
  if (X509_check_private_key(x509->get(), issuer.key.native()) != 1) {
    ERR_clear_error();
    return invalid("issuer", "the key does not belong to the certificate");
  }
  return x509;
}

Expected<void> check_validity(const Validity& validity) {
  if (validity.not_after < validity.not_before)
    return invalid("validity", "it ends before it starts");
  return {};
}

// A leaf up to its signature; `issuer` null: self-signed.
Expected<NativeX509> build_leaf(const LeafContents& contents, EVP_PKEY* key, X509* issuer) {
  if (auto times = check_validity(contents.validity); !times) return Failure(times.error());
  NativeX509 x509 = begin(contents.validity, key);
  if (!x509) return library_failure("certificate");
  if (auto names = add_subject_names(x509.get(), contents); !names) return Failure(names.error());
  const bool ok =
      (issuer == nullptr || X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer)) == 1) &&
      add_basic_constraints(x509.get(), false, -1) &&
      add_key_usage(x509.get(), {digital_signature_bit, key_agreement_bit}) &&
      add_key_identifiers(x509.get(), issuer == nullptr ? x509.get() : issuer);
  if (!ok) return library_failure("certificate");
  return x509;
}

Expected<void> check_authority(std::string_view name, const Validity& validity) {
  if (name.empty() || name.size() > 64) return invalid("name", "a Common Name has 1 to 64 bytes");
  return check_validity(validity);
}

}  // namespace

Expected<Bytes> issue_root(const PrivateKey& key, std::string_view name, const Validity& validity) {
  if (auto fine = check_authority(name, validity); !fine) return Failure(fine.error());
  const NativeX509 x509 = begin(validity, key.native());
  const bool ok = x509 && set_common_name(x509.get(), name) &&
                  X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get())) == 1 &&
                  add_basic_constraints(x509.get(), true, 1) &&
                  add_key_usage(x509.get(), {certificate_sign_bit}) &&
                  add_key_identifiers(x509.get(), x509.get());
  if (!ok) return library_failure("root");
  return finish(x509.get(), key);
}

Expected<Bytes> issue_delegate(const Issuer& root, std::string_view name, const Validity& validity,
                               ByteView public_key) {
  if (auto fine = check_authority(name, validity); !fine) return Failure(fine.error());
  const auto issuer = read_issuer(root);
  if (!issuer) return Failure(issuer.error());
  const auto key = key_from_public(public_key);
  if (!key) return Failure(key.error());
  const NativeX509 x509 = begin(validity, key->get());
  const bool ok = x509 && set_common_name(x509.get(), name) &&
                  X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer->get())) == 1 &&
                  add_basic_constraints(x509.get(), true, 0) &&
                  add_key_usage(x509.get(), {certificate_sign_bit}) &&
                  add_key_identifiers(x509.get(), issuer->get());
  if (!ok) return library_failure("delegate");
  return finish(x509.get(), root.key);
}

Expected<Bytes> issue_leaf(const Issuer& issuer, const LeafContents& contents) {
  const auto parent = read_issuer(issuer);
  if (!parent) return Failure(parent.error());
  const auto key = key_from_public(contents.public_key);
  if (!key) return Failure(key.error());
  const auto x509 = build_leaf(contents, key->get(), parent->get());
  if (!x509) return Failure(x509.error());
  return finish(x509->get(), issuer.key);
}

Expected<Bytes> issue_self_signed(const PrivateKey& key, SelfSignedDigest digest,
                                  const LeafContents& contents) {
  LeafContents own = contents;
  own.node_ids = {self_signed_node_id(key.public_key(), digest)};
  if (own.user_name.empty()) own.user_name = node_user_name(own.node_ids.front(), own.overlay);
  const auto x509 = build_leaf(own, key.native(), nullptr);
  if (!x509) return Failure(x509.error());
  return finish(x509->get(), key);
}

NodeId self_signed_node_id(ByteView public_key, SelfSignedDigest digest, std::uint32_t index) {
  std::array<std::uint8_t, 4> number{};
  for (unsigned i = 0; i < number.size(); ++i) {
    number[i] = static_cast<std::uint8_t>(index >> (24 - 8 * i));
  }
  const ByteView prefix = index == 0 ? ByteView() : ByteView(number);
  if (digest == SelfSignedDigest::sha1) {
    return *NodeId::from_bytes(ByteView(sha1({prefix, public_key})).first<node_id_bytes>());
  }
  return *NodeId::from_bytes(ByteView(sha256({prefix, public_key})).first<node_id_bytes>());
}

}  // namespace chordial::crypto::openssl
