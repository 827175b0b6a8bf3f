// From a message_code to the structure of its body (RFC 6940 §6.3.3: "the conversion between the
// two is obvious"). For this room's own files that treat all bodies alike.
#pragma once

#include "wire/attach.h"
#include "wire/link_messages.h"
#include "wire/message.h"
#include "wire/storage_messages.h"
#include "wire/topology_messages.h"

namespace chordial::wire {

// LeaveAns, ConfigUpdateAns.
struct EmptyBody {};
inline void read(ByteReader&, EmptyBody&) {
}
inline void write(ByteWriter&, const EmptyBody&) {
}

// UpdateReq, UpdateAns, RouteQueryAns, and bodies of codes without a name.
struct OpaqueBody {
  ByteView data;
};
inline void read(ByteReader& reader, OpaqueBody& body) {
  body.data = reader.rest();
}
inline void write(ByteWriter& writer, const OpaqueBody& body) {
  writer.raw(body.data);
}

// Parses the body and calls `use(structure)`, which returns Expected<void>.
template <class Use>
Expected<void> with_body(const MessageContents& contents, Use&& use) {
  const auto as = [&]<class T>(T) -> Expected<void> {
    const Expected<T> body = parse_body<T>(contents);
    if (!body) return Failure(body.error());
    return use(*body);
  };
  switch (contents.message_code) {
    case MessageCode::probe_req:
      return as(ProbeReq());
    case MessageCode::probe_ans:
      return as(ProbeAns());
    case MessageCode::attach_req:
    case MessageCode::attach_ans:
      return as(AttachReqAns());
    case MessageCode::app_attach_req:
    case MessageCode::app_attach_ans:
      return as(AppAttachReqAns());
    case MessageCode::store_req:
      return as(StoreReq());
    case MessageCode::store_ans:
      return as(StoreAns());
    case MessageCode::fetch_req:
    case MessageCode::stat_req:
      return as(FetchReq());
    case MessageCode::fetch_ans:
      return as(FetchAns());
    case MessageCode::stat_ans:
      return as(StatAns());
    case MessageCode::find_req:
      return as(FindReq());
    case MessageCode::find_ans:
      return as(FindAns());
    case MessageCode::join_req:
      return as(JoinReq());
    case MessageCode::join_ans:
      return as(JoinAns());
    case MessageCode::leave_req:
      return as(LeaveReq());
    case MessageCode::route_query_req:
      return as(RouteQueryReq());
    case MessageCode::ping_req:
      return as(PingReq());
    case MessageCode::ping_ans:
      return as(PingAns());
    case MessageCode::config_update_req:
      return as(ConfigUpdateReq());
    case MessageCode::error:
      return as(ErrorResponse());
    case MessageCode::leave_ans:
    case MessageCode::config_update_ans:
      return as(EmptyBody());
    default:
      return as(OpaqueBody());
  }
}

}  // namespace chordial::wire
