#include "overlay/usage_requests.h"

#include "overlay/core.h"
#include "wire/attach.h"
#include "wire/link_messages.h"
#include "wire/topology_messages.h"

namespace chordial::overlay {

namespace {

Error limit_error(const char* field, const char* reason) {
  return Error{ErrorKind::limit, field, 0, reason};
}

// The signed values of one Kind, which own their bytes.
struct SignedValues {
  std::vector<Bytes> encoded;
  std::vector<wire::StoredData> data;
};

SignedValues sign_values(Now now, const Store& request, wire::DataModel model,
                         crypto::Signer& signer, const NodeId& self) {
  SignedValues result;
  const crypto::Certificate& certificate = signer.certificate();
  crypto::Sha256 hash = certificate.hash;
  wire::Signature signature;
  signature.hash_algorithm = signer.algorithm().hash;
  signature.signature_algorithm = signer.algorithm().signature;
  if (certificate.node_ids.size() == 1) {
    signature.identity = wire::SignerIdentity::cert_hash(hash);
  } else {
    hash = crypto::sha256({self.bytes(), certificate.der});
    signature.identity = wire::SignerIdentity::cert_hash_node_id(hash);
  }
  const Bytes identity = wire::encode(signature.identity);
  const std::uint64_t storage_time =
      request.storage_time_ms != 0 ? request.storage_time_ms : now.wall_ms();
  const wire::WireResourceId resource(request.resource);
  for (const Value& value : request.values) {
    const wire::StoredDataValue stored{model, value.index, value.key,
                                       wire::DataValue{value.exists, value.value}};
    const Bytes value_bytes = wire::body_of(stored);
    const auto input = wire::data_signature_input(resource, request.kind, storage_time, model,
                                                  value_bytes, identity);
    const Bytes proof = signer.sign({input.prefix, input.value, input.identity});
    signature.signature_value = proof;
    result.encoded.push_back(wire::encode(stored, signature));
    result.data.push_back({storage_time, request.lifetime_s, result.encoded.back(), 0});
  }
  return result;
}

}  // namespace

RequestId UsageRequests::open(const Pending& pending) {
  const RequestId id = core_.environment().outbox.next_request_id();
  pending_.emplace(id, pending);
  return id;
}

RequestId UsageRequests::refuse(Now now, const Pending& pending, const Error& why) {
  const RequestId id = open(pending);
  pending_.find(id)->second.refused = why;
  refused_at_ = now.monotonic;
  core_.settle(now);
  return id;
}

RequestId UsageRequests::send(Now now, Pending pending, const Target& target,
                              transport::Outgoing outgoing) {
  if (target.route.size() > route_entries_max) {
    return refuse(now, pending, limit_error("route", "too many entries"));
  }
  if (target.route.empty() && !target.resource) {
    return refuse(now, pending, Error{ErrorKind::invalid, "route", 0, "no destination"});
  }
  if (pending_.size() >= usage_requests_max) {
    return refuse(now, pending, limit_error("requests", "too many without an answer"));
  }
  std::vector<wire::Destination> destinations;
  for (const NodeId& node : target.route)
    destinations.push_back(wire::Destination::of(node));
  if (target.resource) destinations.push_back(wire::Destination::of(*target.resource));
  const RequestId id = open(pending);
  outgoing.destinations = destinations;
  outgoing.purpose = purpose(What::usage, static_cast<std::uint64_t>(id));
  const auto transaction = core_.transport().request(now, outgoing);
  const auto at = pending_.find(id);
  if (at != pending_.end() && transaction) at->second.transaction = *transaction;
  if (at != pending_.end() && !transaction) {
    at->second.refused = transaction.error();
    refused_at_ = now.monotonic;
  }
  core_.settle(now);
  return id;
}

RequestId UsageRequests::store(Now now, const Store& request, crypto::Signer* signer,
                               UsageHandler& usage) {
  Pending pending;
  pending.method = Method::store;
  pending.usage = &usage;
  pending.kind = request.kind;
  pending.resource = request.resource;
  const auto model = core_.context().kinds->model(request.kind);
  if (!model) {
    return refuse(now, pending, Error{ErrorKind::unsupported, "kind", 0, "not in the document"});
  }
  if (request.values.empty() || request.values.size() > wire::values_max) {
    return refuse(now, pending, limit_error("values", "none, or too many"));
  }
  crypto::Signer& by = signer != nullptr ? *signer : core_.environment().signer;
  const SignedValues values = sign_values(now, request, *model, by, core_.self());
  const wire::StoreKindData kind_data[] = {{request.kind, request.generation, values.data}};
  const Bytes body = wire::body_of(wire::StoreReq{wire::WireResourceId(request.resource), 0,
                                                  std::span<const wire::StoreKindData>(kind_data)});
  transport::Outgoing outgoing;
  outgoing.code = wire::MessageCode::store_req;
  outgoing.body = body;
  outgoing.signer = signer;
  return send(now, pending, Target::of(request.resource), outgoing);
}

RequestId UsageRequests::look(Now now, const Fetch& request, Method method, wire::MessageCode code,
                              UsageHandler& usage) {
  Pending pending;
  pending.method = method;
  pending.usage = &usage;
  pending.kind = request.kind;
  pending.resource = request.resource;
  const auto model = core_.context().kinds->model(request.kind);
  if (!model) {
    return refuse(now, pending, Error{ErrorKind::unsupported, "kind", 0, "not in the document"});
  }
  if (request.ranges.size() > wire::array_ranges_max || request.keys.size() > wire::keys_max) {
    return refuse(now, pending, limit_error("specifier", "too many ranges or keys"));
  }
  std::vector<wire::ArrayRange> ranges;
  for (const auto& [first, last] : request.ranges)
    ranges.push_back({first, last});
  if (ranges.empty()) ranges.push_back({0, wire::array_end});
  std::vector<wire::DictionaryKey> keys;
  for (const Bytes& key : request.keys)
    keys.push_back({key});
  Bytes model_specifier;
  if (*model == wire::DataModel::array) {
    model_specifier = wire::encode_specifier(wire::List<wire::ArrayRange>(ranges));
  } else if (*model == wire::DataModel::dictionary) {
    model_specifier = wire::encode_specifier(wire::List<wire::DictionaryKey>(keys));
  }
  const wire::StoredDataSpecifier specifiers[] = {
      {request.kind, request.generation, model_specifier, 0}};
  const Bytes body =
      wire::body_of(wire::FetchReq{wire::WireResourceId(request.resource),
                                   std::span<const wire::StoredDataSpecifier>(specifiers)});
  transport::Outgoing outgoing;
  outgoing.code = code;
  outgoing.body = body;
  return send(now, pending, Target::of(request.resource), outgoing);
}

RequestId UsageRequests::fetch(Now now, const Fetch& request, UsageHandler& usage) {
  return look(now, request, Method::fetch, wire::MessageCode::fetch_req, usage);
}

RequestId UsageRequests::stat(Now now, const Fetch& request, UsageHandler& usage) {
  return look(now, request, Method::stat, wire::MessageCode::stat_req, usage);
}

RequestId UsageRequests::find(Now now, const ResourceId& near, std::uint32_t kind,
                              UsageHandler& usage) {
  Pending pending;
  pending.method = Method::find;
  pending.usage = &usage;
  pending.kind = kind;
  const wire::KindId kinds[] = {kind};
  const Bytes body = wire::body_of(
      wire::FindReq{wire::WireResourceId(near), std::span<const wire::KindId>(kinds)});
  transport::Outgoing outgoing;
  outgoing.code = wire::MessageCode::find_req;
  outgoing.body = body;
  return send(now, pending, Target::of(near), outgoing);
}

RequestId UsageRequests::ping(Now now, const Target& target, UsageHandler& usage) {
  Pending pending;
  pending.method = Method::ping;
  pending.usage = &usage;
  const Bytes body = wire::body_of(wire::PingReq{});
  transport::Outgoing outgoing;
  outgoing.code = wire::MessageCode::ping_req;
  outgoing.body = body;
  return send(now, pending, target, outgoing);
}

RequestId UsageRequests::send_tunnel(Now now, const Target& target, ByteView sip,
                                     crypto::Signer* signer, UsageHandler& usage) {
  Pending pending;
  pending.method = Method::tunnel;
  pending.usage = &usage;
  const std::uint16_t type = core_.context().tunnel_extension;
  if (type == 0) {
    return refuse(now, pending,
                  Error{ErrorKind::unsupported, "SipTunnel", 0, "not in this overlay"});
  }
  const Bytes body = wire::body_of(wire::PingReq{});
  const wire::MessageExtension extensions[] = {wire::make_sip_tunnel(sip, type)};
  transport::Outgoing outgoing;
  outgoing.code = wire::MessageCode::ping_req;
  outgoing.body = body;
  outgoing.extensions = extensions;
  outgoing.signer = signer;
  return send(now, pending, target, outgoing);
}

RequestId UsageRequests::app_attach(Now now, const NodeId& node, const AppAttach& offer,
                                    UsageHandler& usage) {
  Pending pending;
  pending.method = Method::app_attach;
  pending.usage = &usage;
  pending.node = node;
  const Bytes body = encode_app_attach(offer, wire::role_passive, core_.context().no_ice);
  transport::Outgoing outgoing;
  outgoing.code = wire::MessageCode::app_attach_req;
  outgoing.body = body;
  return send(now, pending, Target::node(node), outgoing);
}

RequestId UsageRequests::route_query(Now now, const Target& target, RingPosition position,
                                     UsageHandler& usage) {
  Pending pending;
  pending.method = Method::route_query;
  pending.usage = &usage;
  const Bytes body =
      wire::body_of(wire::RouteQueryReq{false, wire::Destination::of(ResourceId{position}), {}});
  transport::Outgoing outgoing;
  outgoing.code = wire::MessageCode::route_query_req;
  outgoing.body = body;
  return send(now, pending, target, outgoing);
}

void UsageRequests::cancel(RequestId id) {
  const auto at = pending_.find(id);
  if (at == pending_.end()) return;
  if (at->second.transaction != 0) core_.transport().cancel(at->second.transaction);
  pending_.erase(at);
}

void UsageRequests::on_answer(Now now, std::uint64_t reference, const transport::Answer& answer) {
  const auto node = pending_.extract(RequestId{reference});
  if (!node.empty()) answered(now, node.key(), node.mapped(), answer);
}

void UsageRequests::on_failed(Now now, std::uint64_t reference, const transport::Failed& failed) {
  const auto node = pending_.extract(RequestId{reference});
  if (node.empty()) return;
  fail(now, node.key(), node.mapped(),
       {failed.error, static_cast<std::uint16_t>(failed.code), to_bytes(failed.info)});
}

void UsageRequests::on_timer(Now now) {
  if (refused_at_ > now.monotonic) return;
  refused_at_ = never;
  std::vector<RequestId> refused;
  for (const auto& [id, pending] : pending_) {
    if (pending.refused) refused.push_back(id);
  }
  for (const RequestId id : refused) {
    const auto node = pending_.extract(id);
    if (node.empty()) continue;
    // Of what was not sent, only a tunnel can be unsupported for another reason than its Kind;
    // there every peer would have answered the same.
    const Pending& pending = node.mapped();
    const bool no_kind =
        pending.refused->kind == ErrorKind::unsupported && pending.method != Method::tunnel;
    const auto code = no_kind ? wire::ErrorCode::unknown_kind : wire::ErrorCode{};
    fail(now, id, pending, {*pending.refused, static_cast<std::uint16_t>(code), {}});
  }
}

void UsageRequests::fail(Now now, RequestId id, const Pending& pending,
                         const RequestFailure& failure) const {
  const tl::unexpected<RequestFailure> why(failure);
  switch (pending.method) {
    case Method::store:
      return pending.usage->on_stored(now, id, why);
    case Method::fetch:
      return pending.usage->on_fetched(now, id, why);
    case Method::stat:
      return pending.usage->on_statted(now, id, why);
    case Method::find:
      return pending.usage->on_found(now, id, why);
    case Method::ping:
      return pending.usage->on_pinged(now, id, why);
    case Method::tunnel:
      return pending.usage->on_tunnel_delivered(now, id, why);
    case Method::app_attach:
      return pending.usage->on_app_attached(now, id, pending.node, why);
    case Method::route_query:
      return pending.usage->on_route_queried(now, id, why);
  }
}

std::size_t UsageRequests::memory_bytes() const {
  return pending_.size() * (sizeof(Pending) + sizeof(RequestId) + 4 * sizeof(void*));
}

}  // namespace chordial::overlay
