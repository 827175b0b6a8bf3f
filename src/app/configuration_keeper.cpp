#include "app/configuration_keeper.h"

#include <algorithm>

#include "configuration/document_signature.h"

namespace chordial::app {

namespace {

// Documents of one run, and kept ones read back.
constexpr std::size_t former_max = 64;
constexpr std::uint32_t sequences = configuration::sequence_max + 1;

Bytes key_of(std::uint16_t sequence) {
  return {static_cast<std::uint8_t>(sequence >> 8), static_cast<std::uint8_t>(sequence)};
}

}  // namespace

ConfigurationKeeper::Anchor ConfigurationKeeper::anchor_of(
    const configuration::OverlayConfiguration& configuration) {
  return {configuration.configuration_signers, configuration.root_certs};
}

ConfigurationKeeper::ConfigurationKeeper(std::unique_ptr<OverlayContext> joined,
                                         crypto::openssl::Store& store,
                                         crypto::openssl::KeyVerifier& verifier)
    : current_(std::move(joined)),
      store_(store),
      verifier_(verifier),
      joined_(anchor_of(current_->configuration)) {
}

Expected<std::unique_ptr<ConfigurationKeeper>> ConfigurationKeeper::create(
    const configuration::OverlayConfiguration& joined, Bytes document,
    crypto::openssl::Store& store, crypto::openssl::KeyVerifier& verifier) {
  auto context = make_overlay_context(joined, std::move(document), store, verifier);
  if (!context) return Failure(context.error());
  return std::unique_ptr<ConfigurationKeeper>(
      new ConfigurationKeeper(std::move(*context), store, verifier));
}

Expected<void> ConfigurationKeeper::restore(Now now,
                                            const std::vector<ports::PersistedRecord>& records) {
  struct Found {
    std::uint32_t steps;  // from the joined document's sequence on
    configuration::SignedConfiguration document;
    const ports::PersistedRecord* record;
  };
  const std::uint16_t first = current_->configuration.sequence;
  std::vector<Found> found;
  Expected<void> result;
  for (const ports::PersistedRecord& record : records) {
    if (record.space != ports::PersistSpace::documents) continue;
    auto read =
        configuration::read_configuration(record.value, current_->configuration.instance_name);
    if (!read) {
      result = Failure(read.error());
      continue;
    }
    const std::uint16_t sequence = read->configuration.sequence;
    if (!configuration::sequence_newer(sequence, first)) {
      stale_.push_back(record.key);  // the node has joined again since
    } else if (found.size() < former_max) {
      found.push_back({(sequence + sequences - first) % sequences, std::move(*read), &record});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.steps < b.steps; });
  for (const Found& next : found) {
    const auto restored = restore_one(now, next.document, *next.record);
    if (!restored && result) result = restored;
  }
  return result;
}

// As check_update, but its expiration does not matter: an older document in its place would only
// revoke less. Its signing time is believed as that of the join file's is.
Expected<void> ConfigurationKeeper::restore_one(Now now,
                                                const configuration::SignedConfiguration& document,
                                                const ports::PersistedRecord& record) {
  const auto& next = document.configuration;
  now.wall = std::max(now.wall, next.signing_time.value_or(now.wall));
  const auto& signers = current_->configuration.configuration_signers;
  if (auto good = configuration::verify_configuration(document, signers, store_, verifier_, now);
      !good) {
    return good;
  }
  if (auto good = configuration::verify_kinds(next, store_, verifier_, now); !good) return good;
  if (auto good = configuration::check_supported(next); !good) return good;
  if (auto good = put_in_force(document, record.value); !good) return good;
  former_.clear();  // nobody refers to them yet
  keep(record.key);
  return {};
}

Expected<void> ConfigurationKeeper::put_in_force(const configuration::SignedConfiguration& next,
                                                 ByteView document) {
  auto context = make_overlay_context(next.configuration, to_bytes(document), store_, verifier_);
  if (!context) return Failure(context.error());
  if (auto trusted = store_.configure(configuration::trust_of(next.configuration)); !trusted)
    return trusted;
  former_.push_back(std::move(current_));
  current_ = std::move(*context);
  return {};
}

// Of documents that change neither signers nor roots only the newest is needed; one that does is a
// step on the way to all that follow it.
void ConfigurationKeeper::keep(Bytes key) {
  if (!chain_.empty()) {
    const Anchor& before = chain_.size() > 1 ? chain_[chain_.size() - 2].anchor : joined_;
    if (chain_.back().anchor == before) {
      stale_.push_back(std::move(chain_.back().key));
      chain_.pop_back();
    }
  }
  std::erase(stale_, key);
  chain_.push_back({std::move(key), anchor_of(current_->configuration)});
}

Expected<void> ConfigurationKeeper::on_configuration(Now now, ByteView document) {
  const auto next =
      configuration::read_configuration(document, current_->configuration.instance_name);
  if (!next) return Failure(next.error());
  if (auto good =
          configuration::check_update(current_->configuration, *next, store_, verifier_, now);
      !good) {
    return good;
  }
  if (auto supported = configuration::check_supported(next->configuration); !supported)
    return supported;
  if (former_.size() >= former_max) {
    return failure(ErrorKind::limit, "sequence", "too many documents without a restart");
  }
  if (auto done = put_in_force(*next, document); !done) return done;
  const Bytes key = key_of(current_->configuration.sequence);
  keep(key);
  std::vector<ports::PersistWrite> writes;
  writes.push_back({ports::PersistSpace::documents, key, to_bytes(document)});
  for (Bytes& old : stale_)
    writes.push_back({ports::PersistSpace::documents, std::move(old), std::nullopt});
  stale_.clear();
  if (adopt_) adopt_(now, current_->shared, std::move(writes));
  return {};
}

Expected<void> ConfigurationKeeper::on_kinds(Now /*now*/, const std::vector<ByteView>& /*kinds*/) {
  // Deviation: §6.5.4.1 lets Kinds travel without a document. Ours are defined by the document
  // alone, so that what a peer stores can be read off one signed file.
  return failure(ErrorKind::unsupported, "kinds",
                 "this overlay's Kinds come with its configuration document");
}

}  // namespace chordial::app
