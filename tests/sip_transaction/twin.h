// The tables of RFC 3261 §17 (with RFC 6026 and RFC 4320) written down a second time, without
// timers, stepping millisecond by millisecond: what the transaction layer is held against, by
// random events and by a fuzzer's.
#pragma once

#include "sip_transaction/world.h"

namespace chordial::sip {

constexpr std::int64_t no_time = -1;

class Twin {
 public:
  Twin(bool invite, bool reliable) : invite_(invite), reliable_(reliable) {}
  virtual ~Twin() = default;
  virtual void tick() = 0;
  void step() {
    ++ms_;
    tick();
  }
  std::vector<std::string> log;

 protected:
  void note(const std::string& text) { log.push_back(std::to_string(ms_) + " " + text); }
  void end() {
    state_ = "Terminated";
    note("end");
  }
  bool in(const char* state) const { return state_ == state; }

  bool invite_;
  bool reliable_;
  std::int64_t ms_ = 0;
  std::string state_;
  std::int64_t repeat_ = no_time;
  std::int64_t wait_ = 500;
  std::int64_t end_ = no_time;
};

class ClientTwin final : public Twin {
 public:
  ClientTwin(bool invite, bool reliable) : Twin(invite, reliable) {
    state_ = invite ? "Calling" : "Trying";
    note(method());
    if (!reliable_) repeat_ = 500;
    end_ = 32000;
  }
  void tick() override {
    if (in("Terminated")) return;
    if (end_ == ms_) {
      if (in("Calling") || in("Trying") || in("Proceeding")) note("timeout");
      return end();
    }
    if (repeat_ != ms_) return;
    note(method());
    if (invite_) {
      wait_ *= 2;
    } else {
      wait_ = in("Proceeding") ? 4000 : std::min<std::int64_t>(2 * wait_, 4000);
    }
    repeat_ = ms_ + wait_;
  }
  void response(int status) {
    const std::string up = "response " + std::to_string(status);
    if (in("Terminated")) return note("stray " + std::to_string(status));
    if (in("Accepted")) {
      if (status / 100 == 2) note(up);
    } else if (in("Completed")) {
      if (invite_ && status >= 300) note("send ACK");
    } else if (status < 200) {
      state_ = "Proceeding";
      if (invite_) repeat_ = end_ = no_time;
      note(up);
    } else if (invite_ && status < 300) {
      state_ = "Accepted";
      repeat_ = no_time;
      end_ = ms_ + 32000;
      note(up);
    } else {
      if (invite_) note("send ACK");
      state_ = "Completed";
      repeat_ = no_time;
      end_ = ms_ + (invite_ ? 32000 : 5000);
      note(up);
      if (reliable_) end();
    }
  }

 private:
  [[nodiscard]] std::string method() const { return invite_ ? "send INVITE" : "send OPTIONS"; }
};

class ServerTwin final : public Twin {
 public:
  ServerTwin(bool invite, bool reliable) : Twin(invite, reliable) {
    state_ = invite ? "Proceeding" : "Trying";
    note(invite ? "request INVITE" : "request OPTIONS");
    if (invite_) {
      send(100);
    } else {
      repeat_ = 3500;
      end_ = 32000;
    }
  }
  [[nodiscard]] bool over() const { return in("Terminated"); }
  void tick() override {
    if (in("Terminated")) return;
    if (end_ == ms_) {
      if (invite_ && in("Completed")) note("timeout");
      return end();
    }
    if (repeat_ != ms_) return;
    if (in("Trying")) {
      state_ = "Proceeding";
      repeat_ = no_time;
      return send(100);
    }
    send(last_);
    wait_ = std::min<std::int64_t>(2 * wait_, 4000);
    repeat_ = ms_ + wait_;
  }
  void request_again() {
    if (in("Proceeding") || in("Completed")) repeat_last();
  }
  void ack() {
    if (in("Terminated")) return note("stray ack");
    if (in("Accepted")) return note("ack");
    if (!in("Completed") || !invite_) return;
    if (reliable_) return end();
    state_ = "Confirmed";
    repeat_ = no_time;
    end_ = ms_ + 5000;
  }
  void respond(int status) {
    if (in("Accepted") && status / 100 == 2) return send(status);
    if (!in("Trying") && !in("Proceeding")) return;
    if (!invite_ && status < 200 && (status > 100 || !reliable_)) return;
    if (!invite_ && status == 408) return;
    send(status);
    if (status < 200) {
      state_ = "Proceeding";
      if (!invite_) repeat_ = no_time;
      return;
    }
    repeat_ = no_time;
    end_ = ms_ + 32000;
    state_ = invite_ && status < 300 ? "Accepted" : "Completed";
    if (invite_ && in("Completed") && !reliable_) repeat_ = ms_ + 500;
    if (!invite_ && reliable_) end();
  }

 private:
  void send(int status) {
    last_ = status;
    note("send " + std::to_string(status));
  }
  // Over a reliable flow a request comes once, and nothing is kept for a second one.
  void repeat_last() {
    if (!reliable_) send(last_);
  }

  int last_ = 0;
};

template <class TwinType>
void advance(World& world, TwinType& twin, std::int64_t steps) {
  for (std::int64_t i = 0; i < steps; ++i) {
    world.run_to(world.ms + 1);
    twin.step();
  }
}

}  // namespace chordial::sip
