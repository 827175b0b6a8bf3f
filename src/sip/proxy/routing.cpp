#include "sip/proxy/routing.h"

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

// What a token says that the request shows. The port may have changed, where a NAT forgot.
void use_token(Preprocessed& out, const Uri& uri, const Flow& source, const FlowTokens& tokens,
               const DialogNames& dialog) {
  if (!out.in_dialog || !uri.has_user) return;
  const auto token = tokens.open(uri.user, dialog);
  if (!token) return;
  if (source.addressed() && token->near()) {
    out.opened = true;
    out.proven = out.proven || token->near()->remote.ip == source.remote.ip;
  }
  if (!out.token_flow) out.token_flow = token->far();
}

void take_own_routes(Preprocessed& out, const std::vector<NameAddress>& routes, const Flow& source,
                     const OwnNames& names, const FlowTokens& tokens, const DialogNames& dialog) {
  while (out.own_routes < routes.size() && names.is_own_route(routes[out.own_routes].uri)) {
    const Uri& uri = routes[out.own_routes++].uri;
    if (!names.node_of(uri)) use_token(out, uri, source, tokens, dialog);
  }
}

// §16.4: a maddr of ours says nothing more than the domain; any other leads there and nowhere else
// (§16.5), which is where nobody here relays to.
void use_maddr(Preprocessed& out, const OwnNames& names) {
  const auto uri = Uri::parse(out.request_uri);
  const auto maddr = uri ? uri->parameters.find("maddr") : std::nullopt;
  if (!maddr || !names.is_domain(*uri)) return;
  const std::string text = "sip:" + std::string(maddr->value);
  const auto host = Uri::parse(text);
  out.elsewhere = !host || !names.is_domain(*host);
  if (!out.elsewhere)
    out.request_uri = "sip:" + (uri->has_user ? std::string(uri->user) + "@" : std::string()) +
                      std::string(uri->host);
}

// §16.4: a strict router before us has put our Record-Route into the Request-URI, and the real one
// at the end of the Routes.
bool strictly_routed(const Uri& uri, const std::vector<NameAddress>& routes,
                     const OwnNames& names) {
  return !routes.empty() && uri.is_sip() && uri.is_loose_router() && names.is_own_route(uri);
}

}  // namespace

Expected<Preprocessed> preprocess_routes(const Message& request, const Flow& source,
                                         const OwnNames& names, const FlowTokens& tokens) {
  const auto uri = request.request_uri();
  if (!uri) return Failure(uri.error());
  auto routes = request.routes();
  if (!routes) return Failure(routes.error());
  if (routes->size() > routes_max)
    return failure(ErrorKind::limit, "Route", "more Routes than any path has");
  const auto to = request.to();
  if (!to) return Failure(to.error());
  Preprocessed out;
  out.in_dialog = !to->tag().empty();
  DialogNames dialog;
  if (out.in_dialog) {
    auto made = DialogNames::of(request, names);
    if (!made) return Failure(made.error());
    dialog = *std::move(made);
  }
  out.request_uri = uri->text;
  if (strictly_routed(*uri, *routes, names)) {
    out.strict = true;
    out.request_uri = routes->back().uri.text;
    routes->pop_back();
    use_token(out, *uri, source, tokens, dialog);
  }
  use_maddr(out, names);
  take_own_routes(out, *routes, source, names, tokens, dialog);
  for (std::size_t i = out.own_routes; i < routes->size(); ++i)
    out.routes.push_back((*routes)[i].text);
  return out;
}

std::string request_uri_of(std::string_view contact) {
  const auto uri = Uri::parse(contact);
  if (!uri || !uri->is_sip()) return std::string(contact);
  // The parts are views of `contact`: a user may hold the host's text and a '?' too.
  const auto offset_of = [&](std::string_view part) {
    return static_cast<std::size_t>(part.data() - contact.data());
  };
  std::string out(contact);
  if (!uri->headers.empty()) out.resize(offset_of(uri->headers) - 1);
  if (const auto method = uri->parameters.find("method")) {
    const std::size_t at = offset_of(method->name) - 1;
    const std::string_view last = method->has_value ? method->value : method->name;
    out.erase(at, offset_of(last) + last.size() - at);
  }
  return out;
}

namespace {

// A phone of the To user that registered this very contact: for dialogs whose token is lost.
std::optional<Hop> registered_contact(Now now, const Message& request, const Uri& uri,
                                      const OwnNames& names, const LocalBindings& bindings) {
  const auto to = request.to();
  const auto aor = to ? names.aor_of(to->uri) : Expected<std::string>(Failure(to.error()));
  if (!aor) return std::nullopt;
  std::vector<Target> contacts;
  bindings.contacts_of(now, *aor, contacts);
  for (const Target& target : contacts) {
    const auto& contact = std::get<LocalContact>(target);
    const auto known = Uri::parse(contact.uri);
    if (known && equivalent(*known, uri)) return Hop{contact.flow, {}, contact.path};
  }
  return std::nullopt;
}

}  // namespace

Expected<std::optional<Hop>> prescribed_hop(Now now, const Message& request,
                                            const Preprocessed& routed, const OwnNames& names,
                                            const LocalBindings& bindings, const NodeFlows& nodes) {
  if (routed.token_flow) return Hop{*routed.token_flow, {}, {}};
  const std::size_t size = request.bytes().size();
  if (!routed.routes.empty()) {
    const auto route = NameAddress::parse(routed.routes.front(), "Route");
    const auto node = route ? names.node_of(route->uri) : std::nullopt;
    if (!node) return failure(ErrorKind::forbidden, "Route", "leads to a stranger");
    return Hop{nodes.flow_to(*node, size), {}, {}};
  }
  const auto uri = Uri::parse(routed.request_uri, "Request-URI");
  if (!uri) return Failure(uri.error());
  if (routed.elsewhere)
    return failure(ErrorKind::not_found, "Request-URI", "a maddr that is not ours");
  if (const auto node = names.node_of(*uri)) {
    if (*node == names.node()) return std::optional<Hop>{};
    return Hop{nodes.flow_to(*node, size), {}, {}};
  }
  if (names.is_domain(*uri)) return std::optional<Hop>{};
  if (auto hop = registered_contact(now, request, *uri, names, bindings)) return hop;
  return failure(ErrorKind::not_found, "Request-URI", "a domain that is not ours");
}

}  // namespace chordial::sip
