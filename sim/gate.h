// A barrier for a fixed number of threads that looks for the others for some microseconds and then
// sleeps: std::barrier yields instead, and on a busy machine every yield costs a time slice.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace chordial::sim {

class Gate {
 public:
  explicit Gate(unsigned threads) : threads_(threads) {}

  // Returns when all threads have come. What each did before is visible to all after.
  void pass() {
    const std::uint32_t round = round_.load(std::memory_order_acquire);
    if (waiting_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      waiting_.store(0, std::memory_order_relaxed);
      {
        const std::lock_guard lock(mutex_);
        round_.store(round + 1, std::memory_order_release);
      }
      woken_.notify_all();
      return;
    }
    for (unsigned look = 0; look < looks; ++look) {
      if (round_.load(std::memory_order_acquire) != round) return;
    }
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [&] { return round_.load(std::memory_order_acquire) != round; });
  }

 private:
  static constexpr unsigned looks = 20'000;

  unsigned threads_;
  std::atomic<unsigned> waiting_{0};
  std::atomic<std::uint32_t> round_{0};
  std::mutex mutex_;
  std::condition_variable woken_;
};

}  // namespace chordial::sim
