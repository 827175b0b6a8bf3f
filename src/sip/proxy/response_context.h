// The response context of one request (RFC 3261 §16.7): what the branches have answered so far, and
// which answer is the best. Keeps the bytes of one response, whatever the number of branches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sip/message/message.h"

namespace chordial::sip {

inline constexpr std::size_t challenges_max = 16;  // kept of all 401 and 407
inline constexpr std::size_t challenge_bytes_max = 8192;

class ResponseContext {
 public:
  // A final response other than 2xx.
  void consider(const Message& response);
  // What a branch came to without one: 408 (timer B, F or C), 503 (could not be sent).
  void consider(std::uint16_t status);

  // 0: nothing so far.
  [[nodiscard]] std::uint16_t best_status() const { return best_status_; }
  // The best response; nothing when it is one that only the status stands for. Its bytes live until
  // the next call of consider or clear.
  [[nodiscard]] std::optional<Message> best() const;
  // Of a 401 or 407: challenges of the other branches, to be added (step 7, RFC 8760 §2.5).
  struct Challenge {
    HeaderName name;
    std::string value;
  };
  [[nodiscard]] std::vector<Challenge> other_challenges() const;
  void clear();

 private:
  bool better(std::uint16_t status) const;
  void keep_challenges(const Message& response);

  std::uint16_t best_status_ = 0;
  Bytes best_;  // without an index: it is read once
  std::vector<Challenge> challenges_;
};

}  // namespace chordial::sip
