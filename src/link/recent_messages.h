// Recognises link-level repetitions: a retransmission has a new sequence number (RFC 6940 §6.6.2),
// so only its bytes tell. End-to-end repetitions (§6.2.1) have the same bytes as well and must
// pass; they come later, and therefore memory is short.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace chordial::link {

class RecentMessages {
 public:
  static constexpr std::size_t messages_max = 64;  // the oldest goes first

  // True when the same bytes came less than `age_max` ago; a repetition renews the age.
  [[nodiscard]] bool repeated(Now now, Duration age_max, std::uint64_t digest);

 private:
  struct Entry {
    std::uint64_t digest;
    MonotonicTime at;
  };
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace chordial::link
