#include "node/node.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "usage/sip/binding_record.h"

namespace chordial::node {

namespace {

constexpr std::size_t remembered_max = 16;

SocketAddress advertised(const SocketAddress& listen, const SocketAddress& advertise) {
  return advertise.port != 0 ? advertise : listen;
}

link::WireLinkLayerOptions link_options(const NodeConfig& config, const NodeId& self,
                                        ports::SocketRole socket) {
  link::WireLinkLayerOptions options;
  options.socket = socket;
  options.self = self;
  options.links_max = config.links_max;
  if (socket == ports::SocketRole::application) {
    options.local = advertised(config.application_listen, config.application_advertise);
    options.link.carriage = link::Carriage::application;
    options.links_max = usage::DirectConnections::connections_max;
  } else {
    options.local = advertised(config.link_listen, config.link_advertise);
  }
  return options;
}

std::vector<SocketAddress> sip_addresses(const NodeConfig& config) {
  std::vector<SocketAddress> addresses = config.sip_udp;
  for (const SocketAddress& tcp : config.sip_tcp) {
    if (std::find(addresses.begin(), addresses.end(), tcp) == addresses.end())
      addresses.push_back(tcp);
  }
  return addresses;
}

Bytes encode_address(const SocketAddress& address) {
  ByteWriter writer;
  writer.vector(1, address.ip.bytes());
  writer.u16(address.port);
  return writer.take();
}

std::optional<SocketAddress> decode_address(ByteView bytes) {
  ByteReader reader(bytes);
  const auto ip = IpAddress::from_bytes(reader.vector(1, "ip"));
  const std::uint16_t port = reader.u16("port");
  reader.expect_end("address");
  if (!reader.ok() || !ip) return std::nullopt;
  return SocketAddress{*ip, port};
}

}  // namespace

Node::Node(const NodeConfig& config, const NodeEnvironment& environment, Rng rng)
    : config_(config),
      environment_(environment),
      rng_(rng),
      wire_links_(link_options(config_, environment.signer.certificate().node_ids.front(),
                               ports::SocketRole::link),
                  environment.security, outbox_, environment.timers, rng_),
      application_links_(link_options(config_, environment.signer.certificate().node_ids.front(),
                                      ports::SocketRole::application),
                         environment.security, outbox_, environment.timers, rng_),
      peer_(environment.context, peer_options(),
            config.client ? nullptr
                          : topology::make_plugin(environment.context.topology_plugin,
                                                  environment.signer.certificate().node_ids.front(),
                                                  environment.context.topology, rng_),
            {environment.signer, wire_links_, outbox_, environment.timers, rng_, environment.log,
             *this, environment.configuration}),
      usage_({peer_, application_links_, outbox_, environment.timers, rng_, environment.users,
              *this}) {
  wire_links_.set_handler(peer_);
  application_links_.set_handler(usage_.direct_connections());
  usage_.rights().set_interworking_nodes(environment.context.interworking_nodes);
}

Node::~Node() = default;

overlay::PeerOptions Node::peer_options() const {
  overlay::PeerOptions options;
  options.self = environment_.signer.certificate().node_ids.front();
  options.role = config_.client ? overlay::Role::client : overlay::Role::peer;
  options.first = config_.first;
  options.bootstrap = config_.bootstrap;
  return options;
}

// Drawn at the first start of all.
FlowTokenKey Node::flow_token_key(const std::vector<ports::PersistedRecord>& records) {
  const Bytes name{0};
  for (const ports::PersistedRecord& record : records) {
    if (record.space != ports::PersistSpace::secrets || record.key != name) continue;
    ByteReader reader(record.value);
    const FlowTokenKey key{reader.u64("low"), reader.u64("high")};
    reader.expect_end("flow_token_key");
    if (reader.ok()) return key;
  }
  const FlowTokenKey key{rng_.u64(), rng_.u64()};
  ByteWriter writer;
  writer.u64(key.low);
  writer.u64(key.high);
  outbox_.persist(
      {outbox_.next_request_id(), {{ports::PersistSpace::secrets, name, writer.take()}}, false});
  return key;
}

void Node::start(Now now, const std::vector<ports::PersistedRecord>& records) {
  sip_.emplace(SipFrontEnvironment{config_, environment_.context.overlay_name, peer_.self(),
                                   environment_.credentials, usage_, outbox_, environment_.timers,
                                   rng_, environment_.log, flow_token_key(records)},
               sip_addresses(config_));
  std::vector<SocketAddress> bootstrap;
  for (const ports::PersistedRecord& record : records) {
    if (record.space == ports::PersistSpace::bindings) {
      const auto bindings = usage::decode_bindings(now, record.value);
      if (!bindings) continue;
      const std::string aor(as_text(record.key));
      usage_.location().restored(now, aor, *bindings,
                                 sip_->registrar().restore(now, aor, *bindings));
    } else if (record.space == ports::PersistSpace::remembered_peers) {
      const auto address = decode_address(record.value);
      if (address && remembered_.size() < remembered_max) remembered_.push_back(*address);
    }
  }
  // Remembered peers first, then what the operator and the document say.
  bootstrap = remembered_;
  for (const SocketAddress& address : config_.bootstrap) {
    if (std::find(bootstrap.begin(), bootstrap.end(), address) == bootstrap.end())
      bootstrap.push_back(address);
  }
  std::erase(bootstrap, advertised(config_.link_listen, config_.link_advertise));
  peer_.restore(now, records);
  peer_.set_bootstrap(now, std::move(bootstrap));
  peer_.start(now);
}

void Node::leave(Now now) {
  if (leaving_) return;
  leaving_ = true;
  usage_.direct_connections().close_all(now);
  peer_.leave(now);
}

void Node::adopt(Now now, const overlay::SharedContext& context,
                 std::vector<ports::PersistWrite> writes) {
  ports::PersistRequest request;
  request.id = outbox_.next_request_id();
  request.writes = std::move(writes);
  outbox_.persist(std::move(request));
  usage_.rights().set_interworking_nodes(context.interworking_nodes);
  peer_.adopt(now, context);
}

bool Node::finished() const {
  return leaving_ && peer_.phase() == overlay::Phase::stopped;
}

void Node::handle_datagram(Now now, const ports::Datagram& datagram) {
  outbox_.recycle();
  switch (datagram.socket) {
    case ports::SocketRole::link:
      wire_links_.handle_datagram(now, datagram);
      return;
    case ports::SocketRole::application:
      application_links_.handle_datagram(now, datagram);
      return;
    case ports::SocketRole::sip:
      sip_->handle_datagram(now, datagram);
      return;
  }
}

void Node::handle_stream(Now now, const ports::StreamAccepted& event) {
  outbox_.recycle();
  sip_->connections().handle_accepted(now, event);
}

void Node::handle_stream(Now now, const ports::StreamConnected& event) {
  outbox_.recycle();
  sip_->connections().handle_connected(now, event);
}

void Node::handle_stream(Now now, const ports::StreamReceived& event) {
  outbox_.recycle();
  sip_->connections().handle_received(now, event);
}

void Node::handle_stream(Now now, const ports::StreamClosed& event) {
  outbox_.recycle();
  sip_->connections().handle_closed(now, event);
}

void Node::handle_completion(Now now, const ports::PersistCompletion& completion) {
  outbox_.recycle();
  note_disk(completion.result);
  if (peer_.handle_completion(now, completion)) return;
  // What is not the location's either is our own list of remembered peers, which nobody waits for.
  static_cast<void>(usage_.location().handle_completion(now, completion));
}

// A disk that refuses is said once, not once for every request of every phone.
void Node::note_disk(const Expected<void>& result) {
  Log& log = environment_.log;
  if (!result && !unwritten_ && log.enabled(LogLevel::error)) {
    log.write({LogLevel::error, "node", "state_not_written", {{"why", result.error()}}});
  }
  if (result && unwritten_ && log.enabled(LogLevel::info)) {
    log.write({LogLevel::info, "node", "state_written_again", {}});
  }
  unwritten_ = result ? std::nullopt : std::optional(result.error());
}

void Node::handle_timeout(Now now) {
  outbox_.recycle();
  tell_refused(now);
  environment_.timers.run(now);
}

// What found no room on its way out.
void Node::tell_refused(Now now) {
  while (const auto stream = outbox_.take_lost_stream()) {
    const Error why{ErrorKind::limit, "stream", 0, "too much waits to be sent"};
    sip_->connections().handle_closed(now, {*stream, why});
  }
  // One round alone: who is told may ask again and be refused again.
  std::vector<ports::RequestId> refused;
  while (const auto id = outbox_.take_refused_request())
    refused.push_back(*id);
  for (const ports::RequestId id : refused) {
    handle_completion(now, {id, failure(ErrorKind::limit, "state", "too much waits for the disk")});
  }
}

void Node::on_phase_changed(Now now, overlay::Phase phase) {
  if (environment_.log.enabled(LogLevel::info)) {
    environment_.log.write({LogLevel::info,
                            "node",
                            "phase",
                            {{"phase", std::string_view(overlay::phase_name(phase))}}});
  }
  usage_.on_neighbours_changed(now);
}

void Node::on_neighbours_changed(Now now) {
  usage_.on_neighbours_changed(now);
  remember_peers();
}

// Keeps the addresses of linked peers on disk, so that a restart needs no bootstrap server.
void Node::remember_peers() {
  if (leaving_) return;
  std::vector<overlay::LinkState> links;
  peer_.links(links);
  std::vector<SocketAddress> addresses;
  for (const overlay::LinkState& link : links) {
    if (!link.client && link.info.established && addresses.size() < remembered_max) {
      addresses.push_back(link.info.remote);
    }
  }
  if (addresses.empty()) return;
  // Whoever was linked before comes behind: in a cut of the network one link may be all there is.
  for (const SocketAddress& former : remembered_) {
    if (addresses.size() >= remembered_max) break;
    if (std::find(addresses.begin(), addresses.end(), former) == addresses.end())
      addresses.push_back(former);
  }
  if (addresses == remembered_) return;
  ports::PersistRequest request;
  request.id = outbox_.next_request_id();
  request.lazy = true;
  for (std::size_t i = 0; i < remembered_max; ++i) {
    ports::PersistWrite write{
        ports::PersistSpace::remembered_peers, {static_cast<std::uint8_t>(i)}, std::nullopt};
    if (i < addresses.size()) write.value = encode_address(addresses[i]);
    request.writes.push_back(std::move(write));
  }
  remembered_ = std::move(addresses);
  outbox_.persist(std::move(request));
}

Expected<void> Node::on_tunnel_message(Now now, const overlay::TunnelMessage& message) {
  return usage_.on_tunnel_message(now, message);
}

void Node::on_app_attach(Now now, overlay::AppAttachId id, const NodeId& from,
                         const overlay::AppAttach& offer) {
  usage_.direct_connections().answer(now, id, from, offer);
}

void Node::on_node_message(Now now, const sip::Flow& flow, ByteView bytes) {
  sip_->handle_node_message(now, flow, bytes);
}

void Node::on_node_send_failed(Now now, sip::TransactionId on_behalf_of, const Error& why) {
  sip_->send_failed(now, on_behalf_of, why);
}

void Node::on_node_flow_lost(Now now, const sip::Flow& flow, const Error& why) {
  sip_->flow_lost(now, flow, why);
}

}  // namespace chordial::node
