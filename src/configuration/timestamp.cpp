#include "configuration/timestamp.h"

#include <cstdio>

namespace chordial::configuration {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads digits at fixed places; the first thing that does not fit sticks.
class FixedFields {
 public:
  explicit FixedFields(std::string_view text) : text_(text) {}

  int number(std::size_t digits, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = next();
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
    }
    if (value < low || value > high) ok_ = false;
    return value;
  }
  void literal(char upper, char lower) {
    const char c = next();
    if (c != upper && c != lower) ok_ = false;
  }
  char next() {
    if (at_ < text_.size()) return text_[at_++];
    ok_ = false;
    return '\0';
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

milliseconds read_fraction(FixedFields& fields) {
  int value = 0;
  int weight = 100;
  fields.next();
  do {
    value += fields.number(1, 0, 9) * weight;
    weight /= 10;
  } while (fields.ok() && fields.peek() >= '0' && fields.peek() <= '9');
  return milliseconds(value);
}

}  // namespace

std::string to_timestamp(WallTime time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const auto second = std::chrono::duration_cast<seconds>(time - day).count();
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60),
                static_cast<int>(second % 60));
  return text;
}

std::optional<WallTime> from_timestamp(std::string_view text) {
  FixedFields fields(text);
  const int year = fields.number(4, 1970, 9999);
  fields.literal('-', '-');
  const int month = fields.number(2, 1, 12);
  fields.literal('-', '-');
  const int day = fields.number(2, 1, 31);
  fields.literal('T', 't');
  const int hour = fields.number(2, 0, 23);
  fields.literal(':', ':');
  const int minute = fields.number(2, 0, 59);
  fields.literal(':', ':');
  const int second = fields.number(2, 0, 60);  // 60: a leap second
  milliseconds fraction{0};
  if (fields.peek() == '.') fraction = read_fraction(fields);
  const std::string_view zone = fields.rest();
  if (!fields.ok() || (zone != "Z" && zone != "z" && zone != "+00:00" && zone != "-00:00")) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) +
         fraction;
}

}  // namespace chordial::configuration
