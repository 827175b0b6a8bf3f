// What a command takes from the machine it runs on beside clock and entropy: the terminal, the
// network interfaces. The rooms below get these as arguments.
#pragma once

#include <string>
#include <string_view>

#include "base/address.h"
#include "base/error.h"

namespace chordial::app {

inline constexpr std::size_t password_bytes_max = 256;

// From a terminal: asked for twice and not shown. From anything else: the first line of standard
// input. Never from the command line, where everybody on the machine could read it. Errors: invalid
// (empty, too long, two that differ), unavailable (no input).
[[nodiscard]] Expected<std::string> read_password(std::string_view whose);

// The address under which this machine is reached from elsewhere: the source of its route to the
// outside, or loopback where it has none. Sends nothing.
[[nodiscard]] IpAddress own_address();

// Prints text on standard output.
void say(std::string_view text);

}  // namespace chordial::app
