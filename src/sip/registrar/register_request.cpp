#include "sip/registrar/register_request.h"

#include "sip/message/syntax.h"

namespace chordial::sip {

namespace {

using Refused = tl::unexpected<RegisterRefusal>;

Refused refuse(std::uint16_t status) {
  return Refused(RegisterRefusal{.status = status});
}

// Everything a 200 must echo besides what the registrar decides (§10.3 step 8).
std::string other_parameters(const Parameters& parameters) {
  std::string kept;
  std::string_view rest = parameters.text();
  while (const auto parameter = Parameters::take(rest)) {
    if (equal_nocase(parameter->name, "expires") || equal_nocase(parameter->name, "q")) continue;
    kept += ';';
    kept += parameter->name;
    if (parameter->has_value) (kept += '=') += parameter->value;
  }
  return kept;
}

std::string unknown_extensions(const Message& request) {
  std::string unknown;
  ListReader required = request.list(HeaderName::require);
  while (const auto tag = required.next()) {
    if (equal_nocase(tag->text, "path")) continue;
    if (!unknown.empty()) unknown += ", ";
    unknown += tag->text;
  }
  return unknown;
}

tl::expected<void, RegisterRefusal> read_contacts(const Message& request, RegisterRequest& out) {
  const auto contacts = request.contacts();
  if (!contacts) return refuse(400);
  if (contacts->size() > bindings_per_aor_max) return refuse(400);
  std::optional<std::uint32_t> header_expires_s;
  if (request.has(HeaderName::expires)) {
    // A malformed value counts as 3600 (§20.19).
    header_expires_s = request.expires_s().value_or(3600);
  }
  for (const NameAddress& contact : *contacts) {
    if (contact.star) {
      if (contacts->size() != 1 || header_expires_s != 0U) return refuse(400);
      out.remove_all = true;
      return {};
    }
    if (!contact.uri.is_sip()) return refuse(416);
    const auto own = contact.expires_s();
    out.contacts.push_back({std::string(contact.uri.text), other_parameters(contact.parameters),
                            unquote(contact.parameters.value("+sip.instance")),
                            contact.q_thousandths(), own ? own : header_expires_s});
  }
  return {};
}

}  // namespace

tl::expected<RegisterRequest, RegisterRefusal> read_register(const Message& request,
                                                             const Flow& flow,
                                                             const OwnNames& names) {
  if (std::string unknown = unknown_extensions(request); !unknown.empty())
    return Refused(RegisterRefusal{.status = 420, .unsupported = std::move(unknown)});
  const auto to = request.to();
  const auto cseq = request.cseq();
  const auto call_id = request.call_id();
  if (!to || !cseq || !call_id) return refuse(400);
  const auto aor = names.aor_of(to->uri);
  if (!aor || !names.is_domain(to->uri) || names.node_of(to->uri)) return refuse(404);
  RegisterRequest out;
  out.aor = *aor;
  out.call_id = *call_id;
  out.cseq = cseq->number;
  out.flow = flow;
  if (const auto read = read_contacts(request, out); !read) return Refused(read.error());
  const auto paths = request.addresses(HeaderName::path);
  if (!paths || paths->size() > paths_max) return refuse(400);
  for (const NameAddress& path : *paths)
    out.path.emplace_back(path.text);
  return out;
}

}  // namespace chordial::sip
