#include "enrollment/site.h"

#include <algorithm>

#include "configuration/base64.h"
#include "crypto/aor_pattern.h"
#include "enrollment/issuing.h"
#include "enrollment/names.h"
#include "enrollment/records.h"

namespace chordial::enrollment {

namespace {

constexpr std::string_view magic = "chordial-site";
constexpr std::string_view version = "1";

Failure malformed(const char* key, const char* reason) {
  return failure(ErrorKind::malformed, key, reason);
}

const Record* record_of(const std::vector<Record>& records, std::string_view key) {
  const auto found = std::find_if(records.begin(), records.end(),
                                  [key](const Record& record) { return record.key == key; });
  return found == records.end() || found->value.empty() ? nullptr : &*found;
}

Expected<Bytes> binary_of(const std::vector<Record>& records, const char* key) {
  const Record* record = record_of(records, key);
  if (record == nullptr) return malformed(key, "is missing");
  auto bytes = configuration::from_base64(record->value);
  if (!bytes) return malformed(key, "is not base64");
  return std::move(*bytes);
}

Expected<void> check_site_user(const SiteFile& site, const JoinFile& credentials,
                               std::string_view aor) {
  if (credentials.overlay != site.overlay || credentials.node_id != site.node_id) {
    return failure(ErrorKind::invalid, "site", "the site file belongs to another node");
  }
  const auto pattern = crypto::AorPattern::parse(site.aor_pattern);
  if (!pattern) return Failure(pattern.error());
  if (!pattern->matches(aor)) {
    return failure(ErrorKind::forbidden, "user", "the site may not issue names like this one");
  }
  return {};
}

}  // namespace

std::string encode_site_file(const SiteFile& site) {
  RecordWriter writer;
  writer.text(magic, version);
  writer.text("overlay", site.overlay);
  writer.text("node", site.node_name);
  writer.text("node-id", site.node_id.hex());
  writer.text("aor-pattern", site.aor_pattern);
  writer.binary("certificate", site.certificate);
  writer.binary("key", as_bytes(site.key_pem));
  return writer.written();
}

Expected<SiteFile> decode_site_file(std::string_view text) {
  if (text.size() > site_file_bytes_max || !text.starts_with(magic)) {
    return malformed("site file", "is none: it does not begin as one, or is too long");
  }
  const auto records = read_records(text);
  if (!records) return Failure(records.error());
  if (records->front().value != version) {
    return failure(ErrorKind::unsupported, "site file", "was made by a later version");
  }
  SiteFile site;
  for (const auto& [key, member] :
       {std::pair{"overlay", &SiteFile::overlay}, std::pair{"node", &SiteFile::node_name},
        std::pair{"aor-pattern", &SiteFile::aor_pattern}}) {
    const Record* record = record_of(*records, key);
    if (record == nullptr) return malformed(key, "is missing");
    site.*member = record->value;
  }
  const Record* id = record_of(*records, "node-id");
  const auto node_id = id != nullptr ? NodeId::from_hex(id->value) : std::nullopt;
  if (!node_id) return malformed("node-id", "is missing, or no Node-ID");
  auto certificate = binary_of(*records, "certificate");
  if (!certificate) return Failure(certificate.error());
  const auto key = binary_of(*records, "key");
  if (!key) return Failure(key.error());
  site.node_id = *node_id;
  site.certificate = std::move(*certificate);
  site.key_pem = as_text(*key);
  return site;
}

Expected<std::string> add_site_user(const SiteFile& site, JoinFile& credentials,
                                    std::string_view name, std::string_view password,
                                    WallTime now) {
  auto aor = user_aor(name, site.overlay);
  if (!aor) return aor;
  if (const auto checked = check_site_user(site, credentials, *aor); !checked) {
    return Failure(checked.error());
  }
  if (password.empty()) return failure(ErrorKind::invalid, "password", "is empty");
  const auto key = crypto::openssl::PrivateKey::from_pem(site.key_pem);
  if (!key) return Failure(key.error());
  auto node_key = crypto::openssl::PrivateKey::from_pem(credentials.node_key_pem);
  if (!node_key) return Failure(node_key.error());
  const auto node = crypto::openssl::KeySigner::create(std::move(*node_key),
                                                       credentials.node_certificate, site.overlay);
  if (!node) return Failure(node.error());
  auto issued = issue_user_credentials({*key, site.certificate}, *aor,
                                       digest_hashes(user_part(*aor), site.overlay, password),
                                       (*node)->certificate(), site.overlay, now);
  if (!issued) return Failure(issued.error());
  std::erase_if(credentials.users, [&](const UserCredentials& user) { return user.aor == *aor; });
  if (credentials.users.size() == join_file_users_max) {
    return failure(ErrorKind::limit, "user", "more than 4096 at one node");
  }
  credentials.users.push_back(std::move(*issued));
  return aor;
}

}  // namespace chordial::enrollment
