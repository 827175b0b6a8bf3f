#include "sip/proxy/processors.h"

namespace chordial::sip {

Verdict HandToOwn::process(Now now, Proxy& proxy, RequestContext& context) const {
  const ProxyEnvironment& environment = proxy.environment();
  const auto uri = Uri::parse(context.routed.request_uri);
  if (!uri || !environment.names.is_node(*uri)) return Verdict::go_on;
  if (environment.own_requests == nullptr) {
    proxy.answer(now, context, 404);
    return Verdict::skip_all_chains;
  }
  context.answered = true;  // by its new owner
  proxy.transactions().set_user(context.server, *environment.own_requests, 0);
  environment.own_requests->on_request(now, context.server, context.request(), context.source);
  return Verdict::skip_all_chains;
}

}  // namespace chordial::sip
