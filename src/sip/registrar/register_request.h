// What a REGISTER asks for, taken out of the message, so that it can wait its turn (RFC 3261 §10.3
// steps 5 to 7, RFC 3327 §5.3). Knows no binding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sip/flow/flow.h"
#include "sip/location/location_service.h"
#include "sip/location/own_names.h"
#include "sip/message/message.h"

namespace chordial::sip {

struct ContactChange {
  std::string uri;
  std::string parameters;  // besides expires and q
  std::string instance;
  std::uint16_t q_thousandths = 1000;
  std::optional<std::uint32_t> expires_s;  // its own, or that of the Expires header
};

struct RegisterRequest {
  std::string aor;  // canonical
  std::string call_id;
  std::uint32_t cseq = 0;
  bool remove_all = false;              // Contact: * with Expires: 0
  std::vector<ContactChange> contacts;  // empty without remove_all: a question
  std::vector<std::string> path;
  Flow flow;
};

// A response that ends the matter; 200 is none of these.
struct RegisterRefusal {
  std::uint16_t status = 400;
  std::string unsupported{};        // 420: option tags for Unsupported
  std::uint32_t min_expires_s = 0;  // 423
};

// Refusals: 400 (a malformed Contact, * not alone or not with Expires 0, too many), 404 (the To is
// no user of this domain), 420 (Require), 416 (a Contact that is not sip or sips).
[[nodiscard]] tl::expected<RegisterRequest, RegisterRefusal> read_register(const Message& request,
                                                                           const Flow& flow,
                                                                           const OwnNames& names);

}  // namespace chordial::sip
