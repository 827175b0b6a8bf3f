#include "sim/phone.h"

#include <cmath>

#include "sim/phone_call.h"
#include "sip/auth/digest.h"

namespace chordial::sim {

namespace {

constexpr std::uint64_t phone_rng_key = 0x70686f6e652d726e;
constexpr std::uint32_t first_phone_address = 0xac100001;
constexpr std::uint16_t sip_port = 5060;
constexpr unsigned expires_s = 600;
constexpr Duration attempt_interval = std::chrono::seconds(5);

constexpr std::uint32_t register_timer = 0;
constexpr std::uint32_t work_timer_call = 1;
constexpr std::uint32_t work_timer_message = 2;

sip::Method method_of(std::uint8_t purpose) {
  static constexpr sip::Method methods[] = {sip::Method::register_, sip::Method::invite,
                                            sip::Method::message, sip::Method::bye};
  return methods[purpose];
}

}  // namespace

SocketAddress phone_address(UserIndex user) {
  return {IpAddress::v4(first_phone_address + user), sip_port};
}

SocketAddress sip_address(NodeIndex node) {
  return {address_of(node).ip, sip_port};
}

Phone::Phone(const PhoneEnvironment& environment, UserIndex user)
    : environment_(environment),
      user_(user),
      aor_(environment.world.aor_of(user)),
      address_(phone_address(user)),
      rng_(siphash(environment.world.scenario.seed, phone_rng_key, as_bytes(aor_)), user),
      transactions_(environment.line, environment.timers, rng_, *this, times_),
      register_timer_(*this, register_timer),
      call_timer_(*this, work_timer_call),
      message_timer_(*this, work_timer_message) {
}

Phone::~Phone() = default;

std::string Phone::contact() const {
  return "<sip:" + aor_.substr(0, aor_.find('@')) + "@" + address_.text() + ">";
}

void Phone::begin_registering(Now now, Duration within) {
  const auto pause = rng_.below(static_cast<std::uint64_t>(within.count()) + 1);
  environment_.timers.arm(register_timer_,
                          now.monotonic + Duration(static_cast<std::int64_t>(pause)));
}

void Phone::repeat_later(Now now, Timer& timer, double per_minute) {
  if (per_minute <= 0 || now.monotonic >= work_end_) return;
  const double pause_s = -std::log(1 - rng_.fraction()) * 60 / per_minute;
  const auto pause = Duration(static_cast<std::int64_t>(pause_s * 1e6));
  environment_.timers.arm(timer, now.monotonic + pause);
}

void Phone::begin_work(Now now, MonotonicTime end) {
  work_end_ = end;
  repeat_later(now, call_timer_, environment_.world.scenario.workload.calls_per_user_min);
  repeat_later(now, message_timer_, environment_.world.scenario.workload.messages_per_user_min);
}

void Phone::on_timer(Now now, std::uint32_t id) {
  const Workload& workload = environment_.world.scenario.workload;
  if (id >= first_call_timer) return call_timer(now, id - first_call_timer);
  if (id == register_timer) return begin(now, Purpose::registration);
  if (now.monotonic >= work_end_) return;
  const bool call = id == work_timer_call;
  if (registered_ && workload.users > 1) begin(now, call ? Purpose::call : Purpose::message);
  repeat_later(now, call ? call_timer_ : message_timer_,
               call ? workload.calls_per_user_min : workload.messages_per_user_min);
}

void Phone::begin(Now now, Purpose purpose, std::uint32_t call) {
  const std::uint64_t key = ++last_request_;
  Request& request = requests_[key];
  request.purpose = purpose;
  request.call = call;
  request.started = now.monotonic;
  request.call_id = transactions_.new_tag();
  request.tag = transactions_.new_tag();
  if (purpose == Purpose::registration) {
    request.to = user_;
    // One Call-ID for all registrations of a phone, and ever higher numbers (RFC 3261 §10.2).
    request.call_id = "registration-of-" + aor_;
    request.cseq = registrations_ += 2;
  } else if (purpose != Purpose::goodbye) {
    const std::uint64_t others = environment_.world.scenario.workload.users - 1;
    const auto drawn = static_cast<UserIndex>(rng_.below(others));
    request.to = drawn < user_ ? drawn : drawn + 1;
    (purpose == Purpose::call ? environment_.log.calls : environment_.log.messages).started();
  }
  send(now, key, request, nullptr);
}

std::string Phone::uri_of(const Request& request) const {
  if (request.purpose == Purpose::registration) return "sip:" + environment_.world.overlay_name;
  if (request.purpose == Purpose::goodbye) return calls_.at(request.call)->dialog.remote_target();
  return "sip:" + environment_.world.aor_of(request.to);
}

sip::MessageBuilder Phone::write(const Request& request) {
  const std::string via = sip::via_value("UDP", address_.text(), transactions_.new_branch(), true);
  if (request.purpose == Purpose::goodbye) {
    return calls_.at(request.call)->dialog.request(sip::Method::bye, via);
  }
  const sip::Method method = method_of(static_cast<std::uint8_t>(request.purpose));
  auto message = sip::MessageBuilder::request(method, uri_of(request));
  message.header(sip::HeaderName::via, via)
      .header(sip::HeaderName::max_forwards, 70)
      .header(sip::HeaderName::from, "<sip:" + aor_ + ">;tag=" + request.tag)
      .header(sip::HeaderName::to, "<sip:" + environment_.world.aor_of(request.to) + ">")
      .header(sip::HeaderName::call_id, request.call_id)
      .header(sip::HeaderName::cseq,
              std::to_string(request.cseq) + " " + std::string(sip::text_of(method)));
  if (request.purpose != Purpose::message) message.header(sip::HeaderName::contact, contact());
  if (request.purpose == Purpose::registration) {
    message.header(sip::HeaderName::expires, expires_s);
  }
  return message;
}

std::string Phone::credentials(const Request& request, std::string_view challenge) {
  const auto asked = sip::Authentication::parse(challenge, "challenge");
  if (!asked) return {};
  const std::string realm = asked->find("realm").value_or("");
  const std::string nonce = asked->find("nonce").value_or("");
  const std::string name = asked->find("algorithm").value_or("");
  const auto algorithm = sip::algorithm_by_name(name);
  if (!algorithm) return {};
  const std::string user = aor_.substr(0, aor_.find('@'));
  const std::string ha1 =
      sip::digest_ha1(*algorithm, user, realm, environment_.world.password_of(user_));
  const std::string_view method =
      sip::text_of(method_of(static_cast<std::uint8_t>(request.purpose)));
  const std::string uri = uri_of(request);
  const std::string cnonce = transactions_.new_tag();
  const std::string response =
      sip::digest_response(*algorithm, {ha1, method, uri, nonce, "00000001", cnonce, "auth"});
  return "Digest username=\"" + user + "\", realm=\"" + realm + "\", nonce=\"" + nonce +
         "\", uri=\"" + uri + "\", response=\"" + response +
         "\", algorithm=" + sip::algorithm_name(*algorithm) + ", cnonce=\"" + cnonce +
         "\", nc=00000001, qop=auth";
}

void Phone::send(Now now, std::uint64_t key, Request& request, const sip::Message* challenge) {
  sip::MessageBuilder message = write(request);
  if (challenge != nullptr) {
    using sip::HeaderName;
    const bool proxy = challenge->status() == 407;
    const auto asked = proxy ? HeaderName::proxy_authenticate : HeaderName::www_authenticate;
    message.header(proxy ? HeaderName::proxy_authorization : HeaderName::authorization,
                   credentials(request, challenge->value(asked)));
  }
  const bool body = request.purpose == Purpose::call || request.purpose == Purpose::message;
  const Bytes bytes =
      body ? message.finish("text/plain", as_bytes(body_for(request.to))) : message.finish();
  const sip::Flow flow = sip::Flow::udp(address_, sip_address(environment_.world.home_of(user_)));
  const auto id = transactions_.send_request(now, flow, bytes, *this, key);
  if (id) {
    request.transaction = *id;
  } else {
    conclude(now, request, 503);
    requests_.erase(key);
  }
}

void Phone::receive(Now now, ByteView datagram) {
  const sip::Flow flow = sip::Flow::udp(address_, sip_address(environment_.world.home_of(user_)));
  // What cannot be read is counted by the layer, and shows as a request without an answer.
  static_cast<void>(transactions_.handle_message(now, flow, datagram));
}

void Phone::on_response(Now now, sip::TransactionId, std::uint64_t context,
                        const sip::Message& response, const sip::Flow&) {
  const auto at = requests_.find(context);
  if (at == requests_.end()) return;
  Request& request = at->second;
  const std::uint16_t status = response.status();
  if (status < 200) {
    if (status > 100) request.rang = std::min(request.rang, now.monotonic);
    return;
  }
  const bool over = request.purpose == Purpose::goodbye && !calls_.contains(request.call);
  if ((status == 401 || status == 407) && !request.proven && !over) {
    request.proven = true;
    ++request.cseq;
    send(now, context, request, &response);
    return;
  }
  if (request.purpose == Purpose::call && status < 300) return answered(now, request, response);
  conclude(now, request, status);
}

void Phone::on_timeout(Now now, sip::TransactionId, std::uint64_t context) {
  const auto at = requests_.find(context);
  if (at != requests_.end()) conclude(now, at->second, 408);
}

void Phone::on_transport_error(Now now, sip::TransactionId, std::uint64_t context, const Error&) {
  const auto at = requests_.find(context);
  if (at != requests_.end()) conclude(now, at->second, 503);
}

void Phone::on_terminated(Now, sip::TransactionId id, std::uint64_t context) {
  const auto at = requests_.find(context);
  if (at != requests_.end() && at->second.transaction == id) requests_.erase(at);
}

void Phone::conclude(Now now, Request& request, std::uint16_t status) {
  if (request.concluded) return;
  request.concluded = true;
  const bool good = status < 300;
  switch (request.purpose) {
    case Purpose::registration: {
      if (good) environment_.acknowledged[user_] = 1;
      registered_ = registered_ || good;
      const Duration wait = good ? Duration(std::chrono::seconds(expires_s)) / 2 : attempt_interval;
      const auto jitter = rng_.below(static_cast<std::uint64_t>(wait.count()) / 4);
      environment_.timers.arm(register_timer_,
                              now.monotonic + wait - Duration(static_cast<std::int64_t>(jitter)));
      return;
    }
    case Purpose::goodbye:
      environment_.log.hung_up += good ? 1 : 0;
      return end_call(request.call);
    case Purpose::call:
    case Purpose::message:
      break;
  }
  OutcomeLog& log =
      request.purpose == Purpose::call ? environment_.log.calls : environment_.log.messages;
  if (good) {
    const MonotonicTime rang = std::min(request.rang, now.monotonic);
    log.correct(rang - request.started, 0);
  } else if (status == 408) {
    log.timeout();
  } else {
    log.error();
  }
}

}  // namespace chordial::sim
