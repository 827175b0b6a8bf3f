#include "sip/proxy/processors.h"

namespace chordial::sip {

Verdict FollowRoutes::process(Now now, Proxy& proxy, RequestContext& context) const {
  const ProxyEnvironment& environment = proxy.environment();
  auto hop = prescribed_hop(now, context.request(), context.routed, environment.names,
                            environment.bindings, environment.nodes);
  if (!hop) {
    const bool foreign = hop.error().kind == ErrorKind::not_found;
    proxy.answer(now, context, foreign ? proxy.settings().foreign_status : std::uint16_t{403});
    return Verdict::skip_all_chains;
  }
  if (!*hop) return Verdict::go_on;
  context.hops.push_back(**std::move(hop));
  return Verdict::skip_this_chain;
}

}  // namespace chordial::sip
