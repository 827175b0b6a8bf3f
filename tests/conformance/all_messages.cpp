#include "conformance/all_messages.h"

#include "crypto/overlay_authority.h"
#include "crypto/rsa_key.h"
#include "forwarding/fragments.h"
#include "transport/signature.h"

namespace chordial::conformance {

namespace {

using crypto::openssl::KeySigner;
using crypto::openssl::node_id;
using crypto::openssl::PrivateKey;
using crypto::openssl::value;
using wire::Destination;
using wire::ForwardingOption;

constexpr std::uint32_t overlay_hash = 0x2e4b3a91;
constexpr std::size_t link_bytes = 1163;
constexpr std::string_view sip =
    "MESSAGE sip:bob@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\r\n";

std::unique_ptr<KeySigner> signer_for(const crypto::openssl::OverlayAuthority& authority,
                                      PrivateKey key, std::vector<NodeId> nodes) {
  auto leaf = authority.contents(nodes.front(), key);
  leaf.node_ids = std::move(nodes);
  const Bytes der = value(crypto::openssl::issue_leaf(authority.issuer(), leaf));
  return value(KeySigner::create(std::move(key), der, "example.org"));
}

// The parts of an envelope, alive while the message is written.
struct Parts {
  wire::ForwardingHeader header;
  std::vector<Destination> via, to;
  std::vector<ForwardingOption> options;
  std::vector<wire::MessageExtension> extensions;
  std::vector<ByteView> certificates;
};

}  // namespace

struct Wrapper::Signers {
  crypto::openssl::OverlayAuthority authority;
  std::unique_ptr<KeySigner> ecdsa = authority.node(node_id(1));
  std::unique_ptr<KeySigner> rsa = signer_for(
      authority, value(PrivateKey::from_pem(crypto::openssl::rsa_pem(2048))), {node_id(2)});
  std::unique_ptr<KeySigner> several =
      signer_for(authority, value(PrivateKey::generate()), {node_id(3), node_id(4)});
};

Wrapper::Wrapper() : signers_(std::make_unique<Signers>()) {
}
Wrapper::~Wrapper() = default;

const char* name_of(Envelope envelope) {
  switch (envelope) {
    case Envelope::plain:
      return "plain";
    case Envelope::routed:
      return "routed";
    case Envelope::compressed:
      return "compressed";
    case Envelope::tunnelled:
      return "tunnelled";
  }
  return "";
}

Bytes Wrapper::wrap(const Body& body, Envelope envelope) {
  static const Bytes opaque{0xaa, 0xbb, 0xcc}, option{1, 2, 3, 4};
  Parts parts;
  KeySigner* signer = signers_->ecdsa.get();
  NodeId signing = node_id(1);
  parts.header.overlay = overlay_hash;
  parts.header.configuration_sequence = 8;
  parts.header.transaction_id = 0x0123456700000000 + ++transactions_;
  parts.to = {Destination::of(node_id(9))};
  parts.certificates = {signer->certificate().der};
  switch (envelope) {
    case Envelope::plain:
      break;
    case Envelope::routed:
      parts.header.ttl = 97;
      parts.header.max_response_length = 5000;
      parts.via = {Destination::of(node_id(5)), Destination::of(node_id(6))};
      parts.to = {Destination::of(node_id(7)), Destination::of(ResourceId{{8, 8}})};
      parts.extensions = {{0x4000, false, as_bytes("nobody needs to know this"), 0}};
      parts.certificates.clear();
      break;
    case Envelope::compressed:
      parts.header.ttl = 1;
      parts.via = {Destination::compressed(0x1234), Destination::of(node_id(6))};
      parts.to = {Destination::opaque(opaque), Destination::compressed(0x0567),
                  Destination::of(node_id(9))};
      parts.options = {{200, ForwardingOption::forward_critical, option},
                       {201, ForwardingOption::destination_critical, {}},
                       {202, ForwardingOption::response_copy, option}};
      signer = signers_->several.get();
      signing = node_id(4);
      parts.certificates = {signer->certificate().der, signers_->ecdsa->certificate().der};
      break;
    case Envelope::tunnelled:
      parts.extensions = {wire::make_sip_tunnel(as_bytes(sip)), {0x4001, false, {}, 0}};
      signer = signers_->rsa.get();
      signing = node_id(2);
      parts.certificates = {signer->certificate().der};
      break;
  }
  parts.header.via_list = parts.via;
  parts.header.destination_list = parts.to;
  parts.header.options = parts.options;
  ByteWriter contents;
  wire::write(contents, wire::MessageContents{body.code, body.bytes, parts.extensions, 0, {}});
  const Bytes signature = transport::sign_contents(*signer, signing, overlay_hash,
                                                   parts.header.transaction_id, contents.view());
  return wire::with_header(parts.header,
                           transport::message_body(contents.view(), parts.certificates, signature));
}

std::vector<Body> all_bodies() {
  std::vector<Body> all;
  for (const auto& part : {topology_bodies(), link_bodies(), storage_bodies()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<Message> fragments(Wrapper& wrapper) {
  Body body{"StoreReq in fragments", wire::MessageCode::store_req, {}};
  for (const Body& each : storage_bodies()) {
    if (each.name == "StoreReq CERTIFICATE_BY_USER") body.bytes = each.bytes;
  }
  // A long message: as much again in certificates.
  const Bytes whole = wrapper.wrap(body, Envelope::compressed);
  const auto view = value(wire::MessageView::parse(whole));
  const auto plan =
      value(forwarding::FragmentPlan::of(whole.size(), view.header_bytes(), link_bytes / 2));
  std::vector<Message> pieces;
  for (std::size_t i = 0; i < plan.count; ++i) {
    Bytes piece;
    forwarding::make_fragment(whole, view.header_bytes(), plan, i, piece);
    pieces.push_back(
        {body.name + ", piece " + std::to_string(i + 1) + " of " + std::to_string(plan.count),
         std::move(piece)});
  }
  return pieces;
}

std::vector<Message> all_messages() {
  Wrapper wrapper;
  std::vector<Message> messages;
  for (const Body& body : all_bodies()) {
    for (const Envelope envelope : envelopes)
      messages.push_back({body.name + ", " + name_of(envelope), wrapper.wrap(body, envelope)});
  }
  for (Message& piece : fragments(wrapper))
    messages.push_back(std::move(piece));
  return messages;
}

}  // namespace chordial::conformance
