// `chordial version`.
#pragma once

namespace chordial::app {

int run_version(bool json);

}  // namespace chordial::app
