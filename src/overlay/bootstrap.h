// Finding the overlay (RFC 6940 §11.4, §10.7.4.4): at the start, after every other member is lost,
// and now and then to see whether the ring has come apart. A contact is a link to a known address
// over which a wildcard Probe has been answered by a member, one that is responsible for something;
// what to do with it is the plugin's to say.
#pragma once

#include <optional>
#include <vector>

#include "link/link_layer.h"
#include "transport/transport.h"

namespace chordial::overlay {

class Core;

// How the search for the overlay goes, and how it ended.
struct BootstrapState {
  std::vector<SocketAddress> addresses;  // tried in turn
  // The one by which this node came in last; nothing: it founded the overlay, or was found.
  std::optional<SocketAddress> entry;
  std::optional<SocketAddress> failed;  // the latest attempt that came to nothing
  Error why;                            // of that
};

class Bootstrap {
 public:
  // Between one address and the next, within a round.
  static constexpr Duration attempt_interval{2'000'000};
  static constexpr Duration handshake_limit{8'000'000};
  // Between rounds: doubling, jittered so that a crowd that lost the overlay at once does not come
  // back at once.
  static constexpr Duration round_interval_first{4'000'000};
  static constexpr Duration round_interval_max{60'000'000};
  // How often a client makes sure that it is linked with the right peer (§4.2.1).
  static constexpr Duration client_check_interval{600'000'000};

  Bootstrap(Core& core, std::vector<SocketAddress> addresses);

  void start(Now now);
  void stop();
  void set_addresses(Now now, std::vector<SocketAddress> addresses);
  // A link to a member came about by other means.
  void join_through(Now now, const NodeId& member);

  [[nodiscard]] bool connecting(link::LinkId link) const;
  void on_link_up(Now now, link::LinkId link, const NodeId& node);
  void on_handshake_failed(Now now, link::LinkId link, const Error& why);
  // The peer that should have admitted this one has not.
  void on_join_failed(const NodeId& admitting, const Error& why);
  void on_link_lost(Now now, const NodeId& node);
  // Null: no answer.
  void on_first_contact(Now now, std::uint64_t reference, const transport::Answer* answer);
  void on_client_attached(Now now, const NodeId* linked);
  // The peer a client is linked with has a new view of the overlay.
  void on_client_updated(Now now);
  // The plugin's phase has changed.
  void on_phase(Now now);

  void on_timer(Now now);
  [[nodiscard]] MonotonicTime next_timer() const;

  // A client's peer; nothing before it is found.
  [[nodiscard]] std::optional<NodeId> client_peer() const { return client_peer_; }
  [[nodiscard]] bool trying() const { return !attempts_.empty() || !contacts_.empty(); }
  [[nodiscard]] bool uses(const NodeId& node) const;
  [[nodiscard]] BootstrapState state() const { return {addresses_, entry_, failed_, why_}; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  struct Attempt {
    link::LinkId link;
    SocketAddress address;
    MonotonicTime deadline;
  };
  struct Contact {
    std::uint64_t reference;
    NodeId node;
  };
  // Why another contact is wanted.
  enum class Need : std::uint8_t {
    none,
    member,  // this node is no member
    merge,   // it is a member of an overlay of itself alone
    check,   // has the ring come apart?
  };

  [[nodiscard]] Need need() const;
  void act(Now now);
  // One more address. False when the round has no more.
  bool try_next(Now now);
  bool try_address(Now now, const SocketAddress& address);
  void end_round(Now now);
  void ask(Now now, const NodeId& node);
  void contacted(Now now, const NodeId& node);
  [[nodiscard]] SocketAddress address_of(const NodeId& node) const;
  void note_failed(const SocketAddress& address, const Error& why);
  [[nodiscard]] Duration jittered(Duration around) const;
  [[nodiscard]] Duration check_interval() const;

  Core& core_;
  std::vector<SocketAddress> addresses_;
  std::vector<Attempt> attempts_;
  std::vector<Contact> contacts_;
  std::optional<NodeId> client_peer_;
  std::optional<SocketAddress> entry_;
  std::optional<SocketAddress> failed_;
  Error why_;
  MonotonicTime deadline_ = never;
  std::uint16_t offset_ = 0;  // where the round began
  std::uint16_t tried_ = 0;   // addresses of this round
  std::uint8_t round_ = 0;    // without a contact
  bool client_attaching_ = false;
};

}  // namespace chordial::overlay
