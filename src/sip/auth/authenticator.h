// Who sent this request? Digest challenges and their answers (RFC 3261 §22, RFC 7616, RFC 8760).
// Knows no message: it is handed header field values. Keeps nothing of a request that waits for its
// credential; the caller asks again with the answer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/counters.h"
#include "sip/auth/credential_store.h"
#include "sip/auth/digest_credentials.h"
#include "sip/auth/nonce.h"

namespace chordial::sip {

struct AuthenticatorSettings {
  std::string realm;  // the overlay's name
  Duration nonce_lifetime = std::chrono::minutes(10);
  std::size_t replay_entries_max = 16384;  // 64 bytes each
  bool offer_md5 = true;                   // for phones that know nothing better
};

// What the phone sent.
struct DigestRequest {
  std::string_view method;
  std::string_view request_uri;              // as it stands in the request line
  std::span<const std::string_view> values;  // every (Proxy-)Authorization value, in order
  IpAddress source{};                        // where it came from; a nonce is good there alone
  SocketAddress server{};                    // the address of ours that it was sent to
};

// Answer with 401 or 407 and the values of challenges().
struct Challenge {
  bool stale = false;
};
// Answer with 400.
struct Refused {
  Error why;
};
// Ask the CredentialStore, then call finish() with its answer. Views into the request.
struct NeedCredential {
  CredentialQuery query;
  DigestCredentials credentials;
};
struct Authenticated {
  std::string aor;
};

class Authenticator {
 public:
  Authenticator(AuthenticatorSettings settings, Rng& rng);

  // First half: chooses the credentials for our realm, the best algorithm first.
  [[nodiscard]] std::variant<Challenge, Refused, NeedCredential> begin(
      const DigestRequest& request) const;
  // Second half, with the same request.
  [[nodiscard]] std::variant<Challenge, Refused, Authenticated> finish(
      Now now, const DigestRequest& request, const NeedCredential& need,
      const Expected<Credential>& credential);

  // Whether the credentials of an ACK are those with which its INVITE was let in (RFC 3261 §22.1):
  // `request.method` is INVITE, and their count has been seen. Nothing is noted.
  [[nodiscard]] bool repeats(Now now, const DigestRequest& request, const NeedCredential& need,
                             const Expected<Credential>& credential) const;

  // The values of WWW-Authenticate or Proxy-Authenticate, most preferred first (RFC 8760 §2.3), for
  // whoever listens at `source`. `user_agent`: the request's User-Agent. Deviation: RFC 8760 §2.4
  // wants a client to pass over algorithms it does not know; some phones give up instead, and those
  // that do not say what they are may be of the kind that looks at the first one alone
  // (docs/decisions/0004), and are offered MD5 alone.
  [[nodiscard]] std::vector<std::string> challenges(Now now, bool stale, const IpAddress& source,
                                                    std::string_view user_agent = {});

  [[nodiscard]] const std::string& realm() const { return settings_.realm; }
  [[nodiscard]] std::uint64_t failures() const { return counters_.failures; }
  [[nodiscard]] std::size_t replay_entries() const { return replays_.size(); }

  void visit(CounterVisitor& visitor) const;

 private:
  [[nodiscard]] static bool proves(const DigestRequest& request, const NeedCredential& need,
                                   const Expected<Credential>& credential);
  // The key of the nonce, if it is ours and young enough.
  [[nodiscard]] std::optional<NonceKey> good_nonce(Now now, const DigestRequest& request,
                                                   const NeedCredential& need) const;

  struct Counters {
    std::uint64_t accepted = 0, failures = 0, stale = 0, replayed = 0;
  };

  AuthenticatorSettings settings_;
  NonceMint mint_;
  NonceReplayTable replays_;
  Counters counters_;
};

}  // namespace chordial::sip
