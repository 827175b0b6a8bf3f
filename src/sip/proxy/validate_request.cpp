#include "sip/proxy/processors.h"

namespace chordial::sip {

Verdict ValidateRequest::process(Now now, Proxy& proxy, RequestContext& context) const {
  const Message& request = context.request();
  const auto refuse = [&](std::uint16_t status, const Proxy::Headers& headers = {}) {
    proxy.answer(now, context, status, headers);
    return Verdict::skip_all_chains;
  };
  const auto uri = request.request_uri();
  if (!uri) return refuse(400);
  // Nor sips: nothing here speaks TLS to phones, and nothing less may carry such a request (§16.6).
  if (uri->scheme != UriScheme::sip) return refuse(416);
  const auto hops = request.max_forwards();
  if (hops && *hops == 0) return refuse(483);
  if (has_mark(request, proxy.mark_of(request))) return refuse(482);
  if (request.has(HeaderName::proxy_require)) {
    Proxy::Headers unsupported;
    for (auto i = request.first(HeaderName::proxy_require); i != no_header;
         i = request.next_same(i))
      unsupported.emplace_back(HeaderName::unsupported, request.header(i).value);
    return refuse(420, unsupported);
  }
  context.breadth = max_breadth(request, proxy.settings().breadth_default);
  if (context.breadth == 0) return refuse(440);
  auto routed =
      preprocess_routes(request, context.source, proxy.environment().names, proxy.tokens());
  if (!routed) return refuse(400);
  context.routed = *std::move(routed);
  return Verdict::go_on;
}

}  // namespace chordial::sip
