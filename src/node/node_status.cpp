// Node's answers about itself (node_status.h).
#include <algorithm>

#include "node/node.h"
#include "overlay/bootstrap.h"
#include "sip/registrar/binding_set.h"

namespace chordial::node {

namespace {

// As the contract names the states of a node.
const char* state_name(overlay::Phase phase) {
  if (phase == overlay::Phase::stopped) phase = overlay::Phase::isolated;
  if (phase == overlay::Phase::leaving) phase = overlay::Phase::joining;
  return overlay::phase_name(phase);
}

// The same counters of the application socket under names of their own.
class ApplicationLinks final : public CounterVisitor {
 public:
  explicit ApplicationLinks(CounterVisitor& visitor) : visitor_(visitor) {}
  void counter(const char* name, std::uint64_t value) override {
    visitor_.counter(named(name).c_str(), value);
  }
  void gauge(const char* name, std::uint64_t value) override {
    visitor_.gauge(named(name).c_str(), value);
  }

 private:
  static std::string named(const char* name) { return std::string("application_") + name; }

  CounterVisitor& visitor_;
};

constexpr std::size_t addresses_named_max = 8;

// "tried 192.0.2.7:6084, 192.0.2.8:6084; 192.0.2.8:6084: nobody answers there"
std::string search_text(const BootstrapStatus& bootstrap) {
  if (bootstrap.addresses.empty()) return "no bootstrap address is known";
  std::string text = "tried ";
  for (std::size_t i = 0; i < bootstrap.addresses.size() && i < addresses_named_max; ++i)
    text += (i == 0 ? "" : ", ") + bootstrap.addresses[i].text();
  if (bootstrap.addresses.size() > addresses_named_max) text += " and others";
  if (bootstrap.failed) text += "; " + bootstrap.failed->text() + ": " + bootstrap.why;
  return text;
}

void add_problems(NodeStatus& status, overlay::Phase phase, std::size_t without_certificate) {
  if (phase == overlay::Phase::isolated) {
    status.problems.push_back(
        {"isolated", "no other node of the overlay is in reach: " + search_text(status.bootstrap),
         "check the network and the bootstrap addresses; phones of this node "
         "can still call each other"});
  }
  if (phase == overlay::Phase::joining) {
    status.problems.push_back(
        {"joining",
         "this node is not a member of the overlay yet: " + search_text(status.bootstrap),
         "wait a few seconds; if it stays, see whether a node runs at these addresses and whether "
         "UDP gets through to it"});
  }
  if (without_certificate > 0) {
    status.problems.push_back(
        {"users-without-certificate",
         std::to_string(without_certificate) +
             " registered users have no certificate for this node",
         "run `chordial user add` with this node in --nodes and join again: until "
         "then other nodes cannot find them"});
  }
}

}  // namespace

NodeStatus Node::status() const {
  NodeStatus status;
  const overlay::SharedContext& context = peer_.context();
  const overlay::Phase phase = peer_.phase();
  status.overlay = context.overlay_name;
  status.node_id = peer_.self();
  status.role = peer_.role() == overlay::Role::client ? "client" : "peer";
  status.algorithm = context.topology_plugin;
  status.state = state_name(phase);
  status.names_proven = environment_.names_proven;
  status.document_sequence = context.sequence;
  if (const topology::Plugin* plugin = peer_.topology()) {
    status.overlay_size_estimate = plugin->overlay_size_estimate();
    plugin->successors(status.successors);
    plugin->predecessors(status.predecessors);
    plugin->fingers(status.fingers);
  }
  std::vector<overlay::LinkState> links;
  peer_.links(links);
  for (const overlay::LinkState& link : links) {
    status.links.push_back({link.node, link.info.remote, link.info.security, link.client,
                            static_cast<double>(link.info.rtt_us) / 1000.0, link.info.last_heard});
  }
  const overlay::Sizes sizes = peer_.sizes();
  status.storage_resources = sizes.resources;
  status.storage_bytes = sizes.stored_bytes;
  status.registrations_local = sip_->registrar().aors();
  status.registrations_stored = usage_.published();
  status.bootstrap = bootstrap_status(phase);
  std::vector<std::string> aors;
  sip_->registrar().list_aors(aors);
  std::size_t without_certificate = 0;
  for (const std::string& aor : aors) {
    if (environment_.users.signer_of(aor) == nullptr) ++without_certificate;
  }
  add_problems(status, phase, without_certificate);
  if (unwritten_) {
    status.problems.push_back(
        {"state-not-written",
         std::string("what must survive a restart cannot be written: ") + unwritten_->reason,
         "free space in the state folder and see that this node may write there; until then it "
         "takes no new registrations"});
  }
  return status;
}

// Every address in use is either configured or remembered.
BootstrapStatus Node::bootstrap_status(overlay::Phase phase) const {
  overlay::BootstrapState state = peer_.bootstrap_state();
  BootstrapStatus status;
  status.addresses = std::move(state.addresses);
  status.failed = state.failed;
  status.why = state.why.reason;
  const bool member = phase == overlay::Phase::ring || phase == overlay::Phase::mesh;
  if (!member) return status;
  if (!state.entry) {
    status.method = config_.first ? "first" : "contacted";
    return status;
  }
  const bool configured = std::find(config_.bootstrap.begin(), config_.bootstrap.end(),
                                    *state.entry) != config_.bootstrap.end();
  status.method = configured ? "configured" : "remembered";
  status.address = state.entry->text();
  return status;
}

void Node::registrations(
    Now now, std::vector<std::pair<std::string, std::vector<sip::Target>>>& users) const {
  std::vector<std::string> aors;
  sip_->registrar().list_aors(aors);
  for (std::string& aor : aors) {
    std::vector<sip::Target> contacts;
    sip_->registrar().contacts_of(now, aor, contacts);
    users.emplace_back(std::move(aor), std::move(contacts));
  }
}

std::vector<UserStatus> Node::users(Now now, std::size_t users_max) const {
  std::vector<std::string> aors;
  sip_->registrar().list_aors(aors);
  std::vector<UserStatus> users;
  for (std::string& aor : aors) {
    if (users.size() == users_max) break;
    std::vector<sip::Binding> bindings;
    sip_->registrar().bindings_of(now, aor, bindings);
    UserStatus user{std::move(aor), {}};
    for (const sip::Binding& binding : bindings) {
      user.phones.push_back(
          {binding.uri, binding.flow.text(), sip::seconds_left(now, binding.expires)});
    }
    users.push_back(std::move(user));
  }
  return users;
}

void Node::count(CounterVisitor& visitor) const {
  outbox_.count(visitor);
  wire_links_.count(visitor);
  ApplicationLinks application(visitor);
  application_links_.count(application);
  peer_.count(visitor);
  usage_.count(visitor);
  sip_->count(visitor);
}

}  // namespace chordial::node
