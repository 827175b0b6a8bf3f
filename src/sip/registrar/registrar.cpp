#include "sip/registrar/registrar.h"

#include <algorithm>

#include "sip/registrar/date.h"

namespace chordial::sip {

namespace {

constexpr std::uint32_t retry_after_s = 5;

std::uint16_t status_of(const Error& error) {
  if (error.kind == ErrorKind::forbidden) return 403;
  return error.kind == ErrorKind::limit ? 503 : 500;
}

// RFC 3261 §18: a phone at the address it claims can be called back by a new connection. One that
// keeps its connection for that (RFC 5626) or sits behind a NAT cannot.
bool reconnect(Binding& binding) {
  const auto uri = Uri::parse(binding.uri);
  const auto ip = uri ? uri->host_address() : std::nullopt;
  const bool outbound = binding.parameters.find(";reg-id=") != std::string::npos;
  if (binding.flow.transport != TransportKind::tcp || outbound || !ip ||
      *ip != binding.flow.remote.ip)
    return false;
  binding.flow.stream = ports::StreamId{};
  binding.flow.remote.port = uri->port_or_default();
  return true;
}

}  // namespace

class Registrar::User final : public TimerHandler {
 public:
  User(Registrar& registrar, const std::string& name)
      : aor(name), timer(*this, 0), registrar_(registrar) {}

  void on_timer(Now now, std::uint32_t) override { registrar_.expire(now, *this); }

  struct Pending {
    ports::RequestId id;
    BindingChange change;
    Waiting waiting;
  };

  const std::string& aor;  // the key in users_
  std::vector<Binding> bindings;
  MonotonicTime published{};   // when the LocationService was told last
  Duration published_life{0};  // of the longest binding then
  std::unique_ptr<Pending> pending;
  std::vector<Waiting> queue;
  Timer timer;

 private:
  Registrar& registrar_;
};

Registrar::Registrar(const RegistrarSettings& settings, const OwnNames& names,
                     LocationService& location, TimerQueue& timers)
    : settings_(settings), names_(names), location_(location), timers_(timers) {
}

Registrar::~Registrar() = default;

std::optional<RegisterAnswer> Registrar::handle(Now now, RegisterTicket ticket,
                                                const Message& request, const Flow& flow,
                                                std::string_view user, RegistrarHandler& handler) {
  ++counters_.registers;
  auto read = read_register(request, flow, names_);
  if (!read) return refused(read.error());
  if (read->aor != user) return refused({.status = 403});
  auto found = users_.find(read->aor);
  if (found == users_.end()) {
    if (users_.size() >= settings_.aors_max) return refused({.status = 503});
    found = users_.emplace(read->aor, nullptr).first;
    found->second = std::make_unique<User>(*this, found->first);
  }
  User& entry = *found->second;
  Waiting waiting{ticket, *std::move(read), &handler};
  if (entry.pending) {
    if (entry.queue.size() >= settings_.waiting_per_aor_max || waiting_ >= settings_.waiting_max)
      return refused({.status = 503});
    ++waiting_;
    entry.queue.push_back(std::move(waiting));
    return std::nullopt;
  }
  auto answer = process(now, entry, waiting);
  settle(now, entry);
  return answer;
}

std::optional<RegisterAnswer> Registrar::process(Now now, User& user, Waiting& waiting) {
  if (remove_expired(now, user.bindings)) ++counters_.expired;
  auto change = apply(now, user.bindings, waiting.request, settings_.expiry);
  if (!change) return refused(change.error());
  if (!change->changed) return success(now, user.bindings);
  if (!change->only_extended) return commit(now, user, *std::move(change), waiting);
  user.bindings = std::move(change->bindings);
  if (now.monotonic - user.published >= user.published_life / 4) {
    publish_unasked(now, user, true);
  } else {
    ++counters_.refreshes_unpublished;
  }
  return success(now, user.bindings);
}

// §10.3 step 7: visible if and only if it is committed.
std::optional<RegisterAnswer> Registrar::commit(Now now, User& user, BindingChange change,
                                                Waiting& waiting) {
  const ports::RequestId id = next_id();
  const auto result = publish(now, user, change.bindings, false, id);
  if (!result) {
    publishing_.emplace(id, &user);
    ++waiting_;
    user.pending =
        std::make_unique<User::Pending>(User::Pending{id, std::move(change), std::move(waiting)});
    return std::nullopt;
  }
  if (!*result) {
    ++counters_.publish_failed;
    return refused({.status = status_of(result->error())});
  }
  user.bindings = std::move(change.bindings);
  return success(now, user.bindings);
}

std::optional<Expected<void>> Registrar::publish(Now now, User& user,
                                                 const std::vector<Binding>& bindings, bool lazy,
                                                 ports::RequestId id) {
  ++counters_.published;
  const std::uint32_t longest_s = seconds_left(now, last_expiry(bindings));
  user.published = now.monotonic;
  user.published_life = std::chrono::seconds(longest_s);
  return location_.update(now, id,
                          {.aor = user.aor,
                           .bindings = bindings,
                           .lifetime_s = longest_s + (longest_s + 3) / 4,
                           .lazy = lazy},
                          *this);
}

void Registrar::publish_unasked(Now now, User& user, bool lazy) {
  const auto result = publish(now, user, user.bindings, lazy, next_id());
  if (result && !*result) ++counters_.publish_failed;
}

void Registrar::on_updated(Now now, ports::RequestId id, const Expected<void>& result) {
  if (!result) ++counters_.publish_failed;
  const auto found = publishing_.find(id);
  if (found == publishing_.end()) return;
  User& user = *found->second;
  publishing_.erase(found);
  --waiting_;
  const std::unique_ptr<User::Pending> pending = std::move(user.pending);
  RegisterAnswer answer;
  if (result) {
    user.bindings = std::move(pending->change.bindings);
    answer = success(now, user.bindings);
  } else {
    answer = refused({.status = status_of(result.error())});
    // One of disk and overlay may have taken what the other has not: both are told again how things
    // stand.
    publish_unasked(now, user, false);
  }
  pending->waiting.handler->on_register_answer(now, pending->waiting.ticket, answer);
  run_waiting(now, user);
  settle(now, user);
}

void Registrar::on_located(Now, ports::RequestId, const Expected<Located>&) {
}

void Registrar::run_waiting(Now now, User& user) {
  while (!user.pending && !user.queue.empty()) {
    Waiting waiting = std::move(user.queue.front());
    user.queue.erase(user.queue.begin());
    --waiting_;
    RegistrarHandler* handler = waiting.handler;
    const RegisterTicket ticket = waiting.ticket;
    if (const auto answer = process(now, user, waiting))
      handler->on_register_answer(now, ticket, *answer);
  }
}

// After every change: the timer stands at the first expiry, and who has nothing is forgotten.
void Registrar::settle(Now, User& user) {
  if (!user.bindings.empty()) {
    timers_.arm(user.timer, first_expiry(user.bindings));
    return;
  }
  user.timer.cancel();
  if (!user.pending && user.queue.empty()) users_.erase(users_.find(user.aor));
}

void Registrar::expire(Now now, User& user) {
  if (remove_expired(now, user.bindings)) {
    ++counters_.expired;
    if (!user.pending) publish_unasked(now, user, false);
  }
  settle(now, user);
}

std::vector<Binding> Registrar::restore(Now now, const std::string& aor,
                                        std::vector<Binding> bindings) {
  remove_expired(now, bindings);
  std::erase_if(bindings, [](Binding& binding) {
    return binding.flow.transport != TransportKind::udp && !reconnect(binding);
  });
  if (bindings.size() > bindings_per_aor_max) bindings.resize(bindings_per_aor_max);
  if (bindings.empty() || users_.size() >= settings_.aors_max || users_.contains(aor)) return {};
  const auto entry = users_.emplace(aor, nullptr).first;
  entry->second = std::make_unique<User>(*this, entry->first);
  entry->second->bindings = bindings;
  settle(now, *entry->second);
  return bindings;
}

void Registrar::flow_failed(Now now, const Flow& flow) {
  for (auto at = users_.begin(); at != users_.end();) {
    User& user = *at++->second;  // settle may erase it
    const auto gone = std::erase_if(user.bindings, [&](Binding& binding) {
      return binding.flow == flow && !reconnect(binding);
    });
    if (gone == 0) continue;
    if (!user.pending) publish_unasked(now, user, false);
    settle(now, user);
  }
}

void Registrar::contacts_of(Now now, std::string_view aor, std::vector<Target>& contacts) const {
  const auto found = users_.find(aor);
  if (found == users_.end()) return;
  const std::size_t first = contacts.size();
  for (const Binding& binding : found->second->bindings) {
    if (binding.expires <= now.monotonic) continue;
    contacts.emplace_back(LocalContact{binding.uri, binding.flow, binding.path,
                                       binding.q_thousandths, binding.instance});
  }
  std::stable_sort(contacts.begin() + static_cast<std::ptrdiff_t>(first), contacts.end(),
                   [](const Target& a, const Target& b) {
                     return std::get<LocalContact>(a).q_thousandths >
                            std::get<LocalContact>(b).q_thousandths;
                   });
}

void Registrar::bindings_of(Now now, std::string_view aor, std::vector<Binding>& bindings) const {
  const auto found = users_.find(aor);
  if (found == users_.end()) return;
  for (const Binding& binding : found->second->bindings) {
    if (binding.expires > now.monotonic) bindings.push_back(binding);
  }
}

RegisterAnswer Registrar::success(Now now, const std::vector<Binding>& bindings) {
  const std::int64_t second =
      std::chrono::floor<std::chrono::seconds>(now.wall).time_since_epoch().count();
  if (second != date_s_) {
    date_s_ = second;
    date_ = date_value(now.wall);
  }
  RegisterAnswer answer{.status = 200, .date = date_};
  for (const Binding& binding : bindings) {
    if (binding.expires > now.monotonic) answer.contacts.push_back(contact_value(now, binding));
  }
  return answer;
}

RegisterAnswer Registrar::refused(const RegisterRefusal& refusal) {
  ++counters_.refused;
  RegisterAnswer answer{.status = refusal.status,
                        .unsupported = refusal.unsupported,
                        .min_expires_s = refusal.min_expires_s};
  if (refusal.status >= 500) answer.retry_after_s = retry_after_s;
  return answer;
}

void Registrar::list_aors(std::vector<std::string>& aors) const {
  for (const auto& [aor, user] : users_)
    aors.push_back(aor);
}

std::size_t Registrar::bindings() const {
  std::size_t count = 0;
  for (const auto& [aor, user] : users_)
    count += user->bindings.size();
  return count;
}

void Registrar::visit(CounterVisitor& visitor) const {
  visitor.counter("registrar_registers", counters_.registers);
  visitor.counter("registrar_refused", counters_.refused);
  visitor.counter("registrar_refreshes_unpublished", counters_.refreshes_unpublished);
  visitor.counter("registrar_published", counters_.published);
  visitor.counter("registrar_publish_failed", counters_.publish_failed);
  visitor.counter("registrar_bindings_expired", counters_.expired);
  visitor.gauge("registrar_users", users_.size());
  visitor.gauge("registrar_waiting", waiting_);
}

}  // namespace chordial::sip
