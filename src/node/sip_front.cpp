#include "node/sip_front.h"

#include "sip/message/build.h"

namespace chordial::node {

namespace {

sip::AuthenticatorSettings authenticator_settings(const SipFrontEnvironment& environment) {
  sip::AuthenticatorSettings settings;
  settings.realm = environment.domain;
  settings.offer_md5 = environment.config.offer_md5;
  return settings;
}

sip::RegistrarSettings registrar_settings(const NodeConfig& config) {
  sip::RegistrarSettings settings;
  settings.expiry.min_s = config.expires_min_s;
  settings.expiry.max_s = config.expires_max_s;
  settings.expiry.default_s = config.expires_max_s;
  settings.aors_max = config.users_max;
  return settings;
}

sip::ProxySettings proxy_settings(const NodeConfig& config, const FlowTokenKey& key) {
  sip::ProxySettings settings;
  settings.trusted_addresses = config.trusted_addresses;
  settings.flow_token_key_low = key.low;
  settings.flow_token_key_high = key.high;
  return settings;
}

}  // namespace

SipFront::SipFront(const SipFrontEnvironment& environment,
                   const std::vector<SocketAddress>& addresses)
    : environment_(environment),
      names_(environment.domain, environment.self, environment.config.aliases, addresses),
      authenticator_(authenticator_settings(environment), environment.rng),
      registrar_(registrar_settings(environment.config), names_, environment.usage.location(),
                 environment.timers),
      proxy_(proxy_settings(environment.config, environment.flow_token_key),
             {names_, authenticator_, environment.credentials, environment.usage.location(),
              registrar_, environment.usage, environment.usage, registrar_, environment.timers,
              environment.log, this}),
      transactions_(*this, environment.timers, environment.rng, proxy_, times_,
                    {environment.config.transactions_max}),
      connections_(environment.outbox, *this, environment.rng,
                   {environment.config.connections_max}) {
  environment_.usage.location().set_local_bindings(registrar_);
  proxy_.attach(transactions_);
}

void SipFront::handle(Now now, const sip::Flow& flow, ByteView bytes) {
  const auto result = transactions_.handle_message(now, flow, bytes);
  if (result) return;
  ++malformed_;
  if (environment_.log.enabled(LogLevel::debug)) {
    environment_.log.write(
        {LogLevel::debug, "sip", "malformed message", {{"error", result.error()}}});
  }
  if (flow.transport == sip::TransportKind::tcp && result.error().kind == ErrorKind::malformed) {
    connections_.close(flow);
    on_stream_lost(now, flow, result.error());
  }
}

void SipFront::handle_datagram(Now now, const ports::Datagram& datagram) {
  handle(now, sip::Flow::udp(datagram.local, datagram.remote), datagram.bytes);
}

void SipFront::handle_node_message(Now now, const sip::Flow& flow, ByteView bytes) {
  handle(now, flow, bytes);
}

void SipFront::on_stream_message(Now now, const sip::Flow& flow, ByteView bytes) {
  handle(now, flow, bytes);
}

void SipFront::on_stream_lost(Now now, const sip::Flow& flow, const Error& why) {
  flow_lost(now, flow, why);
  registrar_.flow_failed(now, flow);
}

void SipFront::flow_lost(Now now, const sip::Flow& flow, const Error& why) {
  transactions_.flow_failed(now, flow, why);
}

Expected<void> SipFront::send(Now now, const sip::Flow& flow, ByteView bytes,
                              sip::TransactionId on_behalf_of) {
  switch (flow.transport) {
    case sip::TransportKind::udp:
      environment_.outbox.transmit({ports::SocketRole::sip, flow.local, flow.remote, bytes});
      return {};
    case sip::TransportKind::tcp: {
      if (flow.stream != ports::StreamId{}) return connections_.send(now, flow, bytes);
      const auto opened = connections_.open(now, flow.transport, flow.remote);
      if (!opened) return Failure(opened.error());
      return connections_.send(now, *opened, bytes);
    }
    case sip::TransportKind::tunnel:
    case sip::TransportKind::application:
      return environment_.usage.send(now, flow, bytes, on_behalf_of);
    case sip::TransportKind::tls:
    case sip::TransportKind::link:
      break;
  }
  return failure(ErrorKind::unsupported, "flow", "this node does not speak SIP over it");
}

void SipFront::on_request(Now now, sip::TransactionId id, const sip::Message& request,
                          const sip::Flow& flow) {
  const std::uint16_t status = request.method() == sip::Method::options ? 200 : 405;
  auto response =
      sip::MessageBuilder::response(request, status, transactions_.new_tag(), flow.source());
  response.header(sip::HeaderName::allow, "OPTIONS");
  // The transaction is over when this fails, and nobody else waits for it.
  static_cast<void>(transactions_.respond(now, id, response.finish()));
}

void SipFront::count(CounterVisitor& visitor) const {
  transactions_.visit(visitor);
  proxy_.visit(visitor);
  registrar_.visit(visitor);
  connections_.visit(visitor);
  visitor.counter("sip_malformed", malformed_);
}

}  // namespace chordial::node
