// Datagrams of strangers and of the peer's address at a layer with one established link. Input:
// datagrams, each behind a byte that chooses the source and a length of two bytes.
#include "base/assert.h"
#include "base/byte_reader.h"
#include "link/virtual_network.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chordial;
  link::VirtualNetwork network(1);
  link::WireLinkLayerOptions options;
  options.links_max = 8;
  options.handshakes_max = 4;
  link::VirtualNode& a = network.add(options);
  link::VirtualNode& b = network.add(options);
  CHORDIAL_INVARIANT(a.layer.connect(network.now(), b.address, b.id).has_value());
  network.run(Duration(500'000));
  CHORDIAL_INVARIANT(a.up.size() == 1);
  ByteReader reader({data, size});
  while (!reader.done()) {
    const std::uint8_t choice = reader.u8("source");
    const ByteView bytes = reader.vector(2, "datagram");
    if (!reader.ok()) break;
    const SocketAddress source =
        choice == 0 ? b.address : SocketAddress{IpAddress::v4(choice), choice};
    a.layer.handle_datagram(network.now(), {ports::SocketRole::link, a.address, source, bytes});
    network.run(Duration(1'000));
  }
  CHORDIAL_INVARIANT(a.layer.links() <= 8);
  CHORDIAL_INVARIANT(a.layer.handshakes() <= 4);
  return 0;
}
