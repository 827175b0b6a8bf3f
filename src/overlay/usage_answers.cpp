// What the answers to requests of usages say.
#include "overlay/core.h"
#include "storage/fetched.h"
#include "wire/attach.h"
#include "wire/link_messages.h"

namespace chordial::overlay {

namespace {

Answerer answerer(const transport::Answer& answer) {
  return {answer.from, answer.hops, answer.round_trip};
}

tl::unexpected<RequestFailure> failed(const Error& error) {
  return tl::unexpected<RequestFailure>(RequestFailure{error, 0, {}});
}

tl::unexpected<RequestFailure> without_kind() {
  return failed(Error{ErrorKind::malformed, "kind_responses", 0, "not about the Kind asked for"});
}

}  // namespace

void UsageRequests::answered(Now now, RequestId id, const Pending& pending,
                             const transport::Answer& answer) const {
  UsageHandler& usage = *pending.usage;
  switch (pending.method) {
    case Method::store:
      return usage.on_stored(now, id, stored(pending, answer));
    case Method::fetch:
      return usage.on_fetched(now, id, fetched(now, pending, answer));
    case Method::stat:
      return usage.on_statted(now, id, statted(pending, answer));
    case Method::find:
      return usage.on_found(now, id, found(pending, answer));
    case Method::ping:
      return usage.on_pinged(now, id, pinged(answer));
    case Method::tunnel:
      return usage.on_tunnel_delivered(now, id, {});
    case Method::app_attach: {
      auto offer = decode_app_attach(answer.contents);
      if (!offer) return usage.on_app_attached(now, id, answer.from, failed(offer.error()));
      return usage.on_app_attached(now, id, answer.from, std::move(*offer));
    }
    case Method::route_query:
      return usage.on_route_queried(now, id, to_bytes(answer.contents.message_body));
  }
}

Outcome<Stored> UsageRequests::stored(const Pending& pending,
                                      const transport::Answer& answer) const {
  const auto body = wire::parse_body<wire::StoreAns>(answer.contents);
  if (!body) return failed(body.error());
  for (const wire::StoreKindResponse& response : body->kind_responses) {
    if (response.kind != pending.kind) continue;
    Stored result;
    result.by = answerer(answer);
    result.generation = response.generation_counter;
    result.replicas.assign(response.replicas.begin(), response.replicas.end());
    return result;
  }
  return without_kind();
}

Outcome<Fetched> UsageRequests::fetched(Now now, const Pending& pending,
                                        const transport::Answer& answer) const {
  const auto body = wire::parse_body<wire::FetchAns>(answer.contents);
  if (!body) return failed(body.error());
  const crypto::Certificate* const candidates[] = {&answer.signer};
  for (const wire::FetchKindResponse& response : body->kind_responses) {
    if (response.kind != pending.kind) continue;
    const auto proven = storage::proven_values(now, core_.judges(), pending.resource, response,
                                               storage::Certificates(candidates));
    if (!proven) return failed(proven.error());
    Fetched result;
    result.by = answerer(answer);
    result.generation = proven->generation;
    result.rejected = proven->rejected;
    for (const storage::FetchedValue& value : proven->values) {
      FetchedValue out;
      out.index = value.value.index;
      out.key = to_bytes(value.value.key);
      out.exists = value.value.value.exists;
      out.value = to_bytes(value.value.value.value);
      out.storage_time_ms = value.storage_time;
      out.lifetime_s = value.lifetime;
      if (value.signer.certificate != nullptr) out.signer = value.signer.certificate->hash;
      result.values.push_back(std::move(out));
    }
    return result;
  }
  return without_kind();
}

Outcome<Statted> UsageRequests::statted(const Pending& pending,
                                        const transport::Answer& answer) const {
  const auto body = wire::parse_body<wire::StatAns>(answer.contents);
  if (!body) return failed(body.error());
  const auto model = core_.context().kinds->model(pending.kind);
  if (!model) return without_kind();
  for (const wire::StatKindResponse& response : body->kind_responses) {
    if (response.kind != pending.kind) continue;
    Statted result;
    result.by = answerer(answer);
    result.generation = response.generation;
    for (const wire::StoredMetaData& data : response.values) {
      const auto value = wire::metadata_of(data, *model);
      if (!value) return failed(value.error());
      result.values.push_back({value->index, to_bytes(value->key), value->value.exists,
                               value->value.value_length, data.storage_time, data.lifetime});
    }
    return result;
  }
  return without_kind();
}

Outcome<Found> UsageRequests::found(const Pending& pending, const transport::Answer& answer) const {
  const auto body = wire::parse_body<wire::FindAns>(answer.contents);
  if (!body) return failed(body.error());
  for (const wire::FindKindData& data : body->results) {
    const auto closest = data.closest.id();
    if (data.kind == pending.kind && closest) return Found{answerer(answer), *closest};
  }
  return without_kind();
}

Outcome<Pinged> UsageRequests::pinged(const transport::Answer& answer) const {
  const auto body = wire::parse_body<wire::PingAns>(answer.contents);
  if (!body) return failed(body.error());
  return Pinged{answerer(answer), body->response_id, body->time};
}

}  // namespace chordial::overlay
