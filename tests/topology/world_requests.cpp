// How the world carries out intents: routing, requests and their answers.
#include <algorithm>

#include "topology/world.h"

namespace chordial::topology {

Duration World::latency() {
  const auto spread =
      static_cast<std::uint64_t>((options_.latency_max - options_.latency_min).count() + 1);
  return options_.latency_min + Duration(static_cast<Duration::rep>(rng_.below(spread)));
}

bool World::lost() {
  return options_.loss > 0 && rng_.fraction() < options_.loss;
}

void World::carry_out(const NodeId& id, Intents& intents) {
  for (const AttachIntent& intent : intents.attach)
    attach(id, intent);
  for (const UpdateIntent& intent : intents.update) {
    request(
        id, intent.to,
        [this, id, data = intent.overlay_specific_data](chord::Chord& plugin, Intents& more) {
          static_cast<void>(plugin.on_update(now_, id, data, more));
        },
        [this, to = intent.to](chord::Chord& plugin, Intents& more, bool answered) {
          plugin.on_update_answered(now_, to, answered, more);
        });
  }
  for (const JoinIntent& intent : intents.join)
    join_request(id, intent);
  for (const LeaveIntent& intent : intents.leave) {
    request(
        id, intent.to,
        [this, id, data = intent.overlay_specific_data](chord::Chord& plugin, Intents& more) {
          static_cast<void>(plugin.on_leave(now_, id, data, more));
        },
        [](chord::Chord&, Intents&, bool) {});
  }
  for (const RouteQueryIntent& intent : intents.route_query)
    route_query(id, intent);
  for (const PingIntent& intent : intents.ping)
    ping(id, intent);
  for (const CloseIntent& intent : intents.close) {
    nodes_[id].links.erase(intent.node);
    notice_loss(intent.node, id, latency());
  }
}

std::optional<World::Route> World::route(const NodeId& from, RingPosition position) const {
  constexpr unsigned ttl = 100;
  NodeId at = from;
  for (unsigned hops = 0; hops <= ttl; ++hops) {
    const NextHop next = plugin(at)->next_hop(position);
    if (next.kind == NextHop::Kind::self) return Route{at, hops};
    if (next.kind == NextHop::Kind::none || !linked(at, next.node)) return std::nullopt;
    at = next.node;
  }
  return std::nullopt;
}

void World::attach(const NodeId& id, const AttachIntent& intent) {
  ++messages_;
  std::optional<Route> found;
  if (!intent.via || linked(id, *intent.via)) {
    found = route(intent.via.value_or(id), intent.position);
  }
  // Named, it must be that very node; and nobody attaches to itself.
  const bool wrong = found && (found->responder == id ||
                               (intent.node.has_value() && found->responder != *intent.node));
  if (!found || wrong || lost()) {
    schedule_at(id, options_.timeout, [this, intent](chord::Chord& plugin, Intents& more) {
      plugin.on_attach_failed(now_, intent, more);
    });
    return;
  }
  const NodeId peer = found->responder;
  schedule_at(id, static_cast<int>(found->hops + 4) * latency(),
              [this, id, peer, intent](chord::Chord& plugin, Intents& more) {
                if (find(peer) == nullptr || side_.contains(id) != side_.contains(peer)) {
                  plugin.on_attach_failed(now_, intent, more);
                  return;
                }
                schedule({}, [this, id, peer, intent] {
                  connect(id, peer);
                  if (!intent.send_update || !linked(id, peer)) return;
                  call(peer, [this, id](chord::Chord& other, Intents& its) {
                    other.on_update_requested(now_, id, its);
                  });
                });
              });
}

void World::request(const NodeId& from, const NodeId& to, const Call& at_receiver,
                    const std::function<void(chord::Chord&, Intents&, bool)>& at_sender) {
  ++messages_;
  const bool request_lost = !linked(from, to) || lost();
  const bool answer_lost = request_lost || lost();
  const Duration there = latency();
  const Duration back = latency();
  if (!request_lost) {
    schedule_at(to, there, [this, from, to, at_receiver](chord::Chord& plugin, Intents& more) {
      if (nodes_[to].links.contains(from)) at_receiver(plugin, more);
    });
  }
  schedule_at(from, answer_lost ? options_.timeout : there + back,
              [this, to, answer_lost, at_sender](chord::Chord& plugin, Intents& more) {
                at_sender(plugin, more, !answer_lost && find(to) != nullptr);
              });
}

void World::join_request(const NodeId& id, const JoinIntent& intent) {
  const auto accepted = std::make_shared<bool>(false);
  request(
      id, intent.to,
      [this, id, to = intent.to, accepted](chord::Chord& plugin, Intents& more) {
        *accepted = plugin.on_join(now_, id, {}, more).has_value();
        if (!*accepted) return;
        schedule_at(to, std::chrono::milliseconds(20 + rng_.below(200)),
                    [this, id](chord::Chord& peer, Intents& its) {
                      peer.on_join_transferred(now_, id, its);
                    });
      },
      [this, to = intent.to, accepted](chord::Chord& plugin, Intents& more, bool answered) {
        plugin.on_join_answered(now_, to, answered && *accepted, {}, more);
      });
}

void World::route_query(const NodeId& id, const RouteQueryIntent& intent) {
  const auto answer = std::make_shared<Expected<Bytes>>(Bytes{});
  request(
      id, intent.to,
      [this, id, intent, answer](chord::Chord& plugin, Intents& more) {
        *answer = plugin.on_route_query(now_, id, intent.destination, {});
        if (intent.send_update) plugin.on_update_requested(now_, id, more);
      },
      [this, intent, answer](chord::Chord& plugin, Intents& more, bool answered) {
        const bool good = answered && answer->has_value();
        plugin.on_route_query_answered(now_, intent, good, good ? ByteView(**answer) : ByteView{},
                                       more);
      });
}

void World::ping(const NodeId& id, const PingIntent& intent) {
  ++messages_;
  std::optional<Route> found;
  if (!intent.via || linked(id, *intent.via)) {
    found = route(intent.via.value_or(id), intent.position);
  }
  if (lost()) found.reset();
  const Duration delay = found ? static_cast<int>(found->hops + 1) * latency() : options_.timeout;
  schedule_at(id, delay, [this, intent, found](chord::Chord& plugin, Intents& more) {
    plugin.on_ping_answered(now_, intent,
                            found ? std::optional<NodeId>(found->responder) : std::nullopt, more);
  });
}

}  // namespace chordial::topology
