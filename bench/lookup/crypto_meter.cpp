#include "lookup/crypto_meter.h"

#include <ctime>

namespace chordial::bench {

namespace {

std::uint64_t thread_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

// One thread writes: no locked instruction is needed.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

// An association between the real one and its owner: whatever the owner does when it is called from
// inside is not cryptography.
class MeteredSecurity final : public crypto::LinkSecurity, public crypto::LinkSecurityHandler {
 public:
  MeteredSecurity(crypto::LinkSecurityHandler& owner, CryptoMeter& meter)
      : owner_(owner), meter_(meter) {}
  void adopt(std::unique_ptr<crypto::LinkSecurity> inner) { inner_ = std::move(inner); }

  void start(Now now) override {
    const CryptoMeter::Section section(meter_, CryptoWork::handshake);
    inner_->start(now);
  }
  void handle_datagram(Now now, ByteView datagram) override {
    const CryptoMeter::Section section(meter_,
                                       established_ ? CryptoWork::open : CryptoWork::handshake);
    inner_->handle_datagram(now, datagram);
  }
  void handle_timeout(Now now) override {
    const CryptoMeter::Section section(meter_, CryptoWork::handshake);
    inner_->handle_timeout(now);
  }
  [[nodiscard]] MonotonicTime next_timeout() const override { return inner_->next_timeout(); }
  [[nodiscard]] Expected<void> write(Now now, ByteView plaintext) override {
    const CryptoMeter::Section section(meter_, CryptoWork::seal);
    return inner_->write(now, plaintext);
  }
  void close(Now now) override { inner_->close(now); }
  [[nodiscard]] std::size_t plaintext_bytes_max() const override {
    return inner_->plaintext_bytes_max();
  }
  [[nodiscard]] const char* cipher() const override { return inner_->cipher(); }

  void on_security_transmit(ByteView datagram) override {
    const CryptoMeter::Section section(meter_, CryptoWork::none);
    owner_.on_security_transmit(datagram);
  }
  void on_security_plaintext(Now now, ByteView record) override {
    const CryptoMeter::Section section(meter_, CryptoWork::none);
    owner_.on_security_plaintext(now, record);
  }
  void on_security_established(Now now, const crypto::Certificate& peer) override {
    established_ = true;
    const CryptoMeter::Section section(meter_, CryptoWork::none);
    owner_.on_security_established(now, peer);
  }
  void on_security_closed(Now now, const Error& why) override {
    const CryptoMeter::Section section(meter_, CryptoWork::none);
    owner_.on_security_closed(now, why);
  }

 private:
  crypto::LinkSecurityHandler& owner_;
  CryptoMeter& meter_;
  std::unique_ptr<crypto::LinkSecurity> inner_;
  bool established_ = false;
};

}  // namespace

const char* crypto_work_name(CryptoWork work) {
  switch (work) {
    case CryptoWork::sign:
      return "sign";
    case CryptoWork::verify:
      return "verify";
    case CryptoWork::certificate:
      return "certificate";
    case CryptoWork::handshake:
      return "handshake";
    case CryptoWork::open:
      return "open";
    case CryptoWork::seal:
      return "seal";
    case CryptoWork::none:
      break;
  }
  return "none";
}

CryptoAccount& CryptoAccount::operator+=(const CryptoAccount& other) {
  for (std::size_t i = 0; i < crypto_works; ++i) {
    operations[i] += other.operations[i];
    nanoseconds[i] += other.nanoseconds[i];
  }
  return *this;
}

CryptoAccount& CryptoAccount::operator-=(const CryptoAccount& other) {
  for (std::size_t i = 0; i < crypto_works; ++i) {
    operations[i] -= other.operations[i];
    nanoseconds[i] -= other.nanoseconds[i];
  }
  return *this;
}

std::uint64_t CryptoAccount::total_nanoseconds() const {
  std::uint64_t total = 0;
  for (const std::uint64_t part : nanoseconds)
    total += part;
  return total;
}

CryptoMeter::Section::Section(CryptoMeter& meter, CryptoWork work)
    : meter_(meter), outer_(meter.current_), timed_(meter.timed_.load(std::memory_order_relaxed)) {
  if (work != CryptoWork::none) add(meter_.operations_[static_cast<std::size_t>(work)], 1);
  if (timed_) meter_.charge();
  meter_.current_ = work;
}

CryptoMeter::Section::~Section() {
  if (timed_) meter_.charge();
  meter_.current_ = outer_;
}

void CryptoMeter::charge() {
  const std::uint64_t now = thread_nanoseconds();
  if (current_ != CryptoWork::none && since_ != 0) {
    add(nanoseconds_[static_cast<std::size_t>(current_)], now - since_);
  }
  since_ = now;
}

CryptoAccount CryptoMeter::account() const {
  CryptoAccount account;
  for (std::size_t i = 0; i < crypto_works; ++i) {
    account.operations[i] = operations_[i].load(std::memory_order_relaxed);
    account.nanoseconds[i] = nanoseconds_[i].load(std::memory_order_relaxed);
  }
  return account;
}

Bytes MeteredSigner::sign(std::initializer_list<ByteView> parts) {
  const CryptoMeter::Section section(meter_, CryptoWork::sign);
  return inner_.sign(parts);
}

Expected<void> MeteredVerifier::verify(const crypto::Certificate& certificate,
                                       crypto::SignatureAlgorithm algorithm, ByteView signature,
                                       std::initializer_list<ByteView> parts) {
  const CryptoMeter::Section section(meter_, CryptoWork::verify);
  return inner_.verify(certificate, algorithm, signature, parts);
}

Expected<const crypto::Certificate*> MeteredStore::add(ByteView der, Now now) {
  const CryptoMeter::Section section(meter_, CryptoWork::certificate);
  return inner_.add(der, now);
}

std::unique_ptr<crypto::LinkSecurity> MeteredSecurityContext::create(
    crypto::SecurityRole role, crypto::LinkSecurityHandler& handler,
    std::optional<NodeId> expected) {
  auto metered = std::make_unique<MeteredSecurity>(handler, meter_);
  metered->adopt(inner_.create(role, *metered, expected));
  return metered;
}

std::unique_ptr<crypto::LinkSecurity> MeteredSecurityContext::accept(
    Now now, ByteView source, ByteView datagram, crypto::LinkSecurityHandler& handler) {
  auto metered = std::make_unique<MeteredSecurity>(handler, meter_);
  const CryptoMeter::Section section(meter_, CryptoWork::handshake);
  auto inner = inner_.accept(now, source, datagram, *metered);
  if (inner == nullptr) return nullptr;
  metered->adopt(std::move(inner));
  return metered;
}

}  // namespace chordial::bench
