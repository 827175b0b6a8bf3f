// SipRegistration, the value of Kind SIP-REGISTRATION (RFC 7904 §3.2). Knows no SIP.
#pragma once

#include "wire/destination.h"

namespace chordial::wire {

enum class SipRegistrationType : std::uint8_t {
  invalid = 0,
  sip_registration_uri = 1,
  sip_registration_route = 2,
};

struct SipRegistration {
  SipRegistrationType type = SipRegistrationType::invalid;
  ByteView uri;                      // sip_registration_uri: an AOR
  ByteView contact_prefs;            // sip_registration_route: feature parameters (RFC 3840)
  DestinationList destination_list;  // sip_registration_route: at least one entry
  ByteView unknown;                  // the data of a type without a name
};
// A destination_list shorter than its minimum of 3 bytes is malformed.
void read(ByteReader& reader, SipRegistration& registration);
void write(ByteWriter& writer, const SipRegistration& registration);

}  // namespace chordial::wire
