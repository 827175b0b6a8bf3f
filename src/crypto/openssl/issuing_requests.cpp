// PKCS#10 requests and PEM texts of issuing.h.
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/assert.h"
#include "crypto/openssl/issuing.h"
#include "crypto/openssl/subject_names.h"

namespace chordial::crypto::openssl {

namespace {

constexpr std::size_t pem_bytes_max = 1 << 20;

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * stack) const {
    sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
  }
};
using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

bool ask_for_name(X509_REQ* request, std::string_view user_name) {
  const GeneralNames names(GENERAL_NAMES_new());
  if (!names || !append_name(names.get(), GEN_EMAIL, user_name)) return false;
  STACK_OF(X509_EXTENSION)* stack = nullptr;
  const bool made =
      X509V3_add1_i2d(&stack, NID_subject_alt_name, names.get(), 1, X509V3_ADD_DEFAULT) == 1;
  const Extensions owned(stack);
  return made && X509_REQ_add_extensions(request, stack) == 1;
}

Expected<std::string> wished_name(X509_REQ* request) {
  const Extensions extensions(X509_REQ_get_extensions(request));
  ERR_clear_error();  // a request without any has none to read
  if (!extensions) return std::string();
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions.get(), NID_subject_alt_name, nullptr, nullptr)));
  std::string wished;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_EMAIL) continue;  // Node-IDs are the authority's to choose
    auto user_name = normalized_user_name(text_of(name->d.rfc822Name));
    if (!user_name || !wished.empty()) {
      return failure(ErrorKind::malformed, "user_name", "not one name of the form user@host");
    }
    wished = std::move(*user_name);
  }
  return wished;
}

}  // namespace

Expected<Bytes> certificate_request(const PrivateKey& key, std::string_view user_name) {
  const NativeRequest request(X509_REQ_new());
  if (!user_name.empty() && !normalized_user_name(user_name)) {
    return failure(ErrorKind::invalid, "user_name", "not of the form user@host");
  }
  const bool ok = request && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
                  X509_REQ_set_pubkey(request.get(), key.native()) == 1 &&
                  (user_name.empty() || ask_for_name(request.get(), user_name)) &&
                  X509_REQ_sign(request.get(), key.native(), EVP_sha256()) > 0;
  if (!ok) return library_failure("certificate_request");
  return to_der(i2d_X509_REQ, request.get());
}

Expected<RequestContents> read_certificate_request(ByteView der) {
  if (der.size() > certificate_bytes_max) {
    return failure(ErrorKind::limit, "certificate_request", "the request is too long");
  }
  const unsigned char* at = der.data();
  const NativeRequest request(
      der.empty() ? nullptr : d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (!request || at != der.data() + der.size()) {
    ERR_clear_error();
    return failure(ErrorKind::malformed, "certificate_request", "not a PKCS#10 request");
  }
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (auto allowed = check_key(key); !allowed) return Failure(allowed.error());
  if (X509_REQ_verify(request.get(), key) != 1) {
    ERR_clear_error();
    return failure(ErrorKind::unauthentic, "certificate_request", "not signed by its own key");
  }
  auto name = wished_name(request.get());
  if (!name) return Failure(name.error());
  return RequestContents{to_der(i2d_PUBKEY, key), std::move(*name)};
}

std::string certificate_to_pem(ByteView der) {
  const NativeBio text(BIO_new(BIO_s_mem()));
  CHORDIAL_INVARIANT(text && PEM_write_bio(text.get(), PEM_STRING_X509, "", der.data(),
                                           static_cast<long>(der.size())) > 0);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Expected<std::vector<Bytes>> certificates_from_pem(std::string_view text) {
  if (text.size() > pem_bytes_max) {
    return failure(ErrorKind::limit, "certificate", "the text is too long");
  }
  const NativeBio input(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!input) return library_failure("certificate");
  std::vector<Bytes> certificates;
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  while (PEM_read_bio(input.get(), &name, &header, &data, &size) == 1) {
    if (std::string_view(name) == PEM_STRING_X509) certificates.emplace_back(data, data + size);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (certificates.size() > pem_certificates_max) {
      return failure(ErrorKind::limit, "certificate", "too many certificates");
    }
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end || certificates.empty()) {
    return failure(ErrorKind::malformed, "certificate", "no certificate in PEM");
  }
  return certificates;
}

}  // namespace chordial::crypto::openssl
