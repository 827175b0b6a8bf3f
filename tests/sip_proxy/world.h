// Nodes and phones in one process: real transaction layers, registrars and proxies; virtual time;
// datagrams and tunnel messages in one queue. The tunnel and the directory behind LocationService
// are the smallest things that can stand for an overlay.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sip/proxy/proxy.h"

namespace chordial::sip::test {

inline constexpr const char* domain = "dht.example";

class World;
class Phone;

// Which nodes a user has phones at, and what goes wrong.
struct Directory {
  std::map<std::string, std::set<NodeId>, std::less<>> nodes;
  std::map<std::string, std::string, std::less<>> forwards;
};

class Node final : public Sender,
                   public LocationService,
                   public CredentialStore,
                   public AdmissionPolicy,
                   public NodeFlows {
 public:
  Node(World& world, unsigned number, const std::string& address,
       const std::string& its_domain = domain, std::vector<std::string> aliases = {"sip.example"},
       std::vector<IpAddress> trusted = {});

  Expected<void> send(Now now, const Flow& flow, ByteView bytes, TransactionId of) override;
  std::optional<Expected<Located>> lookup(Now now, ports::RequestId id, const LookupQuery& query,
                                          LocationHandler& handler) override;
  std::optional<Expected<void>> update(Now now, ports::RequestId id, const LocationUpdate& update,
                                       LocationHandler& handler) override;
  std::optional<Expected<Credential>> credential(Now now, ports::RequestId id,
                                                 const CredentialQuery& query,
                                                 CredentialHandler& handler) override;
  Expected<void> admit(Now now, const Message& request, const Flow& flow,
                       std::string_view from_aor) const override;

  World& world;
  const NodeId id;
  const SocketAddress address;
  OwnNames names;
  Rng rng;
  Authenticator authenticator;
  Registrar registrar;
  Proxy proxy;
  TransactionLayer transactions;

  bool slow = false;                   // answers come later
  bool silent = false;                 // answers never come
  bool cut_off = false;                // nothing can be sent to other nodes
  std::vector<std::string> tunnelled;  // every message sent to another node
  std::vector<std::string> sent;       // every message sent to an address
  unsigned lookups = 0;
  unsigned updates = 0;
};

class World {
 public:
  World();
  ~World();

  Node& add_node(const std::string& address);
  Phone& add_phone(const std::string& user, Node& node, const std::string& address);

  // Delivers until nothing is under way.
  void pump();
  // Lets time pass in small steps, delivering.
  void pass(Duration time);
  void later(std::function<void()> call) { queue.push_back(std::move(call)); }

  Now now{MonotonicTime(std::chrono::hours(1)), WallTime(std::chrono::hours(24 * 365 * 50))};
  TransactionTimers times;
  TimerQueue timers{now.monotonic};
  SilentLog log;
  Directory directory;
  std::map<std::string, std::string> passwords;  // user part → password
  std::deque<std::function<void()>> queue;
  std::vector<std::unique_ptr<Phone>> phones;
  std::vector<std::unique_ptr<Node>> nodes;
};

}  // namespace chordial::sip::test
