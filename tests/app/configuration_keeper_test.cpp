// Which document is in force after a restart: what the overlay sent since the join is not
// forgotten.
#include "app/configuration_keeper.h"

#include <gtest/gtest.h>
#include <map>

#include "configuration/security_block.h"
#include "crypto/openssl/issuing.h"
#include "driver/clock.h"
#include "enrollment/authority.h"
#include "process.h"

namespace chordial::app {
namespace {

using ports::PersistedRecord;
using ports::PersistSpace;

class Keeper : public testing::Test {
 protected:
  void SetUp() override {
    configuration::OverlayConfiguration wanted;
    wanted.instance_name = "home.example";
    wanted.no_ice = true;
    auto made = enrollment::Authority::create(folder_ / "authority", wanted, now_.wall, rng_);
    ASSERT_TRUE(made) << made.error().text();
    authority_ = std::make_unique<enrollment::Authority>(std::move(*made));
    joined_ = authority_->configuration();
    joined_document_ = authority_->document();
  }

  // A document with one more bad node than the last.
  Bytes publish(std::uint8_t bad) {
    auto changed = authority_->configuration();
    changed.bad_nodes.emplace_back().position.low = bad;
    const auto published = authority_->publish(changed, now_.wall);
    if (!published) throw std::runtime_error(published.error().text());
    return authority_->document();
  }

  Bytes signed_by_hand(const configuration::OverlayConfiguration& wanted) {
    auto key = crypto::openssl::PrivateKey::from_pem(content_of(folder_ / "authority/signer.key"));
    const auto certificate =
        crypto::openssl::certificates_from_pem(content_of(folder_ / "authority/signer.cer"));
    auto signer = crypto::openssl::KeySigner::create(std::move(*key), certificate->at(0),
                                                     wanted.instance_name);
    if (!signer) throw std::runtime_error(signer.error().text());
    configuration::SignedConfiguration next;
    next.element = *configuration::write_configuration(wanted);
    next.signatures.push_back(configuration::sign_element(next.element, **signer));
    return configuration::write_document({next});
  }

  // A process with its own store, which writes to `disk_`.
  struct Run {
    std::unique_ptr<crypto::openssl::Store> store;
    crypto::openssl::KeyVerifier verifier;
    std::unique_ptr<ConfigurationKeeper> keeper;
  };
  std::unique_ptr<Run> start() {
    auto run = std::make_unique<Run>();
    run->store = std::move(*crypto::openssl::Store::create(configuration::trust_of(joined_)));
    auto keeper =
        ConfigurationKeeper::create(joined_, joined_document_, *run->store, run->verifier);
    if (!keeper) throw std::runtime_error(keeper.error().text());
    run->keeper = std::move(*keeper);
    run->keeper->set_adopt(
        [this](Now, const overlay::SharedContext&, std::vector<ports::PersistWrite> writes) {
          for (ports::PersistWrite& write : writes) {
            EXPECT_EQ(write.space, PersistSpace::documents);
            disk_.erase(write.key);
            if (write.value) disk_.emplace(write.key, *write.value);
          }
        });
    std::vector<PersistedRecord> records;
    for (const auto& [key, value] : disk_)
      records.push_back({PersistSpace::documents, key, value});
    records.push_back({PersistSpace::bindings, {1}, {2}});
    restored_ = run->keeper->restore(now_, records);
    return run;
  }
  void rejoin() {
    joined_ = authority_->configuration();
    joined_document_ = authority_->document();
  }

  Folder folder_;
  Now now_ = driver::system_now();
  Rng rng_{1, 2};
  std::unique_ptr<enrollment::Authority> authority_;
  configuration::OverlayConfiguration joined_;
  Bytes joined_document_;
  std::map<Bytes, Bytes> disk_;
  Expected<void> restored_;
};

TEST_F(Keeper, ARestartRemembersWhatWasRevoked) {
  const Bytes second = publish(1);
  const Bytes third = publish(2);
  {
    const auto run = start();
    ASSERT_TRUE(run->keeper->on_configuration(now_, second));
    ASSERT_TRUE(run->keeper->on_configuration(now_, third));
  }
  EXPECT_EQ(disk_.size(), 1u);  // the second is of no more use
  const auto run = start();
  EXPECT_TRUE(restored_) << restored_.error().text();
  const OverlayContext& current = run->keeper->current();
  EXPECT_EQ(current.configuration.sequence, 3);
  EXPECT_EQ(current.configuration.bad_nodes.size(), 2u);
  EXPECT_EQ(current.shared.document, third);  // this one is told to others
  // And it is the measure for what comes next.
  EXPECT_EQ(run->keeper->on_configuration(now_, second).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(run->keeper->on_configuration(now_, publish(3)));
  EXPECT_EQ(disk_.size(), 1u);
}

TEST_F(Keeper, TheStoreRefusesWhatTheNewerDocumentForbids) {
  const auto node = authority_->admit("kitchen", now_.wall, rng_);
  ASSERT_TRUE(node);
  ASSERT_TRUE(authority_->add_user("alice", "secret", {}));
  const auto with_alice = authority_->admit("kitchen", now_.wall, rng_);
  ASSERT_TRUE(with_alice);
  const Bytes certificate = with_alice->users.at(0).certificate;
  const auto usable = [&](Run& run) {
    const auto known = run.store->add(certificate, now_);
    return known && run.store->usable(**known, now_);
  };
  ASSERT_TRUE(usable(*start()));
  ASSERT_EQ(authority_->remove_user("alice", now_.wall).value_or(0), 1u);
  const Bytes newer = authority_->document();
  ASSERT_TRUE(start()->keeper->on_configuration(now_, newer));
  EXPECT_FALSE(usable(*start()));
}

TEST_F(Keeper, ANewerJoinFileWins) {
  ASSERT_TRUE(start()->keeper->on_configuration(now_, publish(1)));
  (void)publish(2);
  rejoin();
  const auto run = start();
  EXPECT_TRUE(restored_);
  EXPECT_EQ(run->keeper->current().configuration.sequence, 3);
  ASSERT_TRUE(run->keeper->on_configuration(now_, publish(3)));
  EXPECT_EQ(disk_.size(), 1u);  // what was older is cleared away
}

TEST_F(Keeper, AKeptDocumentMustBeProven) {
  const Bytes newer = publish(1);
  ASSERT_TRUE(start()->keeper->on_configuration(now_, newer));
  Bytes& kept = disk_.begin()->second;
  const std::string text(as_text(kept));
  const std::size_t at = text.find("sequence=\"2\"");
  ASSERT_NE(at, std::string::npos);
  kept[at + 10] = '9';
  const auto run = start();
  EXPECT_EQ(restored_.error().kind, ErrorKind::unauthentic);
  EXPECT_EQ(run->keeper->current().configuration.sequence, 1);
  kept = {1, 2, 3};
  EXPECT_EQ(start()->keeper->current().configuration.sequence, 1);
  EXPECT_FALSE(restored_);
}

TEST_F(Keeper, ADocumentOfAnotherAuthorityIsNotTaken) {
  configuration::OverlayConfiguration wanted;
  wanted.instance_name = "home.example";
  wanted.no_ice = true;
  auto other = enrollment::Authority::create(folder_ / "other", wanted, now_.wall, rng_);
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->publish(other->configuration(), now_.wall));
  disk_[{0, 2}] = other->document();
  EXPECT_EQ(start()->keeper->current().configuration.sequence, 1);
  EXPECT_FALSE(restored_);
}

// An older document in its place would forbid less.
TEST_F(Keeper, AnExpiredDocumentStaysInForceOverARestart) {
  auto brief = authority_->configuration();
  brief.sequence = 2;
  brief.bad_nodes.emplace_back().position.low = 1;
  brief.expiration = now_.wall + std::chrono::hours(1);
  ASSERT_TRUE(start()->keeper->on_configuration(now_, signed_by_hand(brief)));
  now_.wall += std::chrono::hours(2);
  const auto run = start();
  EXPECT_TRUE(restored_) << restored_.error().text();
  EXPECT_EQ(run->keeper->current().configuration.bad_nodes.size(), 1u);
}

// The way to a document goes over the one that named its signer.
TEST_F(Keeper, AChangeOfSignersIsKeptAsAStep) {
  auto changed = authority_->configuration();
  changed.configuration_signers.emplace_back().position.low = 7;
  ASSERT_TRUE(authority_->publish(changed, now_.wall));
  const Bytes second = authority_->document();
  const Bytes third = publish(1);
  const auto run = start();
  ASSERT_TRUE(run->keeper->on_configuration(now_, second));
  ASSERT_TRUE(run->keeper->on_configuration(now_, third));
  EXPECT_EQ(disk_.size(), 2u);
  EXPECT_EQ(start()->keeper->current().configuration.sequence, 3);
  ASSERT_TRUE(run->keeper->on_configuration(now_, publish(2)));
  EXPECT_EQ(disk_.size(), 2u);
  EXPECT_EQ(start()->keeper->current().configuration.sequence, 4);
}

}  // namespace
}  // namespace chordial::app
