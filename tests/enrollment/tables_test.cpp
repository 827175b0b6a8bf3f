// Files, names, hashes, tables and the forms of files: everything that needs no authority.
#include <gtest/gtest.h>

#include "enrollment/digest_hashes.h"
#include "enrollment/file.h"
#include "enrollment/join_file.h"
#include "enrollment/ledger.h"
#include "enrollment/names.h"
#include "enrollment/records.h"
#include "enrollment/user_csv.h"
#include "enrollment/user_table.h"
#include "temporary_folder.h"

namespace chordial::enrollment {
namespace {

TEST(File, IsWrittenWholeWithItsModeAndReadBack) {
  const TemporaryFolder folder;
  const std::string path = folder / "secret";
  ASSERT_TRUE(write_file(path, "secret", as_bytes("one"), FileMode::open));
  EXPECT_EQ(mode_of(path), 0644u);
  ASSERT_TRUE(write_file(path, "secret", as_bytes("two"), FileMode::secret));
  EXPECT_EQ(mode_of(path), 0600u);
  const auto bytes = read_file(path, "secret", 3);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(as_text(*bytes), "two");
  EXPECT_EQ(read_file(path, "secret", 2).error().kind, ErrorKind::limit);
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    (void)entry;
    ++entries;
  }
  EXPECT_EQ(entries, 1u);  // no temporary file is left
}

TEST(File, ErrorsSayWhatIsWrong) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_file(folder / "none", "x", 9).error().kind, ErrorKind::not_found);
  EXPECT_EQ(write_file(folder / "none/x", "x", as_bytes("a"), FileMode::open).error().kind,
            ErrorKind::not_found);
  ASSERT_TRUE(write_file(folder / "file", "x", as_bytes("a"), FileMode::open));
  EXPECT_EQ(make_private_folder(folder / "file", "x").error().kind, ErrorKind::conflict);
  ASSERT_TRUE(make_private_folder(folder / "a/b", "x"));
  EXPECT_EQ(mode_of(folder / "a/b"), 0700u);
}

TEST(Records, KeysValuesCommentsAndPlaces) {
  const auto records = read_records("# note\n\na 1 2\nb\nc ");
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 3u);
  EXPECT_EQ((*records)[0].key, "a");
  EXPECT_EQ((*records)[0].value, "1 2");
  EXPECT_EQ((*records)[0].offset, 8u);
  EXPECT_EQ((*records)[1].value, "");
  EXPECT_EQ((*records)[2].value, "");
  EXPECT_FALSE(read_records(" a"));
  EXPECT_FALSE(read_records("a\tb"));
  EXPECT_EQ(read_records("a b\nc\rd").error().offset, 4u);
}

TEST(DigestHashes, ExamplesOfRfc7616) {
  // §3.9.1: HA1 of "Mufasa" at "http-auth@example.org" with "Circle of Life".
  const DigestHashes hashes = digest_hashes("Mufasa", "http-auth@example.org", "Circle of Life");
  EXPECT_EQ(to_hex(hashes.md5), "3d78807defe7de2157e2b0b6573a855f");
  EXPECT_EQ(to_hex(hashes.sha256),
            "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232");
}

TEST(Names, UsersOfTheOverlay) {
  EXPECT_EQ(user_aor("alice", "Home.example").value_or(""), "alice@home.example");
  EXPECT_EQ(user_aor("sip:bob@HOME.example", "home.example").value_or(""), "bob@home.example");
  EXPECT_EQ(user_aor("1001", "o").value_or(""), "1001@o");
  EXPECT_EQ(user_aor("+4930123456", "o").value_or(""), "+4930123456@o");
  EXPECT_EQ(user_aor("Alice", "o").value_or(""), "Alice@o");
  for (const char* bad :
       {"", "@o", "a b", "a@other", "a@o@o", "a/b", "a,b", "sip:", "a:b", "\xc3\xa4", "a@"}) {
    const auto aor = user_aor(bad, "o");
    ASSERT_FALSE(aor) << bad;
    EXPECT_EQ(aor.error().kind, ErrorKind::invalid) << bad;
  }
  for (const char* reserved :
       {"bootstrap", "Bootstrap", "node-1", "NODE-x", "00112233445566778899aabbccddeeff"}) {
    const auto aor = user_aor(reserved, "o");
    ASSERT_FALSE(aor) << reserved;
    EXPECT_EQ(aor.error().kind, ErrorKind::forbidden) << reserved;
  }
}

TEST(Names, Nodes) {
  EXPECT_TRUE(is_node_name("kitchen-2"));
  for (const char* bad : {"", "-a", "a.b", "a b", "a/b", "a,b"})
    EXPECT_FALSE(is_node_name(bad));
  EXPECT_EQ(*node_names("b,a,b", ','), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(node_names("", ',')->empty());
  EXPECT_FALSE(node_names("a,,b", ','));
  EXPECT_FALSE(node_names("a;b", ','));
}

User user(const std::string& aor, std::vector<std::string> nodes = {}) {
  return {aor, std::move(nodes), digest_hashes("u", "r", aor)};
}

TEST(UserTable, ComesBackInOrder) {
  UserTable table;
  ASSERT_TRUE(table.add(user("b@o", {"kitchen", "loft"})));
  ASSERT_TRUE(table.add(user("a@o")));
  EXPECT_EQ(table.add(user("a@o")).error().kind, ErrorKind::conflict);
  auto back = UserTable::parse(table.text());
  ASSERT_TRUE(back) << back.error().text();
  ASSERT_EQ(back->all().size(), 2u);
  EXPECT_EQ(back->all()[0].aor, "a@o");
  EXPECT_EQ(back->all()[1].nodes, (std::vector<std::string>{"kitchen", "loft"}));
  EXPECT_EQ(back->all()[1].hashes, user("b@o").hashes);
  EXPECT_TRUE(back->all()[0].belongs_at("anywhere"));
  EXPECT_TRUE(back->all()[1].belongs_at("loft"));
  EXPECT_FALSE(back->all()[1].belongs_at("cellar"));
  EXPECT_EQ(back->find("c@o"), nullptr);
  EXPECT_TRUE(back->remove("a@o"));
  EXPECT_FALSE(back->remove("a@o"));
}

TEST(UserTable, DamageIsNamed) {
  EXPECT_FALSE(UserTable::parse("nodes a\n"));
  EXPECT_FALSE(UserTable::parse("user a@o\nha1-md5 00\n"));
  EXPECT_FALSE(UserTable::parse("user a@o\nother 00\n"));
  EXPECT_FALSE(UserTable::parse("user a@o\nuser a@o\n"));
}

TEST(UserCsv, AsSpreadsheetsWriteIt) {
  const auto users = read_user_csv(
      "user,password,nodes\r\nalice,secret\r\n\r\n\"bob\",\"a,\"\"b\"\"\n\",kitchen;loft\ncarol,x");
  ASSERT_TRUE(users) << users.error().text();
  ASSERT_EQ(users->size(), 3u);
  EXPECT_EQ((*users)[0].name, "alice");
  EXPECT_EQ((*users)[0].line, 2u);
  EXPECT_EQ((*users)[1].password, "a,\"b\"\n");
  EXPECT_EQ((*users)[1].nodes, (std::vector<std::string>{"kitchen", "loft"}));
  EXPECT_EQ((*users)[2].line, 6u);
}

TEST(UserCsv, ErrorsNameTheLine) {
  EXPECT_EQ(read_user_csv("a,b\nc\n").error().offset, 2u);
  EXPECT_EQ(read_user_csv("a,b\nc,\n").error().offset, 2u);
  EXPECT_EQ(read_user_csv("a,b,c,d\n").error().offset, 1u);
  EXPECT_EQ(read_user_csv("a,\"b").error().offset, 1u);
  EXPECT_EQ(read_user_csv("a,b,no node").error().offset, 1u);
}

LedgerEntry entry(LedgerEntry::Kind kind, const std::string& name, std::uint64_t id,
                  std::int64_t expires) {
  LedgerEntry result;
  result.kind = kind;
  result.name = name;
  result.node_id = NodeId{{id, 1}};
  result.expires = WallTime(std::chrono::seconds(expires));
  result.certificate[0] = static_cast<std::uint8_t>(expires);
  return result;
}

TEST(Ledger, ComesBackAndKeepsNodeIds) {
  Ledger ledger;
  ASSERT_TRUE(ledger.add(entry(LedgerEntry::Kind::node, "kitchen", 1, 10)));
  ASSERT_TRUE(ledger.add(entry(LedgerEntry::Kind::user, "a@o", 1, 5)));
  ASSERT_TRUE(ledger.add(entry(LedgerEntry::Kind::node, "loft", 2, 20)));
  ASSERT_TRUE(ledger.add(entry(LedgerEntry::Kind::node, "kitchen", 1, 30)));
  auto back = Ledger::parse(ledger.text());
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->text(), ledger.text());
  EXPECT_EQ(back->node_id("loft"), (NodeId{{2, 1}}));
  EXPECT_FALSE(back->node_id("a@o"));
  ASSERT_EQ(back->nodes().size(), 2u);
  EXPECT_EQ(back->nodes()[0].name, "kitchen");
  EXPECT_EQ(back->nodes()[0].expires, WallTime(std::chrono::seconds(30)));
  back->forget_expired_users(WallTime(std::chrono::seconds(6)));
  EXPECT_EQ(back->all().size(), 3u);
  for (const char* bad : {"node", "node a b c d e", "other x"})
    EXPECT_FALSE(Ledger::parse(bad));
}

JoinFile a_join_file() {
  JoinFile file;
  file.overlay = "home.example";
  file.node_name = "kitchen";
  file.node_id = NodeId{{1, 2}};
  file.document = {1, 2, 3};
  file.node_certificate = {4};
  file.node_key_pem = "-----BEGIN\nx\n";
  file.bootstrap = {*SocketAddress::parse("192.0.2.1:6084"),
                    *SocketAddress::parse("[2001:db8::1]:6084")};
  file.users = {{"a@home.example", {5}, "pem", {6, 7}}, {"b@home.example", {8}, "pem2", {9}}};
  return file;
}

TEST(JoinFileForm, ComesBack) {
  const JoinFile file = a_join_file();
  const auto back = decode_join_file(encode_join_file(file));
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->overlay, file.overlay);
  EXPECT_EQ(back->node_name, file.node_name);
  EXPECT_EQ(back->node_id, file.node_id);
  EXPECT_EQ(back->document, file.document);
  EXPECT_EQ(back->node_certificate, file.node_certificate);
  EXPECT_EQ(back->node_key_pem, file.node_key_pem);
  EXPECT_EQ(back->bootstrap, file.bootstrap);
  ASSERT_EQ(back->users.size(), 2u);
  EXPECT_EQ(back->users[1].aor, "b@home.example");
  EXPECT_EQ(back->users[1].certificate, Bytes{8});
  EXPECT_EQ(back->users[1].key_pem, "pem2");
  EXPECT_EQ(back->users[1].sealed_hashes, Bytes{9});
}

TEST(JoinFileForm, WhatIsMissingIsNamed) {
  const std::string text = encode_join_file(a_join_file());
  for (const char* key : {"overlay", "node", "node-id", "document", "node-certificate", "node-key",
                          "user-certificate", "user-key", "user-ha1"}) {
    const std::size_t begin = text.find('\n' + std::string(key) + ' ') + 1;
    std::string cut = text;
    cut.erase(begin, text.find('\n', begin) + 1 - begin);
    const auto file = decode_join_file(cut);
    ASSERT_FALSE(file) << key;
    EXPECT_STREQ(file.error().field, key);
  }
}

TEST(JoinFileForm, WrongFilesAndLaterVersions) {
  EXPECT_EQ(decode_join_file("").error().kind, ErrorKind::malformed);
  EXPECT_EQ(decode_join_file("<overlay/>").error().kind, ErrorKind::malformed);
  EXPECT_EQ(decode_join_file("chordial-join 2\n").error().kind, ErrorKind::unsupported);
  const auto early = decode_join_file("chordial-join 1\nuser-key AAAA\n");
  ASSERT_FALSE(early);
  EXPECT_STREQ(early.error().field, "user-key");
  EXPECT_EQ(early.error().offset, 16u);
  std::string text = encode_join_file(a_join_file());
  EXPECT_TRUE(decode_join_file(text + "something-new x\n"));
}

}  // namespace
}  // namespace chordial::enrollment
