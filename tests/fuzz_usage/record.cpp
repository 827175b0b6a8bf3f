// What strangers and the disk hand to the SIP usage. The first byte says as what the rest is read:
// 0 a SipRegistration from the overlay, 1 bindings from the disk, 2 a SIP message through the
// tunnel, whose sender may say one From and no other.
#include "base/assert.h"
#include "crypto/mock/mock_signer.h"
#include "crypto/mock/mock_store.h"
#include "usage/sip/binding_record.h"
#include "usage/sip/caller_rights.h"
#include "usage/sip/registration_record.h"
#include "usage/sip/tunnel.h"

namespace {

using namespace chordial;

constexpr Now now{MonotonicTime(std::chrono::hours(1)),
                  WallTime(std::chrono::milliseconds(1'700'000'000'000))};
constexpr const char* overlay_name = "overlay.example";
constexpr const char* alice = "alice@overlay.example";

// What is taken is within its limits, and taken again as it is written.
void registration(ByteView bytes) {
  const auto record = usage::decode(bytes);
  if (!record) {
    CHORDIAL_INVARIANT(record.error().offset <= bytes.size());
    return;
  }
  CHORDIAL_INVARIANT(record->route.empty() != record->forward_to.empty());
  CHORDIAL_INVARIANT(record->route.size() <= usage::registration_route_max);
  CHORDIAL_INVARIANT(record->contact_prefs.size() <= usage::contact_prefs_bytes_max);
  const auto again = usage::decode(usage::encode(*record));
  CHORDIAL_INVARIANT(again && again->route == record->route);
  CHORDIAL_INVARIANT(again->forward_to == record->forward_to);
  CHORDIAL_INVARIANT(again->contact_prefs == record->contact_prefs);
}

void bindings(ByteView bytes) {
  const auto read = usage::decode_bindings(now, bytes);
  if (!read) return;
  CHORDIAL_INVARIANT(read->size() <= sip::bindings_per_aor_max);
  for (const sip::Binding& binding : *read) {
    CHORDIAL_INVARIANT(binding.path.size() <= sip::paths_max);
    CHORDIAL_INVARIANT(binding.flow.transport <= sip::TransportKind::tls);
    CHORDIAL_INVARIANT(binding.flow.stream == ports::StreamId{});
  }
  const auto again = usage::decode_bindings(now, usage::encode_bindings(now, *read));
  CHORDIAL_INVARIANT(again && again->size() == read->size());
  for (std::size_t i = 0; i < read->size(); ++i) {
    CHORDIAL_INVARIANT((*again)[i].uri == (*read)[i].uri);
    CHORDIAL_INVARIANT((*again)[i].flow == (*read)[i].flow);
    CHORDIAL_INVARIANT((*again)[i].expires == (*read)[i].expires);
  }
}

struct Sender {
  Rng rng{1, 2};
  NodeId node{{3, 4}};
  crypto::mock::MockAuthority authority{overlay_name, rng};
  crypto::mock::MockStore certificates{authority};
  usage::CallerRights rights{certificates, overlay_name};

  Sender() {
    const auto der = authority.issue(
        {{node}, alice, now.wall - std::chrono::hours(1), now.wall + std::chrono::hours(1)}, 1);
    rights.learn(node, **certificates.intern(*der));
  }
};

void message(ByteView bytes) {
  static const Sender sender;
  const auto sip = sip::Message::parse(bytes);
  if (!sip) return;
  const std::string from = usage::from_aor(*sip);
  CHORDIAL_INVARIANT(sip->is_request() || from.empty());
  CHORDIAL_INVARIANT(usage::host_of_aor(from).size() <= from.size());
  CHORDIAL_INVARIANT(sender.rights.may_say_from(now, sender.node, from).has_value() ==
                     (from == alice));
  CHORDIAL_INVARIANT(!sender.rights.may_say_from(now, NodeId{{3, 5}}, from));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] == 0) registration(rest);
  if (data[0] == 1) bindings(rest);
  if (data[0] == 2) message(rest);
  return 0;
}
