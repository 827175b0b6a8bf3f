// Between the core's addresses and the kernel's.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/address.h"

namespace chordial::driver {

struct KernelAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

[[nodiscard]] KernelAddress to_kernel(const SocketAddress& address);
// An IPv4-mapped IPv6 address becomes IPv4; any other family is 0.0.0.0:0.
[[nodiscard]] SocketAddress from_kernel(const sockaddr_storage& storage);

}  // namespace chordial::driver
