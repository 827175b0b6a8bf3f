#include "sip/proxy/processors.h"

namespace chordial::sip {

Verdict AdmitFrom::process(Now now, Proxy& proxy, RequestContext& context) const {
  const Message& request = context.request();
  const auto from = request.from();
  const ProxyEnvironment& environment = proxy.environment();
  bool admitted = false;
  if (from) {
    const std::string aor =
        environment.names.aor_of(from->uri).value_or(std::string(from->uri.text));
    if (!context.source.addressed()) {
      admitted = environment.admission.admit(now, request, context.source, aor).has_value();
    } else {
      // A dialog's token is bound to its From and To; of a REGISTER the registrar compares the To.
      admitted =
          context.routed.proven || context.method == Method::register_ || aor == context.user;
    }
  }
  if (admitted) return Verdict::go_on;
  proxy.answer(now, context, 403);
  return Verdict::skip_all_chains;
}

}  // namespace chordial::sip
