// Signatures with and without what is remembered, certificates, and a DTLS handshake of both ends
// (crypto/).
#include <benchmark/benchmark.h>

#include "crypto/dtls_pair.h"
#include "crypto/openssl/key_verifier.h"

namespace chordial::crypto::openssl {
namespace {

const Bytes message(600, 0x5a);

void sign(benchmark::State& state) {
  const OverlayAuthority authority;
  const auto signer = authority.node(node_id(1));
  for (auto _ : state)
    benchmark::DoNotOptimize(signer->sign({message}));
}
BENCHMARK(sign);

void verify(benchmark::State& state, std::size_t remembered_max) {
  const OverlayAuthority authority;
  const auto signer = authority.node(node_id(1));
  const auto store = value(Store::create(authority.trust()));
  const Certificate* certificate = value(store->add(signer->certificate().der, at(0)));
  const Bytes signature = signer->sign({message});
  KeyVerifier verifier(remembered_max);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        verifier.verify(*certificate, signer->algorithm(), signature, {message}));
  }
}
BENCHMARK_CAPTURE(verify, without_memory, std::size_t{0});
BENCHMARK_CAPTURE(verify, remembered, KeyVerifier::remembered_max_default);

void add_certificate(benchmark::State& state, bool known) {
  const OverlayAuthority authority;
  const auto signer = authority.node(node_id(1));
  auto store = value(Store::create(authority.trust()));
  for (auto _ : state) {
    if (!known) {
      state.PauseTiming();
      store = value(Store::create(authority.trust()));
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(store->add(signer->certificate().der, at(0)));
  }
}
BENCHMARK_CAPTURE(add_certificate, known, true);
BENCHMARK_CAPTURE(add_certificate, new, false);

void dtls_handshake_of_both_ends(benchmark::State& state) {
  const OverlayAuthority authority;
  DtlsEnd client(authority, authority.node(node_id(1)));
  DtlsEnd server(authority, authority.node(node_id(2)));
  for (auto _ : state) {
    DtlsPair pair(client, server);
    pair.start();
    pair.carry();
    if (!client.peer_node || !server.peer_node) state.SkipWithError("the handshake failed");
    client.peer_node.reset();
    server.peer_node.reset();
  }
}
BENCHMARK(dtls_handshake_of_both_ends);

}  // namespace
}  // namespace chordial::crypto::openssl
