#include "driver/persistence.h"

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <sqlite3.h>
#include <thread>

#include "driver/secret_file.h"

namespace chordial::driver {

namespace {

constexpr int schema_version = 1;
constexpr const char* cannot_be_written = "the state folder cannot be written";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

Failure database_failure(sqlite3* database, const char* what) {
  const int code = database == nullptr ? SQLITE_CANTOPEN : sqlite3_errcode(database) & 0xff;
  if (code == SQLITE_FULL) return failure(ErrorKind::unavailable, what, "the disk is full");
  if (code == SQLITE_READONLY || code == SQLITE_PERM || code == SQLITE_CANTOPEN) {
    return failure(ErrorKind::forbidden, what, cannot_be_written);
  }
  if (code == SQLITE_IOERR) {
    return failure(ErrorKind::unavailable, what, "the disk failed, or allows no more");
  }
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
    return failure(ErrorKind::malformed, what, "the file is damaged or no database");
  }
  return failure(ErrorKind::internal, what, "the database refused");
}

bool execute(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

Statement prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  return Statement(statement);
}

int integer_pragma(sqlite3* database, const char* sql) {
  const Statement statement = prepare(database, sql);
  if (!statement || sqlite3_step(statement.get()) != SQLITE_ROW) return -1;
  return sqlite3_column_int(statement.get(), 0);
}

void bind_blob(sqlite3_stmt* statement, int index, const Bytes& bytes) {
  // An empty vector may have a null pointer, which SQLite would store as NULL.
  static const std::uint8_t nothing = 0;
  sqlite3_bind_blob(statement, index, bytes.empty() ? &nothing : bytes.data(),
                    static_cast<int>(bytes.size()), SQLITE_STATIC);
}

Bytes column_bytes(sqlite3_stmt* statement, int column) {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return data == nullptr ? Bytes() : Bytes(data, data + size);
}

}  // namespace

class Persistence::Worker {
 public:
  explicit Worker(Database database) : database_(std::move(database)) {}
  ~Worker() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Expected<void> prepare_schema() {
    sqlite3* db = database_.get();
    sqlite3_busy_timeout(db, 2000);
    if (!execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"))
      return database_failure(db, "state");
    const int found = integer_pragma(db, "PRAGMA user_version");
    if (found < 0) return database_failure(db, "state");
    if (found > schema_version) {
      return failure(ErrorKind::unsupported, "state", "written by a later version of this program");
    }
    // What is there already needs no room on the disk.
    if (found < schema_version &&
        !execute(db,
                 "CREATE TABLE IF NOT EXISTS records (space INTEGER NOT NULL, key BLOB NOT NULL, "
                 "value BLOB NOT NULL, PRIMARY KEY (space, key)) WITHOUT ROWID; PRAGMA "
                 "user_version=1;")) {
      return database_failure(db, "state");
    }
    put_ = prepare(db, "INSERT OR REPLACE INTO records (space, key, value) VALUES (?, ?, ?)");
    remove_ = prepare(db, "DELETE FROM records WHERE space = ? AND key = ?");
    if (!put_ || !remove_) return database_failure(db, "state");
    return {};
  }

  Expected<std::vector<ports::PersistedRecord>> load() {
    const Statement select =
        prepare(database_.get(), "SELECT space, key, value FROM records ORDER BY space, key");
    if (!select) return database_failure(database_.get(), "state");
    std::vector<ports::PersistedRecord> records;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(select.get())) == SQLITE_ROW) {
      records.push_back({static_cast<ports::PersistSpace>(sqlite3_column_int(select.get(), 0)),
                         column_bytes(select.get(), 1), column_bytes(select.get(), 2)});
    }
    if (step != SQLITE_DONE) return database_failure(database_.get(), "state");
    return records;
  }

  void start(Completed completed) {
    completed_ = std::move(completed);
    // Signals are for the thread that waits for them, and ends the process in order.
    sigset_t ends, before;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void submit(ports::PersistRequest request) {
    const bool lazy = request.lazy;
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(request));
      urgent_ = urgent_ || !lazy;
    }
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (!urgent_ && !stopping_) {
        wake_.wait_for(lock, std::chrono::milliseconds(lazy_wait_ms),
                       [this] { return stopping_ || urgent_; });
      }
      if (!stopping_)
        wake_.wait_for(lock, std::chrono::milliseconds(group_wait_ms),
                       [this] { return stopping_; });
      std::deque<ports::PersistRequest> group;
      group.swap(queue_);
      urgent_ = false;
      const bool last = stopping_;
      lock.unlock();
      if (!group.empty()) commit(group);
      if (last) return;
      lock.lock();
    }
  }

  void commit(const std::deque<ports::PersistRequest>& group) {
    const Expected<void> result = write(group);
    std::vector<ports::PersistCompletion> completions;
    completions.reserve(group.size());
    for (const ports::PersistRequest& request : group)
      completions.push_back({request.id, result});
    completed_(std::move(completions));
  }

  Expected<void> write(const std::deque<ports::PersistRequest>& group) {
    sqlite3* db = database_.get();
    if (!execute(db, "BEGIN IMMEDIATE")) return database_failure(db, "state");
    for (const ports::PersistRequest& request : group) {
      for (const ports::PersistWrite& write : request.writes) {
        if (!apply(write)) {
          const Failure why = database_failure(db, "state");
          execute(db, "ROLLBACK");
          return why;
        }
      }
    }
    if (execute(db, "COMMIT")) return {};
    const Failure why = database_failure(db, "state");
    execute(db, "ROLLBACK");
    return why;
  }

  bool apply(const ports::PersistWrite& write) {
    sqlite3_stmt* statement = write.value ? put_.get() : remove_.get();
    sqlite3_bind_int(statement, 1, static_cast<int>(write.space));
    bind_blob(statement, 2, write.key);
    if (write.value) bind_blob(statement, 3, *write.value);
    const bool done = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_reset(statement);
    return done;
  }

  Database database_;
  Statement put_;
  Statement remove_;
  Completed completed_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ports::PersistRequest> queue_;
  bool urgent_ = false;
  bool stopping_ = false;
};

namespace {

// `alone`: nobody else may have it open; then the index of the log, which is as long as eight
// pages, needs no place on the disk.
Expected<Database> connect(const std::string& path, bool alone) {
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(raw);
  if (opened != SQLITE_OK || (alone && !execute(raw, "PRAGMA locking_mode=EXCLUSIVE")))
    return database_failure(raw, "state");
  return database;
}

}  // namespace

Persistence::Persistence(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {
}

Persistence::~Persistence() = default;

Expected<std::unique_ptr<Persistence>> Persistence::open(const std::string& path) {
  // What a node keeps is nobody else's to read; the files SQLite makes beside this one follow it.
  // Closed again before SQLite opens it, which would lose its locks otherwise.
  if (const auto file = SecretFile::open(path); !file) {
    const Error& why = file.error();
    if (why.kind != ErrorKind::forbidden) return failure(why.kind, "state", why.reason);
    return failure(ErrorKind::forbidden, "state", cannot_be_written);
  }
  for (const char* beside : {"-wal", "-shm"})
    close_to_others(path + beside);
  Expected<void> ready;
  for (const bool alone : {false, true}) {
    auto database = connect(path, alone);
    if (!database) return Failure(database.error());
    auto worker = std::make_unique<Worker>(std::move(*database));
    ready = worker->prepare_schema();
    if (ready) return std::unique_ptr<Persistence>(new Persistence(std::move(worker)));
    if (ready.error().kind != ErrorKind::unavailable) break;  // else the disk has no room
  }
  return Failure(ready.error());
}

Expected<std::vector<ports::PersistedRecord>> Persistence::load() {
  return worker_->load();
}

void Persistence::start(Completed completed) {
  worker_->start(std::move(completed));
}

void Persistence::stop() {
  worker_->stop();
}

void Persistence::submit(ports::PersistRequest request) {
  worker_->submit(std::move(request));
}

}  // namespace chordial::driver
