#include "usage/sip/caller_rights.h"

#include <algorithm>
#include <tuple>

namespace chordial::usage {

namespace {

template <class A, class B>
bool before(const A& a, const B& b) {
  return std::tie(a.node, a.certificate) < std::tie(b.node, b.certificate);
}

bool names_user(const crypto::Certificate& certificate, std::string_view aor) {
  return std::find(certificate.user_names.begin(), certificate.user_names.end(), aor) !=
         certificate.user_names.end();
}

}  // namespace

std::string_view host_of_aor(std::string_view aor) {
  const std::size_t at = aor.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : aor.substr(at + 1);
}

CallerRights::CallerRights(const crypto::CertificateStore& certificates, std::string overlay)
    : certificates_(certificates), overlay_(std::move(overlay)) {
}

void CallerRights::learn(const NodeId& node, const crypto::Certificate& signer) {
  const bool is_node_certificate =
      std::all_of(signer.user_names.begin(), signer.user_names.end(),
                  [](const std::string& name) { return name.starts_with("node-"); });
  if (is_node_certificate || !crypto::names_node(signer, node)) return;
  const Introduction introduction{node, signer.hash, ++sequence_};
  const auto place = std::lower_bound(introductions_.begin(), introductions_.end(), introduction,
                                      before<Introduction, Introduction>);
  if (place != introductions_.end() && place->node == node && place->certificate == signer.hash) {
    place->sequence = introduction.sequence;
    return;
  }
  const auto at = place - introductions_.begin();
  introductions_.insert(place, introduction);
  if (introductions_.size() <= introduced_max) return;
  const auto oldest = std::min_element(
      introductions_.begin(), introductions_.end(),
      [](const Introduction& a, const Introduction& b) { return a.sequence < b.sequence; });
  if (oldest != introductions_.begin() + at) introductions_.erase(oldest);
}

Expected<void> CallerRights::may_say_from(Now now, const NodeId& node, std::string_view aor) const {
  if (host_of_aor(aor) != overlay_) {
    if (std::find(interworking_.begin(), interworking_.end(), node) != interworking_.end())
      return {};
    return failure(ErrorKind::forbidden, "From",
                   "an outside address from a node that is no interworking node");
  }
  const auto first = std::lower_bound(
      introductions_.begin(), introductions_.end(), node,
      [](const Introduction& introduction, const NodeId& id) { return introduction.node < id; });
  for (auto it = first; it != introductions_.end() && it->node == node; ++it) {
    const crypto::Certificate* certificate = certificates_.find(it->certificate);
    if (certificate != nullptr && names_user(*certificate, aor) &&
        certificates_.usable(*certificate, now)) {
      return {};
    }
  }
  return failure(ErrorKind::forbidden, "From",
                 "the sending node has shown no certificate for this address");
}

}  // namespace chordial::usage
