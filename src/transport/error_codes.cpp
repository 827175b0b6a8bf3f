#include "transport/error_codes.h"

namespace chordial::transport {

namespace {

ErrorKind kind_of(wire::ErrorCode code) {
  switch (code) {
    case wire::ErrorCode::forbidden:
      return ErrorKind::forbidden;
    case wire::ErrorCode::not_found:
      return ErrorKind::not_found;
    case wire::ErrorCode::generation_counter_too_low:
    case wire::ErrorCode::data_too_old:
    case wire::ErrorCode::in_progress:
      return ErrorKind::conflict;
    case wire::ErrorCode::data_too_large:
    case wire::ErrorCode::message_too_large:
    case wire::ErrorCode::response_too_large:
      return ErrorKind::limit;
    case wire::ErrorCode::unsupported_forwarding_option:
    case wire::ErrorCode::incompatible_with_overlay:
    case wire::ErrorCode::unknown_kind:
    case wire::ErrorCode::unknown_extension:
      return ErrorKind::unsupported;
    case wire::ErrorCode::invalid_message:
      return ErrorKind::malformed;
    default:
      return ErrorKind::unavailable;
  }
}

}  // namespace

Error error_of(wire::ErrorCode code) {
  const char* name = wire::name_of(code);
  return Error{kind_of(code), "error_code", 0, *name != 0 ? name : "an error code without a name"};
}

const char* description_of(wire::ErrorCode code) {
  switch (code) {
    case wire::ErrorCode::forbidden:
      return "not permitted to this sender";
    case wire::ErrorCode::not_found:
      return "not here, and no way there";
    case wire::ErrorCode::request_timeout:
      return "no answer in time";
    case wire::ErrorCode::incompatible_with_overlay:
      return "against the overlay's configuration";
    case wire::ErrorCode::unsupported_forwarding_option:
      return "a critical forwarding option is not known here";
    case wire::ErrorCode::data_too_large:
      return "above a limit of the Kind or of this peer";
    case wire::ErrorCode::data_too_old:
      return "a newer value is stored";
    case wire::ErrorCode::ttl_exceeded:
      return "the ttl is used up, or above initial-ttl";
    case wire::ErrorCode::message_too_large:
      return "above max-message-size";
    case wire::ErrorCode::unknown_extension:
      return "a critical extension is not known here";
    case wire::ErrorCode::response_too_large:
      return "the response would exceed max_response_length";
    case wire::ErrorCode::config_too_old:
      return "this node has a newer configuration document";
    case wire::ErrorCode::config_too_new:
      return "this node has an older configuration document";
    case wire::ErrorCode::in_progress:
      return "the same is under way already";
    case wire::ErrorCode::invalid_message:
      return "the message's body makes no sense";
    default:
      return "";
  }
}

wire::ErrorCode code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed:
    case ErrorKind::truncated:
    case ErrorKind::invalid:
      return wire::ErrorCode::invalid_message;
    case ErrorKind::limit:
      return wire::ErrorCode::data_too_large;
    case ErrorKind::unsupported:
      return wire::ErrorCode::incompatible_with_overlay;
    case ErrorKind::not_found:
    case ErrorKind::unavailable:
    case ErrorKind::internal:
      return wire::ErrorCode::not_found;
    case ErrorKind::conflict:
      return wire::ErrorCode::in_progress;
    case ErrorKind::forbidden:
    case ErrorKind::unauthentic:
    case ErrorKind::expired:
      return wire::ErrorCode::forbidden;
  }
  return wire::ErrorCode::not_found;
}

}  // namespace chordial::transport
