#include "driver/socket_address.h"

#include <algorithm>
#include <arpa/inet.h>

namespace chordial::driver {

KernelAddress to_kernel(const SocketAddress& address) {
  KernelAddress kernel;
  if (address.ip.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&kernel.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(address.port);
    v4->sin_addr.s_addr = htonl(address.ip.v4_host_order());
    kernel.size = sizeof *v4;
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&kernel.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    std::ranges::copy(address.ip.bytes(), v6->sin6_addr.s6_addr);
    kernel.size = sizeof *v6;
  }
  return kernel;
}

SocketAddress from_kernel(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    return {IpAddress::v4(ntohl(v4->sin_addr.s_addr)), ntohs(v4->sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    const ByteView bytes(v6->sin6_addr.s6_addr, 16);
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
    return {*IpAddress::from_bytes(mapped ? bytes.subspan(12) : bytes), ntohs(v6->sin6_port)};
  }
  return {};
}

}  // namespace chordial::driver
