#include "usage/sip/introductions.h"

#include <algorithm>

#include "storage/resource_name.h"
#include "usage/sip/registration_record.h"
#include "wire/codes.h"

namespace chordial::usage {

Introductions::Introductions(overlay::Peer& peer, CallerRights& rights,
                             IntroductionsHandler& handler)
    : peer_(peer), rights_(rights), handler_(handler) {
}

Introductions::~Introductions() {
  for (const auto& [id, question] : questions_)
    peer_.cancel(id);
}

bool Introductions::hold(Now now, const NodeId& node, const std::string& aor, ByteView sip) {
  if (host_of_aor(aor) != peer_.context().overlay_name) return false;
  if (held_bytes_ + sip.size() > held_bytes_max) return false;
  const auto open = std::find_if(questions_.begin(), questions_.end(), [&](const auto& entry) {
    return entry.second.node == node && entry.second.aor == aor;
  });
  if (open != questions_.end()) {
    if (open->second.held.size() >= held_max) return false;
    open->second.held.push_back(to_bytes(sip));
    held_bytes_ += sip.size();
    return true;
  }
  if (questions_.size() >= questions_max) return false;
  overlay::Fetch fetch;
  fetch.resource = storage::resource_id_of(aor);
  fetch.kind = wire::kind_sip_registration;
  const auto key = node.bytes();
  fetch.keys.emplace_back(key.begin(), key.end());
  questions_.emplace(peer_.fetch(now, fetch, *this), Question{node, aor, {to_bytes(sip)}});
  held_bytes_ += sip.size();
  ++asked_;
  return true;
}

void Introductions::on_fetched(Now now, overlay::RequestId id,
                               const overlay::Outcome<overlay::Fetched>& outcome) {
  auto found = questions_.extract(id);
  if (found.empty()) return;
  const Question& question = found.mapped();
  if (outcome) {
    for (const overlay::FetchedValue& value : outcome->values) {
      const auto* signer = peer_.context().certificates->find(value.signer);
      if (value.exists && signer != nullptr) rights_.learn(question.node, *signer);
    }
  }
  for (const Bytes& sip : question.held)
    held_bytes_ -= sip.size();
  for (const Bytes& sip : question.held)
    handler_.on_introduced(now, question.node, sip);
}

void Introductions::count(CounterVisitor& visitor) const {
  visitor.counter("usage_introductions_asked", asked_);
  visitor.gauge("usage_introductions_open", questions_.size());
}

}  // namespace chordial::usage
