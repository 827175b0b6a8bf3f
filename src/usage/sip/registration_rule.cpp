#include "usage/sip/registration_rule.h"

#include <algorithm>

#include "storage/resource_name.h"
#include "usage/sip/caller_rights.h"

namespace chordial::usage {

Expected<RegistrationRule> RegistrationRule::create(
    const std::vector<std::string>& domain_patterns) {
  RegistrationRule rule;
  for (const std::string& pattern : domain_patterns) {
    auto regex = std::make_unique<regex_t>();
    const std::string whole = "^(" + pattern + ")$";
    if (regcomp(regex.get(), whole.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0) {
      return failure(ErrorKind::invalid, "pattern", "not a POSIX extended regular expression");
    }
    rule.patterns_.emplace_back(regex.release());
  }
  return rule;
}

void RegistrationRule::FreeRegex::operator()(regex_t* regex) const {
  regfree(regex);
  delete regex;
}

RegistrationRule RegistrationRule::only(std::string domain) {
  RegistrationRule rule;
  rule.only_ = std::move(domain);
  return rule;
}

bool RegistrationRule::admits(const std::string& domain) const {
  if (!only_.empty()) return domain == only_;
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const auto& pattern) {
    return regexec(pattern.get(), domain.c_str(), 0, nullptr, 0) == 0;
  });
}

bool RegistrationRule::permits(const ResourceId& resource, const wire::StoredDataValue& /*value*/,
                               const crypto::Certificate& signer) const {
  return std::any_of(
      signer.user_names.begin(), signer.user_names.end(), [&](const std::string& name) {
        return storage::resource_id_of(name) == resource && admits(std::string(host_of_aor(name)));
      });
}

}  // namespace chordial::usage
