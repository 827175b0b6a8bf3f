// The smallest thing a driver can drive: sends back what it hears, in capitals over streams. A test
// also makes it ask for the rest of what a node may want.
#pragma once

#include <deque>

#include "ports/driven.h"

namespace chordial::driver {

class EchoNode : public ports::Driven {
 public:
  void handle_datagram(Now, const ports::Datagram& datagram) override {
    answers.push_back(to_bytes(datagram.bytes));
    heard.push_back(datagram);
    heard.back().bytes = {};
    if (as_text(datagram.bytes) == "finish") done = true;
  }
  void handle_stream(Now, const ports::StreamAccepted& event) override {
    events.push_back("accepted");
    stream = event.id;
  }
  void handle_stream(Now, const ports::StreamConnected&) override { events.push_back("connected"); }
  void handle_stream(Now, const ports::StreamReceived& event) override {
    if (closed_by_us) ++heard_after_close;
    Bytes answer = to_bytes(event.bytes);
    for (std::uint8_t& byte : answer) {
      if (byte >= 'a' && byte <= 'z') byte = static_cast<std::uint8_t>(byte - 'a' + 'A');
    }
    const bool last = as_text(answer).find("BYE") != std::string_view::npos;
    streams.emplace_back(ports::StreamSend{event.id, std::move(answer)});
    if (last) streams.emplace_back(ports::StreamClose{event.id});
    closed_by_us = closed_by_us || last;
  }
  void handle_stream(Now, const ports::StreamClosed& event) override {
    events.push_back("closed");
    closed_why = event.why;
    done = done || finish_when_closed;
  }
  void handle_completion(Now, const ports::PersistCompletion& completion) override {
    completions.push_back(completion);
    done = done || completions.size() == finish_after_completions;
  }
  void handle_timeout(Now now) override {
    fired_at = now.monotonic;
    timeout = never;
    done = done || finish_on_timeout;
  }

  bool poll_transmit(ports::Datagram& datagram) override {
    if (sent == heard.size()) return false;
    datagram = heard[sent];
    datagram.bytes = answers[sent++];
    return true;
  }
  std::optional<ports::StreamRequest> poll_stream() override { return next(streams); }
  std::optional<ports::PersistRequest> poll_persist() override { return next(persists); }
  MonotonicTime poll_timeout() const override { return timeout; }
  bool finished() const override { return done; }

  std::deque<ports::Datagram> heard;  // without their bytes
  std::deque<Bytes> answers;
  std::size_t sent = 0;
  std::deque<ports::StreamRequest> streams;
  std::deque<ports::PersistRequest> persists;
  std::vector<std::string> events;
  std::vector<ports::PersistCompletion> completions;
  std::optional<Error> closed_why;
  ports::StreamId stream{};
  MonotonicTime timeout = never;
  MonotonicTime fired_at{};
  bool closed_by_us = false;
  int heard_after_close = 0;
  bool finish_when_closed = false;
  bool finish_on_timeout = false;
  std::size_t finish_after_completions = 0;
  bool done = false;

 private:
  template <class T>
  static std::optional<T> next(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    T first = std::move(queue.front());
    queue.pop_front();
    return first;
  }
};

}  // namespace chordial::driver
