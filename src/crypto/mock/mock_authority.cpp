#include "crypto/mock/mock_authority.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "crypto/trust.h"

namespace chordial::crypto::mock {

namespace {

constexpr std::uint8_t der_sequence = 0x30;
constexpr std::uint8_t der_length_of_two_bytes = 0x82;
constexpr std::size_t tag_bytes = 16;
constexpr std::uint64_t purpose_certificate = 1;
constexpr std::uint64_t purpose_signature = 2;

std::uint64_t milliseconds(WallTime time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}
WallTime wall_time(std::uint64_t milliseconds) {
  return WallTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace

MockAuthority::MockAuthority(std::string overlay, Rng& rng)
    : overlay_(std::move(overlay)), key_low_(rng.u64()), key_high_(rng.u64()) {
}

std::uint64_t MockAuthority::tag(std::uint64_t purpose, ByteView bytes) const {
  return siphash(key_low_ ^ purpose, key_high_, bytes);
}

Expected<Bytes> MockAuthority::issue(const LeafContents& contents, std::uint64_t serial) const {
  const auto user_name = normalized_user_name(contents.user_name);
  if (!user_name) return failure(ErrorKind::invalid, "user_name", "not of the form user@host");
  if (contents.node_ids.empty() || contents.node_ids.size() > node_ids_max) {
    return failure(ErrorKind::invalid, "node_ids", "1 to 16 belong in a certificate");
  }
  ByteWriter out;
  out.u8(der_sequence);
  out.u8(der_length_of_two_bytes);
  const std::size_t body = out.open(2);
  out.u64(serial);
  out.vector(1, as_bytes(overlay_));
  out.u64(milliseconds(contents.not_before));
  out.u64(milliseconds(contents.not_after));
  out.vector(1, as_bytes(*user_name));
  out.u8(static_cast<std::uint8_t>(contents.node_ids.size()));
  for (const NodeId& node : contents.node_ids)
    out.raw(node.bytes());
  while (out.size() + tag_bytes < certificate_bytes)
    out.u8(0);
  // The length is part of what the tag is over, so it is written first.
  ByteWriter tagged(out.take());
  tagged.u64(0);
  tagged.u64(0);
  tagged.close(body, 2);
  Bytes der = tagged.take();
  const ByteView covered = ByteView(der).first(der.size() - tag_bytes);
  ByteWriter tail;
  tail.u64(tag(purpose_certificate, covered));
  tail.u64(tag(~purpose_certificate, covered));
  std::ranges::copy(tail.view(), der.end() - tag_bytes);
  return der;
}

Expected<std::unique_ptr<Certificate>> MockAuthority::read(ByteView der) const {
  if (der.size() > certificate_bytes_max) {
    return failure(ErrorKind::limit, "certificate", "the certificate is too long");
  }
  if (der.size() < certificate_bytes) {
    return failure(ErrorKind::truncated, "certificate", "the certificate is too short");
  }
  const ByteView covered = der.first(der.size() - tag_bytes);
  ByteReader tail(der.last(tag_bytes));
  const bool first_holds = tail.u64("tag") == tag(purpose_certificate, covered);
  if (tail.u64("tag") != tag(~purpose_certificate, covered) || !first_holds) {
    return failure(ErrorKind::unauthentic, "certificate", "not signed by the overlay's root");
  }
  ByteReader in(covered);
  in.u8("sequence");
  in.u8("length");
  in.u16("length");
  in.u64("serial");
  if (as_text(in.vector(1, "overlay")) != overlay_) {
    return failure(ErrorKind::unauthentic, "reload_uri", "names another overlay");
  }
  auto certificate = std::make_unique<Certificate>();
  certificate->not_before = wall_time(in.u64("not_before"));
  certificate->not_after = wall_time(in.u64("not_after"));
  certificate->user_names.emplace_back(as_text(in.vector(1, "user_name")));
  const std::size_t count = in.u8("node_ids");
  certificate->node_ids.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const auto node = NodeId::from_bytes(in.take(node_id_bytes, "node_id"));
    if (node) certificate->node_ids.push_back(*node);
  }
  if (!in.ok()) return Failure(in.error());
  certificate->der = to_bytes(der);
  certificate->hash = sha256({der});
  return certificate;
}

Bytes MockAuthority::signature(const CertificateHash& signer,
                               std::initializer_list<ByteView> parts) const {
  // Every part is bound to those before it, and the bytes to how they come one after the other, not
  // to where one part ends: a signer and a verifier may cut them differently. So they are joined.
  std::size_t size = signer.size();
  for (const ByteView part : parts)
    size += part.size();
  Bytes joined;
  joined.reserve(size);
  joined.insert(joined.end(), signer.begin(), signer.end());
  for (const ByteView part : parts)
    joined.insert(joined.end(), part.begin(), part.end());
  Rng expanded(tag(purpose_signature, joined), tag(~purpose_signature, joined));
  Bytes out(signature_bytes);
  expanded.fill(out);
  return out;
}

}  // namespace chordial::crypto::mock
