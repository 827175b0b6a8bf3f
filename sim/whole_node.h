// A whole node::Node in a simulation, driven by the verbs that a real driver uses: its users' keys
// and digest hashes, its timers, and the way out of what it wants sent or written. Links and direct
// connections are of the *wire* fidelity over mock associations.
#pragma once

#include <memory>
#include <vector>

#include "crypto/mock/mock_link_security.h"
#include "node/node.h"
#include "overlay/shared_context.h"
#include "sim/world.h"

namespace chordial::sim {

// Where the node's direct connections come in; its links at address_of(node).
[[nodiscard]] SocketAddress application_address(NodeIndex node);

// Where a whole node's requests go. Never calls back from inside.
class WholeNodeSurroundings {
 public:
  virtual void transmit(Now now, const ports::Datagram& datagram) = 0;
  virtual void persist(ports::PersistRequest request) = 0;
  // Something has happened in the node.
  virtual void on_node_moved(Now now) = 0;

 protected:
  ~WholeNodeSurroundings() = default;
};

struct WholeNodeEnvironment {
  const World& world;
  const overlay::SharedContext& context;
  crypto::CertificateStore& certificates;
  crypto::Verifier& verifier;
  crypto::mock::SignatureCost& cost;
  crypto::mock::MockSigner& signer;
  TimerQueue& timers;  // of the shard
  Log& log;
  WholeNodeSurroundings& surroundings;
};

class WholeNode final : private usage::UserSigners,
                        private sip::CredentialStore,
                        private overlay::ConfigurationHandler,
                        private TimerHandler {
 public:
  // Everything outlives it.
  WholeNode(Now now, const WholeNodeEnvironment& environment, NodeIndex index, Rng rng,
            std::vector<SocketAddress> bootstrap, bool first);
  ~WholeNode();

  void start(Now now, const std::vector<ports::PersistedRecord>& records);
  void handle_datagram(Now now, const ports::Datagram& datagram);
  void handle_completion(Now now, const ports::PersistCompletion& completion);
  // After its peer was called from outside: what waits goes out.
  void drain(Now now);
  [[nodiscard]] overlay::Peer& peer() { return node_->peer(); }

 private:
  [[nodiscard]] crypto::Signer* signer_of(std::string_view aor) override;
  [[nodiscard]] std::optional<Expected<sip::Credential>> credential(
      Now now, ports::RequestId id, const sip::CredentialQuery& query,
      sip::CredentialHandler& handler) override;
  [[nodiscard]] Expected<void> on_configuration(Now now, ByteView document) override;
  [[nodiscard]] Expected<void> on_kinds(Now now, const std::vector<ByteView>& kinds) override;
  void on_timer(Now now, std::uint32_t id) override;

  WholeNodeEnvironment environment_;
  NodeIndex index_;
  UserIndex first_;
  std::vector<crypto::mock::MockSigner> signers_;  // by user
  Rng security_rng_;
  crypto::mock::MockLinkSecurityContext security_;
  TimerQueue timers_;  // of the node
  std::unique_ptr<node::Node> node_;
  Timer timer_;  // when the node wants to be called
};

}  // namespace chordial::sim
