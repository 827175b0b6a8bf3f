// Any bytes as a Store, Fetch, Stat or Find, and as a record on disk, to a storage that holds
// something: every answer can be read, and nothing unproven is stored.
#include <cstdlib>

#include "storage/world.h"
#include "wire/link_messages.h"

using namespace chordial;
using namespace chordial::storage;

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

template <class T>
void expect_answer(const Answer& answer) {
  if (answer.ok()) {
    expect(wire::parse_value<T>(answer.body).has_value());
  } else {
    expect(*wire::name_of(answer.error) != '\0');
    if (answer.error == wire::ErrorCode::unknown_kind)
      expect(wire::parse_value<wire::UnknownKinds>(answer.body).has_value());
  }
}

void store(test::World& world, const crypto::Certificate* sender, ByteView bytes) {
  const auto request = wire::parse_value<wire::StoreReq>(bytes);
  if (!request) return;
  const std::uint64_t checked = world.cost.checked;
  const StoreOutcome outcome = world.store_request(*request, sender);
  expect_answer<wire::StoreAns>(outcome.answer);
  // Nobody but the test can sign, so that only what was there before can be stored again.
  expect(!outcome.changed || world.cost.checked > checked);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  test::World world;
  const crypto::Certificate* alice = world.user("alice@example.org", 1);
  const ResourceId at_alice = resource_id_of("alice@example.org");
  expect(world.store(at_alice, {{}, {.kind = test::kind_array, .index = 2}}, alice).answer.ok());
  const ByteView body(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      store(world, alice, body);
      break;
    case 1:
      if (const auto request = wire::parse_value<wire::FetchReq>(body))
        expect_answer<wire::FetchAns>(world.storage.fetch(world.now, *request));
      break;
    case 2:
      if (const auto request = wire::parse_value<wire::FetchReq>(body))
        expect_answer<wire::StatAns>(world.storage.stat(world.now, *request));
      break;
    case 3:
      if (const auto request = wire::parse_value<wire::FindReq>(body))
        expect_answer<wire::FindAns>(world.storage.find(world.now, *request));
      break;
    default:
      if (size > 25) {
        const auto write = world.storage.restore(
            world.now, {ports::PersistSpace::stored_resources, Bytes(data + 1, data + 25),
                        Bytes(data + 25, data + size)});
        expect(!write || !write->value);
      }
  }
  expect(world.fetch_all(at_alice, test::kind_single).front().exists);
  return 0;
}
