#include <algorithm>

#include "sip/proxy/processors.h"

namespace chordial::sip {

namespace {

std::vector<std::string_view> credential_values(const RequestContext& context) {
  const HeaderName name = context.method == Method::register_ ? HeaderName::authorization
                                                              : HeaderName::proxy_authorization;
  const Message& request = context.request();
  std::vector<std::string_view> values;
  for (auto i = request.first(name); i != no_header; i = request.next_same(i))
    values.push_back(request.header(i).value);
  return values;
}

DigestRequest digest_request(const RequestContext& context,
                             std::span<const std::string_view> values) {
  const Message& request = context.request();
  return {request.method_text(), request.request_uri_text(), values, context.source.remote.ip,
          context.source.local};
}

bool is_trusted(const ProxySettings& settings, const Flow& source) {
  return source.transport == TransportKind::udp &&
         std::find(settings.trusted_addresses.begin(), settings.trusted_addresses.end(),
                   source.remote.ip) != settings.trusted_addresses.end();
}

}  // namespace

Verdict IdentifyPhone::process(Now now, Proxy& proxy, RequestContext& context) const {
  if (!context.source.addressed()) return Verdict::go_on;
  if (context.routed.proven) return known(now, proxy, context, {});
  if (is_trusted(proxy.settings(), context.source)) {
    // Whoever it speaks for is its own business, as long as he is a user of this domain; for anyone
    // else it must prove itself as a phone does.
    const OwnNames& names = proxy.environment().names;
    const auto said =
        context.method == Method::register_ ? context.request().to() : context.request().from();
    const auto aor = said ? names.aor_of(said->uri) : Failure(said.error());
    if (aor && names.is_domain(said->uri) && !names.node_of(said->uri)) {
      return known(now, proxy, context, *aor);
    }
  }
  const auto values = credential_values(context);
  const auto begun = proxy.environment().authenticator.begin(digest_request(context, values));
  if (const auto* wanted = std::get_if<Challenge>(&begun))
    return challenge(now, proxy, context, wanted->stale);
  if (std::holds_alternative<Refused>(begun)) {
    proxy.answer(now, context, 400);
    return Verdict::skip_all_chains;
  }
  const auto& need = std::get<NeedCredential>(begun);
  if (auto* waited = context.waiting_for<CredentialWait>()) {
    const CredentialWait answered = std::move(*waited);
    context.wait.reset();
    return finish(now, proxy, context, need, *answered.answer);
  }
  const ports::RequestId id = proxy.next_question();
  const auto at_once = proxy.environment().credentials.credential(now, id, need.query, proxy);
  if (at_once) return finish(now, proxy, context, need, *at_once);
  context.wait = std::make_unique<Wait>(CredentialWait{});
  proxy.expect_answer(id, context);
  return Verdict::wait_for_event;
}

Verdict IdentifyPhone::finish(Now now, Proxy& proxy, RequestContext& context,
                              const NeedCredential& need,
                              const Expected<Credential>& credential) const {
  if (!credential && credential.error().kind == ErrorKind::unavailable) {
    proxy.answer(now, context, 500, {{HeaderName::retry_after, "5"}});
    return Verdict::skip_all_chains;
  }
  const auto values = credential_values(context);
  const auto done = proxy.environment().authenticator.finish(now, digest_request(context, values),
                                                             need, credential);
  if (const auto* wanted = std::get_if<Challenge>(&done))
    return challenge(now, proxy, context, wanted->stale);
  if (std::holds_alternative<Refused>(done)) {
    proxy.answer(now, context, 400);
    return Verdict::skip_all_chains;
  }
  proxy.transactions().source_proven(context.source);
  return known(now, proxy, context, std::get<Authenticated>(done).aor);
}

Verdict IdentifyPhone::known(Now now, Proxy& proxy, RequestContext& context,
                             std::string user) const {
  return proxy.identify(now, context, std::move(user)) ? Verdict::go_on : Verdict::skip_all_chains;
}

Verdict IdentifyPhone::challenge(Now now, Proxy& proxy, RequestContext& context, bool stale) const {
  const bool registers = context.method == Method::register_;
  Proxy::Headers headers;
  for (std::string& value : proxy.environment().authenticator.challenges(
           now, stale, context.source.remote.ip, context.request().value(HeaderName::user_agent))) {
    headers.emplace_back(registers ? HeaderName::www_authenticate : HeaderName::proxy_authenticate,
                         std::move(value));
  }
  proxy.answer(now, context, registers ? 401 : 407, headers);
  return Verdict::skip_all_chains;
}

}  // namespace chordial::sip
