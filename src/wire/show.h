// How each structure is shown to a FieldVisitor: what walk() is made of. For this room's own files.
#pragma once

#include "wire/body_dispatch.h"
#include "wire/walk.h"

namespace chordial::wire {

// Shows structures one by one; `kinds` says how to read stored values.
class Show {
 public:
  Show(FieldVisitor& visitor, const KindModels& kinds) : visitor_(visitor), kinds_(kinds) {}

  void header(const ForwardingHeader& header, ByteView header_bytes);
  void extensions(const List<MessageExtension>& extensions);
  void security_block(const SecurityBlock& block);

  // The fields of a body, without an object around them.
  Expected<void> body(const OpaqueBody& body);
  Expected<void> body(const EmptyBody& body);
  Expected<void> body(const ProbeReq& body);
  Expected<void> body(const ProbeAns& body);
  Expected<void> body(const AttachReqAns& body);
  Expected<void> body(const AppAttachReqAns& body);
  Expected<void> body(const JoinReq& body);
  Expected<void> body(const JoinAns& body);
  Expected<void> body(const LeaveReq& body);
  Expected<void> body(const RouteQueryReq& body);
  Expected<void> body(const PingReq& body);
  Expected<void> body(const PingAns& body);
  Expected<void> body(const ConfigUpdateReq& body);
  Expected<void> body(const ErrorResponse& body);
  Expected<void> body(const StoreReq& body);
  Expected<void> body(const StoreAns& body);
  Expected<void> body(const FetchReq& body);
  Expected<void> body(const FetchAns& body);
  Expected<void> body(const StatAns& body);
  Expected<void> body(const FindReq& body);
  Expected<void> body(const FindAns& body);

 private:
  void text_or_bytes(const char* name, ByteView value);
  void destination(const char* name, const Destination& destination);
  void destinations(const char* name, const DestinationList& list);
  void address(const char* name, const IpAddressPort& value);
  void candidates(const List<IceCandidate>& list);
  void signature(const Signature& signature);
  void kind(KindId kind);
  Expected<void> stored_data(KindId kind, const List<StoredData>& values);
  Expected<void> stored_metadata(KindId kind, const List<StoredMetaData>& values);
  void data_value(KindId kind, const DataValue& value);
  Expected<void> specifier(const StoredDataSpecifier& specifier);

  FieldVisitor& visitor_;
  const KindModels& kinds_;
};

// The names of enumerations that only printing needs.
[[nodiscard]] const char* name_of(DestinationType type);
[[nodiscard]] const char* name_of(SignerIdentityType type);
[[nodiscard]] const char* name_of_hash(std::uint8_t algorithm);
[[nodiscard]] const char* name_of_signature(std::uint8_t algorithm);
[[nodiscard]] const char* name_of(AddressType type);
[[nodiscard]] const char* name_of(OverlayLinkType type);
[[nodiscard]] const char* name_of(CandType type);
[[nodiscard]] const char* name_of(ProbeInformationType type);
[[nodiscard]] const char* name_of(ConfigUpdateType type);
[[nodiscard]] const char* name_of_kind(KindId kind);

// Whether all of it is well-formed UTF-8.
[[nodiscard]] bool is_utf8(ByteView bytes);

}  // namespace chordial::wire
