// Private to this room: writing and reading the SubjectAltName of RFC 6940 §11.3.
#pragma once

#include "crypto/openssl/issuing.h"
#include "crypto/openssl/native.h"

namespace chordial::crypto::openssl {

using GeneralNames = Native<GENERAL_NAMES, GENERAL_NAMES_free>;

[[nodiscard]] std::string_view text_of(const ASN1_STRING* string);
// False if the library fails. `type` is GEN_URI or GEN_EMAIL.
[[nodiscard]] bool append_name(GENERAL_NAMES* names, int type, std::string_view text);

// Critical, because the Subject is empty (RFC 5280 §4.2.1.6). Error: invalid.
[[nodiscard]] Expected<void> add_subject_names(X509* x509, const LeafContents& contents);
// Errors: malformed, limit, unauthentic (another overlay).
[[nodiscard]] Expected<void> read_subject_names(X509* x509, std::string_view overlay,
                                                Certificate& certificate);

}  // namespace chordial::crypto::openssl
