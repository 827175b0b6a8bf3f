#include "sip/proxy/forwarding.h"

#include "base/byte_writer.h"
#include "base/rng.h"
#include "sip/message/build.h"
#include "sip/message/rewrite.h"
#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

constexpr std::string_view breadth_name = "Max-Breadth";

// These make a dialog, and a method nobody here knows may; a Record-Route in any other request
// would be dead weight. Deviation: §16.6 step 4 recommends one inside dialogs as well, where it
// changes nothing (§12.2).
bool makes_dialog(const Message& request, const Preprocessed& routed) {
  if (routed.in_dialog) return false;
  const Method method = request.method();
  return method == Method::invite || method == Method::subscribe || method == Method::refer ||
         method == Method::other;
}

std::string phone_route(const Flow& towards, const DialogFlows& flows, const DialogNames& dialog,
                        const ForwardingRules& rules) {
  std::string uri = "<sip:" + rules.tokens.for_callee(flows, dialog) + "@" +
                    rules.names.address_towards(towards).text();
  if (towards.transport == TransportKind::tcp) uri += ";transport=tcp";
  if (towards.transport == TransportKind::tls) uri += ";transport=tls";
  return uri + ";lr>";
}

// One Record-Route where both sides speak alike, else one for each, the outgoing side on top.
void record_route(Rewriter& rewriter, const Message& request, const Flow& source, const Flow& out,
                  const ForwardingRules& rules) {
  const std::string node = "<" + rules.names.node_route() + ">";
  if (!source.addressed() && !out.addressed())
    return rewriter.prepend(HeaderName::record_route, node);
  const auto dialog = DialogNames::of(request, rules.names);
  if (!dialog) return;
  if (source.addressed() && out.addressed()) {
    rewriter.prepend(HeaderName::record_route, phone_route(out, {source, out}, *dialog, rules));
  } else if (source.addressed()) {
    rewriter.prepend(HeaderName::record_route, phone_route(source, {source, {}}, *dialog, rules));
    rewriter.prepend(HeaderName::record_route, node);
  } else {
    rewriter.prepend(HeaderName::record_route, node);
    rewriter.prepend(HeaderName::record_route, phone_route(out, {{}, out}, *dialog, rules));
  }
}

// §16.6 step 6: the Routes that are left, those of the binding's Path on top; a next hop that is no
// loose router gets the Request-URI's place and the Request-URI stands last.
void write_routes(Rewriter& rewriter, const Preprocessed& routed, const Hop& hop,
                  std::string& request_uri) {
  std::vector<std::string> routes(hop.path.begin(), hop.path.end());
  routes.insert(routes.end(), routed.routes.begin(), routed.routes.end());
  bool changed = routed.strict || !hop.path.empty();
  if (!routes.empty()) {
    const auto first = NameAddress::parse(routes.front(), "Route");
    if (first && !first->uri.is_loose_router()) {
      routes.push_back("<" + request_uri + ">");
      request_uri = first->uri.text;
      routes.erase(routes.begin());
      changed = true;
    }
  }
  if (!changed) {
    for (std::size_t i = 0; i < routed.own_routes; ++i)
      rewriter.remove_first_route();
    return;
  }
  rewriter.remove_all(HeaderName::route);
  for (const std::string& route : routes)
    rewriter.append(HeaderName::route, route);
}

// Names that mean our domain only here (an address of ours, an alias) mean nothing at another node,
// and there the certificate names the domain.
// Deviation: RFC 3261 §16.6 leaves From and To alone; every implementation of it since matches
// dialogs by tags.
void name_domain(Rewriter& rewriter, const Expected<NameAddress>& address, const OwnNames& names) {
  if (!address || !address->uri.is_sip() || !names.is_domain(address->uri)) return;
  const std::string_view host = address->uri.host;
  const std::string_view text = address->uri.text;
  if (equal_nocase(host, names.domain())) return;
  std::size_t length = host.size();
  if (address->uri.port != 0) {
    const auto at = static_cast<std::size_t>(host.data() - text.data());
    const std::size_t end = text.find_first_of(";?>", at + host.size());
    length = (end == std::string_view::npos ? text.size() : end) - at;
  }
  rewriter.replace({host.data(), length}, names.domain());
}

// Each line holds the credentials for one realm (§7.3.1); those for others travel on (§22.3).
void remove_own_credentials(Rewriter& rewriter, const Message& request, std::string_view realm) {
  for (const HeaderName name : {HeaderName::proxy_authorization, HeaderName::authorization}) {
    for (auto i = request.first(name); i != no_header; i = request.next_same(i)) {
      const HeaderField field = request.header(i);
      const auto parsed = Authentication::parse(field.value, "Authorization");
      if (parsed && parsed->find("realm") == realm) rewriter.replace(field.line, {});
    }
  }
}

void write_breadth(Rewriter& rewriter, const Message& request, std::uint32_t breadth) {
  const auto present = request.value_of_other(breadth_name);
  if (present) {
    rewriter.replace(*present, std::to_string(breadth));
  } else {
    rewriter.append_other(breadth_name, std::to_string(breadth));
  }
}

}  // namespace

std::string loop_mark(const Message& request, std::uint64_t key_low, std::uint64_t key_high) {
  std::string all(request.request_uri_text());
  for (const HeaderName name : {HeaderName::from, HeaderName::to, HeaderName::call_id,
                                HeaderName::route, HeaderName::proxy_require}) {
    all += '\n';
    all += request.value(name);
  }
  // The number alone: the method must not count (§16.6 step 8).
  all += '\n';
  if (const auto cseq = request.cseq()) all += std::to_string(cseq->number);
  ByteWriter writer;
  writer.u64(siphash(key_low, key_high, as_bytes(all)));
  return to_hex(writer.view());
}

bool has_mark(const Message& request, std::string_view mark) {
  ListReader vias = request.list(HeaderName::via);
  while (const auto via = vias.next()) {
    if (via->text.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

std::uint32_t max_breadth(const Message& request, std::uint32_t fallback) {
  const auto text = request.value_of_other(breadth_name);
  if (!text) return fallback;
  return std::min(parse_decimal(trim(*text)).value_or(fallback), fallback);
}

Bytes forwarded_request(const Message& request, const Flow& source, const Preprocessed& routed,
                        const Hop& hop, std::string_view branch, std::uint32_t breadth,
                        const ForwardingRules& rules) {
  Rewriter rewriter(request);
  if (const auto from = source.source()) rewriter.stamp_top_via(*from);
  std::string request_uri = hop.request_uri.empty() ? routed.request_uri : hop.request_uri;
  write_routes(rewriter, routed, hop, request_uri);
  if (request_uri != request.request_uri_text()) rewriter.set_request_uri(request_uri);
  rewriter.decrement_max_forwards();
  if (breadth != 0) write_breadth(rewriter, request, breadth);
  if (makes_dialog(request, routed)) record_route(rewriter, request, source, hop.flow, rules);
  if (!hop.flow.addressed()) {
    name_domain(rewriter, request.from(), rules.names);
    name_domain(rewriter, request.to(), rules.names);
  }
  remove_own_credentials(rewriter, request, rules.realm);
  if (!request.has(HeaderName::content_length) && hop.flow.is_stream())
    rewriter.append(HeaderName::content_length, std::to_string(request.body().size()));
  rewriter.prepend_via(via_value(via_token(hop.flow.transport), rules.names.sent_by(hop.flow),
                                 branch, hop.flow.transport == TransportKind::udp));
  return rewriter.gather();
}

}  // namespace chordial::sip
