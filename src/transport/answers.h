// Answers already given, so that a repeated request is answered again and not processed again (RFC
// 6940 §6.2.1): for as long as requests live, oldest out first where the limits are reached.
#pragma once

#include <map>

#include "base/bytes.h"
#include "base/time.h"

namespace chordial::transport {

inline constexpr std::size_t answers_max = 4096;
inline constexpr std::size_t answer_bytes_max = 1 << 20;
inline constexpr Duration request_lifetime{15'000'000};

struct GivenAnswer {
  std::uint64_t check = 0;  // keyed hash of the request, so that nobody gets another's answer
  bool answered = false;    // false: in progress
  Bytes contents;
  Bytes signature;
};

class Answers {
 public:
  // Null when the request is new.
  [[nodiscard]] const GivenAnswer* find(std::uint64_t transaction_id) const;
  // A request whose repetitions must be recognised, in progress until set().
  void begin(Now now, std::uint64_t transaction_id, std::uint64_t check);
  // Ignored where begin() was not called, or is forgotten.
  void set(std::uint64_t transaction_id, ByteView contents, ByteView signature);
  void forget(std::uint64_t transaction_id);
  void expire(Now now);
  [[nodiscard]] MonotonicTime next_expiry() const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Entry {
    GivenAnswer answer;
    MonotonicTime expiry;
    std::uint64_t older = 0;  // neighbours in the order of arrival; 0 at the ends
    std::uint64_t newer = 0;
  };
  using Entries = std::map<std::uint64_t, Entry>;

  void erase(Entries::iterator entry);

  Entries entries_;
  std::uint64_t oldest_ = 0;
  std::uint64_t newest_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace chordial::transport
