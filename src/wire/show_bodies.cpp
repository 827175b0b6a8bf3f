#include "wire/show.h"

namespace chordial::wire {

Expected<void> Show::body(const OpaqueBody& body) {
  visitor_.bytes("overlay_specific_data", body.data);
  return {};
}

Expected<void> Show::body(const EmptyBody&) {
  return {};
}

Expected<void> Show::body(const ProbeReq& body) {
  visitor_.begin_list("requested_info");
  for (const ProbeInformationType type : body.requested_info)
    visitor_.enumerated("", static_cast<std::uint8_t>(type), name_of(type));
  visitor_.end_list();
  return {};
}

Expected<void> Show::body(const ProbeAns& body) {
  visitor_.begin_list("probe_info");
  for (const ProbeInformation& information : body.probe_info) {
    visitor_.begin_object("ProbeInformation");
    visitor_.enumerated("type", static_cast<std::uint8_t>(information.type),
                        name_of(information.type));
    switch (information.type) {
      case ProbeInformationType::responsible_set:
        visitor_.number("responsible_ppb", information.value);
        break;
      case ProbeInformationType::num_resources:
        visitor_.number("num_resources", information.value);
        break;
      case ProbeInformationType::uptime:
        visitor_.number("uptime", information.value);
        break;
      default:
        visitor_.bytes("value", information.unknown);
    }
    visitor_.end_object();
  }
  visitor_.end_list();
  return {};
}

void Show::address(const char* name, const IpAddressPort& value) {
  visitor_.begin_object(name);
  visitor_.enumerated("type", static_cast<std::uint8_t>(value.type()), name_of(value.type()));
  if (const auto address = value.address()) {
    visitor_.begin_object(address->ip.is_v4() ? "v4addr_port" : "v6addr_port");
    visitor_.text("addr", address->ip.text());
    visitor_.number("port", address->port);
    visitor_.end_object();
  } else {
    visitor_.bytes("unknown", value.unknown());
  }
  visitor_.end_object();
}

void Show::candidates(const List<IceCandidate>& list) {
  visitor_.begin_list("candidates");
  for (const IceCandidate& candidate : list) {
    visitor_.begin_object("IceCandidate");
    address("addr_port", candidate.addr_port);
    visitor_.enumerated("overlay_link", static_cast<std::uint8_t>(candidate.overlay_link),
                        name_of(candidate.overlay_link));
    text_or_bytes("foundation", candidate.foundation);
    visitor_.number("priority", candidate.priority);
    visitor_.enumerated("type", static_cast<std::uint8_t>(candidate.type), name_of(candidate.type));
    if (candidate.type != CandType::host) address("rel_addr_port", candidate.rel_addr_port);
    visitor_.begin_list("extensions");
    for (const IceExtension& extension : candidate.extensions) {
      visitor_.begin_object("IceExtension");
      text_or_bytes("name", extension.name);
      text_or_bytes("value", extension.value);
      visitor_.end_object();
    }
    visitor_.end_list();
    visitor_.end_object();
  }
  visitor_.end_list();
}

Expected<void> Show::body(const AttachReqAns& body) {
  text_or_bytes("ufrag", body.ufrag);
  text_or_bytes("password", body.password);
  text_or_bytes("role", body.role);
  candidates(body.candidates);
  visitor_.boolean("send_update", body.send_update);
  return {};
}

Expected<void> Show::body(const AppAttachReqAns& body) {
  text_or_bytes("ufrag", body.ufrag);
  text_or_bytes("password", body.password);
  visitor_.number("application", body.application);
  text_or_bytes("role", body.role);
  candidates(body.candidates);
  return {};
}

Expected<void> Show::body(const JoinReq& body) {
  visitor_.node_id("joining_peer_id", body.joining_peer_id);
  visitor_.bytes("overlay_specific_data", body.overlay_specific_data);
  return {};
}

Expected<void> Show::body(const JoinAns& body) {
  visitor_.bytes("overlay_specific_data", body.overlay_specific_data);
  return {};
}

Expected<void> Show::body(const LeaveReq& body) {
  visitor_.node_id("leaving_peer_id", body.leaving_peer_id);
  visitor_.bytes("overlay_specific_data", body.overlay_specific_data);
  return {};
}

Expected<void> Show::body(const RouteQueryReq& body) {
  visitor_.boolean("send_update", body.send_update);
  destination("destination", body.destination);
  visitor_.bytes("overlay_specific_data", body.overlay_specific_data);
  return {};
}

Expected<void> Show::body(const PingReq& body) {
  visitor_.bytes("padding", body.padding);
  return {};
}

Expected<void> Show::body(const PingAns& body) {
  visitor_.number("response_id", body.response_id);
  visitor_.number("time", body.time);
  return {};
}

Expected<void> Show::body(const ConfigUpdateReq& body) {
  visitor_.enumerated("type", static_cast<std::uint8_t>(body.type), name_of(body.type));
  switch (body.type) {
    case ConfigUpdateType::config:
      text_or_bytes("config_data", body.config_data);
      break;
    case ConfigUpdateType::kind:
      visitor_.begin_list("kinds");
      for (const KindDescription& description : body.kinds)
        text_or_bytes("", description.xml);
      visitor_.end_list();
      break;
    default:
      visitor_.bytes("unknown", body.unknown);
  }
  return {};
}

Expected<void> Show::body(const ErrorResponse& body) {
  visitor_.enumerated("error_code", static_cast<std::uint16_t>(body.error_code),
                      name_of(body.error_code));
  // Two codes carry structures (§7.4.1.2); a peer that put text there is shown as it wrote.
  if (body.error_code == ErrorCode::unknown_kind) {
    if (const auto kinds = parse_value<UnknownKinds>(body.error_info)) {
      visitor_.begin_object("error_info");
      visitor_.begin_list("unknown_kinds");
      for (const KindId id : kinds->unknown_kinds)
        visitor_.enumerated("", id, name_of_kind(id));
      visitor_.end_list();
      visitor_.end_object();
      return {};
    }
  }
  if (body.error_code == ErrorCode::generation_counter_too_low) {
    if (const auto answer = parse_value<StoreAns>(body.error_info)) {
      visitor_.begin_object("error_info");
      const Expected<void> shown = this->body(*answer);
      visitor_.end_object();
      return shown;
    }
  }
  text_or_bytes("error_info", body.error_info);
  return {};
}

}  // namespace chordial::wire
