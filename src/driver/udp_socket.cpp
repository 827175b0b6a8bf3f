#include "driver/udp_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "driver/socket_address.h"

namespace chordial::driver {

namespace {

constexpr std::size_t datagram_bytes_max = 65536;
constexpr int socket_buffer_bytes = 4 << 20;
constexpr std::size_t control_bytes = CMSG_SPACE(sizeof(in6_pktinfo));

Failure bind_failure() {
  switch (errno) {
    case EADDRINUSE:
      return failure(ErrorKind::unavailable, "listen", "the address is in use by another program");
    case EADDRNOTAVAIL:
      return failure(ErrorKind::invalid, "listen", "not an address of this host");
    case EACCES:
      return failure(ErrorKind::forbidden, "listen",
                     "not permitted; ports below 1024 are for root");
    default:
      return failure(ErrorKind::internal, "listen", "the socket could not be opened");
  }
}

}  // namespace

struct UdpSocket::Batch {
  std::array<mmsghdr, batch_max> messages{};
  std::array<iovec, batch_max> vectors{};
  std::array<sockaddr_storage, batch_max> names{};
  std::array<std::array<char, control_bytes>, batch_max> controls{};
  Bytes buffer;  // receiving only; pages are touched as they are used
};

Expected<std::unique_ptr<UdpSocket>> UdpSocket::bind(ports::SocketRole role,
                                                     const SocketAddress& address) {
  const bool v4 = address.ip.is_v4();
  const int descriptor =
      ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return bind_failure();
  const int on = 1;
  if (v4) {
    setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  } else {
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  }
  // As large as the system allows; smaller ones only drop sooner under load.
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &socket_buffer_bytes, sizeof socket_buffer_bytes);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &socket_buffer_bytes, sizeof socket_buffer_bytes);
  const KernelAddress wanted = to_kernel(address);
  if (::bind(descriptor, wanted.get(), wanted.size) != 0) {
    const Failure why = bind_failure();
    ::close(descriptor);
    return why;
  }
  KernelAddress bound;
  bound.size = sizeof bound.storage;
  getsockname(descriptor, bound.get(), &bound.size);
  return std::unique_ptr<UdpSocket>(new UdpSocket(descriptor, role, from_kernel(bound.storage)));
}

UdpSocket::UdpSocket(int descriptor, ports::SocketRole role, const SocketAddress& local)
    : descriptor_(descriptor),
      role_(role),
      local_(local),
      in_(std::make_unique<Batch>()),
      out_(std::make_unique<Batch>()) {
  in_->buffer.resize(batch_max * datagram_bytes_max);
}

UdpSocket::~UdpSocket() {
  ::close(descriptor_);
}

namespace {

// The address the datagram was sent to, where the kernel tells; its port is the socket's.
SocketAddress destination_of(const msghdr& message, const SocketAddress& bound) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(const_cast<msghdr*>(&message), control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      // A group tells the node how it was asked; of a broadcast only our own address is of use.
      const IpAddress asked = IpAddress::v4(ntohl(info.ipi_addr.s_addr));
      const IpAddress own = IpAddress::v4(ntohl(info.ipi_spec_dst.s_addr));
      return {asked.is_multicast() ? asked : own, bound.port};
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      return {*IpAddress::from_bytes({info.ipi6_addr.s6_addr, 16}), bound.port};
    }
  }
  return bound;
}

// Answers leave from the address they were asked at, also on a socket that is bound to all of them.
void set_source(msghdr& message, std::array<char, control_bytes>& control,
                const SocketAddress& source) {
  message.msg_control = control.data();
  if (source.ip.is_v4()) {
    message.msg_controllen = CMSG_SPACE(sizeof(in_pktinfo));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_IP;
    header->cmsg_type = IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst.s_addr = htonl(source.ip.v4_host_order());
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
  } else {
    message.msg_controllen = CMSG_SPACE(sizeof(in6_pktinfo));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = IPPROTO_IPV6;
    header->cmsg_type = IPV6_PKTINFO;
    header->cmsg_len = CMSG_LEN(sizeof(in6_pktinfo));
    in6_pktinfo info{};
    std::ranges::copy(source.ip.bytes(), info.ipi6_addr.s6_addr);
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
  }
}

}  // namespace

bool UdpSocket::receive(const std::function<void(const ports::Datagram&)>& handle) {
  for (std::size_t i = 0; i < batch_max; ++i) {
    in_->vectors[i] = {in_->buffer.data() + i * datagram_bytes_max, datagram_bytes_max};
    msghdr& header = in_->messages[i].msg_hdr;
    header = {};
    header.msg_name = &in_->names[i];
    header.msg_namelen = sizeof in_->names[i];
    header.msg_iov = &in_->vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = in_->controls[i].data();
    header.msg_controllen = control_bytes;
  }
  const int received =
      recvmmsg(descriptor_, in_->messages.data(), batch_max, MSG_DONTWAIT, nullptr);
  if (received <= 0) return false;
  received_ += static_cast<std::uint64_t>(received);
  for (std::size_t i = 0; i < static_cast<std::size_t>(received); ++i) {
    const msghdr& header = in_->messages[i].msg_hdr;
    ports::Datagram datagram;
    datagram.socket = role_;
    datagram.local = destination_of(header, local_);
    datagram.remote = from_kernel(in_->names[i]);
    datagram.bytes =
        ByteView(in_->buffer).subspan(i * datagram_bytes_max, in_->messages[i].msg_len);
    handle(datagram);
  }
  return static_cast<std::size_t>(received) == batch_max;
}

void UdpSocket::queue(const ports::Datagram& datagram) {
  if (queued_ == batch_max) flush();
  const std::size_t i = queued_++;
  const KernelAddress remote = to_kernel(datagram.remote);
  out_->names[i] = remote.storage;
  out_->vectors[i] = {const_cast<std::uint8_t*>(datagram.bytes.data()), datagram.bytes.size()};
  msghdr& header = out_->messages[i].msg_hdr;
  header = {};
  header.msg_name = &out_->names[i];
  header.msg_namelen = remote.size;
  header.msg_iov = &out_->vectors[i];
  header.msg_iovlen = 1;
  // Nothing leaves from the address of a group.
  if (local_.ip.is_unspecified() && !datagram.local.ip.is_unspecified() &&
      !datagram.local.ip.is_multicast()) {
    set_source(header, out_->controls[i], datagram.local);
  }
}

void UdpSocket::flush() {
  std::size_t sent = 0;
  while (sent < queued_) {
    const int taken = sendmmsg(descriptor_, out_->messages.data() + sent,
                               static_cast<unsigned>(queued_ - sent), 0);
    if (taken > 0) {
      sent += static_cast<std::size_t>(taken);
      sent_ += static_cast<std::uint64_t>(taken);
    } else {  // the first of the rest was refused: it is lost, the others still go
      ++sent;
      ++refused_;
    }
  }
  queued_ = 0;
}

}  // namespace chordial::driver
