#include "sip_proxy/phone.h"

#include <gtest/gtest.h>

#include "sip/auth/digest.h"
#include "sip/message/syntax.h"

namespace chordial::sip::test {

namespace {

Message parsed(const std::string& text) {
  auto message = Message::parse(as_bytes(text));
  EXPECT_TRUE(message && message->validate()) << text;
  return *message;
}

std::string credentials(const std::string& challenge, const std::string& user,
                        const std::string& password, const std::string& method,
                        const std::string& uri) {
  const auto asked = Authentication::parse(challenge, "challenge");
  const std::string realm = *asked->find("realm");
  const std::string nonce = *asked->find("nonce");
  const std::string name = *asked->find("algorithm");
  const DigestAlgorithm algorithm = *algorithm_by_name(name);
  const std::string ha1 = digest_ha1(algorithm, user, realm, password);
  const std::string response =
      digest_response(algorithm, {ha1, method, uri, nonce, "00000001", "cn", "auth"});
  return "Digest username=\"" + user + "\", realm=\"" + realm + "\", nonce=\"" + nonce +
         "\", uri=\"" + uri + "\", response=\"" + response + "\", algorithm=" + name +
         ", cnonce=\"cn\", nc=00000001, qop=auth";
}

std::string value_of_uri(const std::string& name_address) {
  return std::string(NameAddress::parse(name_address, "address")->uri.text);
}

}  // namespace

std::vector<std::string> headers(const std::string& message, HeaderName name) {
  const Message m = parsed(message);
  std::vector<std::string> values;
  ListReader list = m.list(name);
  while (const auto element = list.next())
    values.emplace_back(element->text);
  return values;
}

std::string header(const std::string& message, HeaderName name) {
  return std::string(parsed(message).value(name));
}

Phone::Phone(World& w, Node& n, std::string u, std::string p, const std::string& at)
    : world(w),
      node(&n),
      user(std::move(u)),
      password(std::move(p)),
      address(*SocketAddress::parse(at)) {
}

void Phone::send(const std::string& text) {
  world.later([this, text] {
    (void)node->transactions.handle_message(world.now, Flow::udp(node->address, address),
                                            as_bytes(text));
  });
}

std::string Phone::own_contact() const {
  return "<sip:" + user + "@" + address.text() + ">";
}

std::string Phone::first_lines(const std::string& method, const std::string& uri,
                               const std::string& branch) const {
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + address.text() +
         ";rport;branch=" + branch + "\r\nMax-Forwards: 70\r\n";
}

std::string Phone::dialog_lines(const Leg& leg, const std::string& method) const {
  return "From: " + leg.local + "\r\nTo: " + leg.remote + "\r\nCall-ID: " + leg.call_id +
         "\r\nCSeq: " + std::to_string(leg.cseq) + " " + method + "\r\n";
}

void Phone::receive(const std::string& text) {
  if (reacts && react(text)) return;
  inbox.push_back(text);
}

// Challenges and failures of the last request that was started. True: the phone dealt with it.
bool Phone::react(const std::string& text) {
  const Message message = parsed(text);
  if (!message.is_response() || message.status() < 300 || !last_) return false;
  Sent& sent = *last_;
  if (message.call_id().value() != sent.leg.call_id || message.method_text() != sent.method)
    return false;
  if (sent.method == "INVITE") {
    Leg leg = sent.leg;
    leg.remote = message.value(HeaderName::to);
    send(first_lines("ACK", sent.uri, sent.branch) + dialog_lines(leg, "ACK") + "\r\n");
  }
  const bool challenged = message.status() == 401 || message.status() == 407;
  if (!challenged || sent.proven) return false;
  const bool proxy = message.status() == 407;
  const std::string challenge =
      header(text, proxy ? HeaderName::proxy_authenticate : HeaderName::www_authenticate);
  sent.proven = true;
  sent.branch += "p";
  ++sent.leg.cseq;
  send(first_lines(sent.method, sent.uri, sent.branch) + dialog_lines(sent.leg, sent.method) +
       (proxy ? "Proxy-Authorization: " : "Authorization: ") +
       credentials(challenge, user, password, sent.method, sent.uri) + "\r\n" + sent.extra +
       "Content-Length: " + std::to_string(sent.body.size()) + "\r\n\r\n" + sent.body);
  return true;
}

Leg Phone::start(const std::string& method, const std::string& uri, const std::string& extra,
                 const std::string& body) {
  const std::string number = user + std::to_string(++count_) + "-" + std::to_string(address.port);
  Leg leg;
  leg.call_id = number;
  leg.local = "<sip:" + user + "@" + from_host + ">;tag=f" + number;
  leg.remote = "<" + uri + ">";
  if (method == "REGISTER") leg.remote = "<sip:" + user + "@" + from_host + ">";
  leg.target = uri;
  std::string more = extra;
  if (method == "INVITE") more += "Contact: " + own_contact() + "\r\n";
  last_ = Sent{method, uri, more, body, "z9hG4bK" + number, leg};
  send(first_lines(method, uri, last_->branch) + dialog_lines(leg, method) + more +
       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  world.pump();
  return last_->leg;
}

int Phone::register_now(unsigned expires_s, const std::string& contact, const std::string& extra) {
  start("REGISTER", "sip:" + from_host,
        "Contact: " + (contact.empty() ? own_contact() : contact) +
            "\r\nExpires: " + std::to_string(expires_s) + "\r\n" + extra);
  const std::string response = take("SIP/2.0");
  return response.empty() ? 0 : parsed(response).status();
}

void Phone::request(Leg& leg, const std::string& method, const std::string& extra) {
  if (method != "ACK") ++leg.cseq;
  std::string text =
      first_lines(method, leg.target,
                  "z9hG4bK" + method + leg.call_id + std::to_string(++count_) + user) +
      dialog_lines(leg, method);
  for (const std::string& route : leg.routes)
    text += "Route: " + route + "\r\n";
  send(text + extra + "Content-Length: 0\r\n\r\n");
  world.pump();
}

void Phone::acknowledge(Leg& leg) {
  request(leg, "ACK");
}

void Phone::cancel(const Leg& leg, const std::string& extra) {
  send(first_lines("CANCEL", leg.target, last_->branch) + dialog_lines(leg, "CANCEL") + extra +
       "Content-Length: 0\r\n\r\n");
  world.pump();
}

void Phone::answer(const std::string& request, int status, const std::string& extra) {
  const Message message = parsed(request);
  std::string text = "SIP/2.0 " + std::to_string(status) + " Answer\r\n";
  for (std::size_t i = 0; i < message.header_count(); ++i) {
    const HeaderField field = message.header(i);
    const bool dialog = field.name == HeaderName::record_route && status > 100 && status < 300;
    if (field.name == HeaderName::via || field.name == HeaderName::from ||
        field.name == HeaderName::call_id || field.name == HeaderName::cseq || dialog)
      text += field.line;
    if (field.name != HeaderName::to) continue;
    const bool tagged = !message.to()->tag().empty();
    text += "To: " + std::string(field.value) +
            (tagged || status == 100 ? "" : ";tag=t" + user + std::to_string(address.port)) +
            "\r\n";
  }
  if (status < 300) text += "Contact: " + own_contact() + "\r\n";
  send(text + extra + "Content-Length: 0\r\n\r\n");
  world.pump();
}

std::string Phone::take(const std::string& words) {
  for (auto at = inbox.begin(); at != inbox.end(); ++at) {
    if (at->substr(0, at->find("\r\n")).find(words) == std::string::npos) continue;
    const std::string found = *at;
    inbox.erase(at);
    return found;
  }
  return "";
}

bool Phone::has(const std::string& words) const {
  for (const std::string& text : inbox) {
    if (text.substr(0, text.find("\r\n")).find(words) != std::string::npos) return true;
  }
  return false;
}

Leg Phone::leg_of(const std::string& request) const {
  Leg leg;
  leg.call_id = header(request, HeaderName::call_id);
  leg.local = header(request, HeaderName::to) + ";tag=t" + user + std::to_string(address.port);
  leg.remote = header(request, HeaderName::from);
  leg.target = value_of_uri(header(request, HeaderName::contact));
  leg.routes = headers(request, HeaderName::record_route);
  leg.cseq = 100;
  return leg;
}

void Phone::adopt(Leg& leg, const std::string& response) {
  leg.remote = header(response, HeaderName::to);
  leg.target = value_of_uri(header(response, HeaderName::contact));
  leg.routes = headers(response, HeaderName::record_route);
  leg.routes = {leg.routes.rbegin(), leg.routes.rend()};
}

}  // namespace chordial::sip::test
