#include "crypto/openssl/dtls_context.h"

#include <openssl/err.h>

#include "crypto/openssl/dtls_association.h"

namespace chordial::crypto::openssl {

namespace {

constexpr const char* confidential_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384";
// The library offers ciphers without encryption on its lowest security level only.
constexpr const char* integrity_ciphers = "ECDHE-ECDSA-NULL-SHA:ECDHE-RSA-NULL-SHA:@SECLEVEL=0";
constexpr const char* signature_algorithms = "ECDSA+SHA256:RSA+SHA256";

int verify_peer(X509_STORE_CTX* context, void*) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return DtlsAssociation::of(ssl).verify_peer(context);
}

void log_key(const SSL* ssl, const char* line) {
  auto* state = static_cast<DtlsContext::State*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (state->keylog) state->keylog(line);
}

// Cookies are proven before the library sees a datagram (cookie.h).
int cookie_is_proven(SSL*, const unsigned char*, unsigned) {
  return 1;
}
int make_no_cookie(SSL*, unsigned char*, unsigned*) {
  return 0;
}

bool set_policy(SSL_CTX* native, const DtlsOptions& options) {
  SSL_CTX_set_options(native, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                  SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(native, verify_peer, nullptr);
  SSL_CTX_set_cookie_verify_cb(native, cookie_is_proven);
  SSL_CTX_set_cookie_generate_cb(native, make_no_cookie);
  SSL_CTX_set_max_cert_list(native, 16384);
  const bool readable = options.policy == CipherPolicy::integrity_only;
  return SSL_CTX_set_min_proto_version(native, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(native, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(native, readable ? integrity_ciphers : confidential_ciphers) ==
             1 &&
         SSL_CTX_set1_groups_list(native, "P-256") == 1 &&
         SSL_CTX_set1_sigalgs_list(native, signature_algorithms) == 1 &&
         SSL_CTX_set1_client_sigalgs_list(native, signature_algorithms) == 1 &&
         // Also the size of every association's write buffer.
         SSL_CTX_set_max_send_fragment(native, static_cast<long>(options.datagram_bytes_max)) == 1;
}

}  // namespace

DtlsContext::DtlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {
}
DtlsContext::~DtlsContext() = default;

Expected<std::unique_ptr<DtlsContext>> DtlsContext::create(const KeySigner& node,
                                                           CertificateStore& store, Rng& rng,
                                                           const DtlsOptions& options) {
  if (options.datagram_bytes_max < 576 || options.datagram_bytes_max > 16384) {
    return failure(ErrorKind::invalid, "datagram_bytes_max", "outside 576 to 16384");
  }
  std::unique_ptr<State> state(new State{NativeSslContext(SSL_CTX_new(DTLS_method())),
                                         DatagramBioMethod(), store, CookieSecret(rng), options,
                                         nullptr});
  if (!state->native || !state->bio || !set_policy(state->native.get(), options)) {
    return library_failure("dtls");
  }
  SSL_CTX_set_app_data(state->native.get(), state.get());
  std::unique_ptr<DtlsContext> context(new DtlsContext(std::move(state)));
  if (auto used = context->use(node); !used) return Failure(used.error());
  return context;
}

Expected<void> DtlsContext::use(const KeySigner& node) {
  const auto x509 = x509_from_der(node.certificate().der);
  if (!x509) return Failure(x509.error());
  SSL_CTX* native = state_->native.get();
  if (SSL_CTX_use_certificate(native, x509->get()) != 1 ||
      SSL_CTX_use_PrivateKey(native, node.key().native()) != 1) {
    return library_failure("certificate");
  }
  return {};
}

void DtlsContext::set_keylog(std::function<void(std::string_view)> keylog) {
  state_->keylog = std::move(keylog);
  SSL_CTX_set_keylog_callback(state_->native.get(), state_->keylog ? log_key : nullptr);
}

std::unique_ptr<LinkSecurity> DtlsContext::create(SecurityRole role, LinkSecurityHandler& handler,
                                                  std::optional<NodeId> expected) {
  return std::make_unique<DtlsAssociation>(*state_, role, handler, expected);
}

std::unique_ptr<LinkSecurity> DtlsContext::accept(Now now, ByteView source, ByteView datagram,
                                                  LinkSecurityHandler& handler) {
  switch (state_->cookies.judge(now, source, datagram)) {
    case HelloVerdict::drop:
      return nullptr;
    case HelloVerdict::request:
      handler.on_security_transmit(state_->cookies.hello_verify_request(now, source, datagram));
      return nullptr;
    case HelloVerdict::proven:
      break;
  }
  auto association =
      std::make_unique<DtlsAssociation>(*state_, SecurityRole::server, handler, std::nullopt);
  if (!association->start_with(now, datagram)) return nullptr;
  return association;
}

}  // namespace chordial::crypto::openssl
