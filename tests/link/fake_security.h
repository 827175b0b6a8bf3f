// A LinkSecurity without cryptography for tests of the layers above it: real record headers, cookie
// exchange, retransmitted flights, replay protection and a keyed tag, so that whatever the network
// does to datagrams has the effect it has on DTLS.
#pragma once

#include <array>
#include <memory>

#include "base/rng.h"
#include "crypto/link_security.h"

namespace chordial::link {

// A node of this id has a certificate that names the next one as well.
inline constexpr NodeId node_of_two_names{{77, 77}};

class FakeCertificate final : public crypto::Certificate {
 public:
  explicit FakeCertificate(const NodeId& node);
};

class FakeSecurityContext final : public crypto::LinkSecurityContext {
 public:
  FakeSecurityContext(const NodeId& self, std::uint64_t seed) : self_(self), rng_(seed, 7) {}

  std::unique_ptr<crypto::LinkSecurity> create(crypto::SecurityRole role,
                                               crypto::LinkSecurityHandler& handler,
                                               std::optional<NodeId> expected) override;
  std::unique_ptr<crypto::LinkSecurity> accept(Now now, ByteView source, ByteView datagram,
                                               crypto::LinkSecurityHandler& handler) override;

  [[nodiscard]] const NodeId& self() const { return self_; }
  [[nodiscard]] Rng& rng() { return rng_; }

 private:
  NodeId self_;
  Rng rng_;
};

// The bytes of a first ClientHello, as a flooder would send it.
[[nodiscard]] Bytes fake_client_hello(std::uint64_t random, std::uint64_t cookie = 0);
// The cookie a context would ask of this source.
[[nodiscard]] std::uint64_t fake_cookie(ByteView source);

}  // namespace chordial::link
