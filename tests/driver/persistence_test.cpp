// What is on disk when a completion comes, and what an error leaves behind.
#include "driver/persistence.h"

#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <sys/resource.h>
#include <sys/stat.h>

#include "driver/secret_file.h"
#include "echo_node.h"
#include "loopback.h"

namespace chordial::driver {
namespace {

using ports::PersistRequest;
using ports::PersistSpace;

// While it lives no file may become longer, as on a disk that is full.
class NoRoom {
 public:
  explicit NoRoom(rlim_t file_bytes_max) : signal_(::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{file_bytes_max, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;
  ~NoRoom() {
    setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, signal_);
  }

 private:
  void (*signal_)(int);
  rlimit before_{};
};

class PersistenceTest : public ::testing::Test {
 protected:
  PersistenceTest() {
    char name[] = "/tmp/chordial_persistence_XXXXXX";
    folder = ::mkdtemp(name);
    path = folder / "state.sqlite";
  }
  ~PersistenceTest() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<Persistence> open() {
    auto opened = Persistence::open(path);
    if (!opened) throw std::runtime_error(opened.error().text());
    return std::move(*opened);
  }
  void start(Persistence& persistence) {
    persistence.start([this](std::vector<ports::PersistCompletion> completions) {
      const std::lock_guard lock(mutex);
      for (const auto& completion : completions)
        results.emplace(static_cast<std::uint64_t>(completion.id), completion.result);
      changed.notify_all();
    });
  }
  Expected<void> result_of(std::uint64_t id) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return results.contains(id); });
    const auto place = results.find(id);
    if (place == results.end()) throw std::runtime_error("no completion");
    return place->second;
  }
  static unsigned mode_of(const std::string& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }
  static PersistRequest put(std::uint64_t id, const char* key, Bytes value, bool lazy = false) {
    return {ports::RequestId{id},
            {{PersistSpace::own_records, to_bytes(as_bytes(key)), std::move(value)}},
            lazy};
  }
  std::map<std::string, Bytes> stored() {
    std::map<std::string, Bytes> all;
    const auto records = *open()->load();
    for (const auto& record : records)
      all[std::string(as_text(record.key))] = record.value;
    return all;
  }

  std::filesystem::path folder;
  std::string path;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::uint64_t, Expected<void>> results;
};

TEST_F(PersistenceTest, RecordsOutliveTheProcess) {
  {
    const auto persistence = open();
    start(*persistence);
    persistence->submit(put(1, "a", {1}));
    persistence->submit(put(2, "b", {}));
    persistence->submit(put(3, "a", {2, 3}));
    EXPECT_TRUE(result_of(1) && result_of(2) && result_of(3));
  }
  EXPECT_EQ(stored(), (std::map<std::string, Bytes>{{"a", {2, 3}}, {"b", {}}}));
  {
    const auto persistence = open();
    start(*persistence);
    persistence->submit(
        {ports::RequestId{4}, {{PersistSpace::own_records, {'a'}, std::nullopt}}, false});
    EXPECT_TRUE(result_of(4));
  }
  EXPECT_EQ(stored(), (std::map<std::string, Bytes>{{"b", {}}}));
}

TEST_F(PersistenceTest, SpacesAreApartAndInOrder) {
  const auto persistence = open();
  start(*persistence);
  persistence->submit({ports::RequestId{1},
                       {{PersistSpace::documents, {'k'}, Bytes{6}},
                        {PersistSpace::stored_resources, {'k'}, Bytes{1}}},
                       false});
  ASSERT_TRUE(result_of(1));
  const auto records = *open()->load();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].space, PersistSpace::stored_resources);
  EXPECT_EQ(records[1].value, Bytes{6});
}

// On disk means: another connection sees it as soon as the completion has come.
TEST_F(PersistenceTest, ACompletionComesAfterTheCommit) {
  const auto persistence = open();
  start(*persistence);
  for (std::uint64_t id = 1; id <= 20; ++id) {
    persistence->submit(put(id, "key", {static_cast<std::uint8_t>(id)}));
    ASSERT_TRUE(result_of(id));
    EXPECT_EQ(stored().at("key"), Bytes{static_cast<std::uint8_t>(id)});
  }
}

TEST_F(PersistenceTest, ALazyRequestGoesWithTheNextGroupAndBeforeTheEnd) {
  {
    const auto persistence = open();
    start(*persistence);
    persistence->submit(put(1, "lazy", {1}, true));
    persistence->submit(put(2, "urgent", {2}));
    EXPECT_TRUE(result_of(1) && result_of(2));
    persistence->submit(put(3, "last", {3}, true));
  }
  EXPECT_TRUE(result_of(3));
  EXPECT_TRUE(stored().contains("last"));
}

TEST_F(PersistenceTest, ADiskThatIsFullWritesNothingOfARequest) {
  const auto persistence = open();
  start(*persistence);
  persistence->submit(put(1, "before", {1}));
  ASSERT_TRUE(result_of(1));

  auto no_room = std::make_optional<NoRoom>(256 * 1024);
  persistence->submit({ports::RequestId{2},
                       {{PersistSpace::own_records, {'s'}, Bytes{1}},
                        {PersistSpace::own_records, {'b'}, Bytes(1 << 20)}},
                       false});
  const Expected<void> refused = result_of(2);
  no_room.reset();
  EXPECT_FALSE(refused);
  EXPECT_EQ(stored(), (std::map<std::string, Bytes>{{"before", {1}}}));

  persistence->submit(put(3, "after", {3}));
  EXPECT_TRUE(result_of(3));
  EXPECT_TRUE(stored().contains("after"));
}

// A node that is started on a full disk has what it had.
TEST_F(PersistenceTest, ADiskThatIsFullCanBeRead) {
  const std::filesystem::path copy = folder / "copy";
  std::filesystem::create_directory(copy);
  {
    const auto persistence = open();
    start(*persistence);
    persistence->submit(put(1, "before", {1}));
    ASSERT_TRUE(result_of(1));
    // As a crash leaves it: with its log, without an index of that.
    for (const char* file : {"state.sqlite", "state.sqlite-wal"})
      std::filesystem::copy_file(folder / file, copy / file);
  }
  std::uint64_t id = 1;
  for (const std::string& file : {path, (copy / "state.sqlite").string()}) {
    std::unique_ptr<Persistence> persistence;
    {
      const NoRoom no_room(1024);
      auto opened = Persistence::open(file);
      ASSERT_TRUE(opened) << opened.error().text();
      persistence = std::move(*opened);
      const auto records = persistence->load();
      ASSERT_TRUE(records);
      EXPECT_EQ(records->size(), 1U);
      start(*persistence);
      persistence->submit(put(++id, "refused", {2}));
      EXPECT_FALSE(result_of(id));
    }
    persistence->submit(put(++id, "after", {3}));
    EXPECT_TRUE(result_of(id));
  }
  EXPECT_EQ(stored(), (std::map<std::string, Bytes>{{"after", {3}}, {"before", {1}}}));
}

TEST_F(PersistenceTest, WhatIsNoDatabaseIsRefused) {
  std::ofstream(path) << std::string(4096, 'x');
  EXPECT_EQ(Persistence::open(path).error().kind, ErrorKind::malformed);
  EXPECT_EQ(Persistence::open((folder / "missing" / "state").string()).error().kind,
            ErrorKind::forbidden);
}

TEST_F(PersistenceTest, TheReactorHandsCompletionsToTheNode) {
  const auto persistence = open();
  EchoNode node;
  node.persists.push_back(put(1, "a", {1}));
  node.persists.push_back(put(2, "b", {2}, true));
  node.finish_after_completions = 2;
  Reactor reactor(node, persistence.get());
  reactor.run();
  ASSERT_EQ(node.completions.size(), 2U);
  EXPECT_TRUE(node.completions[0].result && node.completions[1].result);
  EXPECT_EQ(stored().size(), 2U);
}

// The reactor goes first, as it refers to the disk; what waits is written nevertheless.
TEST_F(PersistenceTest, WhatWaitsWhenTheReactorGoesIsStillWritten) {
  const auto persistence = open();
  {
    EchoNode node;
    node.persists.push_back(put(1, "lazy", {1}, true));
    Reactor reactor(node, persistence.get());
    reactor.drain();
  }
  EXPECT_TRUE(stored().contains("lazy"));
}

TEST_F(PersistenceTest, NobodyElseMayReadIt) {
  const auto persistence = open();
  const auto permissions = std::filesystem::status(path).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(PersistenceTest, WhatOthersMightReadIsClosedToThem) {
  { start(*open()); }
  const auto beside = path + "-wal";
  std::ofstream(beside) << "";
  for (const std::string& file : {path, beside})
    ::chmod(file.c_str(), 0664);
  const auto persistence = open();
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(beside), 0600U);
}

TEST_F(PersistenceTest, ASymbolicLinkIsNotFollowed) {
  std::filesystem::create_symlink(folder / "elsewhere", path);
  EXPECT_EQ(Persistence::open(path).error().kind, ErrorKind::invalid);
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

TEST_F(PersistenceTest, SecretFilesAreForTheirOwnerAlone) {
  const std::string log = folder / "keys";
  { EXPECT_TRUE(SecretFile::open(log)); }
  EXPECT_EQ(mode_of(log), 0600U);
  ::chmod(log.c_str(), 0644);
  { EXPECT_TRUE(SecretFile::open(log)); }
  EXPECT_EQ(mode_of(log), 0600U);
  std::filesystem::create_symlink(log, folder / "link");
  EXPECT_EQ(SecretFile::open(folder / "link").error().kind, ErrorKind::invalid);
  EXPECT_EQ(SecretFile::open(folder).error().kind, ErrorKind::invalid);
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(SecretFile::open(folder / "fifo").error().kind, ErrorKind::invalid);
}

TEST_F(PersistenceTest, FoldersAreClosedToOthers) {
  const std::string loose = folder / "loose";
  std::filesystem::create_directory(loose);
  ::chmod(loose.c_str(), 0777);
  EXPECT_TRUE(others_may_write(loose));
  close_to_others(loose);
  EXPECT_EQ(mode_of(loose), 0700U);
  EXPECT_FALSE(others_may_write(loose));
  EXPECT_FALSE(others_may_write(folder / "missing"));
}

TEST_F(PersistenceTest, WithoutADiskRequestsAreAnsweredAllTheSame) {
  EchoNode node;
  node.persists.push_back(put(1, "a", {1}));
  node.finish_after_completions = 1;
  Reactor reactor(node, nullptr);
  reactor.run();
  EXPECT_TRUE(node.completions.at(0).result);
}

}  // namespace
}  // namespace chordial::driver
