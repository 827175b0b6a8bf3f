#include "sip/registrar/binding_set.h"

#include <algorithm>

#include "sip/message/uri.h"

namespace chordial::sip {

namespace {

constexpr std::uint32_t one_hour_s = 3600;

tl::unexpected<RegisterRefusal> refuse(std::uint16_t status, std::uint32_t min_expires_s = 0) {
  return tl::unexpected<RegisterRefusal>(
      RegisterRefusal{.status = status, .min_expires_s = min_expires_s});
}

std::vector<Binding>::iterator find(std::vector<Binding>& bindings, const std::string& uri) {
  const auto wanted = Uri::parse(uri);
  return std::find_if(bindings.begin(), bindings.end(), [&](const Binding& binding) {
    const auto have = Uri::parse(binding.uri);
    return binding.uri == uri || (wanted && have && equivalent(*wanted, *have));
  });
}

// Whether a REGISTER of this Call-ID may touch the binding.
bool in_order(const Binding& binding, const RegisterRequest& request) {
  return binding.call_id != request.call_id || request.cseq > binding.cseq;
}

bool same_but_expiry(const Binding& a, const Binding& b) {
  return a.uri == b.uri && a.parameters == b.parameters && a.flow == b.flow && a.path == b.path &&
         a.q_thousandths == b.q_thousandths && a.instance == b.instance;
}

tl::expected<BindingChange, RegisterRefusal> clear(const std::vector<Binding>& bindings,
                                                   const RegisterRequest& request) {
  for (const Binding& binding : bindings) {
    if (!in_order(binding, request)) return refuse(500);
  }
  return BindingChange{.bindings = {}, .changed = !bindings.empty()};
}

// The way to a phone. Over UDP that is its Contact (RFC 3261 §16.6 step 7) where the REGISTER came
// from the same host, which then has no NAT in front of it; else the way the REGISTER came, the
// only one a NAT lets in.
Flow flow_to(const std::string& contact, const Flow& registered) {
  if (registered.transport != TransportKind::udp) return registered;
  const auto uri = Uri::parse(contact);
  const auto host = uri ? uri->host_address() : std::nullopt;
  Flow flow = registered;
  if (host && *host == registered.remote.ip) flow.remote.port = uri->port_or_default();
  return flow;
}

}  // namespace

tl::expected<BindingChange, RegisterRefusal> apply(Now now, const std::vector<Binding>& bindings,
                                                   const RegisterRequest& request,
                                                   const ExpiryRules& rules) {
  if (request.remove_all) return clear(bindings, request);
  BindingChange change{.bindings = bindings, .changed = false, .only_extended = true};
  for (const ContactChange& contact : request.contacts) {
    const std::uint32_t asked_s = contact.expires_s.value_or(rules.default_s);
    if (asked_s > 0 && asked_s < one_hour_s && asked_s < rules.min_s)
      return refuse(423, rules.min_s);
    const auto found = find(change.bindings, contact.uri);
    if (found != change.bindings.end() && !in_order(*found, request)) return refuse(500);
    if (asked_s == 0) {
      if (found == change.bindings.end()) continue;
      change.bindings.erase(found);
      change.changed = true;
      change.only_extended = false;
      continue;
    }
    Binding binding{contact.uri,
                    contact.parameters,
                    flow_to(contact.uri, request.flow),
                    request.path,
                    contact.q_thousandths,
                    contact.instance,
                    request.call_id,
                    request.cseq,
                    now.monotonic + std::chrono::seconds(std::min(asked_s, rules.max_s))};
    change.changed = true;
    if (found == change.bindings.end()) {
      if (change.bindings.size() >= bindings_per_aor_max) return refuse(503);
      change.bindings.push_back(std::move(binding));
      change.only_extended = false;
      continue;
    }
    change.only_extended = change.only_extended && same_but_expiry(*found, binding) &&
                           binding.expires >= found->expires;
    *found = std::move(binding);
  }
  change.only_extended = change.only_extended && change.changed;
  return change;
}

bool remove_expired(Now now, std::vector<Binding>& bindings) {
  return std::erase_if(bindings, [&](const Binding& binding) {
           return binding.expires <= now.monotonic;
         }) != 0;
}

MonotonicTime first_expiry(const std::vector<Binding>& bindings) {
  MonotonicTime first = never;
  for (const Binding& binding : bindings)
    first = std::min(first, binding.expires);
  return first;
}

MonotonicTime last_expiry(const std::vector<Binding>& bindings) {
  MonotonicTime last{};
  for (const Binding& binding : bindings)
    last = std::max(last, binding.expires);
  return last;
}

std::uint32_t seconds_left(Now now, MonotonicTime expires) {
  if (expires <= now.monotonic) return 0;
  return static_cast<std::uint32_t>(
      std::chrono::ceil<std::chrono::seconds>(expires - now.monotonic).count());
}

std::string contact_value(Now now, const Binding& binding) {
  std::string text = "<" + binding.uri + ">" + binding.parameters;
  if (binding.q_thousandths != 1000) {
    const std::string digits = std::to_string(1000 + binding.q_thousandths);
    text += ";q=0." + digits.substr(1);
  }
  return text + ";expires=" + std::to_string(seconds_left(now, binding.expires));
}

}  // namespace chordial::sip
