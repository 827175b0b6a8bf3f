// Cryptography counted and timed where it passes through the interfaces of crypto/: decorators that
// add nothing but the account. Times are CPU times of the thread and are taken only on demand,
// because asking for them costs as much as a small record.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "crypto/certificate_store.h"
#include "crypto/link_security.h"
#include "crypto/signer.h"

namespace chordial::bench {

enum class CryptoWork : std::uint8_t {
  sign,
  verify,       // those the verifier remembers included
  certificate,  // parsed and chained, or found in the store
  handshake,    // datagrams of a handshake
  open,         // datagrams decrypted
  seal,         // records encrypted
  none,         // the rest of the program, called from inside one of these
};
inline constexpr std::size_t crypto_works = 6;

[[nodiscard]] const char* crypto_work_name(CryptoWork work);

struct CryptoAccount {
  std::array<std::uint64_t, crypto_works> operations{};
  std::array<std::uint64_t, crypto_works> nanoseconds{};

  CryptoAccount& operator+=(const CryptoAccount& other);
  CryptoAccount& operator-=(const CryptoAccount& other);
  [[nodiscard]] std::uint64_t total_nanoseconds() const;
};

// Of one node. Its thread writes, any thread reads.
class CryptoMeter {
 public:
  explicit CryptoMeter(const std::atomic<bool>& timed) : timed_(timed) {}

  // Charges the time between its ends to `work`, but for what sections inside it take.
  class Section {
   public:
    Section(CryptoMeter& meter, CryptoWork work);
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;
    ~Section();

   private:
    CryptoMeter& meter_;
    CryptoWork outer_;
    bool timed_;
  };

  [[nodiscard]] CryptoAccount account() const;

 private:
  void charge();

  const std::atomic<bool>& timed_;
  std::array<std::atomic<std::uint64_t>, crypto_works> operations_{};
  std::array<std::atomic<std::uint64_t>, crypto_works> nanoseconds_{};
  CryptoWork current_ = CryptoWork::none;
  std::uint64_t since_ = 0;
};

class MeteredSigner final : public crypto::Signer {
 public:
  MeteredSigner(crypto::Signer& inner, CryptoMeter& meter) : inner_(inner), meter_(meter) {}
  [[nodiscard]] const crypto::Certificate& certificate() const override {
    return inner_.certificate();
  }
  [[nodiscard]] crypto::SignatureAlgorithm algorithm() const override { return inner_.algorithm(); }
  [[nodiscard]] Bytes sign(std::initializer_list<ByteView> parts) override;

 private:
  crypto::Signer& inner_;
  CryptoMeter& meter_;
};

class MeteredVerifier final : public crypto::Verifier {
 public:
  MeteredVerifier(crypto::Verifier& inner, CryptoMeter& meter) : inner_(inner), meter_(meter) {}
  [[nodiscard]] Expected<void> verify(const crypto::Certificate& certificate,
                                      crypto::SignatureAlgorithm algorithm, ByteView signature,
                                      std::initializer_list<ByteView> parts) override;

 private:
  crypto::Verifier& inner_;
  CryptoMeter& meter_;
};

class MeteredStore final : public crypto::CertificateStore {
 public:
  MeteredStore(crypto::CertificateStore& inner, CryptoMeter& meter)
      : inner_(inner), meter_(meter) {}
  [[nodiscard]] Expected<const crypto::Certificate*> add(ByteView der, Now now) override;
  [[nodiscard]] const crypto::Certificate* find(
      const crypto::CertificateHash& hash) const override {
    return inner_.find(hash);
  }
  [[nodiscard]] Expected<void> usable(const crypto::Certificate& certificate,
                                      Now now) const override {
    return inner_.usable(certificate, now);
  }
  void pin(const crypto::CertificateHash& hash) override { inner_.pin(hash); }
  void unpin(const crypto::CertificateHash& hash) override { inner_.unpin(hash); }

 private:
  crypto::CertificateStore& inner_;
  CryptoMeter& meter_;
};

class MeteredSecurityContext final : public crypto::LinkSecurityContext {
 public:
  MeteredSecurityContext(crypto::LinkSecurityContext& inner, CryptoMeter& meter)
      : inner_(inner), meter_(meter) {}
  [[nodiscard]] std::unique_ptr<crypto::LinkSecurity> create(
      crypto::SecurityRole role, crypto::LinkSecurityHandler& handler,
      std::optional<NodeId> expected) override;
  [[nodiscard]] std::unique_ptr<crypto::LinkSecurity> accept(
      Now now, ByteView source, ByteView datagram, crypto::LinkSecurityHandler& handler) override;

 private:
  crypto::LinkSecurityContext& inner_;
  CryptoMeter& meter_;
};

}  // namespace chordial::bench
