// `chordial overlay create` and `chordial overlay admit`: the overlay authority, offline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chordial::app {

// Numbers that are not given take the document's defaults.
struct OverlayCreateArguments {
  std::string name;
  std::string directory;
  std::string algorithm = "chord";
  bool integrity_only = false;
  bool no_ice = false;
  std::optional<std::uint8_t> successors;
  std::optional<std::uint8_t> fingers;
  std::optional<std::uint8_t> replicas;
  bool full_mesh = true;
  bool sip_tunnel = true;
  std::vector<std::string> bootstrap;  // "192.0.2.1" or "192.0.2.1:6084"
  bool json = false;
};
int run_overlay_create(const OverlayCreateArguments& arguments);

struct OverlayAdmitArguments {
  std::string node;
  std::string directory;
  std::string out;
  std::string node_id;                 // hexadecimal; empty: a random one, or the one it has
  std::vector<std::string> bootstrap;  // beside the document's
  bool json = false;
};
int run_overlay_admit(const OverlayAdmitArguments& arguments);

struct OverlayDelegateArguments {
  std::string node;
  std::string pattern;
  std::string directory;
  std::string out;
  bool json = false;
};
int run_overlay_delegate(const OverlayDelegateArguments& arguments);

}  // namespace chordial::app
