#include "driver/secret_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chordial::driver {

namespace {

constexpr mode_t others = S_IRWXG | S_IRWXO;

Failure open_failure() {
  switch (errno) {
    case ELOOP:
      return failure(ErrorKind::invalid, "file", "is a symbolic link, and could lead anywhere");
    case ENOSPC:
    case EDQUOT:
      return failure(ErrorKind::unavailable, "file", "the disk is full");
    case EISDIR:
    case ENXIO:
      return failure(ErrorKind::invalid, "file", "is no regular file");
    default:
      return failure(ErrorKind::forbidden, "file", "cannot be written");
  }
}

}  // namespace

Expected<SecretFile> SecretFile::open(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (descriptor < 0) return open_failure();
  SecretFile file(descriptor);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return failure(ErrorKind::invalid, "file", "is no regular file");
  }
  if ((status.st_mode & others) != 0 && ::fchmod(descriptor, status.st_mode & 0700) != 0) {
    return failure(ErrorKind::forbidden, "file", "others may read it, and it is another user's");
  }
  return file;
}

SecretFile::~SecretFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void close_to_others(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return;
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && status.st_uid == ::geteuid() &&
      (status.st_mode & others) != 0) {
    // What cannot be closed is as it was.
    static_cast<void>(::fchmod(descriptor, status.st_mode & 0700));
  }
  ::close(descriptor);
}

bool others_may_write(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

void give_to_owner_of_folder(const std::string& folder, const std::string& file) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &owner) != 0 || owner.st_uid == 0) return;
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return;
  struct stat status {};
  // A second name of it could be anything of root's.
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0 &&
      status.st_nlink == 1) {
    static_cast<void>(!::fchown(descriptor, owner.st_uid, owner.st_gid));
  }
  ::close(descriptor);
}

}  // namespace chordial::driver
