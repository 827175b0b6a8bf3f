// The steps a request goes through before it is forwarded (RFC 3261 §16.3 to §16.5). A step does
// one thing and says how to go on; a step that waits is run again when its answer has come.
#pragma once

#include "base/time.h"

namespace chordial::sip {

class Proxy;
struct RequestContext;

enum class Verdict : std::uint8_t {
  go_on,            // the next step
  wait_for_event,   // the same step again, later
  skip_this_chain,  // the first step of the next chain
  skip_all_chains,  // the request has been dealt with
};

class Processor {
 public:
  virtual Verdict process(Now now, Proxy& proxy, RequestContext& context) const = 0;
  virtual ~Processor() = default;
};

}  // namespace chordial::sip
