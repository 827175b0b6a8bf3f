#include "sip/message/header_index.h"

namespace chordial::sip {

bool HeaderIndex::add(const Entry& entry) {
  if (count_ == headers_max) return false;
  const auto name = static_cast<std::size_t>(entry.name);
  if (first_[name] == no_header) {
    first_[name] = count_;
  } else {
    at(last_[name]).next = count_;
  }
  last_[name] = count_;
  if (count_ < inline_count) {
    inline_[count_] = entry;
  } else {
    more_.push_back(entry);
  }
  ++count_;
  return true;
}

}  // namespace chordial::sip
