#include "sip/proxy/response_context.h"

#include <algorithm>

namespace chordial::sip {

namespace {

// Step 6: a 6xx, else the lowest class; within 4xx those that tell the caller how to go on. Lower
// is better.
unsigned rank(std::uint16_t status) {
  if (status >= 600) return 0;
  unsigned within = 50;
  switch (status) {
    case 401:
    case 407:
      within = 10;
      break;
    case 415:
    case 420:
    case 484:
      within = 20;
      break;
    case 408:
      within = 90;  // says nothing but that one phone is silent
      break;
    case 503:
      within = 90;
      break;
    default:
      break;
  }
  return status / 100U * 100U + within;
}

bool is_challenge(std::uint16_t status) {
  return status == 401 || status == 407;
}

}  // namespace

bool ResponseContext::better(std::uint16_t status) const {
  return best_status_ == 0 || rank(status) < rank(best_status_);
}

void ResponseContext::keep_challenges(const Message& response) {
  std::size_t bytes = 0;
  for (const Challenge& challenge : challenges_)
    bytes += challenge.value.size();
  for (const HeaderName name : {HeaderName::www_authenticate, HeaderName::proxy_authenticate}) {
    for (auto i = response.first(name); i != no_header; i = response.next_same(i)) {
      const std::string_view value = response.header(i).value;
      if (challenges_.size() >= challenges_max || bytes + value.size() > challenge_bytes_max)
        return;
      bytes += value.size();
      challenges_.push_back({name, std::string(value)});
    }
  }
}

void ResponseContext::consider(const Message& response) {
  if (is_challenge(response.status())) keep_challenges(response);
  if (!better(response.status())) return;
  best_status_ = response.status();
  best_ = to_bytes(response.bytes());
}

void ResponseContext::consider(std::uint16_t status) {
  if (!better(status)) return;
  best_status_ = status;
  best_ = {};
}

std::optional<Message> ResponseContext::best() const {
  if (best_.empty()) return std::nullopt;
  auto message = Message::parse(best_);  // it was read once before
  return message ? std::optional(*std::move(message)) : std::nullopt;
}

std::vector<ResponseContext::Challenge> ResponseContext::other_challenges() const {
  std::vector<Challenge> others;
  const auto chosen = best();
  if (!chosen || !is_challenge(best_status_)) return others;
  for (const Challenge& challenge : challenges_) {
    bool there = false;
    for (auto i = chosen->first(challenge.name); i != no_header && !there; i = chosen->next_same(i))
      there = chosen->header(i).value == challenge.value;
    if (!there) others.push_back(challenge);
  }
  return others;
}

void ResponseContext::clear() {
  best_status_ = 0;
  best_ = {};
  challenges_.clear();
}

}  // namespace chordial::sip
