#include "node/phone.h"

#include <gtest/gtest.h>

#include "node/world.h"
#include "sip/auth/digest.h"
#include "sip/message/syntax.h"

namespace chordial::node::test {

using sip::HeaderName;
using sip::Message;

namespace {

Message parsed(const std::string& text) {
  auto message = Message::parse(as_bytes(text));
  EXPECT_TRUE(message && message->validate()) << text;
  return *message;
}

std::string header(const std::string& text, HeaderName name) {
  return std::string(parsed(text).value(name));
}

std::vector<std::string> headers(const std::string& text, HeaderName name) {
  const Message message = parsed(text);
  std::vector<std::string> values;
  sip::ListReader list = message.list(name);
  while (const auto element = list.next())
    values.emplace_back(element->text);
  return values;
}

std::string uri_of(const std::string& name_address) {
  return std::string(sip::NameAddress::parse(name_address, "address")->uri.text);
}

std::string dialog_lines(const Leg& leg, const std::string& method) {
  return "From: " + leg.local + "\r\nTo: " + leg.remote + "\r\nCall-ID: " + leg.call_id +
         "\r\nCSeq: " + std::to_string(leg.cseq) + " " + method + "\r\n";
}

std::string length_and(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string credentials(const std::string& challenge, const std::string& user,
                        const std::string& password, const std::string& method,
                        const std::string& uri) {
  const auto asked = sip::Authentication::parse(challenge, "challenge");
  const std::string realm = *asked->find("realm");
  const std::string nonce = *asked->find("nonce");
  const std::string name = *asked->find("algorithm");
  const sip::DigestAlgorithm algorithm = *sip::algorithm_by_name(name);
  const std::string ha1 = sip::digest_ha1(algorithm, user, realm, password);
  const std::string response =
      sip::digest_response(algorithm, {ha1, method, uri, nonce, "00000001", "cn", "auth"});
  return "Digest username=\"" + user + "\", realm=\"" + realm + "\", nonce=\"" + nonce +
         "\", uri=\"" + uri + "\", response=\"" + response + "\", algorithm=" + name +
         ", cnonce=\"cn\", nc=00000001, qop=auth\r\n";
}

}  // namespace

int status_of(const std::string& message) {
  if (message.rfind("SIP/2.0 ", 0) != 0) return 0;
  return std::stoi(message.substr(8, 3));
}

Phone::Phone(World& w, Host& h, std::string u, std::string p, const SocketAddress& at,
             sip::TransportKind transport)
    : world(w),
      home(&h),
      user(std::move(u)),
      password(std::move(p)),
      address(at),
      from_user(user),
      transport_(transport) {
}

std::string Phone::contact() const {
  return "<sip:" + user + "@" + address.text() +
         (transport_ == sip::TransportKind::tcp ? ";transport=tcp>" : ">");
}

std::string Phone::first_lines(const std::string& method, const std::string& uri,
                               const std::string& branch) const {
  const char* token = transport_ == sip::TransportKind::tcp ? "TCP " : "UDP ";
  return method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/" + token + address.text() +
         ";rport;branch=" + branch + "\r\nMax-Forwards: 70\r\n";
}

void Phone::send(const std::string& text) {
  if (transport_ == sip::TransportKind::udp) {
    world.carry({ports::SocketRole::sip, address, {home->ip, 5060}, as_bytes(text)});
    return;
  }
  world.later(world.latency, [this, text] {
    if (!home->up()) return;
    if (!stream_) stream_ = home->accept(*this);
    home->receive(*stream_, text);
  });
}

void Phone::hang_up() {
  if (!stream_) return;
  const ports::StreamId stream = *stream_;
  stream_.reset();
  home->close(stream);
}

void Phone::receive(const std::string& text) {
  if (!react(text)) inbox.push_back(text);
}

// Challenges and failures of the last request that was started. True: the phone dealt with it.
bool Phone::react(const std::string& text) {
  if (status_of(text) < 300 || !last_) return false;
  const Message message = parsed(text);
  Sent& sent = *last_;
  if (message.call_id().value() != sent.leg.call_id || message.method_text() != sent.method ||
      message.cseq()->number != sent.leg.cseq)
    return false;
  if (sent.method == "INVITE") {
    Leg leg = sent.leg;
    leg.remote = message.value(HeaderName::to);
    send(first_lines("ACK", sent.uri, sent.branch) + dialog_lines(leg, "ACK") + length_and(""));
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
       credentials(challenge, user, password, sent.method, sent.uri) + sent.extra +
       length_and(sent.body));
  return true;
}

Leg Phone::start(const std::string& method, const std::string& uri, const std::string& extra,
                 const std::string& body) {
  const std::string number = user + std::to_string(++count_) + "-" + address.ip.text();
  Leg leg;
  leg.call_id = number;
  leg.local = "<sip:" + from_user + "@" + domain + ">;tag=f" + number;
  leg.remote = "<" + uri + ">";
  if (method == "REGISTER") leg.remote = "<sip:" + user + "@" + domain + ">";
  leg.target = uri;
  std::string more = extra;
  if (method == "INVITE") more += "Contact: " + contact() + "\r\n";
  last_ = Sent{method, uri, more, body, "z9hG4bK" + number, leg};
  send(first_lines(method, uri, last_->branch) + dialog_lines(leg, method) + more +
       length_and(body));
  return leg;
}

int Phone::register_now(unsigned expires_s, const std::string& at) {
  start("REGISTER", std::string("sip:") + domain,
        "Contact: " + (at.empty() ? contact() : at) + "\r\nExpires: " + std::to_string(expires_s) +
            "\r\n");
  return status_of(await("SIP/2.0 "));
}

int Phone::ask(const std::string& method, const std::string& uri, const std::string& body) {
  start(method, uri, {}, body);
  std::string response = await("SIP/2.0 ");
  while (status_of(response) == 100)
    response = await("SIP/2.0 ");
  return status_of(response);
}

void Phone::request(Leg& leg, const std::string& method) {
  if (method != "ACK") ++leg.cseq;
  std::string text =
      first_lines(method, leg.target,
                  "z9hG4bK" + method + leg.call_id + std::to_string(++count_) + user) +
      dialog_lines(leg, method);
  for (const std::string& route : leg.routes)
    text += "Route: " + route + "\r\n";
  send(text + length_and(""));
}

void Phone::cancel(const Leg& leg) {
  Leg same = leg;
  same.cseq = last_->leg.cseq;
  send(first_lines("CANCEL", leg.target, last_->branch) + dialog_lines(same, "CANCEL") +
       length_and(""));
}

void Phone::answer(const std::string& request, int status) {
  const Message message = parsed(request);
  std::string text = "SIP/2.0 " + std::to_string(status) + " Answer\r\n";
  for (std::size_t i = 0; i < message.header_count(); ++i) {
    const sip::HeaderField field = message.header(i);
    const bool dialog = field.name == HeaderName::record_route && status > 100 && status < 300;
    if (field.name == HeaderName::via || field.name == HeaderName::from ||
        field.name == HeaderName::call_id || field.name == HeaderName::cseq || dialog)
      text += field.line;
    if (field.name != HeaderName::to) continue;
    const bool tagged = !message.to()->tag().empty();
    text += "To: " + std::string(field.value) + (tagged || status == 100 ? "" : ";tag=" + tag()) +
            "\r\n";
  }
  if (status < 300) text += "Contact: " + contact() + "\r\n";
  send(text + length_and(""));
}

bool Phone::has(const std::string& words) const {
  return std::any_of(inbox.begin(), inbox.end(), [&](const std::string& text) {
    return text.substr(0, text.find("\r\n")).find(words) != std::string::npos;
  });
}

std::string Phone::await(const std::string& words, Duration span) {
  static_cast<void>(world.run_until([&] { return has(words); }, span));
  for (auto at = inbox.begin(); at != inbox.end(); ++at) {
    if (at->substr(0, at->find("\r\n")).find(words) == std::string::npos) continue;
    const std::string found = *at;
    inbox.erase(at);
    return found;
  }
  return "";
}

Leg Phone::leg_of(const std::string& request) const {
  Leg leg;
  leg.call_id = header(request, HeaderName::call_id);
  leg.local = header(request, HeaderName::to) + ";tag=" + tag();
  leg.remote = header(request, HeaderName::from);
  leg.target = uri_of(header(request, HeaderName::contact));
  leg.routes = headers(request, HeaderName::record_route);
  leg.cseq = 100;
  return leg;
}

void Phone::adopt(Leg& leg, const std::string& response) {
  leg.remote = header(response, HeaderName::to);
  leg.target = uri_of(header(response, HeaderName::contact));
  leg.routes = headers(response, HeaderName::record_route);
  leg.routes = {leg.routes.rbegin(), leg.routes.rend()};
  leg.cseq = parsed(response).cseq()->number;
}

}  // namespace chordial::node::test
