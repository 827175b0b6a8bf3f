#include "usage/sip/registration_rule.h"

#include <algorithm>

#include "storage/resource_name.h"
#include "usage/sip/caller_rights.h"

namespace chordial::usage {

Expected<RegistrationRule> RegistrationRule::create(
    const std::vector<std::string>& domain_patterns) {
  RegistrationRule rule;
  try {
    for (const std::string& pattern : domain_patterns) {
      rule.patterns_.emplace_back(pattern,
                                  std::regex::extended | std::regex::icase | std::regex::nosubs);
    }
  } catch (const std::regex_error&) {
    return failure(ErrorKind::invalid, "pattern", "not a POSIX extended regular expression");
  }
  return rule;
}

RegistrationRule RegistrationRule::only(std::string domain) {
  RegistrationRule rule;
  rule.only_ = std::move(domain);
  return rule;
}

bool RegistrationRule::admits(const std::string& domain) const {
  if (!only_.empty()) return domain == only_;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::regex& pattern) { return std::regex_match(domain, pattern); });
}

bool RegistrationRule::permits(const ResourceId& resource, const wire::StoredDataValue& /*value*/,
                               const crypto::Certificate& signer) const {
  return std::any_of(
      signer.user_names.begin(), signer.user_names.end(), [&](const std::string& name) {
        return storage::resource_id_of(name) == resource && admits(std::string(host_of_aor(name)));
      });
}

}  // namespace chordial::usage
