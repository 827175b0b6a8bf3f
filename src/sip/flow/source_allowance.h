// How much more than it received this node sends to a UDP source that may be forged (RFC 3261
// §26.1.5, docs/decisions/0005): an answer no longer than its request is free, what it is longer by
// is taken from a small account of the source, which fills up again with time. Knows no message.
#pragma once

#include <list>
#include <unordered_map>

#include "base/counters.h"
#include "base/hash.h"
#include "base/rng.h"
#include "base/time.h"

namespace chordial::sip {

struct SourceAllowanceLimits {
  // Sources with an account that is not full. When one more comes, the one used longest ago goes;
  // it comes back with a full account, which costs an attacker as many forged sources.
  std::size_t sources_max = 4096;
  std::uint32_t burst_bytes = 64U << 10;
  std::uint32_t refill_bytes_per_s = 8U << 10;
};

class SourceAllowance {
 public:
  explicit SourceAllowance(Rng& rng, SourceAllowanceLimits limits = {});

  // Whether an answer may go to `source`; if it may, the account is charged.
  [[nodiscard]] bool take(Now now, const IpAddress& source, std::size_t request_bytes,
                          std::size_t answer_bytes);
  // Somebody there has shown what was sent there: the account is full.
  void restore(const IpAddress& source);

  [[nodiscard]] std::size_t sources() const { return accounts_.size(); }
  void visit(CounterVisitor& visitor) const;

 private:
  struct Account {
    IpAddress source;
    std::uint32_t left_bytes;
    MonotonicTime at;
  };
  using Accounts = std::list<Account>;  // the one used longest ago comes first
  struct Hash {
    std::uint64_t key_low;
    std::uint64_t key_high;
    std::size_t operator()(const IpAddress& ip) const {
      return static_cast<std::size_t>(siphash(key_low, key_high, ip.bytes()));
    }
  };

  Accounts::iterator account_of(Now now, const IpAddress& source);

  const SourceAllowanceLimits limits_;
  Accounts accounts_;
  std::unordered_map<IpAddress, Accounts::iterator, Hash> by_source_;
  std::uint64_t refused_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace chordial::sip
