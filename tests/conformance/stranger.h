// A node of another make: linked with peers of ours and a member by its certificate, but every
// message it sends is written by the test. It answers nothing by itself.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "overlay/world.h"
#include "wire/attach.h"
#include "wire/link_messages.h"
#include "wire/message.h"

namespace chordial::conformance {

class Stranger final : public link::LinkHandler {
 public:
  // A message that reached it, taken apart.
  struct Received {
    NodeId neighbour;
    wire::MessageCode code = wire::MessageCode::invalid;
    std::uint64_t transaction_id = 0;
    Bytes body;
    Bytes message;
  };

  explicit Stranger(overlay::World& world);
  ~Stranger();
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  [[nodiscard]] const NodeId& id() const { return member_.id; }
  [[nodiscard]] const SocketAddress& address() const { return member_.address; }
  [[nodiscard]] crypto::mock::MockSigner& signer() { return *member_.signer; }
  // A link with that peer, made by this side.
  void link_with(const overlay::Member& peer);
  [[nodiscard]] bool linked(const overlay::Member& peer) const { return links_.contains(peer.id); }

  // Sends a request over the link with `neighbour` and waits for what comes back; nothing within a
  // few seconds. `to` is the destination list; a first entry that is empty means the neighbour.
  std::optional<Received> ask(const overlay::Member& neighbour, wire::MessageCode code,
                              ByteView body, std::vector<wire::Destination> to = {},
                              std::vector<wire::MessageExtension> extensions = {});
  // Just sends; the transaction id is returned.
  std::uint64_t send(const overlay::Member& neighbour, wire::MessageCode code, ByteView body,
                     std::vector<wire::Destination> to = {},
                     std::vector<wire::MessageExtension> extensions = {},
                     std::optional<std::uint64_t> transaction_id = std::nullopt);
  // Sends on a request of another stranger's, or its answer, as a peer in between would.
  std::uint64_t relay(const overlay::Member& neighbour, Stranger& origin, wire::MessageCode code,
                      ByteView body, std::optional<std::uint64_t> transaction_id = std::nullopt);
  // Requests that others have sent to it, of that method.
  [[nodiscard]] std::vector<Received> requests(wire::MessageCode code) const;

  std::vector<Received> received;
  std::uint16_t sequence = 1;  // configuration_sequence of what it sends

 private:
  // The message of `origin`, behind a via list of those it has crossed.
  Bytes write(Stranger& origin, wire::MessageCode code, ByteView body,
              const std::vector<wire::Destination>& to, const std::vector<wire::Destination>& via,
              const std::vector<wire::MessageExtension>& extensions, std::uint64_t transaction_id);
  void on_link_up(Now, link::LinkId link, const NodeId& peer, const crypto::Certificate&) override;
  void on_link_message(Now, link::LinkId link, ByteView message) override;
  void on_link_down(Now, link::LinkId link, const Error&) override;

  overlay::World& world_;
  overlay::Member& member_;
  std::map<NodeId, link::LinkId> links_;
  std::uint64_t transactions_ = 7000;
};

// The error in it; `invalid` when it is no error at all.
[[nodiscard]] wire::ErrorCode error_of(const std::optional<Stranger::Received>& answer);

}  // namespace chordial::conformance
