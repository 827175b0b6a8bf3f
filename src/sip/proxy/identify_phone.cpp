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

}  // namespace

Verdict IdentifyPhone::process(Now now, RequestContext& context) {
  if (!context.source.addressed() || context.routed.proven) return Verdict::go_on;
  if (auto* waited = std::get_if<CredentialWait>(&context.wait)) {
    const CredentialWait answered = std::move(*waited);
    context.wait.emplace<std::monostate>();
    return finish(now, context, answered.need, *answered.answer);
  }
  const auto values = credential_values(context);
  const Message& request = context.request();
  const auto begun = proxy_.environment().authenticator.begin(
      {request.method_text(), request.request_uri_text(), values});
  if (const auto* wanted = std::get_if<Challenge>(&begun))
    return challenge(now, context, wanted->stale);
  if (std::holds_alternative<Refused>(begun)) {
    proxy_.answer(now, context, 400);
    return Verdict::skip_all_chains;
  }
  const auto& need = std::get<NeedCredential>(begun);
  const ports::RequestId id = proxy_.next_question();
  const auto at_once = proxy_.environment().credentials.credential(now, id, need.query, proxy_);
  if (at_once) return finish(now, context, need, *at_once);
  context.wait = CredentialWait{need, std::nullopt};
  proxy_.expect_answer(id, context);
  return Verdict::wait_for_event;
}

Verdict IdentifyPhone::finish(Now now, RequestContext& context, const NeedCredential& need,
                              const Expected<Credential>& credential) {
  if (!credential && credential.error().kind == ErrorKind::unavailable) {
    proxy_.answer(now, context, 500, {{HeaderName::retry_after, "5"}});
    return Verdict::skip_all_chains;
  }
  const auto values = credential_values(context);
  const Message& request = context.request();
  const auto done = proxy_.environment().authenticator.finish(
      now, {request.method_text(), request.request_uri_text(), values}, need, credential);
  if (const auto* wanted = std::get_if<Challenge>(&done))
    return challenge(now, context, wanted->stale);
  if (std::holds_alternative<Refused>(done)) {
    proxy_.answer(now, context, 400);
    return Verdict::skip_all_chains;
  }
  context.user = std::get<Authenticated>(done).aor;
  return Verdict::go_on;
}

Verdict IdentifyPhone::challenge(Now now, RequestContext& context, bool stale) {
  const bool registers = context.method == Method::register_;
  Proxy::Headers headers;
  for (std::string& value : proxy_.environment().authenticator.challenges(now, stale)) {
    headers.emplace_back(registers ? HeaderName::www_authenticate : HeaderName::proxy_authenticate,
                         std::move(value));
  }
  proxy_.answer(now, context, registers ? 401 : 407, headers);
  return Verdict::skip_all_chains;
}

}  // namespace chordial::sip
