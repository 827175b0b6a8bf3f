#include "sip/proxy/processors.h"

namespace chordial::sip {

Verdict AnswerOptions::process(Now now, Proxy& proxy, RequestContext& context) const {
  if (context.method != Method::options || !context.routed.routes.empty()) return Verdict::go_on;
  const auto uri = Uri::parse(context.routed.request_uri);
  if (!uri || !proxy.environment().names.is_node(*uri)) return Verdict::go_on;
  const Message& request = context.request();
  if (request.has(HeaderName::require)) {  // §8.2.2.3: no extension is needed for this
    Proxy::Headers unsupported;
    for (auto i = request.first(HeaderName::require); i != no_header; i = request.next_same(i))
      unsupported.emplace_back(HeaderName::unsupported, request.header(i).value);
    proxy.answer(now, context, 420, unsupported);
    return Verdict::skip_all_chains;
  }
  proxy.answer(now, context, 200,
               {{HeaderName::allow, std::string(allowed_methods)},
                {HeaderName::accept, "*/*"},
                {HeaderName::supported, "path"}});
  return Verdict::skip_all_chains;
}

}  // namespace chordial::sip
