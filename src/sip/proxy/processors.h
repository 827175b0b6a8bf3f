// The processors of the proxy. Checks first, then where to; each has its own .cpp. They hold
// nothing, so that all proxies of a process share them.
#pragma once

#include "sip/proxy/processor.h"
#include "sip/proxy/proxy.h"

namespace chordial::sip {

// §16.3 steps 2 to 5, RFC 5393: scheme 416, Max-Forwards 483, loop 482, Proxy-Require 420,
// Max-Breadth 440. Then the Routes that are ours come off (§16.4).
class ValidateRequest final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;
};

// The methods a proxy forwards, as its answers to OPTIONS name them.
inline constexpr std::string_view allowed_methods =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE, INFO, PRACK, UPDATE, REFER, SUBSCRIBE, "
    "NOTIFY, PUBLISH";

// OPTIONS to this node or to the bare domain (§11.2), from anybody: it tells nothing.
class AnswerOptions final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;
};

// §16.3 step 6, §22: a phone proves who it is (REGISTER 401, everything else 407), unless the
// request belongs to a dialog that runs through here.
class IdentifyPhone final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;

 private:
  Verdict finish(Now now, Proxy& proxy, RequestContext& context, const NeedCredential& need,
                 const Expected<Credential>& credential) const;
  Verdict challenge(Now now, Proxy& proxy, RequestContext& context, bool stale) const;
  Verdict known(Now now, Proxy& proxy, RequestContext& context, std::string user) const;
};

// May this From come from there? 403 if not.
class AdmitFrom final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;
};

// REGISTER goes to the registrar.
class HandToRegistrar final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;
};

// Routes, a dialog's token, a contact: the way is prescribed (§16.5 first half).
class FollowRoutes final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;
};

// A request to this node itself goes to whoever answers for it.
class HandToOwn final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;
};

// A user of the domain is looked up (§16.5 second half).
class LocateUser final : public Processor {
 public:
  Verdict process(Now now, Proxy& proxy, RequestContext& context) const override;
};

}  // namespace chordial::sip
