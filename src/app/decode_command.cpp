#include "app/decode_command.h"

#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/exit_code.h"
#include "app/surroundings.h"
#include "enrollment/file.h"
#include "wire/walk.h"

namespace chordial::app {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t message_bytes_max = 64 * 1024 * 1024;

// Builds the JSON as the walk goes. A number with a registered name has that name beside it, in
// FIELD_name.
class JsonFields final : public wire::FieldVisitor {
 public:
  JsonFields() { open_.push_back({"", json::object()}); }

  void begin_object(const char* name) override { open_.push_back({name, json::object()}); }
  void end_object() override { close(); }
  void begin_list(const char* name) override { open_.push_back({name, json::array()}); }
  void end_list() override { close(); }
  void number(const char* name, std::uint64_t value) override { put(name, value); }
  void enumerated(const char* name, std::uint64_t value, const char* label) override {
    put(name, value);
    const bool in_object = open_.back().value.is_object();
    if (*label != '\0' && in_object) put((std::string(name) + "_name").c_str(), label);
  }
  void boolean(const char* name, bool value) override { put(name, value); }
  void text(const char* name, std::string_view value) override { put(name, std::string(value)); }
  void bytes(const char* name, ByteView value) override { put(name, to_hex(value)); }
  void node_id(const char* name, const NodeId& value) override { put(name, value.hex()); }

  // The message's own object.
  [[nodiscard]] const json& message() const { return open_.front().value.front(); }

 private:
  struct Open {
    const char* name;
    json value;
  };

  void put(const char* name, json value) {
    json& into = open_.back().value;
    if (into.is_array()) {
      into.push_back(std::move(value));
    } else {
      into[name] = std::move(value);
    }
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    put(closed.name, std::move(closed.value));
  }

  std::vector<Open> open_;
};

Expected<Bytes> read_input(const std::string& file) {
  if (file != "-") return enrollment::read_file(file, "file", message_bytes_max);
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  return to_bytes(as_bytes(text));
}

Expected<Bytes> from_hex_text(ByteView text) {
  if (auto bytes = from_hex(as_text(text))) return std::move(*bytes);
  const std::size_t wrong = as_text(text).find_first_not_of("0123456789abcdefABCDEF \t\r\n");
  if (wrong == std::string_view::npos) {
    return failure(ErrorKind::truncated, "hex", "an odd number of hexadecimal digits",
                   static_cast<std::uint32_t>(text.size()));
  }
  return failure(ErrorKind::malformed, "hex", "not a hexadecimal digit",
                 static_cast<std::uint32_t>(wrong));
}

int bad_bytes(const Error& error) {
  std::cerr << error.text() << '\n';
  return exit_wrong;
}

}  // namespace

int run_decode(const DecodeArguments& arguments) {
  auto message = read_input(arguments.file);
  if (!message) return complain(exit_usage, arguments.file + ": " + sentence(message.error()));
  if (arguments.hex) {
    message = from_hex_text(*message);
    if (!message) return bad_bytes(message.error());
  }
  const wire::RegisteredKindModels kinds;
  if (arguments.reencode) {
    const auto again = wire::reencode(*message, kinds);
    if (!again) return bad_bytes(again.error());
    say(to_hex(*again) + '\n');
    return exit_well;
  }
  JsonFields fields;
  if (const auto walked = wire::walk(*message, fields, kinds); !walked) {
    return bad_bytes(walked.error());
  }
  say(fields.message().dump(2) + '\n');
  return exit_well;
}

}  // namespace chordial::app
