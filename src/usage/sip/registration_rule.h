// What RFC 7904 demands of a stored SipRegistration beyond USER-NODE-MATCH: the domain of the
// user's address is one this overlay admits (§3.4). Shared by all peers of a process and immutable.
#pragma once

#include <memory>
#include <regex.h>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/kind_table.h"

namespace chordial::usage {

class RegistrationRule final : public storage::ValueRule {
 public:
  // The domains are POSIX extended regular expressions that must match a whole domain. Error:
  // invalid for an expression that cannot be read.
  [[nodiscard]] static Expected<RegistrationRule> create(
      const std::vector<std::string>& domain_patterns);
  // Only this very domain.
  [[nodiscard]] static RegistrationRule only(std::string domain);

  [[nodiscard]] bool permits(const ResourceId& resource, const wire::StoredDataValue& value,
                             const crypto::Certificate& signer) const override;

 private:
  RegistrationRule() = default;
  [[nodiscard]] bool admits(const std::string& domain) const;

  struct FreeRegex {
    void operator()(regex_t* regex) const;
  };

  std::string only_;
  std::vector<std::unique_ptr<regex_t, FreeRegex>> patterns_;
};

}  // namespace chordial::usage
