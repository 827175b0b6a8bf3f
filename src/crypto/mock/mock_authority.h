// Certificates and signatures for the simulator: of the size of real ones, thousands of times
// cheaper, and still rejecting every altered byte. What makes them safe inside one process is a
// secret that the simulated peers never see; they prove nothing to anybody outside. Knows no
// cryptographic library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "crypto/certificate.h"

namespace chordial::crypto::mock {

inline constexpr std::size_t certificate_bytes = 448;  // unless its names need more
inline constexpr std::size_t signature_bytes = 70;

struct LeafContents {
  std::vector<NodeId> node_ids;  // 1 to node_ids_max
  std::string user_name;
  WallTime not_before{};
  WallTime not_after{};
};

// The root of one simulated overlay. Immutable: shards on several threads may share it.
class MockAuthority {
 public:
  MockAuthority(std::string overlay, Rng& rng);

  // A blob that looks like one DER SEQUENCE, with a tag over all of it. Each has its own serial
  // number, so that two for one node differ. Error: invalid.
  [[nodiscard]] Expected<Bytes> issue(const LeafContents& contents, std::uint64_t serial) const;
  // Errors: malformed, truncated, limit, unauthentic (altered, or of another overlay).
  [[nodiscard]] Expected<std::unique_ptr<Certificate>> read(ByteView der) const;

  // The bytes of a signature over the parts one after the other by the holder of a certificate.
  [[nodiscard]] Bytes signature(const CertificateHash& signer,
                                std::initializer_list<ByteView> parts) const;

  [[nodiscard]] const std::string& overlay() const { return overlay_; }

 private:
  [[nodiscard]] std::uint64_t tag(std::uint64_t purpose, ByteView bytes) const;

  std::string overlay_;
  std::uint64_t key_low_;
  std::uint64_t key_high_;
};

}  // namespace chordial::crypto::mock
