// The configuration document in force: the one of the join file, or a newer one that the overlay
// has sent since and whose signature follows from it (RFC 6940 §6.5.4, §11.1). Newer ones are kept
// on disk, so that what they revoke stays revoked over a restart. Knows no file.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "app/overlay_context.h"
#include "configuration/document.h"
#include "crypto/openssl/key_verifier.h"
#include "crypto/openssl/store.h"
#include "overlay/peer.h"
#include "ports/persist.h"

namespace chordial::app {

class ConfigurationKeeper final : public overlay::ConfigurationHandler {
 public:
  // Called once a newer document has been accepted: with the context for the peer, and with what to
  // write so that restore() finds it again.
  using Adopt = std::function<void(Now, const overlay::SharedContext&,
                                   std::vector<ports::PersistWrite> writes)>;

  // `joined` and its bytes: the document of the join file, proven already, which `store` is
  // configured by. Both references outlive the keeper. Errors: those of make_overlay_context.
  [[nodiscard]] static Expected<std::unique_ptr<ConfigurationKeeper>> create(
      const configuration::OverlayConfiguration& joined, Bytes document,
      crypto::openssl::Store& store, crypto::openssl::KeyVerifier& verifier);

  // Puts the newest document in force that was kept and is proven, step by step from that of the
  // join file. Before the peer is made. An error is that of the first kept document that is newer
  // and cannot be used: what it revokes is not known then.
  [[nodiscard]] Expected<void> restore(Now now, const std::vector<ports::PersistedRecord>& records);
  void set_adopt(Adopt adopt) { adopt_ = std::move(adopt); }

  [[nodiscard]] const OverlayContext& current() const { return *current_; }

  [[nodiscard]] Expected<void> on_configuration(Now now, ByteView document) override;
  [[nodiscard]] Expected<void> on_kinds(Now now, const std::vector<ByteView>& kinds) override;

 private:
  // What later documents are judged by.
  struct Anchor {
    std::vector<NodeId> signers;
    std::vector<Bytes> roots;
    friend bool operator==(const Anchor&, const Anchor&) = default;
  };
  // A document on disk.
  struct Kept {
    Bytes key;
    Anchor anchor;
  };

  ConfigurationKeeper(std::unique_ptr<OverlayContext> joined, crypto::openssl::Store& store,
                      crypto::openssl::KeyVerifier& verifier);

  [[nodiscard]] static Anchor anchor_of(const configuration::OverlayConfiguration& configuration);
  [[nodiscard]] Expected<void> restore_one(Now now,
                                           const configuration::SignedConfiguration& document,
                                           const ports::PersistedRecord& record);
  // Both take a proven document.
  [[nodiscard]] Expected<void> put_in_force(const configuration::SignedConfiguration& next,
                                            ByteView document);
  void keep(Bytes key);

  std::unique_ptr<OverlayContext> current_;
  std::vector<std::unique_ptr<OverlayContext>>
      former_;  // the plugin still refers to its parameters
  crypto::openssl::Store& store_;
  crypto::openssl::KeyVerifier& verifier_;
  const Anchor joined_;
  std::vector<Kept> chain_;   // each proven by the one before it, the first by `joined_`
  std::vector<Bytes> stale_;  // keys on disk that are needed no more
  Adopt adopt_;
};

}  // namespace chordial::app
