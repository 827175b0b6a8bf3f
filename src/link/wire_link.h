// One link of the *wire* fidelity: a security association, framing, acknowledgements and the
// window over one UDP address pair (RFC 6940 §6.6). Knows neither its siblings nor the socket.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "base/timer_queue.h"
#include "crypto/link_security.h"
#include "link/link_layer.h"
#include "link/received_sequences.h"
#include "link/recent_messages.h"
#include "link/reliable_sender.h"

namespace chordial::link {

class WireLink;

// What a link asks of its layer. The layer may call back into any link from these.
class WireLinkOwner {
 public:
  virtual void link_transmit(const WireLink& link, ByteView datagram) = 0;
  virtual void link_established(Now now, WireLink& link, const crypto::Certificate& peer) = 0;
  virtual void link_message(Now now, WireLink& link, ByteView message) = 0;
  virtual void link_sip(Now now, WireLink& link, ByteView message) = 0;
  // Once, and never after close(): the link is over. The layer destroys it later, not in this call.
  virtual void link_over(Now now, WireLink& link, const Error& why) = 0;
  // A timer of the link is due: call WireLink::handle_timeout.
  virtual void link_timeout(Now now, WireLink& link) = 0;

 protected:
  ~WireLinkOwner() = default;
};

// What lies inside the DTLS records.
enum class Carriage : std::uint8_t {
  reload,       // RELOAD framing, reliable; SIP beside it
  application,  // the application's own datagrams, unreliable (AppAttach, RFC 6940 §6.5.2)
};

struct WireLinkOptions {
  Carriage carriage = Carriage::reload;
  std::size_t datagram_bytes_max = 1200;  // records are put together up to this size
  // Memory for link-level repetitions; below overlay-reliability-timer (RFC 6940 §11.1), so that
  // end-to-end repetitions pass.
  Duration repetition_age_max{2'500'000};
  Duration handshake_duration_max{15'000'000};
  std::uint64_t digest_key_low = 0;  // secret: peers must not choose colliding messages
  std::uint64_t digest_key_high = 0;
};

using HelloRandom = std::array<std::uint8_t, 32>;  // of a ClientHello

class WireLink final : public crypto::LinkSecurityHandler, private TimerHandler {
 public:
  // The options and the timers outlive the link.
  WireLink(WireLinkOwner& owner, const WireLinkOptions& options, TimerQueue& timers);

  // An unused link is given its place; again and again until start().
  void place(const SocketAddress& local, const SocketAddress& remote);
  // Begins the handshake. A server's association has consumed the client's hello already, whose
  // random is given.
  void start(Now now, LinkId id, std::unique_ptr<crypto::LinkSecurity> security,
             std::optional<NodeId> expected, const std::optional<HelloRandom>& client_hello);

  void handle_datagram(Now now, ByteView datagram);
  void handle_timeout(Now now);
  // Errors as LinkLayer::send.
  [[nodiscard]] Expected<void> send(Now now, ByteView message);
  // One record without framing or repetition. Errors: limit, unavailable.
  [[nodiscard]] Expected<void> send_record(Now now, ByteView record);
  // Says goodbye and stops; link_over is not called.
  void close(Now now);
  // Stops without a word.
  void abandon();

  [[nodiscard]] LinkId id() const { return id_; }
  [[nodiscard]] const SocketAddress& local() const { return local_; }
  [[nodiscard]] const SocketAddress& remote() const { return remote_; }
  [[nodiscard]] bool established() const { return phase_ == Phase::established; }
  // Has been established at some time.
  [[nodiscard]] bool proven() const { return proven_; }
  // Opened by the other side, and never established so far.
  [[nodiscard]] bool half_open() const { return !client_ && !proven_; }
  [[nodiscard]] bool client() const { return client_; }
  [[nodiscard]] const std::optional<NodeId>& expected() const { return expected_; }
  // Whether the layer's user knows this link's id, and must therefore hear of its end.
  [[nodiscard]] bool announced() const { return announced_; }
  void announce() { announced_ = true; }
  // Who must answer; before the handshake is over.
  void expect(const NodeId& node) { expected_ = node; }
  // Of the ClientHello that opens this link, once it is known.
  [[nodiscard]] const std::optional<HelloRandom>& hello_random() const { return hello_random_; }
  [[nodiscard]] std::size_t message_bytes_max() const;
  [[nodiscard]] LinkInfo info() const;
  [[nodiscard]] const ReliableSender& sender() const { return sender_; }
  [[nodiscard]] std::uint64_t repetitions() const { return repetitions_; }
  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }

  // crypto::LinkSecurityHandler
  void on_security_transmit(ByteView datagram) override;
  void on_security_plaintext(Now now, ByteView record) override;
  void on_security_established(Now now, const crypto::Certificate& peer) override;
  void on_security_closed(Now now, const Error& why) override;

 private:
  enum class Phase : std::uint8_t { unused, handshake, established, over };

  void on_timer(Now now, std::uint32_t id) override;
  void on_frame(Now now, ByteView record);
  void deliver(Now now, std::uint32_t sequence, ByteView message);
  void end(Now now, const Error& why);
  // Everything that may go out goes out; the timer is set anew.
  void finish(Now now);
  void write_ack(Now now);
  void pump(Now now);
  void flush();
  void arm();

  WireLinkOwner& owner_;
  const WireLinkOptions& options_;
  TimerQueue& timers_;
  Timer timer_;
  LinkId id_{};
  SocketAddress local_;
  SocketAddress remote_;
  std::unique_ptr<crypto::LinkSecurity> security_;
  std::optional<NodeId> expected_;
  std::optional<HelloRandom> hello_random_;
  MonotonicTime started_{};
  MonotonicTime last_heard_{};
  Phase phase_ = Phase::unused;
  bool client_ = false;
  bool announced_ = false;
  bool proven_ = false;                   // has been established
  bool collecting_ = false;               // inside a verb that will call finish()
  std::optional<std::uint32_t> ack_due_;  // sequence number of the latest data frame
  Bytes outgoing_;                        // records on their way into one datagram
  ReliableSender sender_;
  ReceivedSequences received_;
  RecentMessages recent_;
  std::uint64_t repetitions_ = 0;
  std::uint64_t malformed_ = 0;
};

}  // namespace chordial::link
