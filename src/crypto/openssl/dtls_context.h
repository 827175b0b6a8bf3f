// DTLS 1.2 for links and application connections (RFC 6347; RFC 6940 §6.6.1): certificates on both
// sides, P-256, AES-GCM behind ECDHE; overlays that must stay readable (amateur radio) authenticate
// and do not encrypt. One context per node. No resumption, no renegotiation; anti-replay is on.
//
// Time. The library times retransmissions by the system's clock and cannot be told otherwise. The
// association therefore keeps its own schedule by `Now` and a copy of the flight that waits for an
// answer. When a deadline has passed, the library is asked to retransmit, and does so with fresh
// record numbers as RFC 6347 §4.2.4 wants, because its clock says the same. Where it does not -
// time in a simulation is not the system's - the copy is sent again as it was: to the other side a
// datagram that the network has doubled, which loses nothing but one case, the server's last flight
// lost; there an association answers the client's repetition from its copy. With `virtual_clock`
// the library's clock never fires by itself, so that a run depends on `Now` alone.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>

#include "base/rng.h"
#include "crypto/certificate_store.h"
#include "crypto/link_security.h"
#include "crypto/openssl/key_signer.h"

namespace chordial::crypto::openssl {

enum class CipherPolicy : std::uint8_t { confidential, integrity_only };

struct DtlsOptions {
  CipherPolicy policy = CipherPolicy::confidential;
  std::size_t datagram_bytes_max = 1200;  // UDP payload; 576 to 16384
  bool virtual_clock = false;
};

class DtlsContext final : public LinkSecurityContext {
 public:
  // The first retransmission comes after this, each following one after twice the time, and the
  // handshake is given up when handshake_time_max has passed since its start.
  static constexpr Duration first_retransmission = std::chrono::milliseconds(200);
  static constexpr Duration handshake_time_max = std::chrono::seconds(30);

  // `node`: the node certificate and its key; copied. `store` outlives the context, which outlives
  // its associations. The cookie secret comes from `rng`. Errors: invalid (options), internal.
  [[nodiscard]] static Expected<std::unique_ptr<DtlsContext>> create(const KeySigner& node,
                                                                     CertificateStore& store,
                                                                     Rng& rng,
                                                                     const DtlsOptions& options);
  ~DtlsContext() override;

  // A renewed node certificate, for associations made from now on. Error: internal.
  [[nodiscard]] Expected<void> use(const KeySigner& node);
  // Every secret as one line of the NSS key log, without its newline, for Wireshark. Whoever has
  // them reads the traffic. An empty function ends it.
  void set_keylog(std::function<void(std::string_view line)> keylog);

  // Errors that on_security_closed hands over, by (kind, field): (unauthentic, reload_uri) another
  // overlay; (unauthentic, certificate) foreign root; (unauthentic, node_id) not the expected node;
  // (expired, not_after | not_before); (forbidden, bad-node | bad-certificate); (…, alert) what the
  // other side said; (unavailable, handshake) no answer; (unavailable, close_notify).
  [[nodiscard]] std::unique_ptr<LinkSecurity> create(SecurityRole role,
                                                     LinkSecurityHandler& handler,
                                                     std::optional<NodeId> expected) override;
  [[nodiscard]] std::unique_ptr<LinkSecurity> accept(Now now, ByteView source, ByteView datagram,
                                                     LinkSecurityHandler& handler) override;

  // For this room alone.
  struct State;

 private:
  explicit DtlsContext(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace chordial::crypto::openssl
