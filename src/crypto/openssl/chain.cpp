#include "crypto/openssl/chain.h"

#include <openssl/err.h>

#include "crypto/openssl/issuing.h"

namespace chordial::crypto::openssl {

namespace {

using StoreContext = Native<X509_STORE_CTX, X509_STORE_CTX_free>;

Failure unauthentic(const char* field, const char* reason) {
  ERR_clear_error();
  return failure(ErrorKind::unauthentic, field, reason);
}

Expected<void> verify_chain(X509_STORE_CTX* context, X509_STORE* roots, X509* x509,
                            STACK_OF(X509) * intermediates) {
  if (X509_STORE_CTX_init(context, roots, x509, intermediates) != 1) {
    return library_failure("certificate");
  }
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context);
  // Time is the caller's `now`, asked at every use; the library would ask the system.
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
  X509_VERIFY_PARAM_set_auth_level(param, 2);  // 112 bits: no SHA-1, no RSA below 2048
  X509_VERIFY_PARAM_set_depth(param, 1);       // intermediates between leaf and root
  if (X509_verify_cert(context) != 1) {
    return unauthentic("certificate",
                       X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
  }
  return {};
}

Expected<void> check_ca(X509* x509, const char* field) {
  if ((X509_get_extension_flags(x509) & EXFLAG_CA) == 0 ||
      (X509_get_key_usage(x509) & KU_KEY_CERT_SIGN) == 0) {
    return failure(ErrorKind::invalid, field, "not a certificate authority");
  }
  return check_key(X509_get0_pubkey(x509));
}

}  // namespace

Expected<Chain> Chain::create(const Trust& trust) {
  Chain chain;
  chain.overlay_ = trust.overlay;
  chain.self_signed_ = trust.self_signed;
  chain.revocations_ = Revocations(trust);
  chain.roots_.reset(X509_STORE_new());
  chain.intermediates_.reset(sk_X509_new_null());
  if (!chain.roots_ || !chain.intermediates_) return library_failure("root-cert");
  if (trust.roots.size() > roots_max) {
    return failure(ErrorKind::limit, "root-cert", "too many roots");
  }
  if (trust.delegates.size() > delegates_max) {
    return failure(ErrorKind::limit, "delegate", "too many delegates");
  }
  for (const Bytes& root : trust.roots) {
    if (auto added = chain.add_root(root); !added) return Failure(added.error());
  }
  for (const Delegate& delegate : trust.delegates) {
    if (auto added = chain.add_delegate(delegate); !added) return Failure(added.error());
  }
  return chain;
}

Expected<void> Chain::add_root(ByteView der) {
  auto x509 = x509_from_der(der);
  if (!x509) return Failure(x509.error());
  if (auto ca = check_ca(x509->get(), "root-cert"); !ca) return ca;
  if (X509_STORE_add_cert(roots_.get(), x509->get()) != 1) return library_failure("root-cert");
  return {};
}

Expected<void> Chain::add_delegate(const Delegate& delegate) {
  auto x509 = x509_from_der(delegate.certificate);
  if (!x509) return Failure(x509.error());
  if (auto ca = check_ca(x509->get(), "delegate"); !ca) return ca;
  if (X509_get_pathlen(x509->get()) != 0) {
    return failure(ErrorKind::invalid, "delegate", "its path length is not 0");
  }
  auto pattern = AorPattern::parse(delegate.aor_pattern);
  if (!pattern) return Failure(pattern.error());
  const StoreContext context(X509_STORE_CTX_new());
  if (auto proven = verify_chain(context.get(), roots_.get(), x509->get(), nullptr); !proven) {
    return failure(ErrorKind::invalid, "delegate", proven.error().reason);
  }
  if (sk_X509_push(intermediates_.get(), x509->get()) <= 0) return library_failure("delegate");
  delegates_.push_back({std::move(*x509), delegate.node_id, std::move(*pattern)});
  return {};
}

Expected<std::unique_ptr<ParsedCertificate>> Chain::prove(ByteView der) const {
  auto x509 = x509_from_der(der);
  if (!x509) return Failure(x509.error());
  auto leaf = parse_certificate(x509->get(), der, overlay_);
  if (!leaf) return leaf;
  if (auto name = check_name(**leaf); !name) return Failure(name.error());
  const bool own = self_signed_ && prove_own_signature(x509->get(), **leaf);
  if (!own) {
    if (auto proven = prove_issuers(x509->get(), **leaf); !proven) return Failure(proven.error());
  }
  ERR_clear_error();
  return leaf;
}

Expected<void> Chain::prove_own_signature(X509* x509, const Certificate& leaf) const {
  if (X509_verify(x509, X509_get0_pubkey(x509)) != 1) {
    return unauthentic("certificate", "not signed by its own key");
  }
  const Bytes key = to_der(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(x509));
  for (std::size_t i = 0; i < leaf.node_ids.size(); ++i) {
    const auto index = static_cast<std::uint32_t>(leaf.node_ids.size() == 1 ? 0 : i + 1);
    if (leaf.node_ids[i] != self_signed_node_id(key, *self_signed_, index)) {
      return unauthentic("reload_uri", "the Node-ID is not the hash of the key");
    }
  }
  return {};
}

Expected<void> Chain::prove_issuers(X509* x509, Certificate& leaf) const {
  if (X509_NAME_entry_count(X509_get_subject_name(x509)) != 0) {
    return failure(ErrorKind::malformed, "subject", "it must be empty");
  }
  if ((X509_get_extension_flags(x509) & EXFLAG_CA) != 0) {
    return failure(ErrorKind::malformed, "basic_constraints", "an authority is not a node");
  }
  const StoreContext context(X509_STORE_CTX_new());
  if (!context) return library_failure("certificate");
  if (auto proven = verify_chain(context.get(), roots_.get(), x509, intermediates_.get());
      !proven) {
    return proven;
  }
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  const int length = sk_X509_num(chain);
  if (length < 2) return unauthentic("certificate", "nobody has signed it");
  for (int i = 1; i < length; ++i) {
    const auto validity = validity_of(sk_X509_value(chain, i));
    if (!validity) return Failure(validity.error());
    leaf.not_before = std::max(leaf.not_before, validity->not_before);
    leaf.not_after = std::min(leaf.not_after, validity->not_after);
  }
  return length == 2 ? Expected<void>() : check_delegated(sk_X509_value(chain, 1), leaf);
}

Expected<void> Chain::check_delegated(const X509* issuer, const Certificate& leaf) const {
  for (const ProvenDelegate& delegate : delegates_) {
    if (X509_cmp(delegate.x509.get(), issuer) != 0) continue;
    if (leaf.node_ids.size() != 1 || leaf.node_ids.front() != delegate.node_id) {
      return unauthentic("reload_uri", "the delegate may not certify this Node-ID");
    }
    if (!delegate.pattern.matches(leaf.user_names.front()) ||
        is_reserved_user_name(leaf.user_names.front())) {
      return unauthentic("user_name", "the delegate may not certify this name");
    }
    return {};
  }
  return unauthentic("certificate", "signed by a delegate that is not listed");
}

Expected<void> Chain::check_name(const Certificate& leaf) const {
  const std::string& name = leaf.user_names.front();
  if (!name.starts_with("node-")) return {};
  for (const NodeId& node : leaf.node_ids) {
    if (name == node_user_name(node, overlay_)) return {};
  }
  return unauthentic("user_name", "the name of another node");
}

}  // namespace chordial::crypto::openssl
