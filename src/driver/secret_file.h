// Files and folders that are nobody's but their owner's: keys, passwords, what a node keeps.
#pragma once

#include <string>

#include "base/error.h"

namespace chordial::driver {

// A regular file that is open for reading and appending. Made if need be; what was there with
// looser permissions is closed to others first.
class SecretFile {
 public:
  // Errors: invalid (a symbolic link, or no regular file), unavailable (disk full), forbidden.
  [[nodiscard]] static Expected<SecretFile> open(const std::string& path);
  SecretFile(SecretFile&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  SecretFile& operator=(SecretFile&&) = delete;
  ~SecretFile();

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  explicit SecretFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Takes from group and others what they may do with a file or folder, where it is this user's own.
// What is not there, not ours, or a symbolic link stays as it is.
void close_to_others(const std::string& path);

// Whether others than its owner may write to it; false where there is none.
[[nodiscard]] bool others_may_write(const std::string& path);

// What root has just written in a folder of another user is given to that user, who shall use it.
void give_to_owner_of_folder(const std::string& folder, const std::string& file);

}  // namespace chordial::driver
