#include "enrollment/ledger.h"

#include <algorithm>
#include <array>

#include "configuration/timestamp.h"
#include "enrollment/records.h"

namespace chordial::enrollment {

namespace {

using Kind = LedgerEntry::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 4> kind_names{{
    {Kind::signer, "signer"},
    {Kind::node, "node"},
    {Kind::user, "user"},
    {Kind::delegate, "delegate"},
}};

std::string_view name_of(Kind kind) {
  for (const auto& [candidate, name] : kind_names) {
    if (candidate == kind) return name;
  }
  return "";
}

std::optional<Kind> kind_of(std::string_view name) {
  for (const auto& [kind, candidate] : kind_names) {
    if (candidate == name) return kind;
  }
  return std::nullopt;
}

// The blank-separated fields of a line.
template <std::size_t Count>
std::optional<std::array<std::string_view, Count>> fields_of(std::string_view line) {
  std::array<std::string_view, Count> fields;
  for (std::size_t i = 0; i < Count; ++i) {
    const std::size_t end = std::min(line.find(' '), line.size());
    fields[i] = line.substr(0, end);
    if (fields[i].empty()) return std::nullopt;
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return line.empty() ? std::optional(fields) : std::nullopt;
}

// `KIND name node-id issued expires sha256`.
std::optional<LedgerEntry> entry_of(const Record& record) {
  const auto kind = kind_of(record.key);
  const auto fields = fields_of<5>(record.value);
  if (!kind || !fields) return std::nullopt;
  const auto node_id = NodeId::from_hex((*fields)[1]);
  const auto issued = configuration::from_timestamp((*fields)[2]);
  const auto expires = configuration::from_timestamp((*fields)[3]);
  const auto hash = from_hex((*fields)[4]);
  LedgerEntry entry;
  if (!node_id || !issued || !expires || !hash || hash->size() != entry.certificate.size()) {
    return std::nullopt;
  }
  entry.kind = *kind;
  entry.name = (*fields)[0];
  entry.node_id = *node_id;
  entry.issued = *issued;
  entry.expires = *expires;
  std::copy(hash->begin(), hash->end(), entry.certificate.begin());
  return entry;
}

}  // namespace

Expected<Ledger> Ledger::parse(std::string_view text) {
  const auto records = read_records(text);
  if (!records) return Failure(records.error());
  Ledger ledger;
  for (const Record& record : *records) {
    auto entry = entry_of(record);
    if (!entry) {
      return failure(ErrorKind::malformed, "ledger", "a line that is no entry", record.offset);
    }
    if (const auto added = ledger.add(std::move(*entry)); !added) return Failure(added.error());
  }
  return ledger;
}

std::string Ledger::text() const {
  RecordWriter writer;
  for (const LedgerEntry& entry : entries_) {
    writer.text(name_of(entry.kind), entry.name + ' ' + entry.node_id.hex() + ' ' +
                                         configuration::to_timestamp(entry.issued) + ' ' +
                                         configuration::to_timestamp(entry.expires) + ' ' +
                                         to_hex(entry.certificate));
  }
  return writer.written();
}

Expected<void> Ledger::add(LedgerEntry entry) {
  if (entries_.size() == ledger_entries_max) {
    return failure(ErrorKind::limit, "ledger", "more than 200000 certificates");
  }
  entries_.push_back(std::move(entry));
  return {};
}

void Ledger::forget_expired_users(WallTime now) {
  std::erase_if(entries_, [now](const LedgerEntry& entry) {
    return entry.kind == Kind::user && entry.expires < now;
  });
}

std::optional<NodeId> Ledger::node_id(std::string_view node_name) const {
  for (const LedgerEntry& entry : entries_) {
    if (entry.kind == Kind::node && entry.name == node_name) return entry.node_id;
  }
  return std::nullopt;
}

std::vector<LedgerEntry> Ledger::nodes() const {
  std::vector<LedgerEntry> nodes;
  for (const LedgerEntry& entry : entries_) {
    if (entry.kind != Kind::node) continue;
    const auto known = std::find_if(nodes.begin(), nodes.end(), [&](const LedgerEntry& node) {
      return node.name == entry.name;
    });
    if (known == nodes.end()) {
      nodes.push_back(entry);
    } else {
      *known = entry;
    }
  }
  return nodes;
}

}  // namespace chordial::enrollment
