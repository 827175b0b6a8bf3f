// Any bytes as the value of SIP-REGISTRATION, and of TURN-SERVICE.
#include "wire/sip_registration.h"

#include "fuzz_wire/same.h"
#include "wire/address_port.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chordial::wire::fuzz::check_structure<chordial::wire::SipRegistration>({data, size});
  chordial::wire::fuzz::check_structure<chordial::wire::TurnServer>({data, size});
  return 0;
}
