#include "overlay/app_attachments.h"

#include <algorithm>

#include "overlay/core.h"
#include "wire/attach.h"

namespace chordial::overlay {

Bytes encode_app_attach(const AppAttach& attach, std::string_view role, bool no_ice) {
  std::vector<wire::IceCandidate> candidates;
  for (const Candidate& candidate : attach.candidates) {
    if (candidates.size() == candidates_max) break;
    wire::IceCandidate out;
    out.addr_port = candidate.address;
    out.overlay_link =
        no_ice ? wire::OverlayLinkType::dtls_udp_sr_no_ice : wire::OverlayLinkType::dtls_udp_sr;
    out.foundation = as_bytes(candidate.foundation);
    out.priority = candidate.priority;
    out.type = static_cast<wire::CandType>(candidate.type);
    if (candidate.type != Candidate::Type::host) {
      out.rel_addr_port = candidate.related.value_or(SocketAddress{});
    }
    candidates.push_back(out);
  }
  wire::AppAttachReqAns body;
  body.ufrag = as_bytes(attach.ufrag);
  body.password = as_bytes(attach.password);
  body.application = attach.application;
  body.role = as_bytes(role);
  body.candidates = candidates;
  return wire::body_of(body);
}

Expected<AppAttach> decode_app_attach(const wire::MessageContents& contents) {
  const auto body = wire::parse_body<wire::AppAttachReqAns>(contents);
  if (!body) return Failure(body.error());
  if (body->candidates.size() > candidates_max) {
    return failure(ErrorKind::limit, "candidates", "more than candidates_max");
  }
  if (wire::mixes_ice_and_no_ice(body->candidates)) {
    return failure(ErrorKind::malformed, "candidates", "with ICE and without");
  }
  AppAttach attach;
  attach.application = body->application;
  attach.ufrag = as_text(body->ufrag);
  attach.password = as_text(body->password);
  for (const wire::IceCandidate& candidate : body->candidates) {
    const auto address = candidate.addr_port.address();
    if (!address) continue;  // of a family that nobody here knows
    Candidate out;
    out.address = *address;
    out.type = static_cast<Candidate::Type>(candidate.type);
    out.foundation = as_text(candidate.foundation);
    out.priority = candidate.priority;
    if (out.type != Candidate::Type::host) out.related = candidate.rel_addr_port.address();
    attach.candidates.push_back(std::move(out));
  }
  return attach;
}

void AppAttachments::on_request(Now now, transport::Request& request) {
  auto offer = decode_app_attach(request.contents);
  if (!offer) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::invalid_message);
  }
  if (pending_.size() >= pending_max) {
    return core_.transport().refuse(now, request.reply, wire::ErrorCode::not_found);
  }
  const AppAttachId id{core_.next_reference()};
  pending_.push_back({id, std::move(request.reply), now.monotonic + answer_limit});
  core_.environment().handler.on_app_attach(now, id, request.from, *offer);
}

void AppAttachments::answer(Now now, AppAttachId id, const Expected<AppAttach>& answer) {
  const auto at =
      std::find_if(pending_.begin(), pending_.end(), [id](const Pending& p) { return p.id == id; });
  if (at == pending_.end()) return;
  const transport::ReplyTo reply = std::move(at->reply);
  pending_.erase(at);
  if (pending_.empty()) pending_.shrink_to_fit();
  if (answer) {
    core_.transport().answer(now, reply,
                             encode_app_attach(*answer, wire::role_active, core_.context().no_ice));
  } else {
    core_.transport().refuse(now, reply, transport::code_of(answer.error().kind));
  }
}

void AppAttachments::on_timer(Now now) {
  std::erase_if(pending_, [&](const Pending& p) {
    if (p.deadline > now.monotonic) return false;
    core_.transport().drop(p.reply);
    return true;
  });
}

MonotonicTime AppAttachments::next_timer() const {
  MonotonicTime next = never;
  for (const Pending& pending : pending_)
    next = std::min(next, pending.deadline);
  return next;
}

}  // namespace chordial::overlay
