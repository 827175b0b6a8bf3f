// Requests over a direct connection whose From their node has not been shown to speak for: held
// while the overlay is asked for that user's record, which is signed by a certificate that names
// the node he is at (design §2: "a valid certificate for (A, N) is known"). Then they go on,
// whatever the answer; who may say From is decided behind.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/counters.h"
#include "overlay/peer.h"
#include "usage/sip/caller_rights.h"

namespace chordial::usage {

class IntroductionsHandler {
 public:
  virtual void on_introduced(Now now, const NodeId& node, ByteView sip) = 0;

 protected:
  ~IntroductionsHandler() = default;
};

class Introductions final : public overlay::UsageHandler {
 public:
  static constexpr std::size_t questions_max = 64;
  static constexpr std::size_t held_max = 8;  // messages of one question; more go on unproven
  static constexpr std::size_t held_bytes_max = std::size_t{1} << 20;  // of all

  // All references outlive it.
  Introductions(overlay::Peer& peer, CallerRights& rights, IntroductionsHandler& handler);
  ~Introductions();

  // True: `sip` is held, and on_introduced follows. False: nothing can be learnt, or there is no
  // room.
  [[nodiscard]] bool hold(Now now, const NodeId& node, const std::string& aor, ByteView sip);
  void count(CounterVisitor& visitor) const;

  void on_fetched(Now now, overlay::RequestId id,
                  const overlay::Outcome<overlay::Fetched>& outcome) override;

 private:
  struct Question {
    NodeId node;
    std::string aor;
    std::vector<Bytes> held;
  };

  overlay::Peer& peer_;
  CallerRights& rights_;
  IntroductionsHandler& handler_;
  std::map<overlay::RequestId, Question> questions_;
  std::size_t held_bytes_ = 0;
  std::uint64_t asked_ = 0;
};

}  // namespace chordial::usage
