// The SIP side of a node put together: sockets and streams of phones, transactions, digest,
// registrar and proxy; messages for other nodes are handed to usage/sip. Knows no link and no
// RELOAD message.
#pragma once

#include "node/node_config.h"
#include "sip/auth/authenticator.h"
#include "sip/flow/connection_table.h"
#include "sip/proxy/proxy.h"
#include "sip/registrar/registrar.h"
#include "usage/sip/sip_usage.h"

namespace chordial::node {

// Seals the Record-Routes of this node (sip/proxy/flow_token.h); kept over restarts, so that
// dialogs live through them.
struct FlowTokenKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

struct SipFrontEnvironment {
  const NodeConfig& config;
  const std::string& domain;
  const NodeId& self;
  sip::CredentialStore& credentials;
  usage::SipUsage& usage;
  ports::Outbox& outbox;
  TimerQueue& timers;
  Rng& rng;
  Log& log;
  FlowTokenKey flow_token_key;
};

class SipFront final : public sip::Sender,
                       private sip::ConnectionUser,
                       private sip::TransactionUser {
 public:
  // Everything outlives it. `addresses` are those phones reach this node at.
  SipFront(const SipFrontEnvironment& environment, const std::vector<SocketAddress>& addresses);

  // Of the SIP socket.
  void handle_datagram(Now now, const ports::Datagram& datagram);
  [[nodiscard]] sip::ConnectionTable& connections() { return connections_; }
  // From other nodes (usage::SipUsageHandler).
  void handle_node_message(Now now, const sip::Flow& flow, ByteView bytes);
  void send_failed(Now now, sip::TransactionId id, const Error& why) {
    transactions_.send_failed(now, id, why);
  }
  void flow_lost(Now now, const sip::Flow& flow, const Error& why);

  [[nodiscard]] sip::Registrar& registrar() { return registrar_; }
  [[nodiscard]] const sip::Registrar& registrar() const { return registrar_; }
  void count(CounterVisitor& visitor) const;

  Expected<void> send(Now now, const sip::Flow& flow, ByteView bytes,
                      sip::TransactionId on_behalf_of) override;
  void flow_proven(const sip::Flow& flow) override { connections_.prove(flow); }

 private:
  void handle(Now now, const sip::Flow& flow, ByteView bytes);

  // sip::ConnectionUser
  void on_stream_message(Now now, const sip::Flow& flow, ByteView bytes) override;
  void on_stream_lost(Now now, const sip::Flow& flow, const Error& why) override;
  [[nodiscard]] ports::StreamId next_stream_id() override {
    return ports::StreamId{++last_stream_};
  }

  // sip::TransactionUser for requests to this very node: OPTIONS is answered, nothing else is
  // served.
  void on_request(Now now, sip::TransactionId id, const sip::Message& request,
                  const sip::Flow& flow) override;
  void on_ack(Now, sip::TransactionId, std::uint64_t, const sip::Message&,
              const sip::Flow&) override {}
  void on_response(Now, sip::TransactionId, std::uint64_t, const sip::Message&,
                   const sip::Flow&) override {}
  void on_timeout(Now, sip::TransactionId, std::uint64_t) override {}
  void on_transport_error(Now, sip::TransactionId, std::uint64_t, const Error&) override {}

  SipFrontEnvironment environment_;
  sip::TransactionTimers times_;
  sip::OwnNames names_;
  sip::Authenticator authenticator_;
  sip::Registrar registrar_;
  sip::Proxy proxy_;
  sip::TransactionLayer transactions_;
  sip::ConnectionTable connections_;
  std::uint64_t last_stream_ = 0;
  std::uint64_t malformed_ = 0;
};

}  // namespace chordial::node
