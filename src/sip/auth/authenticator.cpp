#include "sip/auth/authenticator.h"

#include <algorithm>

namespace chordial::sip {

namespace {

// RFC 7616 §3.4.6 wants the digest's URI and the Request-URI to name one resource; phones differ
// from their own request line in parameters, so those do not count. (RFC 8760 §2.6 item 6 lets a
// server accept more than equality.)
std::string_view without_parameters(std::string_view uri) {
  const std::size_t at = uri.find('@');
  return uri.substr(0, uri.find_first_of(";?>", at == std::string_view::npos ? 0 : at));
}

bool same_resource(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const std::string_view x = without_parameters(a);
  const std::string_view y = without_parameters(b);
  return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [&](char p, char q) { return lower(p) == lower(q); });
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// Deviation: RFC 8760 §2.6 item 8 lets a server take credentials without qop; without it there is
// no nonce count and a replay cannot be told, so they are refused.
Expected<void> check_form(const DigestRequest& request, const DigestCredentials& credentials) {
  if (credentials.qop != "auth")
    return failure(ErrorKind::unsupported, "qop", "only qop=auth was offered");
  if (credentials.nc.empty() || credentials.cnonce.empty())
    return failure(ErrorKind::malformed, "nc", "qop=auth needs nc and cnonce");
  // Deviation: RFC 7616 §3.4.6 wants the request line's. There are clients (SIPp) that write where
  // they send the request; who can put another request line under their digest can as well put
  // another body or another Contact there, which no digest covers.
  if (!same_resource(credentials.uri, request.request_uri) &&
      !same_resource(credentials.uri, "sip:" + request.server.text()))
    return failure(ErrorKind::malformed, "uri", "not the resource of the request line");
  return {};
}

// Phones that give the whole attempt up when any challenge names an algorithm other than MD5.
bool knows_md5_alone(std::string_view user_agent) {
  return user_agent.starts_with("baresip v0.") || user_agent.starts_with("baresip v1.");
}

}  // namespace

Authenticator::Authenticator(AuthenticatorSettings settings, Rng& rng)
    : settings_(std::move(settings)), mint_(rng), replays_(settings_.replay_entries_max) {
}

std::variant<Challenge, Refused, NeedCredential> Authenticator::begin(
    const DigestRequest& request) const {
  std::optional<NeedCredential> best;
  for (const std::string_view value : request.values) {
    const auto parsed = parse_digest_credentials(value);
    if (!parsed) {
      if (parsed.error().kind == ErrorKind::unsupported) continue;
      return Refused{parsed.error()};
    }
    if (parsed->realm != settings_.realm) continue;
    const auto algorithm = algorithm_by_name(parsed->algorithm);
    if (!algorithm || (*algorithm == DigestAlgorithm::md5 && !settings_.offer_md5)) continue;
    if (best && best->query.algorithm <= *algorithm) continue;
    best = NeedCredential{{std::string(parsed->username), std::string(parsed->realm), *algorithm},
                          *parsed};
  }
  if (!best) return Challenge{};
  if (const auto well = check_form(request, best->credentials); !well) return Refused{well.error()};
  return *std::move(best);
}

bool Authenticator::proves(const DigestRequest& request, const NeedCredential& need,
                           const Expected<Credential>& credential) {
  const DigestCredentials& given = need.credentials;
  const DigestAlgorithm algorithm = need.query.algorithm;
  const std::size_t characters = digest_characters(algorithm);
  // An unknown user costs the same work as a wrong password, so that names cannot be probed.
  const bool known = credential.has_value() && credential->ha1.size() == characters;
  const std::string ha1 = known ? credential->ha1 : std::string(characters, '0');
  const std::string expected = digest_response(
      algorithm, {ha1, request.method, given.uri, given.nonce, given.nc, given.cnonce, given.qop});
  return equal_constant_time(as_bytes(expected), as_bytes(given.response)) && known;
}

std::optional<NonceKey> Authenticator::good_nonce(Now now, const DigestRequest& request,
                                                  const NeedCredential& need) const {
  const auto nonce = mint_.read(need.credentials.nonce, settings_.realm, request.source);
  const auto now_ms = static_cast<std::uint64_t>(now.monotonic.time_since_epoch().count() / 1000);
  const auto lifetime_ms = static_cast<std::uint64_t>(settings_.nonce_lifetime.count() / 1000);
  if (!nonce || nonce->issued_ms > now_ms || now_ms - nonce->issued_ms > lifetime_ms)
    return std::nullopt;
  return nonce;
}

std::variant<Challenge, Refused, Authenticated> Authenticator::finish(
    Now now, const DigestRequest& request, const NeedCredential& need,
    const Expected<Credential>& credential) {
  if (!proves(request, need, credential)) {
    ++counters_.failures;
    return Challenge{};
  }
  // Only now: who does not know the password learns nothing about nonces, and uses none up.
  const auto nonce = good_nonce(now, request, need);
  if (!nonce) {
    ++counters_.stale;
    return Challenge{.stale = true};
  }
  const auto now_ms = static_cast<std::uint64_t>(now.monotonic.time_since_epoch().count() / 1000);
  const auto lifetime_ms = static_cast<std::uint64_t>(settings_.nonce_lifetime.count() / 1000);
  if (now_ms > lifetime_ms) replays_.forget_before(now_ms - lifetime_ms);
  if (!replays_.note(*nonce, need.credentials.nonce_count)) {
    ++counters_.replayed;
    return Challenge{.stale = true};
  }
  ++counters_.accepted;
  return Authenticated{credential->aor};
}

bool Authenticator::repeats(Now now, const DigestRequest& request, const NeedCredential& need,
                            const Expected<Credential>& credential) const {
  if (!proves(request, need, credential)) return false;
  const auto nonce = good_nonce(now, request, need);
  return nonce && replays_.has(*nonce, need.credentials.nonce_count);
}

std::vector<std::string> Authenticator::challenges(Now now, bool stale, const IpAddress& source,
                                                   std::string_view user_agent) {
  const bool md5_alone = settings_.offer_md5 && knows_md5_alone(user_agent);
  const std::string nonce = mint_.issue(now, settings_.realm, source);
  std::vector<std::string> values;
  for (const DigestAlgorithm algorithm : digest_algorithms) {
    if (algorithm == DigestAlgorithm::md5 ? !settings_.offer_md5 : md5_alone) continue;
    values.push_back("Digest realm=\"" + escaped(settings_.realm) + "\", nonce=\"" + nonce +
                     "\", algorithm=" + algorithm_name(algorithm) + ", qop=\"auth\"" +
                     (stale ? ", stale=true" : ""));
  }
  if (user_agent.empty()) std::reverse(values.begin(), values.end());
  return values;
}

void Authenticator::visit(CounterVisitor& visitor) const {
  visitor.counter("auth_accepted", counters_.accepted);
  visitor.counter("auth_failures", counters_.failures);
  visitor.counter("auth_nonces_stale", counters_.stale);
  visitor.counter("auth_nonces_replayed", counters_.replayed);
  visitor.counter("auth_nonces_forgotten", replays_.forgotten());
  visitor.gauge("auth_nonces_remembered", replays_.size());
}

}  // namespace chordial::sip
