#include "app/authority_access.h"

#include "app/private_folder.h"

namespace chordial::app {

std::optional<enrollment::Authority> open_authority(const std::string& directory, int& code) {
  auto authority = enrollment::Authority::open(directory);
  if (authority) {
    code = make_authority_private(directory);
    if (code != exit_well) return std::nullopt;
    return std::move(*authority);
  }
  if (authority.error().kind == ErrorKind::not_found &&
      std::string_view(authority.error().field) == "folder") {
    code = complain(exit_usage, directory + " holds no overlay authority",
                    "give --dir the folder of `chordial overlay create`");
  } else {
    code = complain(directory, authority.error());
  }
  return std::nullopt;
}

}  // namespace chordial::app
