// Two ends of a DTLS association in memory, and the network between them in the test's hands.
#pragma once

#include <deque>
#include <functional>

#include "crypto/openssl/dtls_context.h"
#include "crypto/overlay_authority.h"

namespace chordial::crypto::openssl {

class DtlsEnd final : public LinkSecurityHandler {
 public:
  DtlsEnd(const OverlayAuthority& authority, std::unique_ptr<KeySigner> own,
          DtlsOptions options = {CipherPolicy::confidential, 1200, true})
      : signer(std::move(own)),
        store(value(Store::create(authority.trust()))),
        context(value(DtlsContext::create(*signer, *store, rng, options))) {}

  void on_security_transmit(ByteView datagram) override { sent.push_back(to_bytes(datagram)); }
  void on_security_plaintext(Now, ByteView record) override {
    received.emplace_back(as_text(record));
  }
  void on_security_established(Now, const Certificate& peer) override {
    peer_node = peer.node_ids.front();
  }
  void on_security_closed(Now, const Error& why) override { closed = why; }

  Rng rng{1, 2};
  std::unique_ptr<KeySigner> signer;
  std::unique_ptr<Store> store;
  std::unique_ptr<DtlsContext> context;
  std::unique_ptr<LinkSecurity> association;
  std::deque<Bytes> sent;
  std::vector<std::string> received;
  std::optional<NodeId> peer_node;
  std::optional<Error> closed;
};

struct DtlsPair {
  DtlsPair(DtlsEnd& client_end, DtlsEnd& server_end) : client(client_end), server(server_end) {}

  // The client calls; the server is one that ICE has set up, without cookie.
  void start(std::optional<NodeId> expected = std::nullopt) {
    client.association = client.context->create(SecurityRole::client, client, expected);
    server.association = server.context->create(SecurityRole::server, server, std::nullopt);
    server.association->start(now());
    client.association->start(now());
  }
  // Carries datagrams until both are silent. `keep` sees each one and may alter it; false: lost.
  void carry() {
    while (!client.sent.empty() || !server.sent.empty()) {
      deliver(client, server, true);
      deliver(server, client, false);
    }
  }
  // Carries, and lets time pass up to the next deadline, until `time_ms` is reached.
  void run_until(std::int64_t time_ms) {
    carry();
    for (;;) {
      const MonotonicTime next =
          std::min(client.association->next_timeout(), server.association->next_timeout());
      if (next > at(time_ms).monotonic) break;
      ms = std::chrono::ceil<std::chrono::milliseconds>(next - at(0).monotonic).count();
      client.association->handle_timeout(now());
      server.association->handle_timeout(now());
      carry();
    }
    ms = time_ms;
  }
  [[nodiscard]] Now now() const { return at(ms); }

  DtlsEnd& client;
  DtlsEnd& server;
  std::int64_t ms = 0;
  std::size_t carried = 0;
  std::function<bool(bool from_client, Bytes& datagram)> keep = [](bool, Bytes&) { return true; };

 private:
  void deliver(DtlsEnd& from, DtlsEnd& to, bool from_client) {
    while (!from.sent.empty()) {
      Bytes datagram = std::move(from.sent.front());
      from.sent.pop_front();
      ++carried;
      if (keep(from_client, datagram)) to.association->handle_datagram(now(), datagram);
    }
  }
};

}  // namespace chordial::crypto::openssl
