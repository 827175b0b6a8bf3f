#include "usage/sip/registration_record.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "wire/sip_registration.h"

namespace chordial::usage {

Bytes encode(const RegistrationRecord& record) {
  wire::SipRegistration registration;
  std::vector<wire::Destination> destinations;
  if (record.route.empty()) {
    registration.type = wire::SipRegistrationType::sip_registration_uri;
    registration.uri = as_bytes(record.forward_to);
  } else {
    registration.type = wire::SipRegistrationType::sip_registration_route;
    registration.contact_prefs = as_bytes(record.contact_prefs);
    for (const NodeId& node : record.route)
      destinations.push_back(wire::Destination::of(node));
    registration.destination_list = wire::DestinationList(destinations);
  }
  ByteWriter writer;
  write(writer, registration);
  return writer.take();
}

Expected<RegistrationRecord> decode(ByteView bytes) {
  ByteReader reader(bytes);
  wire::SipRegistration registration;
  read(reader, registration);
  reader.expect_end("SipRegistration");
  if (!reader.ok()) return Failure(reader.error());
  RegistrationRecord record;
  switch (registration.type) {
    case wire::SipRegistrationType::sip_registration_uri:
      if (registration.uri.empty()) return failure(ErrorKind::malformed, "uri", "an empty address");
      record.forward_to = as_text(registration.uri);
      return record;
    case wire::SipRegistrationType::sip_registration_route: {
      if (registration.contact_prefs.size() > contact_prefs_bytes_max) {
        return failure(ErrorKind::limit, "contact_prefs", "longer than 1024 bytes");
      }
      record.contact_prefs = as_text(registration.contact_prefs);
      for (const wire::Destination& destination : registration.destination_list) {
        if (!destination.is_node()) {
          return failure(ErrorKind::unsupported, "destination_list", "an entry that is no Node-ID");
        }
        if (record.route.size() == registration_route_max) {
          return failure(ErrorKind::limit, "destination_list", "more than 16 entries");
        }
        record.route.push_back(destination.node());
      }
      return record;
    }
    case wire::SipRegistrationType::invalid:
      break;
  }
  return failure(ErrorKind::unsupported, "type", "a SipRegistration of unknown type");
}

}  // namespace chordial::usage
