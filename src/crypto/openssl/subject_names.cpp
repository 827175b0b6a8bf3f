#include "crypto/openssl/subject_names.h"

#include <algorithm>
#include <openssl/err.h>

namespace chordial::crypto::openssl {

namespace {

Failure malformed(const char* field, const char* reason) {
  ERR_clear_error();
  return failure(ErrorKind::malformed, field, reason);
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

}  // namespace

std::string_view text_of(const ASN1_STRING* string) {
  return as_text({ASN1_STRING_get0_data(string),
                  static_cast<std::size_t>(std::max(0, ASN1_STRING_length(string)))});
}

bool append_name(GENERAL_NAMES* names, int type, std::string_view text) {
  Native<ASN1_IA5STRING, ASN1_IA5STRING_free> string(ASN1_IA5STRING_new());
  Native<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
  if (!string || !name ||
      ASN1_STRING_set(string.get(), text.data(), static_cast<int>(text.size())) != 1) {
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), type, string.release());
  if (sk_GENERAL_NAME_push(names, name.get()) <= 0) return false;
  static_cast<void>(name.release());
  return true;
}

Expected<void> add_subject_names(X509* x509, const LeafContents& contents) {
  const auto invalid = [](const char* field, const char* reason) {
    return failure(ErrorKind::invalid, field, reason);
  };
  if (contents.node_ids.empty() || contents.node_ids.size() > node_ids_max) {
    return invalid("node_ids", "1 to 16 belong in a certificate");
  }
  if (!is_host(contents.overlay)) return invalid("overlay", "not a host name");
  const auto user_name = normalized_user_name(contents.user_name);
  if (!user_name) return invalid("user_name", "not of the form user@host");
  const GeneralNames names(GENERAL_NAMES_new());
  bool ok = names != nullptr;
  for (const NodeId& node : contents.node_ids) {
    if (node == invalid_node_id || node == wildcard_node_id) {
      return invalid("node_ids", "a Node-ID that nobody may have");
    }
    ok = ok && append_name(names.get(), GEN_URI, reload_uri(node, contents.overlay));
  }
  ok = ok && append_name(names.get(), GEN_EMAIL, *user_name) &&
       X509_add1_ext_i2d(x509, NID_subject_alt_name, names.get(), 1, X509V3_ADD_DEFAULT) == 1;
  if (!ok) return library_failure("subject_alt_name");
  return {};
}

Expected<void> read_subject_names(X509* x509, std::string_view overlay, Certificate& certificate) {
  int critical = 0;
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(x509, NID_subject_alt_name, &critical, nullptr)));
  if (!names) return malformed("subject_alt_name", "missing, repeated or unreadable");
  const int count = sk_GENERAL_NAME_num(names.get());
  if (count > static_cast<int>(node_ids_max) + 1) {
    return failure(ErrorKind::limit, "subject_alt_name", "too many names");
  }
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) {
      auto node = node_of_reload_uri(text_of(name->d.uniformResourceIdentifier), overlay);
      if (!node) return Failure(node.error());
      if (names_node(certificate, *node)) return malformed("reload_uri", "a Node-ID twice");
      certificate.node_ids.push_back(*node);
    } else if (name->type == GEN_EMAIL) {
      auto user_name = normalized_user_name(text_of(name->d.rfc822Name));
      if (!user_name) return malformed("user_name", "not of the form user@host");
      certificate.user_names.push_back(std::move(*user_name));
    } else {
      return malformed("subject_alt_name", "a name that is neither reload: URI nor user name");
    }
  }
  if (certificate.node_ids.empty()) return malformed("reload_uri", "no Node-ID");
  if (certificate.user_names.size() != 1) return malformed("user_name", "not exactly one");
  return {};
}

}  // namespace chordial::crypto::openssl
