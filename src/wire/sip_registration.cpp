#include "wire/sip_registration.h"

namespace chordial::wire {

void read(ByteReader& reader, SipRegistration& registration) {
  registration.type = static_cast<SipRegistrationType>(reader.u8("SipRegistration.type"));
  ByteReader data = reader.sub_reader(2, "SipRegistration.length");
  switch (registration.type) {
    case SipRegistrationType::sip_registration_uri:
      registration.uri = data.vector(2, "uri");
      break;
    case SipRegistrationType::sip_registration_route: {
      registration.contact_prefs = data.vector(2, "contact_prefs");
      ByteReader at_list = data;
      registration.destination_list =
          read_list<Destination>(data, 2, destinations_max, "destination_list");
      constexpr std::size_t list_bytes_min = 3;
      if (data.ok() && registration.destination_list.bytes().size() < list_bytes_min) {
        at_list.fail(ErrorKind::malformed, "destination_list", "shorter than its minimum");
        data = at_list;
      }
      break;
    }
    default:
      registration.unknown = data.rest();
  }
  data.expect_end("SipRegistration");
  reader.adopt(data);
}

void write(ByteWriter& writer, const SipRegistration& registration) {
  writer.u8(static_cast<std::uint8_t>(registration.type));
  const std::size_t hole = writer.open(2);
  switch (registration.type) {
    case SipRegistrationType::sip_registration_uri:
      writer.vector(2, registration.uri);
      break;
    case SipRegistrationType::sip_registration_route:
      writer.vector(2, registration.contact_prefs);
      write_list(writer, 2, registration.destination_list);
      break;
    default:
      writer.raw(registration.unknown);
  }
  writer.close(hole, 2);
}

}  // namespace chordial::wire
