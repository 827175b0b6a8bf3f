// Every message this system can write: each method's request and answer, each error code, each Kind
// and data model, in several envelopes (lists, options, extensions, forms of signing), and one
// message in fragments. Made by the same builders the nodes use, with real certificates; judged by
// hostile_test.cpp and, on Wireshark's word, by wireshark_test.py.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "wire/message.h"

namespace chordial::conformance {

struct Body {
  std::string name;
  wire::MessageCode code = wire::MessageCode::invalid;
  Bytes bytes;
};

// Without an envelope, by the chapter of RFC 6940 they belong to.
[[nodiscard]] std::vector<Body> topology_bodies();  // §6.4, §10
[[nodiscard]] std::vector<Body> link_bodies();      // §6.3.3.1, §6.5
[[nodiscard]] std::vector<Body> storage_bodies();   // §7, RFC 7904
[[nodiscard]] std::vector<Body> all_bodies();

struct Message {
  std::string name;
  Bytes bytes;
};

// How a message is wrapped: header lists, options, extensions, certificates, signature.
enum class Envelope {
  plain,       // to a Node-ID; ECDSA, H(certificate)
  routed,      // a via list, source routing to a Resource-ID; no certificate sent along
  compressed,  // 16-bit and opaque ids, forwarding options, several Node-IDs in the certificate
  tunnelled,   // the SIP tunnel's critical extension and one that is not; RSA
};
inline constexpr Envelope envelopes[] = {Envelope::plain, Envelope::routed, Envelope::compressed,
                                         Envelope::tunnelled};
[[nodiscard]] const char* name_of(Envelope envelope);

// Makes certificates once, and wraps bodies in envelopes with them.
class Wrapper {
 public:
  Wrapper();
  ~Wrapper();
  [[nodiscard]] Bytes wrap(const Body& body, Envelope envelope);

 private:
  struct Signers;
  std::unique_ptr<Signers> signers_;
  std::uint64_t transactions_ = 0;
};

// Every body in every envelope, and the pieces of a long StoreReq.
[[nodiscard]] std::vector<Message> all_messages();
// The pieces alone, in order, of one message as a link of 1163 bytes gets them.
[[nodiscard]] std::vector<Message> fragments(Wrapper& wrapper);

}  // namespace chordial::conformance
