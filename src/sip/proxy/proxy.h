// The proxy of one node: stateful, record-routing, forking (RFC 3261 §16 with RFC 3581, RFC 5393,
// RFC 6026); the first user of the transaction layer. Phones are on one side and on the other;
// between them there may be other nodes, of which it knows a Node-ID and a flow and nothing more.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/log.h"
#include "sip/proxy/admission_policy.h"
#include "sip/proxy/forwarding.h"
#include "sip/proxy/processor.h"
#include "sip/proxy/request_context.h"
#include "sip/proxy/settings.h"
#include "sip/transaction/transaction_layer.h"

namespace chordial::sip {

// Everything outlives the proxy.
struct ProxyEnvironment {
  const OwnNames& names;
  Authenticator& authenticator;
  CredentialStore& credentials;
  LocationService& location;
  const LocalBindings& bindings;
  const NodeFlows& nodes;
  const AdmissionPolicy& admission;
  Registrar& registrar;
  TimerQueue& timers;
  Log& log;
  // Gets requests to this node itself, already admitted, with their transactions; may be null, then
  // they are answered 404.
  TransactionUser* own_requests = nullptr;
};

class Proxy final : public TransactionUser,
                    public LocationHandler,
                    public CredentialHandler,
                    public RegistrarHandler {
 public:
  Proxy(const ProxySettings& settings, const ProxyEnvironment& environment);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // The node goes: requests without a final answer are answered 503 and their branches cancelled,
  // and so is what comes outside of dialogs from now on.
  void leave(Now now);

  // Caller's duty: once, before the first message. `transactions` outlives the proxy, whose
  // first_user this is.
  void attach(TransactionLayer& transactions) { transactions_ = &transactions; }

  // TransactionUser
  void on_request(Now now, TransactionId id, const Message& request, const Flow& flow) override;
  void on_ack(Now now, TransactionId id, std::uint64_t context, const Message& ack,
              const Flow& flow) override;
  void on_response(Now now, TransactionId id, std::uint64_t context, const Message& response,
                   const Flow& flow) override;
  void on_timeout(Now now, TransactionId id, std::uint64_t context) override;
  void on_transport_error(Now now, TransactionId id, std::uint64_t context,
                          const Error& error) override;
  void on_terminated(Now now, TransactionId id, std::uint64_t context) override;

  // Answers from outside
  void on_located(Now now, ports::RequestId id, const Expected<Located>& result) override;
  void on_updated(Now now, ports::RequestId id, const Expected<void>& result) override;
  void on_credential(Now now, ports::RequestId id, Expected<Credential> result) override;
  void on_register_answer(Now now, RegisterTicket ticket, const RegisterAnswer& answer) override;

  [[nodiscard]] std::size_t contexts() const { return contexts_.size(); }
  void visit(CounterVisitor& visitor) const;

  // For the processors and the contexts.
  using Headers = std::vector<std::pair<HeaderName, std::string>>;
  [[nodiscard]] const ProxySettings& settings() const { return settings_; }
  [[nodiscard]] const ProxyEnvironment& environment() const { return environment_; }
  [[nodiscard]] TransactionLayer& transactions() const { return *transactions_; }
  [[nodiscard]] const FlowTokens& tokens() const { return tokens_; }
  [[nodiscard]] std::string mark_of(const Message& request) const {
    return loop_mark(request, settings_.flow_token_key_low, ~settings_.flow_token_key_high);
  }
  // A final response of our own. The context may be gone afterwards only through finish().
  void answer(Now now, RequestContext& context, std::uint16_t status, const Headers& headers = {});
  // The phone of this request is `user`, or a party of a dialog (empty). False: he has too many
  // requests under way, and this one has been answered.
  bool identify(Now now, RequestContext& context, std::string user);
  // Numbers a question; and, if it was not answered at once, has the answer brought to `context`,
  // whose step is then run again.
  [[nodiscard]] ports::RequestId next_question() { return ports::RequestId{++last_question_}; }
  void expect_answer(ports::RequestId id, const RequestContext& context);
  void context_timer(Now now, RequestContext& context);
  // Turns an answer of the location service into hops, or follows its forwarding.
  Verdict use_located(Now now, RequestContext& context);
  // Asks where `request_uri`, a user of the domain, is.
  Verdict locate(Now now, RequestContext& context, std::string request_uri);

 private:
  struct Counters {
    std::uint64_t requests = 0, forwarded = 0, branches = 0, cancels = 0, acks = 0,
                  acks_dropped = 0;
    std::uint64_t challenged = 0, refused = 0, refused_full = 0, refused_user_full = 0,
                  branches_refused = 0, timer_c = 0, strays = 0;
  };

  RequestContext* find(std::uint64_t server);
  void run(Now now, RequestContext& context);
  // Whether the credentials of an ACK that shows no token are those of its INVITE.
  [[nodiscard]] bool has_credentials(Now now, const Message& ack, const Flow& flow,
                                     std::string_view from);
  void receive_cancel(Now now, TransactionId id, const Message& cancel, const Flow& flow);
  void cancel_branches(Now now, RequestContext& context, std::string_view extra_lines);

  void start_group(Now now, RequestContext& context);
  void start_branch(Now now, RequestContext& context, const Hop& hop, std::uint32_t breadth);
  [[nodiscard]] std::optional<Bytes> without_our_via(
      const Message& response, bool to_stream,
      const std::vector<ResponseContext::Challenge>& more = {}) const;
  void receive_provisional(Now now, RequestContext& context, Branch& branch,
                           const Message& response);
  void receive_success(Now now, RequestContext& context, Branch& branch, const Message& response);
  void receive_failure(Now now, RequestContext& context, Branch& branch, const Message& response);
  bool follow_redirection(Now now, RequestContext& context, const Message& response);
  void branch_over(Now now, RequestContext& context, Branch& branch, std::uint16_t status);
  void forward_response(Now now, RequestContext& context, const Message& response);
  void forward_best(Now now, RequestContext& context);
  // Forwards the best answer if nothing is left that could give a better one, and forgets the
  // context if nothing is left at all: call it last.
  void advance(Now now, RequestContext& context);
  void arm(RequestContext& context);
  void forget(RequestContext& context);

  const ProxySettings settings_;
  const ProxyEnvironment environment_;
  const FlowTokens tokens_;
  TransactionLayer* transactions_ = nullptr;
  std::map<std::uint64_t, std::unique_ptr<RequestContext>> contexts_;  // by server transaction
  std::map<ports::RequestId, std::uint64_t> questions_;                // → the context that waits
  std::map<std::string, std::size_t, std::less<>> contexts_of_;        // by user
  std::uint64_t last_question_ = 0;
  bool leaving_ = false;
  Counters counters_;
};

}  // namespace chordial::sip
