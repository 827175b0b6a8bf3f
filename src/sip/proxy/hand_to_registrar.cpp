#include "sip/proxy/processors.h"

namespace chordial::sip {

namespace {

Proxy::Headers headers_of(const RegisterAnswer& answer, const Message& request) {
  Proxy::Headers headers;
  for (const std::string& contact : answer.contacts)
    headers.emplace_back(HeaderName::contact, contact);
  if (answer.status == 200) {
    // RFC 3327 §5.3: the phone sees which way it will be reached.
    for (auto i = request.first(HeaderName::path); i != no_header; i = request.next_same(i))
      headers.emplace_back(HeaderName::path, request.header(i).value);
  }
  if (!answer.date.empty()) headers.emplace_back(HeaderName::date, answer.date);
  if (!answer.unsupported.empty())
    headers.emplace_back(HeaderName::unsupported, answer.unsupported);
  if (answer.min_expires_s != 0)
    headers.emplace_back(HeaderName::min_expires, std::to_string(answer.min_expires_s));
  if (answer.retry_after_s != 0)
    headers.emplace_back(HeaderName::retry_after, std::to_string(answer.retry_after_s));
  return headers;
}

}  // namespace

Verdict HandToRegistrar::process(Now now, Proxy& proxy, RequestContext& context) const {
  if (context.method != Method::register_) return Verdict::go_on;
  const ProxyEnvironment& environment = proxy.environment();
  std::optional<RegisterAnswer> answer;
  if (auto* waited = context.waiting_for<RegistrarWait>()) {
    answer = std::move(waited->answer);
    context.wait.reset();
  } else {
    const auto uri = Uri::parse(context.routed.request_uri);
    if (!uri || !environment.names.is_domain(*uri)) {
      proxy.answer(now, context, proxy.settings().foreign_status);
      return Verdict::skip_all_chains;
    }
    // Who registers has proven to be the user by digest, and nobody but a phone can do that.
    if (context.user.empty()) {
      proxy.answer(now, context, 403);
      return Verdict::skip_all_chains;
    }
    const auto ticket = static_cast<RegisterTicket>(context.server);
    answer = environment.registrar.handle(now, ticket, context.request(), context.source,
                                          context.user, proxy);
    if (!answer) {
      context.wait = std::make_unique<Wait>(RegistrarWait{});
      return Verdict::wait_for_event;
    }
  }
  proxy.answer(now, context, answer->status, headers_of(*answer, context.request()));
  return Verdict::skip_all_chains;
}

}  // namespace chordial::sip
