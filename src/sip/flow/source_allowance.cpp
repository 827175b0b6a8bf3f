#include "sip/flow/source_allowance.h"

#include <algorithm>
#include <array>

namespace chordial::sip {

namespace {

// Who has one address of an IPv6 link has 2^64 of them.
IpAddress network_of(const IpAddress& ip) {
  if (ip.is_v4()) return ip;
  std::array<std::uint8_t, 16> prefix{};
  std::copy_n(ip.bytes().begin(), 8, prefix.begin());
  return IpAddress::v6(prefix);
}

}  // namespace

SourceAllowance::SourceAllowance(Rng& rng, SourceAllowanceLimits limits)
    : limits_(limits), by_source_(0, Hash{rng.u64(), rng.u64()}) {
}

SourceAllowance::Accounts::iterator SourceAllowance::account_of(Now now, const IpAddress& source) {
  const auto found = by_source_.find(source);
  if (found != by_source_.end()) {
    accounts_.splice(accounts_.end(), accounts_, found->second);
    Account& account = *found->second;
    const Duration passed = std::min<Duration>(now.monotonic - account.at, std::chrono::hours(1));
    const auto filled =
        static_cast<std::uint64_t>(passed.count()) * limits_.refill_bytes_per_s / 1000000;
    if (filled != 0) account.at = now.monotonic;
    account.left_bytes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(account.left_bytes + filled, limits_.burst_bytes));
    return found->second;
  }
  if (accounts_.size() >= limits_.sources_max) {
    ++evicted_;
    by_source_.erase(accounts_.front().source);
    accounts_.pop_front();
  }
  accounts_.push_back({source, limits_.burst_bytes, now.monotonic});
  const auto made = std::prev(accounts_.end());
  by_source_.emplace(source, made);
  return made;
}

bool SourceAllowance::take(Now now, const IpAddress& source, std::size_t request_bytes,
                           std::size_t answer_bytes) {
  if (answer_bytes <= request_bytes) return true;
  const std::size_t more = answer_bytes - request_bytes;
  Account& account = *account_of(now, network_of(source));
  if (more > account.left_bytes) {
    ++refused_;
    return false;
  }
  account.left_bytes -= static_cast<std::uint32_t>(more);
  return true;
}

void SourceAllowance::restore(const IpAddress& source) {
  const auto found = by_source_.find(network_of(source));
  if (found == by_source_.end()) return;
  accounts_.erase(found->second);
  by_source_.erase(found);
}

void SourceAllowance::visit(CounterVisitor& visitor) const {
  visitor.counter("sip_unproven_answers_withheld", refused_);
  visitor.counter("sip_unproven_sources_evicted", evicted_);
  visitor.gauge("sip_unproven_sources", accounts_.size());
}

}  // namespace chordial::sip
