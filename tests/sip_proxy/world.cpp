#include "sip_proxy/world.h"

#include "sip_proxy/phone.h"

namespace chordial::sip::test {

Node::Node(World& w, unsigned number, const std::string& at, const std::string& its_domain,
           std::vector<std::string> aliases, std::vector<IpAddress> trusted)
    : world(w),
      id{{0, number}},
      address(*SocketAddress::parse(at)),
      names(its_domain, id, std::move(aliases), {address}),
      rng(number, 77),
      authenticator({.realm = its_domain}, rng),
      registrar({}, names, *this, w.timers),
      proxy({.trusted_addresses = std::move(trusted),
             .flow_token_key_low = number,
             .flow_token_key_high = 5},
            {names, authenticator, *this, *this, registrar, *this, *this, registrar, w.timers,
             w.log}),
      transactions(*this, w.timers, rng, proxy, w.times) {
  proxy.attach(transactions);
}

Expected<void> Node::send(Now, const Flow& flow, ByteView bytes, TransactionId) {
  const std::string text(as_text(bytes));
  if (flow.addressed()) {
    sent.push_back(text);
    for (const auto& phone : world.phones) {
      if (phone->address == flow.remote)
        world.later([&phone = *phone, text] { phone.receive(text); });
    }
    return {};
  }
  if (cut_off) return failure(ErrorKind::unavailable, "tunnel", "cut off");
  tunnelled.push_back(text);
  for (const auto& node : world.nodes) {
    if (node->id != flow.node) continue;
    world.later([&node = *node, text, from = Flow::to_node(flow.transport, id)] {
      (void)node.transactions.handle_message(node.world.now, from, as_bytes(text));
    });
  }
  return {};
}

std::optional<Expected<Located>> Node::lookup(Now now, ports::RequestId request,
                                              const LookupQuery& query, LocationHandler& handler) {
  ++lookups;
  Expected<Located> answer = Located{};
  registrar.contacts_of(now, query.aor, answer->targets);
  const auto forward = world.directory.forwards.find(query.aor);
  if (forward != world.directory.forwards.end()) answer->forward_to = forward->second;
  const auto at = world.directory.nodes.find(query.aor);
  if (!query.local_only && at != world.directory.nodes.end()) {
    for (const NodeId& node : at->second) {
      if (node != id) answer->targets.emplace_back(RemoteNode{node});
    }
  }
  if (answer->targets.empty() && answer->forward_to.empty())
    answer = failure(ErrorKind::not_found, "aor", "nobody");
  if (silent) return std::nullopt;
  if (!slow) return answer;
  world.later(
      [this, request, answer, &handler] { handler.on_located(world.now, request, answer); });
  return std::nullopt;
}

std::optional<Expected<void>> Node::update(Now, ports::RequestId request,
                                           const LocationUpdate& update, LocationHandler& handler) {
  ++updates;
  auto& at = world.directory.nodes[std::string(update.aor)];
  if (update.bindings.empty()) {
    at.erase(id);
  } else {
    at.insert(id);
  }
  if (silent) return std::nullopt;
  if (!slow) return Expected<void>{};
  world.later([this, request, &handler] { handler.on_updated(world.now, request, {}); });
  return std::nullopt;
}

std::optional<Expected<Credential>> Node::credential(Now, ports::RequestId request,
                                                     const CredentialQuery& query,
                                                     CredentialHandler& handler) {
  Expected<Credential> answer = failure(ErrorKind::not_found, "username", "no such user");
  const auto known = world.passwords.find(query.username);
  if (known != world.passwords.end()) {
    answer = Credential{digest_ha1(query.algorithm, query.username, query.realm, known->second),
                        query.username + "@" + domain};
  }
  if (silent) return std::nullopt;
  if (!slow) return answer;
  world.later(
      [this, request, answer, &handler] { handler.on_credential(world.now, request, answer); });
  return std::nullopt;
}

// A user may be spoken for by the nodes he registered at; as certificates would say it.
Expected<void> Node::admit(Now, const Message&, const Flow& flow, std::string_view from) const {
  const auto at = world.directory.nodes.find(from);
  if (at != world.directory.nodes.end() && at->second.contains(flow.node)) return {};
  return failure(ErrorKind::forbidden, "From", "no certificate for this user and node");
}

World::World() = default;

World::~World() {
  queue.clear();
  phones.clear();
  nodes.clear();
}

Node& World::add_node(const std::string& address) {
  nodes.push_back(std::make_unique<Node>(*this, static_cast<unsigned>(nodes.size() + 1), address));
  return *nodes.back();
}

Phone& World::add_phone(const std::string& user, Node& node, const std::string& address) {
  passwords.emplace(user, "pw-" + user);
  phones.push_back(std::make_unique<Phone>(*this, node, user, "pw-" + user, address));
  return *phones.back();
}

void World::pump() {
  timers.run(now);
  while (!queue.empty()) {
    const auto call = std::move(queue.front());
    queue.pop_front();
    call();
    timers.run(now);
  }
}

void World::pass(Duration time) {
  const MonotonicTime end = now.monotonic + time;
  while (now.monotonic < end) {
    const Duration step = std::min<Duration>(std::chrono::milliseconds(100), end - now.monotonic);
    now.monotonic += step;
    now.wall += std::chrono::duration_cast<std::chrono::milliseconds>(step);
    pump();
  }
}

}  // namespace chordial::sip::test
