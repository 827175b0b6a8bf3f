// What bounds and times the proxy works with.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace chordial::sip {

struct ProxySettings {
  // Requests in progress; one more is answered 503 with Retry-After.
  std::size_t contexts_max = 32768;
  std::size_t contexts_per_user_max = 256;          // of them, of one user; likewise
  std::size_t branches_max = 16;                    // forks of one request, all groups together
  std::uint32_t breadth_default = 60;               // RFC 5393 §5.3.3.1
  std::uint32_t retargets_max = 5;                  // forwardings and 3xx followed for one request
  Duration timer_c = std::chrono::seconds(181);     // RFC 3261 §16.6 step 11: more than 3 minutes
  Duration answer_wait = std::chrono::seconds(35);  // for the location service or credentials
  std::uint16_t foreign_status = 404;               // a Request-URI of a domain that is not ours
  // UDP sources that need no digest (gateways, PBXs); at most a handful, searched one by one.
  std::vector<IpAddress> trusted_addresses{};
  std::uint64_t flow_token_key_low = 0;  // FlowTokens; from the node's secret
  std::uint64_t flow_token_key_high = 0;
};

}  // namespace chordial::sip
