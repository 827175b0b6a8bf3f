// Datagrams as strangers send them to a node: each with two bytes of length before it. They meet
// the cookie exchange and an association that waits for a client.
#include <memory>

#include "base/assert.h"
#include "base/byte_reader.h"
#include "crypto/openssl/dtls_context.h"
#include "crypto/openssl/issuing.h"
#include "crypto/openssl/store.h"

namespace {

using namespace chordial;
using namespace chordial::crypto;

class Silent final : public LinkSecurityHandler {
 public:
  void on_security_transmit(ByteView datagram) override {
    CHORDIAL_INVARIANT(datagram.size() <= 1200);
  }
  void on_security_plaintext(Now, ByteView) override { CHORDIAL_INVARIANT(established); }
  void on_security_established(Now, const Certificate&) override { established = true; }
  void on_security_closed(Now, const Error& why) override {
    CHORDIAL_INVARIANT(!closed && why.field[0] != '\0');
    closed = true;
  }

  bool established = false;
  bool closed = false;
};

struct Node {
  Node() {
    const openssl::Validity always{{}, WallTime(std::chrono::hours(24 * 365 * 100))};
    const auto root_key = *openssl::PrivateKey::generate();
    const Bytes root = *openssl::issue_root(root_key, "example.org", always);
    auto key = *openssl::PrivateKey::generate();
    const NodeId id{{1, 2}};
    const Bytes der = *openssl::issue_leaf(
        {root_key, root},
        {{id}, node_user_name(id, "example.org"), "example.org", always, key.public_key()});
    Trust trust;
    trust.overlay = "example.org";
    trust.roots = {root};
    store = *openssl::Store::create(trust);
    const auto signer = *openssl::KeySigner::create(std::move(key), der, "example.org");
    Rng rng(1, 2);
    context = *openssl::DtlsContext::create(*signer, *store, rng,
                                            {openssl::CipherPolicy::confidential, 1200, true});
  }

  std::unique_ptr<openssl::Store> store;
  std::unique_ptr<openssl::DtlsContext> context;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Node node;
  Silent stranger;
  Silent waiting;
  const auto server = node.context->create(SecurityRole::server, waiting, std::nullopt);
  Now now{MonotonicTime(std::chrono::seconds(1000)), WallTime(std::chrono::seconds(1000))};
  server->start(now);
  ByteReader input(ByteView(data, size));
  while (!input.done() && !waiting.closed) {
    const ByteView datagram = input.vector(2, "datagram");
    if (!input.ok()) break;
    // Nobody guesses a cookie.
    CHORDIAL_INVARIANT(!node.context->accept(now, as_bytes("source"), datagram, stranger));
    server->handle_datagram(now, datagram);
    now.monotonic += std::chrono::milliseconds(70);
    if (!waiting.closed) server->handle_timeout(now);
  }
  return 0;
}
