// A phone as it stands on a desk: registers with digest, calls and writes to other users, answers
// them, and looks whether what it is sent was meant for it. Stands on the transactions and dialogs
// that nodes have. Knows no overlay: everything goes to its home node over UDP.
#pragma once

#include <map>
#include <memory>

#include "sim/sip_log.h"
#include "sim/world.h"
#include "sip/dialog/dialog.h"
#include "sip/transaction/transaction_layer.h"

namespace chordial::sim {

// User n's phone has the address 172.16.0.1 + n.
[[nodiscard]] SocketAddress phone_address(UserIndex user);
// Where the node takes SIP from its phones.
[[nodiscard]] SocketAddress sip_address(NodeIndex node);

// Everything outlives the phone. `acknowledged` has one byte for each user of the world.
struct PhoneEnvironment {
  const World& world;
  sip::Sender& line;  // to the home node
  TimerQueue& timers;
  SipLog& log;
  std::vector<std::uint8_t>& acknowledged;
};

class Phone final : private sip::TransactionUser, private TimerHandler {
 public:
  static constexpr std::size_t calls_max = 16;

  Phone(const PhoneEnvironment& environment, UserIndex user);
  ~Phone();

  // Registers after a pause drawn from [0, within), and stays registered.
  void begin_registering(Now now, Duration within);
  // Calls and writes to random users from now until `end`.
  void begin_work(Now now, MonotonicTime end);
  void receive(Now now, ByteView datagram);

 private:
  enum class Purpose : std::uint8_t { registration, call, message, goodbye };
  struct Call;
  struct Request {
    Purpose purpose;
    UserIndex to = 0;
    std::uint32_t call = 0;  // goodbye: its number
    std::string call_id;
    std::string tag;
    std::uint32_t cseq = 1;
    bool proven = false;  // sent again with credentials
    bool concluded = false;
    MonotonicTime started{};
    MonotonicTime rang = never;
    sip::TransactionId transaction{};
  };
  using Requests = std::map<std::uint64_t, Request>;

  // sip::TransactionUser
  void on_request(Now now, sip::TransactionId id, const sip::Message& request,
                  const sip::Flow& flow) override;
  void on_ack(Now now, sip::TransactionId id, std::uint64_t context, const sip::Message& ack,
              const sip::Flow& flow) override;
  void on_response(Now now, sip::TransactionId id, std::uint64_t context,
                   const sip::Message& response, const sip::Flow& flow) override;
  void on_timeout(Now now, sip::TransactionId id, std::uint64_t context) override;
  void on_transport_error(Now now, sip::TransactionId id, std::uint64_t context,
                          const Error& error) override;
  void on_terminated(Now now, sip::TransactionId id, std::uint64_t context) override;

  void on_timer(Now now, std::uint32_t id) override;
  void begin(Now now, Purpose purpose, std::uint32_t call = 0);
  // With the answer to `challenge`, where there is one.
  void send(Now now, std::uint64_t key, Request& request, const sip::Message* challenge);
  [[nodiscard]] sip::MessageBuilder write(const Request& request);
  [[nodiscard]] std::string credentials(const Request& request, std::string_view challenge);
  [[nodiscard]] std::string uri_of(const Request& request) const;
  // The final status of a request; 408 for none in time.
  void conclude(Now now, Request& request, std::uint16_t status);
  void repeat_later(Now now, Timer& timer, double per_minute);
  [[nodiscard]] std::string contact() const;

  // phone_calls.cpp
  void answered(Now now, Request& request, const sip::Message& response);
  void ring(Now now, sip::TransactionId id, const sip::Message& invite, const sip::Flow& flow);
  void pick_up(Now now, Call& call);
  void take_goodbye(Now now, sip::TransactionId id, const sip::Message& bye);
  void call_timer(Now now, std::uint32_t number);
  // Whether the message is to this user, and from who its body says.
  [[nodiscard]] bool meant_for_us(const sip::Message& message) const;
  [[nodiscard]] std::string body_for(UserIndex to) const;
  [[nodiscard]] Call* find(const std::optional<sip::DialogId>& id);
  void end_call(std::uint32_t number);

  PhoneEnvironment environment_;
  UserIndex user_;
  std::string aor_;
  SocketAddress address_;
  Rng rng_;
  sip::TransactionTimers times_;
  sip::TransactionLayer transactions_;
  Requests requests_;
  std::map<std::uint32_t, std::unique_ptr<Call>> calls_;  // by number
  std::uint64_t last_request_ = 0;
  std::uint32_t last_call_ = 0;
  std::uint32_t registrations_ = 0;  // CSeq of REGISTER
  bool registered_ = false;
  MonotonicTime work_end_ = start_time;
  Timer register_timer_;
  Timer call_timer_;
  Timer message_timer_;
};

}  // namespace chordial::sim
