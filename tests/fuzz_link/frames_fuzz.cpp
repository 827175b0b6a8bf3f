// What an authenticated peer may put into the records of an established link: frames of any kind,
// acks of things never sent, SIP. Input: records, each behind its length of one byte.
#include "base/assert.h"
#include "base/byte_reader.h"
#include "link/wire_link.h"

namespace {

using namespace chordial;

// Hands records in as they are and swallows what the link sends.
class OpenSecurity final : public crypto::LinkSecurity {
 public:
  OpenSecurity(link::WireLink& link, std::size_t& written) : link_(link), written_(written) {}
  void start(Now now) override {
    crypto::Certificate peer;
    peer.node_ids = {NodeId{{1, 1}}};
    link_.on_security_established(now, peer);
  }
  void handle_datagram(Now now, ByteView datagram) override {
    link_.on_security_plaintext(now, datagram);
  }
  void handle_timeout(Now) override {}
  MonotonicTime next_timeout() const override { return never; }
  Expected<void> write(Now, ByteView plaintext) override {
    CHORDIAL_INVARIANT(plaintext.size() <= plaintext_bytes_max());
    ++written_;
    link_.on_security_transmit(plaintext);
    return {};
  }
  void close(Now) override {}
  std::size_t plaintext_bytes_max() const override { return 1163; }
  const char* cipher() const override { return "none"; }

 private:
  link::WireLink& link_;
  std::size_t& written_;
};

class Owner final : public link::WireLinkOwner {
 public:
  void link_transmit(const link::WireLink&, ByteView datagram) override {
    CHORDIAL_INVARIANT(datagram.size() <= 1200);
  }
  void link_established(Now, link::WireLink&, const crypto::Certificate&) override {}
  void link_message(Now now, link::WireLink& link, ByteView message) override {
    (void)link.send(now, message);
  }
  void link_sip(Now now, link::WireLink& link, ByteView message) override {
    (void)link.send_record(now, message);
  }
  void link_over(Now, link::WireLink&, const Error&) override {}
  void link_timeout(Now now, link::WireLink& link) override { link.handle_timeout(now); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Now now{MonotonicTime(Duration(1'000'000)), WallTime{}};
  TimerQueue timers(now.monotonic);
  Owner owner;
  const link::WireLinkOptions options;
  link::WireLink link(owner, options, timers);
  std::size_t written = 0;
  link.start(now, link::LinkId{1}, std::make_unique<OpenSecurity>(link, written), std::nullopt,
             std::nullopt);
  ByteReader reader({data, size});
  while (!reader.done()) {
    const ByteView record = reader.vector(1, "record");
    if (!reader.ok()) break;
    link.handle_datagram(now, record);
    now.monotonic += Duration(50'000);
    timers.run(now);
  }
  CHORDIAL_INVARIANT(link.sender().in_flight() <= link::CongestionWindow::largest);
  CHORDIAL_INVARIANT(link.sender().queued() <= link::ReliableSender::queue_messages_max);
  return 0;
}
