// The processors of the proxy. Checks first, then where to; each has its own .cpp.
#pragma once

#include "sip/proxy/processor.h"
#include "sip/proxy/proxy.h"

namespace chordial::sip {

// What all of them work with.
class ProxyProcessor : public Processor {
 public:
  explicit ProxyProcessor(Proxy& proxy) : proxy_(proxy) {}

 protected:
  Proxy& proxy_;
};

// §16.3 steps 2 to 5, RFC 5393: scheme 416, Max-Forwards 483, loop 482, Proxy-Require 420,
// Max-Breadth 440. Then the Routes that are ours come off (§16.4).
class ValidateRequest final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;
};

// OPTIONS to this node or to the bare domain (§11.2), from anybody: it tells nothing.
class AnswerOptions final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;
};

// §16.3 step 6, §22: a phone proves who it is (REGISTER 401, everything else 407), unless the
// request belongs to a dialog that runs through here.
class IdentifyPhone final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;

 private:
  Verdict finish(Now now, RequestContext& context, const NeedCredential& need,
                 const Expected<Credential>& credential);
  Verdict challenge(Now now, RequestContext& context, bool stale);
};

// May this From come from there? 403 if not.
class AdmitFrom final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;
};

// REGISTER goes to the registrar.
class HandToRegistrar final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;
};

// Routes, a dialog's token, a contact: the way is prescribed (§16.5 first half).
class FollowRoutes final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;
};

// A request to this node itself goes to whoever answers for it.
class HandToOwn final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;
};

// A user of the domain is looked up (§16.5 second half).
class LocateUser final : public ProxyProcessor {
 public:
  using ProxyProcessor::ProxyProcessor;
  Verdict process(Now now, RequestContext& context) override;
};

}  // namespace chordial::sip
