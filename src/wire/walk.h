// Shows a whole message field by field, under the RFC's names, to whoever wants to print it; and
// writes a message again from its parsed structures. Knows no output format.
#pragma once

#include <string_view>

#include "wire/message.h"
#include "wire/stored_data.h"

namespace chordial::wire {

// Objects and lists nest. Inside a list the name of every object is that of its structure, and of
// every plain element the empty string. Names and labels have static storage; texts and bytes live
// during the call.
class FieldVisitor {
 public:
  virtual void begin_object(const char* name) = 0;
  virtual void end_object() = 0;
  virtual void begin_list(const char* name) = 0;
  virtual void end_list() = 0;
  virtual void number(const char* name, std::uint64_t value) = 0;
  // A number out of an enumeration; `label` is its registered name ("store_req"), or "".
  virtual void enumerated(const char* name, std::uint64_t value, const char* label) = 0;
  virtual void boolean(const char* name, bool value) = 0;
  // Opaque in the RFC and text by its meaning; always valid UTF-8.
  virtual void text(const char* name, std::string_view value) = 0;
  virtual void bytes(const char* name, ByteView value) = 0;
  virtual void node_id(const char* name, const NodeId& value) = 0;

 protected:
  ~FieldVisitor() = default;
};

// An object with the RFC's names: forwarding_header, message_contents (its message_body under the
// body's structure), security_block. A fragment shows its header and its bytes as `fragment_data`.
// Values of Kinds without a known model are shown as bytes. Stops at the first error; what was
// shown until then stands, with its objects and lists left open.
[[nodiscard]] Expected<void> walk(ByteView message, FieldVisitor& visitor, const KindModels& kinds);

// Parses the message completely into structures and writes these again. The result is byte for byte
// the message, if the codec is right: it is what tests and `chordial decode --reencode` ask.
[[nodiscard]] Expected<Bytes> reencode(ByteView message, const KindModels& kinds);

}  // namespace chordial::wire
