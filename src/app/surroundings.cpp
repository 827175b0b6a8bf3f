#include "app/surroundings.h"

#include <arpa/inet.h>
#include <cstdio>
#include <iostream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

namespace chordial::app {

namespace {

// Turns the terminal's echo off while it lives.
class SilentTerminal {
 public:
  SilentTerminal() : changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (changed_) changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool changed_;
};

Failure no_password(ErrorKind kind, const char* reason) {
  return failure(kind, "password", reason);
}

Expected<std::string> read_line() {
  std::string line;
  if (!std::getline(std::cin, line)) {
    return no_password(ErrorKind::unavailable, "expected on standard input, and none came");
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return no_password(ErrorKind::invalid, "is empty");
  if (line.size() > password_bytes_max) {
    return no_password(ErrorKind::invalid, "is longer than 256 bytes");
  }
  return line;
}

Expected<std::string> ask(std::string_view question) {
  std::cerr << question << std::flush;
  auto answer = [] {
    const SilentTerminal silent;
    return read_line();
  }();
  std::cerr << '\n';
  return answer;
}

// The source address of the route to `remote`; nothing is sent.
std::optional<IpAddress> source_towards(int family, const sockaddr* remote, socklen_t length) {
  const int socket = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::nullopt;
  sockaddr_storage local{};
  socklen_t local_length = sizeof local;
  const bool found = ::connect(socket, remote, length) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&local), &local_length) == 0;
  ::close(socket);
  if (!found) return std::nullopt;
  if (family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(local);
    return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(local);
  return IpAddress::from_bytes({v6.sin6_addr.s6_addr, 16});
}

}  // namespace

Expected<std::string> read_password(std::string_view whose) {
  if (::isatty(STDIN_FILENO) == 0) return read_line();
  const auto first = ask("Password for " + std::string(whose) + ": ");
  if (!first) return first;
  const auto second = ask("Again: ");
  if (!second) return second;
  if (*first != *second) return no_password(ErrorKind::invalid, "was typed in two ways");
  return first;
}

IpAddress own_address() {
  sockaddr_in outside{};
  outside.sin_family = AF_INET;
  outside.sin_port = htons(9);
  outside.sin_addr.s_addr = htonl(0xc0000201);  // 192.0.2.1, which is nobody's (RFC 5737)
  if (const auto v4 =
          source_towards(AF_INET, reinterpret_cast<const sockaddr*>(&outside), sizeof outside)) {
    return *v4;
  }
  sockaddr_in6 outside6{};
  outside6.sin6_family = AF_INET6;
  outside6.sin6_port = htons(9);
  ::inet_pton(AF_INET6, "2001:db8::1", &outside6.sin6_addr);
  if (const auto v6 =
          source_towards(AF_INET6, reinterpret_cast<const sockaddr*>(&outside6), sizeof outside6)) {
    return *v6;
  }
  return IpAddress::v4(0x7f000001);
}

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace chordial::app
