// An overlay of one's own for a test: a root, and certificates for whoever needs one.
#pragma once

#include <gtest/gtest.h>
#include <memory>

#include "crypto/openssl/issuing.h"
#include "crypto/openssl/key_signer.h"
#include "crypto/openssl/store.h"

namespace chordial::crypto::openssl {

inline WallTime wall(std::int64_t seconds) {
  return WallTime(std::chrono::seconds(seconds));
}

inline constexpr std::int64_t test_start_s = 1'800'000'000;
inline constexpr std::int64_t day_s = 86'400;

inline Now at(std::int64_t milliseconds) {
  return {MonotonicTime(std::chrono::milliseconds(1'000'000 + milliseconds)),
          wall(test_start_s) + std::chrono::milliseconds(milliseconds)};
}

inline NodeId node_id(std::uint64_t number) {
  return {{0x1000, number}};
}

template <class T>
T value(Expected<T> expected) {
  if (!expected) throw std::runtime_error(expected.error().text());
  return std::move(*expected);
}

class OverlayAuthority {
 public:
  explicit OverlayAuthority(std::string overlay = "example.org", Validity times = validity)
      : overlay_(std::move(overlay)),
        key_(value(PrivateKey::generate())),
        root_(value(issue_root(key_, overlay_, times))) {}

  [[nodiscard]] Trust trust() const {
    Trust trust;
    trust.overlay = overlay_;
    trust.roots = {root_};
    return trust;
  }
  [[nodiscard]] Issuer issuer() const { return {key_, root_}; }
  [[nodiscard]] LeafContents contents(const NodeId& node, const PrivateKey& key) const {
    return {{node}, node_user_name(node, overlay_), overlay_, validity, key.public_key()};
  }
  [[nodiscard]] std::unique_ptr<KeySigner> node(const NodeId& node,
                                                Validity times = validity) const {
    PrivateKey key = value(PrivateKey::generate());
    LeafContents leaf = contents(node, key);
    leaf.validity = times;
    const Bytes der = value(issue_leaf(issuer(), leaf));
    return value(KeySigner::create(std::move(key), der, overlay_));
  }

  static constexpr Validity validity{WallTime(std::chrono::seconds(test_start_s - day_s)),
                                     WallTime(std::chrono::seconds(test_start_s + 30 * day_s))};

 private:
  std::string overlay_;
  PrivateKey key_;
  Bytes root_;
};

}  // namespace chordial::crypto::openssl
