// Small files read and written whole. A written file is complete or absent after a crash: temporary
// file, fsync, rename, fsync of the folder. Errors name the file by the `name` its caller gives,
// which has static storage.
#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace chordial::enrollment {

enum class FileMode : unsigned { secret = 0600, open = 0644 };

// Errors: not_found, forbidden (permission), limit (longer than bytes_max), internal.
[[nodiscard]] Expected<Bytes> read_file(const std::string& path, const char* name,
                                        std::size_t bytes_max);
// Errors: not_found (no such folder), forbidden, unavailable (disk full), internal.
[[nodiscard]] Expected<void> write_file(const std::string& path, const char* name, ByteView bytes,
                                        FileMode mode);
// With its parents, the last one for its owner alone. An existing folder is well.
[[nodiscard]] Expected<void> make_private_folder(const std::string& path, const char* name);
[[nodiscard]] bool file_exists(const std::string& path);

// Held by one process at a time; waits for the other. Released when destroyed.
class FolderLock {
 public:
  [[nodiscard]] static Expected<FolderLock> take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace chordial::enrollment
