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
