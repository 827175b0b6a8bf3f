#include "sip/dialog/dialog.h"

#include <algorithm>

namespace chordial::sip {

namespace {

bool refreshes_target(Method method) {
  return method == Method::invite || method == Method::update || method == Method::subscribe ||
         method == Method::notify || method == Method::refer;
}

Expected<std::string> contact_of(const Message& message) {
  const auto contact = message.address(HeaderName::contact);
  if (!contact) return Failure(contact.error());
  if (contact->star || !contact->uri.is_sip())
    return failure(ErrorKind::malformed, "Contact", "not one SIP URI");
  return std::string(contact->uri.text);
}

std::optional<DialogId> id_of(const Message& message, bool we_sent_it) {
  const auto from = message.from();
  const auto to = message.to();
  const auto call_id = message.call_id();
  if (!from || !to || !call_id || to->tag().empty()) return std::nullopt;
  const NameAddress& local = we_sent_it ? *from : *to;
  const NameAddress& remote = we_sent_it ? *to : *from;
  return DialogId{std::string(*call_id), std::string(local.tag()), std::string(remote.tag())};
}

}  // namespace

std::optional<DialogId> dialog_of_request(const Message& request) {
  return id_of(request, false);
}

std::optional<DialogId> dialog_of_response(const Message& response) {
  return id_of(response, true);
}

DialogId dialog_of_reference(const DialogReference& reference) {
  return {std::string(reference.call_id), std::string(reference.to_tag),
          std::string(reference.from_tag)};
}

Expected<void> Dialog::take_routes(const Message& message, bool reversed) {
  const auto routes = message.addresses(HeaderName::record_route);
  if (!routes) return Failure(routes.error());
  if (routes->size() > route_set_max)
    return failure(ErrorKind::limit, "Record-Route", "a route set longer than any path");
  route_set_.clear();
  for (const NameAddress& route : *routes)
    route_set_.emplace_back(route.text);
  if (reversed) std::reverse(route_set_.begin(), route_set_.end());
  return {};
}

Expected<Dialog> Dialog::as_server(const Message& request, std::string_view local_tag,
                                   State state) {
  const auto from = request.from();
  const auto to = request.to();
  const auto call_id = request.call_id();
  const auto cseq = request.cseq();
  if (!from) return Failure(from.error());
  if (!to) return Failure(to.error());
  if (!call_id) return Failure(call_id.error());
  if (!cseq) return Failure(cseq.error());
  auto target = contact_of(request);
  if (!target) return Failure(target.error());
  Dialog dialog;
  if (auto taken = dialog.take_routes(request, false); !taken) return Failure(taken.error());
  dialog.id_ = {std::string(*call_id), std::string(local_tag), std::string(from->tag())};
  dialog.state_ = state;
  dialog.local_ = std::string(to->text) + ";tag=" + std::string(local_tag);
  dialog.remote_ = from->text;
  dialog.remote_target_ = *std::move(target);
  dialog.remote_cseq_ = cseq->number;
  return dialog;
}

Expected<Dialog> Dialog::as_client(const Message& response) {
  const auto id = dialog_of_response(response);
  const auto cseq = response.cseq();
  if (!id) return failure(ErrorKind::malformed, "To", "no dialog without a tag");
  if (!cseq) return Failure(cseq.error());
  auto target = contact_of(response);
  if (!target) return Failure(target.error());
  Dialog dialog;
  if (auto taken = dialog.take_routes(response, true); !taken) return Failure(taken.error());
  dialog.id_ = *id;
  dialog.state_ = response.status() >= 200 ? State::confirmed : State::early;
  dialog.local_ = response.from()->text;
  dialog.remote_ = response.to()->text;
  dialog.remote_target_ = *std::move(target);
  dialog.local_cseq_ = cseq->number;
  return dialog;
}

Expected<void> Dialog::confirm(const Message& response) {
  auto target = contact_of(response);
  if (!target) return Failure(target.error());
  if (auto taken = take_routes(response, true); !taken) return taken;
  remote_target_ = *std::move(target);
  state_ = State::confirmed;
  return {};
}

// §12.2.1.1: a first Route without lr is a strict router, which wants to be the Request-URI itself.
MessageBuilder Dialog::start(Method method, std::uint32_t cseq, std::string_view via) const {
  std::vector<std::string> routes = route_set_;
  std::string uri = remote_target_;
  if (!routes.empty()) {
    const auto first = NameAddress::parse(routes.front(), "Route");
    if (first && !first->uri.is_loose_router()) {
      routes.push_back("<" + uri + ">");
      uri = first->uri.text;
      routes.erase(routes.begin());
    }
  }
  auto builder = MessageBuilder::request(method, uri);
  builder.header(HeaderName::via, via).header(HeaderName::max_forwards, 70);
  for (const std::string& route : routes)
    builder.header(HeaderName::route, route);
  builder.header(HeaderName::from, local_)
      .header(HeaderName::to, remote_)
      .header(HeaderName::call_id, id_.call_id)
      .header(HeaderName::cseq, std::to_string(cseq) + " " + std::string(text_of(method)));
  return builder;
}

MessageBuilder Dialog::request(Method method, std::string_view via) {
  return start(method, ++local_cseq_, via);
}

MessageBuilder Dialog::ack(std::uint32_t invite_cseq, std::string_view via) const {
  return start(Method::ack, invite_cseq, via);
}

std::string Dialog::next_hop() const {
  if (route_set_.empty()) return remote_target_;
  const auto first = NameAddress::parse(route_set_.front(), "Route");
  return first ? std::string(first->uri.text) : remote_target_;
}

Expected<void> Dialog::receive(const Message& request) {
  const auto cseq = request.cseq();
  if (!cseq) return Failure(cseq.error());
  if (remote_cseq_ && cseq->number <= *remote_cseq_)
    return failure(ErrorKind::conflict, "CSeq", "an earlier request than the last one");
  if (refreshes_target(request.method()) && request.has(HeaderName::contact)) {
    auto target = contact_of(request);
    if (!target) return Failure(target.error());
    remote_target_ = *std::move(target);
  }
  remote_cseq_ = cseq->number;
  return {};
}

void Dialog::refresh_target(const Message& response) {
  if (auto target = contact_of(response)) remote_target_ = *std::move(target);
}

}  // namespace chordial::sip
