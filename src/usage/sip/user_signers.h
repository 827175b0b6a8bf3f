// The keys this node holds for its users: one certificate for each (address of record, this node).
#pragma once

#include <string_view>

#include "crypto/signer.h"

namespace chordial::usage {

class UserSigners {
 public:
  // The signer of a canonical AOR; null where this node has no usable certificate for it.
  [[nodiscard]] virtual crypto::Signer* signer_of(std::string_view aor) = 0;

 protected:
  ~UserSigners() = default;
};

}  // namespace chordial::usage
