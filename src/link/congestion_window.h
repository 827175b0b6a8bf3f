// How many unacknowledged messages a link may have under way: 4 at first, 32 at most, which is what
// one ack's mask can speak for (RFC 6940 §6.6.2; §6.6.4 permits such senders, RFC 5405 asks for the
// congestion control). Doubles per round trip until the first loss, then grows by one per round
// trip and halves per loss event.
#pragma once

#include <algorithm>
#include <cstdint>

namespace chordial::link {

class CongestionWindow {
 public:
  static constexpr std::uint32_t initial = 4;
  static constexpr std::uint32_t largest = 32;

  [[nodiscard]] std::uint32_t size() const { return size_; }

  // One message was acknowledged. `limited`: the window was full, so that growing makes a
  // difference.
  void on_acknowledged(bool limited) {
    if (!limited || size_ >= largest) return;
    if (size_ < threshold_) {
      ++size_;
    } else if (++credit_ >= size_) {
      credit_ = 0;
      ++size_;
    }
  }
  // At most once per flight: the caller tells loss events apart.
  void on_loss() {
    size_ = threshold_ = std::max<std::uint32_t>(size_ / 2, 1);
    credit_ = 0;
  }

 private:
  std::uint32_t size_ = initial;
  std::uint32_t threshold_ = largest;
  std::uint32_t credit_ = 0;  // acknowledgements since the last growth
};

}  // namespace chordial::link
