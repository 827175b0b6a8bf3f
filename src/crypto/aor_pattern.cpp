#include "crypto/aor_pattern.h"

#include <bitset>

namespace chordial::crypto {

class AorPattern::Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    if (text_.starts_with('^')) at_ = 1;
    if (text_.ends_with('$') && !text_.ends_with("\\$")) text_.remove_suffix(1);
  }

  Expected<AorPattern> run() {
    AorPattern pattern;
    while (at_ < text_.size() && !error_) {
      Step step = character();
      if (!error_) repeated(step, pattern.steps_);
      if (pattern.steps_.size() > steps_max) {
        return failure(ErrorKind::limit, "aor-pattern", "too many repetitions", offset());
      }
    }
    if (error_) return failure(ErrorKind::malformed, "aor-pattern", error_, offset());
    if (pattern.steps_.empty()) {
      return failure(ErrorKind::malformed, "aor-pattern", "matches nothing");
    }
    return pattern;
  }

 private:
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(at_); }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  char literal() {
    if (peek() == '\\') ++at_;
    const char c = peek();
    if (c <= ' ' || c > '~') error_ = "not a printable character";
    ++at_;
    return c;
  }

  static void include(Step& step, char first, char last) {
    for (int c = first; c <= last; ++c) {
      (c < 64 ? step.low : step.high) |= std::uint64_t{1} << (c % 64);
    }
  }

  Step character() {
    Step step;
    switch (peek()) {
      case '.':
        ++at_;
        include(step, '!', '~');
        break;
      case '[':
        ++at_;
        step = set();
        break;
      case '(':
      case ')':
      case '|':
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
      case '^':
      case '$':
        error_ = "this character needs a \\ before it";
        break;
      default: {
        const char c = literal();
        include(step, c, c);
      }
    }
    return step;
  }

  Step set() {
    Step step;
    const bool negated = peek() == '^';
    if (negated) ++at_;
    while (peek() != ']' && !error_) {
      const char first = literal();
      char last = first;
      if (peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        last = literal();
      }
      if (last < first) error_ = "a range that runs backwards";
      if (!error_) include(step, first, last);
    }
    ++at_;
    if (negated) {
      Step all;
      include(all, '!', '~');
      step.low = all.low & ~step.low;
      step.high = all.high & ~step.high;
    }
    if (!error_ && step.low == 0 && step.high == 0) error_ = "a set that holds nothing";
    return step;
  }

  std::size_t number() {
    if (peek() < '0' || peek() > '9') error_ = "a number is missing";
    std::size_t value = 0;
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      value = value * 10 + static_cast<std::size_t>(peek() - '0');
      if (value > steps_max) value = steps_max + 1;
    }
    return value;
  }

  void repeated(Step step, std::vector<Step>& steps) {
    const auto append = [&](std::size_t count, Repeat repeat) {
      step.repeat = repeat;
      steps.insert(steps.end(), count, step);
    };
    const char c = peek();
    if (c == '*' || c == '+' || c == '?') {
      ++at_;
      if (c == '+') append(1, Repeat::once);
      append(1, c == '?' ? Repeat::optional : Repeat::any);
    } else if (c == '{') {
      ++at_;
      const std::size_t least = number();
      append(least, Repeat::once);
      if (peek() == ',') {
        ++at_;
        if (peek() == '}') {
          append(1, Repeat::any);
        } else {
          const std::size_t most = number();
          if (most < least && !error_) error_ = "a count that runs backwards";
          if (!error_) append(most - least, Repeat::optional);
        }
      }
      if (peek() != '}' && !error_) error_ = "the count has no }";
      ++at_;
    } else {
      append(1, Repeat::once);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  const char* error_ = nullptr;
};

bool AorPattern::Step::takes(char c) const {
  const auto code = static_cast<unsigned char>(c);
  return code < 128 && (((code < 64 ? low : high) >> (code % 64)) & 1) != 0;
}

Expected<AorPattern> AorPattern::parse(std::string_view text) {
  if (text.size() > text_bytes_max) {
    return failure(ErrorKind::limit, "aor-pattern", "the pattern is too long");
  }
  return Parser(text).run();
}

bool AorPattern::matches(std::string_view user_name) const {
  // All places of the pattern that the part read so far may have led to.
  using Places = std::bitset<steps_max + 1>;
  const auto skip_what_may_be_absent = [&](Places& places) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (places[i] && steps_[i].repeat != Repeat::once) places.set(i + 1);
    }
  };
  Places places;
  places.set(0);
  skip_what_may_be_absent(places);
  for (const char c : user_name) {
    Places next;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!places[i] || !steps_[i].takes(c)) continue;
      next.set(steps_[i].repeat == Repeat::any ? i : i + 1);
    }
    skip_what_may_be_absent(next);
    if (next.none()) return false;
    places = next;
  }
  return places[steps_.size()];
}

}  // namespace chordial::crypto
