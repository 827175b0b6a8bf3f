// ports::PersistRequest on SQLite: one table, one writing thread, requests that arrive together
// committed together. A request is answered after its commit is on disk (WAL, synchronous FULL).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/persist.h"

namespace chordial::driver {

class Persistence {
 public:
  // How long a request may wait for others to share its commit, and a lazy one for any other at
  // all.
  static constexpr int group_wait_ms = 2;
  static constexpr int lazy_wait_ms = 5000;

  // Called on the writing thread, with all answers of one commit.
  using Completed = std::function<void(std::vector<ports::PersistCompletion>)>;

  // Opens or makes the database file, for this user alone. Errors: forbidden (permission,
  // read-only), unavailable (disk), malformed (damaged), invalid (a symbolic link), internal;
  // unsupported for a database of a later version.
  [[nodiscard]] static Expected<std::unique_ptr<Persistence>> open(const std::string& path);
  ~Persistence();  // as stop()
  Persistence(const Persistence&) = delete;
  Persistence& operator=(const Persistence&) = delete;

  // Before start(). Errors: internal.
  [[nodiscard]] Expected<std::vector<ports::PersistedRecord>> load();
  void start(Completed completed);
  // From one thread. Answered exactly once; a full disk or a read-only folder is an error of every
  // request in the group, of which nothing was written then.
  void submit(ports::PersistRequest request);
  // Writes what was submitted, lazy or not, and ends the thread: after it nothing is called any
  // more and nothing may be submitted. A second call does nothing.
  void stop();

 private:
  class Worker;
  explicit Persistence(std::unique_ptr<Worker> worker);

  std::unique_ptr<Worker> worker_;
};

}  // namespace chordial::driver
