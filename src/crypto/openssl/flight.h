// Private to this room: a copy of the datagrams that were sent together and wait for an answer.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace chordial::crypto::openssl {

class Flight {
 public:
  // The next datagram belongs to another flight: the present one is forgotten when it comes.
  void end() { ended_ = true; }
  void record(ByteView datagram) {
    if (ended_) clear();
    ended_ = false;
    bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
    sizes_.push_back(static_cast<std::uint16_t>(datagram.size()));
  }
  void clear() {
    bytes_ = Bytes();
    sizes_ = std::vector<std::uint16_t>();
  }
  [[nodiscard]] bool empty() const { return sizes_.empty(); }

  template <class Function>
  void for_each(Function function) const {
    std::size_t at = 0;
    for (const std::uint16_t size : sizes_) {
      function(ByteView(bytes_).subspan(at, size));
      at += size;
    }
  }

 private:
  Bytes bytes_;
  std::vector<std::uint16_t> sizes_;
  bool ended_ = true;
};

}  // namespace chordial::crypto::openssl
