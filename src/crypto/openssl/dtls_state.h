// Private to this room: what the associations of one context share.
#pragma once

#include "crypto/openssl/cookie.h"
#include "crypto/openssl/datagram_bio.h"
#include "crypto/openssl/dtls_context.h"
#include "crypto/openssl/native.h"

namespace chordial::crypto::openssl {

struct DtlsContext::State {
  NativeSslContext native;
  DatagramBioMethod bio;
  CertificateStore& store;
  CookieSecret cookies;
  DtlsOptions options;
  std::function<void(std::string_view)> keylog;
};

}  // namespace chordial::crypto::openssl
