#include "sip/proxy/processors.h"

namespace chordial::sip {

Verdict AnswerOptions::process(Now now, Proxy& proxy, RequestContext& context) const {
  if (context.method != Method::options || !context.routed.routes.empty()) return Verdict::go_on;
  const auto uri = Uri::parse(context.routed.request_uri);
  if (!uri || !proxy.environment().names.is_node(*uri)) return Verdict::go_on;
  proxy.answer(
      now, context, 200,
      {{HeaderName::allow,
        "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE, INFO, PRACK, UPDATE, REFER, "
        "SUBSCRIBE, NOTIFY, PUBLISH"},
       {HeaderName::accept, "*/*"},
       {HeaderName::supported, "path"}});
  return Verdict::skip_all_chains;
}

}  // namespace chordial::sip
