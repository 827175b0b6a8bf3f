// Ping, ConfigUpdate, ErrorResponse (RFC 6940 §6.5.3, §6.5.4, §6.3.3.1).
#include "wire/golden.h"
#include "wire/link_messages.h"
#include "wire/storage_messages.h"

namespace chordial::wire::test {
namespace {

std::vector<Golden> error_goldens() {
  const std::vector<KindId> kinds{0xF0000001, 2};
  const std::vector<StoreKindResponse> counters{{kind_turn_service, 9, {}}};
  const Bytes unknown_kinds = body_of(UnknownKinds{kinds});
  const Bytes store_ans = body_of(StoreAns{counters});
  std::vector<Golden> goldens{
      {"Error_Unknown_Kind", MessageCode::error, hex("000c 0009 08 f0000001 00000002"),
       body_of(ErrorResponse{ErrorCode::unknown_kind, unknown_kinds})},
      {"Error_Generation_Counter_Too_Low", MessageCode::error,
       hex("0005 0010 000e 00000002 0000000000000009 0000"),
       body_of(ErrorResponse{ErrorCode::generation_counter_too_low, store_ans})},
  };
  // Every other code of §14.9, with "no" as its text.
  for (std::uint8_t code = 2; code <= 0x14; ++code) {
    if (code == 0x0c || code == 0x05) continue;
    Bytes by_hand = hex("0000 0002 6e6f");
    by_hand[1] = code;
    goldens.push_back({"ErrorResponse", MessageCode::error, by_hand,
                       body_of(ErrorResponse{static_cast<ErrorCode>(code), as_bytes("no")})});
  }
  return goldens;
}

}  // namespace

std::vector<Golden> link_goldens() {
  const std::vector<KindDescription> kinds{{as_bytes("<a/>")}, {as_bytes("<b/>")}};
  const Bytes unknown{0xde, 0xad, 0xbe};
  ConfigUpdateReq config{ConfigUpdateType::config, as_bytes("<x/>"), {}, {}};
  ConfigUpdateReq kind{ConfigUpdateType::kind, {}, kinds, {}};
  ConfigUpdateReq other{static_cast<ConfigUpdateType>(7), {}, {}, unknown};
  std::vector<Golden> goldens = error_goldens();
  const std::vector<Golden> rest{
      {"PingReq", MessageCode::ping_req, hex("0003 010203"), body_of(PingReq{hex("010203")})},
      {"PingReq empty", MessageCode::ping_req, hex("0000"), body_of(PingReq{})},
      {"PingAns", MessageCode::ping_ans, hex("0102030405060708 00000179f8a1c2d3"),
       body_of(PingAns{0x0102030405060708, 0x00000179f8a1c2d3})},
      {"ConfigUpdateReq config", MessageCode::config_update_req, hex("01 00000007 000004 3c782f3e"),
       body_of(config)},
      {"ConfigUpdateReq kind", MessageCode::config_update_req,
       hex("02 0000000f 00000c 0004 3c612f3e 0004 3c622f3e"), body_of(kind)},
      {"ConfigUpdateReq of an unknown type", MessageCode::config_update_req,
       hex("07 00000003 deadbe"), body_of(other)},
      {"ConfigUpdateAns", MessageCode::config_update_ans, {}, {}},
      {"a code without a name", static_cast<MessageCode>(0x27), hex("dead"), hex("dead")},
  };
  goldens.insert(goldens.end(), rest.begin(), rest.end());
  return goldens;
}

}  // namespace chordial::wire::test
