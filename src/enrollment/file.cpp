#include "enrollment/file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chordial::enrollment {

namespace {

Failure system_failure(const char* name) {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return failure(ErrorKind::not_found, name, "no such file or folder");
    case EACCES:
    case EPERM:
    case EROFS:
      return failure(ErrorKind::forbidden, name, "no permission");
    case ENOSPC:
    case EDQUOT:
      return failure(ErrorKind::unavailable, name, "the disk is full");
    default:
      return failure(ErrorKind::internal, name, "cannot be read or written");
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] bool open() const { return number_ >= 0; }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool sync_folder(const std::string& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return descriptor.open() && ::fsync(descriptor.number()) == 0;
}

}  // namespace

Expected<Bytes> read_file(const std::string& path, const char* name, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return system_failure(name);
  Bytes bytes;
  std::uint8_t block[16384];
  while (true) {
    const ssize_t count = ::read(file.number(), block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(name);
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), block, block + count);
    if (bytes.size() > bytes_max) return failure(ErrorKind::limit, name, "the file is too long");
  }
}

Expected<void> write_file(const std::string& path, const char* name, ByteView bytes,
                          FileMode mode) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.open()) return system_failure(name);
  const bool written = ::fchmod(file.number(), static_cast<mode_t>(mode)) == 0 &&
                       write_all(file.number(), bytes) && ::fsync(file.number()) == 0 &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!written) {
    const Failure why = system_failure(name);
    ::unlink(temporary.c_str());
    return why;
  }
  if (!sync_folder(folder_of(path))) return system_failure(name);
  return {};
}

Expected<void> make_private_folder(const std::string& path, const char* name) {
  std::error_code error;
  std::filesystem::create_directories(folder_of(path), error);
  if (error) {
    errno = error.value();
    return system_failure(name);
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return system_failure(name);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_failure(name);
  if (!S_ISDIR(status.st_mode)) return failure(ErrorKind::conflict, name, "is not a folder");
  return {};
}

bool file_exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

Expected<FolderLock> FolderLock::take(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return system_failure("lock");
  while (::flock(descriptor, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const Failure why = system_failure("lock");
    ::close(descriptor);
    return why;
  }
  return FolderLock(descriptor);
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace chordial::enrollment
