#include "wire/show.h"

namespace chordial::wire {

void Show::text_or_bytes(const char* name, ByteView value) {
  if (is_utf8(value)) {
    visitor_.text(name, as_text(value));
  } else {
    visitor_.bytes(name, value);
  }
}

void Show::destination(const char* name, const Destination& destination) {
  visitor_.begin_object(name);
  if (destination.is_compressed()) {
    visitor_.number("opaque_id", destination.compressed_id());
    visitor_.end_object();
    return;
  }
  visitor_.enumerated("type", static_cast<std::uint8_t>(destination.type()),
                      name_of(destination.type()));
  visitor_.number("length", destination.wire_bytes() - 2);
  visitor_.begin_object("destination_data");
  if (destination.is_node()) {
    visitor_.node_id("node_id", destination.node());
  } else if (destination.is_resource()) {
    visitor_.bytes("resource_id", destination.data());
  } else if (destination.is_opaque()) {
    visitor_.bytes("opaque_id", destination.data());
  } else {
    visitor_.bytes("unknown", destination.data());
  }
  visitor_.end_object();
  visitor_.end_object();
}

void Show::destinations(const char* name, const DestinationList& list) {
  visitor_.begin_list(name);
  for (const Destination& entry : list)
    destination("Destination", entry);
  visitor_.end_list();
}

void Show::header(const ForwardingHeader& header, ByteView header_bytes) {
  visitor_.begin_object("forwarding_header");
  visitor_.number("relo_token", relo_token);
  visitor_.number("overlay", header.overlay);
  visitor_.number("configuration_sequence", header.configuration_sequence);
  visitor_.number("version", header.version);
  visitor_.number("ttl", header.ttl);
  visitor_.number("fragment", header.fragment);
  visitor_.number("length", header.length);
  visitor_.number("transaction_id", header.transaction_id);
  visitor_.number("max_response_length", header.max_response_length);
  visitor_.number("via_list_length", header.via_list.bytes().size());
  visitor_.number("destination_list_length", header.destination_list.bytes().size());
  visitor_.number("options_length", header_bytes.size() - fixed_header_bytes -
                                        header.via_list.bytes().size() -
                                        header.destination_list.bytes().size());
  destinations("via_list", header.via_list);
  destinations("destination_list", header.destination_list);
  visitor_.begin_list("options");
  for (const ForwardingOption& option : header.options) {
    visitor_.begin_object("ForwardingOption");
    visitor_.number("type", option.type);
    visitor_.number("flags", option.flags);
    visitor_.number("length", option.option.size());
    visitor_.bytes("option", option.option);
    visitor_.end_object();
  }
  visitor_.end_list();
  visitor_.end_object();
}

void Show::extensions(const List<MessageExtension>& extensions) {
  visitor_.begin_list("extensions");
  for (const MessageExtension& extension : extensions) {
    visitor_.begin_object("MessageExtension");
    visitor_.enumerated("type", extension.type,
                        extension.type == sip_tunnel_extension ? "SipTunnel" : "");
    visitor_.boolean("critical", extension.critical);
    text_or_bytes("extension_contents", extension.extension_contents);
    visitor_.end_object();
  }
  visitor_.end_list();
}

void Show::signature(const Signature& signature) {
  visitor_.begin_object("signature");
  visitor_.begin_object("algorithm");
  visitor_.enumerated("hash", signature.hash_algorithm, name_of_hash(signature.hash_algorithm));
  visitor_.enumerated("signature", signature.signature_algorithm,
                      name_of_signature(signature.signature_algorithm));
  visitor_.end_object();
  const SignerIdentity& identity = signature.identity;
  visitor_.begin_object("identity");
  visitor_.enumerated("identity_type", static_cast<std::uint8_t>(identity.identity_type),
                      name_of(identity.identity_type));
  constexpr std::size_t type_and_length_bytes = 3;
  visitor_.number("length", identity.encoded.size() - type_and_length_bytes);
  switch (identity.identity_type) {
    case SignerIdentityType::cert_hash:
    case SignerIdentityType::cert_hash_node_id:
      visitor_.enumerated("hash_alg", identity.hash_alg, name_of_hash(identity.hash_alg));
      visitor_.bytes(identity.identity_type == SignerIdentityType::cert_hash
                         ? "certificate_hash"
                         : "certificate_node_id_hash",
                     identity.value);
      break;
    case SignerIdentityType::none:
      break;
    default:
      visitor_.bytes("unknown", identity.value);
  }
  visitor_.end_object();
  visitor_.bytes("signature_value", signature.signature_value);
  visitor_.end_object();
}

void Show::security_block(const SecurityBlock& block) {
  visitor_.begin_object("security_block");
  visitor_.begin_list("certificates");
  for (const GenericCertificate& certificate : block.certificates) {
    visitor_.begin_object("GenericCertificate");
    visitor_.enumerated("type", certificate.type,
                        certificate.type == certificate_type_x509 ? "X.509" : "");
    visitor_.bytes("certificate", certificate.certificate);
    visitor_.end_object();
  }
  visitor_.end_list();
  signature(block.signature);
  visitor_.end_object();
}

}  // namespace chordial::wire
