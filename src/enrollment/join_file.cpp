#include "enrollment/join_file.h"

#include <array>

#include "configuration/base64.h"
#include "enrollment/records.h"

namespace chordial::enrollment {

namespace {

constexpr std::string_view magic = "chordial-join";
constexpr std::string_view version = "1";

// One key of the file: how its value gets into the structure. The name has static storage, for
// errors.
struct Key {
  const char* name;
  bool (*read)(std::string_view value, JoinFile& file);
};

bool read_binary(std::string_view value, Bytes& into) {
  auto bytes = configuration::from_base64(value);
  if (!bytes || bytes->empty()) return false;
  into = std::move(*bytes);
  return true;
}

bool read_pem(std::string_view value, std::string& into) {
  Bytes bytes;
  if (!read_binary(value, bytes)) return false;
  into = as_text(bytes);
  return true;
}

bool read_node_id(std::string_view value, JoinFile& file) {
  const auto id = NodeId::from_hex(value);
  if (id) file.node_id = *id;
  return id.has_value();
}

bool read_bootstrap(std::string_view value, JoinFile& file) {
  const auto address = SocketAddress::parse(value);
  if (!address || file.bootstrap.size() == join_file_bootstrap_max) return false;
  file.bootstrap.push_back(*address);
  return true;
}

bool read_user(std::string_view value, JoinFile& file) {
  if (value.empty() || file.users.size() == join_file_users_max) return false;
  file.users.emplace_back().aor = value;
  return true;
}

bool read_text(std::string_view value, std::string& into) {
  into = value;
  return !value.empty();
}

template <auto Member, auto Read>
bool into_file(std::string_view value, JoinFile& file) {
  return Read(value, file.*Member);
}

// Belongs to the user named last.
template <auto Member, auto Read>
bool into_user(std::string_view value, JoinFile& file) {
  return !file.users.empty() && Read(value, file.users.back().*Member);
}

constexpr std::array<Key, 11> keys{{
    {"overlay", into_file<&JoinFile::overlay, read_text>},
    {"node", into_file<&JoinFile::node_name, read_text>},
    {"node-id", read_node_id},
    {"document", into_file<&JoinFile::document, read_binary>},
    {"node-certificate", into_file<&JoinFile::node_certificate, read_binary>},
    {"node-key", into_file<&JoinFile::node_key_pem, read_pem>},
    {"bootstrap", read_bootstrap},
    {"user", read_user},
    {"user-certificate", into_user<&UserCredentials::certificate, read_binary>},
    {"user-key", into_user<&UserCredentials::key_pem, read_pem>},
    {"user-ha1", into_user<&UserCredentials::sealed_hashes, read_binary>},
}};

// What must be there.
const char* first_missing(const JoinFile& file) {
  if (file.overlay.empty()) return "overlay";
  if (file.node_name.empty()) return "node";
  if (file.node_id == invalid_node_id) return "node-id";
  if (file.document.empty()) return "document";
  if (file.node_certificate.empty()) return "node-certificate";
  if (file.node_key_pem.empty()) return "node-key";
  for (const UserCredentials& user : file.users) {
    if (user.certificate.empty()) return "user-certificate";
    if (user.key_pem.empty()) return "user-key";
    if (user.sealed_hashes.empty()) return "user-ha1";
  }
  return nullptr;
}

// A key that nobody here knows is passed over: a later version that must not be misunderstood has
// another number.
Expected<void> read_record(const Record& record, JoinFile& file) {
  for (const Key& key : keys) {
    if (record.key != key.name) continue;
    if (!key.read(record.value, file)) {
      return failure(ErrorKind::malformed, key.name, "its value is wrong", record.offset);
    }
    return {};
  }
  return {};
}

}  // namespace

std::string encode_join_file(const JoinFile& file) {
  RecordWriter writer;
  writer.text(magic, version);
  writer.text("overlay", file.overlay);
  writer.text("node", file.node_name);
  writer.text("node-id", file.node_id.hex());
  writer.binary("document", file.document);
  writer.binary("node-certificate", file.node_certificate);
  writer.binary("node-key", as_bytes(file.node_key_pem));
  for (const SocketAddress& address : file.bootstrap)
    writer.text("bootstrap", address.text());
  for (const UserCredentials& user : file.users) {
    writer.text("user", user.aor);
    writer.binary("user-certificate", user.certificate);
    writer.binary("user-key", as_bytes(user.key_pem));
    writer.binary("user-ha1", user.sealed_hashes);
  }
  return writer.written();
}

Expected<JoinFile> decode_join_file(std::string_view text) {
  if (text.size() > join_file_bytes_max) {
    return failure(ErrorKind::limit, "join file", "longer than 16 MiB");
  }
  if (!text.starts_with(magic)) {
    return failure(ErrorKind::malformed, "join file", "is none: it does not begin as one");
  }
  const auto records = read_records(text);
  if (!records) return Failure(records.error());
  if (records->front().value != version) {
    return failure(ErrorKind::unsupported, "join file", "was made by a later version");
  }
  JoinFile file;
  for (const Record& record : *records) {
    if (const auto read = read_record(record, file); !read) return Failure(read.error());
  }
  if (const char* missing = first_missing(file)) {
    return failure(ErrorKind::malformed, missing, "is missing",
                   static_cast<std::uint32_t>(text.size()));
  }
  return file;
}

}  // namespace chordial::enrollment
