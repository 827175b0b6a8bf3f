// The registrar of one domain at one node (RFC 3261 §10): keeps the bindings of the phones that
// register here and tells the LocationService. Who the phone is has been proven before; what a
// transaction is, this does not know.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/counters.h"
#include "base/timer_queue.h"
#include "sip/location/location_service.h"
#include "sip/registrar/binding_set.h"

namespace chordial::sip {

struct RegistrarSettings {
  ExpiryRules expiry{};
  std::size_t aors_max = 65536;         // users with phones here; one more is answered 503
  std::size_t waiting_per_aor_max = 8;  // REGISTERs of one user that wait for one before them
  std::size_t waiting_max = 4096;       // and of all users together
};

struct RegisterAnswer {
  std::uint16_t status = 500;
  std::vector<std::string> contacts{};  // Contact values of a 200
  std::string date{};                   // of a 200
  std::string unsupported{};            // of a 420
  std::uint32_t min_expires_s = 0;      // of a 423
  std::uint32_t retry_after_s = 0;      // of a 500 or 503; 0: none
};

// Names one REGISTER between the registrar and its caller, who chooses it.
using RegisterTicket = std::uint64_t;

class RegistrarHandler {
 public:
  virtual void on_register_answer(Now now, RegisterTicket ticket, const RegisterAnswer& answer) = 0;

 protected:
  ~RegistrarHandler() = default;
};

class Registrar final : public LocalBindings, public LocationHandler {
 public:
  // All references outlive the registrar.
  Registrar(const RegistrarSettings& settings, const OwnNames& names, LocationService& location,
            TimerQueue& timers);
  ~Registrar();

  // A REGISTER of `user` (canonical AOR, proven), received over `flow`. Answers at once or, once,
  // through `handler` and never during this call. `handler` outlives the registrar.
  [[nodiscard]] std::optional<RegisterAnswer> handle(Now now, RegisterTicket ticket,
                                                     const Message& request, const Flow& flow,
                                                     std::string_view user,
                                                     RegistrarHandler& handler);
  // Bindings kept over a restart, whose connections are gone. Returns those that live on, for their
  // owner to publish; left out are expired ones, those above the limits, and phones that cannot be
  // called back (flow_failed).
  std::vector<Binding> restore(Now now, const std::string& aor, std::vector<Binding> bindings);
  // The connection to these phones is gone: who can be called back at the address of its Contact is
  // left to that (with a flow whose stream is 0), the bindings of the others are taken out.
  void flow_failed(Now now, const Flow& flow);

  void contacts_of(Now now, std::string_view aor, std::vector<Target>& contacts) const override;
  // A user's bindings that have not expired, for status.
  void bindings_of(Now now, std::string_view aor, std::vector<Binding>& bindings) const;
  // Users with at least one binding, and all their bindings.
  [[nodiscard]] std::size_t aors() const { return users_.size(); }
  [[nodiscard]] std::size_t bindings() const;
  // Their names in order.
  void list_aors(std::vector<std::string>& aors) const;
  void visit(CounterVisitor& visitor) const;

  void on_located(Now now, ports::RequestId id, const Expected<Located>& result) override;
  void on_updated(Now now, ports::RequestId id, const Expected<void>& result) override;

 private:
  class User;
  struct Waiting {
    RegisterTicket ticket;
    RegisterRequest request;
    RegistrarHandler* handler;
  };
  struct Counters {
    std::uint64_t registers = 0, refreshes_unpublished = 0, published = 0, publish_failed = 0;
    std::uint64_t refused = 0, expired = 0;
  };

  std::optional<RegisterAnswer> process(Now now, User& user, Waiting& waiting);
  std::optional<RegisterAnswer> commit(Now now, User& user, BindingChange change, Waiting& waiting);
  std::optional<Expected<void>> publish(Now now, User& user, const std::vector<Binding>& bindings,
                                        bool lazy, ports::RequestId id);
  void publish_unasked(Now now, User& user, bool lazy);
  [[nodiscard]] RegisterAnswer success(Now now, const std::vector<Binding>& bindings);
  [[nodiscard]] RegisterAnswer refused(const RegisterRefusal& refusal);
  void expire(Now now, User& user);
  void settle(Now now, User& user);
  void run_waiting(Now now, User& user);
  ports::RequestId next_id() { return ports::RequestId{++last_id_}; }

  const RegistrarSettings settings_;
  const OwnNames& names_;
  LocationService& location_;
  TimerQueue& timers_;
  std::map<std::string, std::unique_ptr<User>, std::less<>> users_;
  std::map<ports::RequestId, User*> publishing_;  // REGISTERs that wait for their commit
  std::size_t waiting_ = 0;
  std::uint64_t last_id_ = 0;
  std::int64_t date_s_ = -1;  // of date_: written once a second, however many ask
  std::string date_;
  Counters counters_;
};

}  // namespace chordial::sip
