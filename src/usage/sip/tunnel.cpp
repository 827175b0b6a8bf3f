#include "usage/sip/tunnel.h"

#include <algorithm>

#include "sip/message/uri.h"

namespace chordial::usage {

std::string from_aor(const sip::Message& message) {
  if (!message.is_request()) return {};
  const auto from = message.from();
  if (!from) return {};
  const auto aor = sip::canonical_aor(from->uri);
  return aor ? *aor : std::string();
}

Tunnel::Tunnel(overlay::Peer& peer, UserSigners& signers, TunnelHandler& handler)
    : peer_(peer), signers_(signers), handler_(handler) {
}

Tunnel::~Tunnel() {
  for (const auto& [request, sent] : sent_)
    peer_.cancel(request);
}

Expected<void> Tunnel::send(Now now, const NodeId& node, ByteView bytes,
                            sip::TransactionId on_behalf_of) {
  if (sent_.size() >= outstanding_max) {
    return failure(ErrorKind::unavailable, "tunnel", "too many messages under way");
  }
  const auto message = sip::Message::parse(bytes);
  if (!message) return Failure(message.error());
  std::string user = from_aor(*message);
  crypto::Signer* signer = user.empty() ? nullptr : signers_.signer_of(user);
  if (signer == nullptr) user.clear();
  const overlay::RequestId request =
      peer_.send_tunnel(now, overlay::Target::node(node), bytes, signer, *this);
  sent_.emplace(request, Sent{node, on_behalf_of, std::move(user), to_bytes(bytes)});
  ++messages_;
  bytes_ += bytes.size();
  return {};
}

void Tunnel::on_tunnel_delivered(Now now, overlay::RequestId id,
                                 const overlay::Outcome<void>& outcome) {
  const auto place = sent_.find(id);
  if (place == sent_.end()) return;
  const Sent sent = std::move(place->second);
  sent_.erase(place);
  if (!outcome) {
    ++failures_;
    handler_.on_tunnel_failed(now, sent.node, sent.on_behalf_of, sent.bytes, outcome.error().error);
    return;
  }
  if (sent.user.empty()) return;
  introduced_[{sent.node, sent.user}] = messages_;
  if (introduced_.size() > introduced_max) {
    introduced_.erase(
        std::min_element(introduced_.begin(), introduced_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
}

bool Tunnel::introduced(const NodeId& node, std::string_view aor) const {
  return introduced_.contains({node, std::string(aor)});
}

void Tunnel::forget(const NodeId& node) {
  std::erase_if(introduced_, [&](const auto& entry) { return entry.first.first == node; });
}

void Tunnel::count(CounterVisitor& visitor) const {
  visitor.counter("usage_tunnel_messages", messages_);
  visitor.counter("usage_tunnel_bytes", bytes_);
  visitor.counter("usage_tunnel_failures", failures_);
  visitor.gauge("usage_tunnel_outstanding", sent_.size());
}

}  // namespace chordial::usage
