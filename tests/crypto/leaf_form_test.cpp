// The form of the certificates this system issues (RFC 6940 §11.3): no subject, and no names but
// the node's and the user's.
#include <openssl/x509v3.h>

#include "crypto/overlay_authority.h"

namespace chordial::crypto::openssl {
namespace {

TEST(LeafForm, HasNoSubjectAndNoOtherNames) {
  const OverlayAuthority authority;
  const Bytes der = authority.node(node_id(7))->certificate().der;
  const unsigned char* at = der.data();
  X509* x509 = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  ASSERT_NE(x509, nullptr);
  EXPECT_EQ(X509_NAME_entry_count(X509_get_subject_name(x509)), 0);
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr));
  ASSERT_NE(names, nullptr);
  ASSERT_EQ(sk_GENERAL_NAME_num(names), 2);
  std::vector<std::string> uris, mails;
  for (int i = 0; i < 2; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    const ASN1_STRING* text = name->d.ia5;
    const std::string value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                            static_cast<std::size_t>(ASN1_STRING_length(text)));
    if (name->type == GEN_URI) uris.push_back(value);
    if (name->type == GEN_EMAIL) mails.push_back(value);
  }
  // §14.15: one Destination of type node in hexadecimal.
  EXPECT_EQ(uris, std::vector<std::string>{"reload://0110" + node_id(7).hex() + "@example.org/"});
  EXPECT_EQ(mails, std::vector<std::string>{node_user_name(node_id(7), "example.org")});
  GENERAL_NAMES_free(names);
  X509_free(x509);
}

}  // namespace
}  // namespace chordial::crypto::openssl
