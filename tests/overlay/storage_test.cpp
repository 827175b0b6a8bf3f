// Stores, look-ups, replicas and what happens to values when peers come and go.
#include "overlay/world.h"
#include "storage/resource_name.h"
#include "wire/codes.h"

namespace chordial::overlay {
namespace {

using std::chrono::seconds;

constexpr const char* alice = "alice@example.org";

// A user's dictionary entry, written by its user certificate for one node.
struct User {
  User(World& w, std::size_t node) : world(w), signer(w.user(alice, w[node].id)), home(node) {}

  Store request(const std::string& value, std::uint32_t lifetime_s = 3600) const {
    Store store;
    store.resource = resource;
    store.kind = wire::kind_sip_registration;
    store.lifetime_s = lifetime_s;
    Value entry;
    entry.key = to_bytes(world[home].id.bytes());
    entry.value = to_bytes(as_bytes(value));
    store.values.push_back(entry);
    return store;
  }
  Outcome<Stored> store(const Store& what) {
    const RequestId id = world[home].peer->store(world.now, what, signer.get(), heard);
    EXPECT_EQ(heard.stored.count(id), 0u) << "from inside the call";
    world.run_until([&] { return heard.stored.count(id) > 0; }, seconds(30));
    return heard.stored.at(id);
  }
  Outcome<Fetched> fetch(std::size_t from) {
    Heard here;
    Fetch fetch;
    fetch.resource = resource;
    fetch.kind = wire::kind_sip_registration;
    const RequestId id = world[from].peer->fetch(world.now, fetch, here);
    world.run_until([&] { return here.fetched.count(id) > 0; }, seconds(30));
    return here.fetched.at(id);
  }

  World& world;
  std::unique_ptr<crypto::mock::MockSigner> signer;
  std::size_t home;
  ResourceId resource = storage::resource_id_of(alice);
  Heard heard;
};

std::string value_of(const Outcome<Fetched>& fetched) {
  if (!fetched) return fetched.error().error.text();
  if (fetched->values.size() != 1) {
    return std::to_string(fetched->values.size()) + " values, " +
           std::to_string(fetched->rejected) + " rejected";
  }
  return std::string(as_text(fetched->values[0].value));
}

TEST(Storage, AValueStoredAtOneNodeIsFetchedAtEveryOther) {
  World world(7);
  world.form();
  User user(world, 3);
  const auto stored = user.store(user.request("sip:phone"));
  ASSERT_TRUE(stored) << stored.error().error.text();
  EXPECT_GT(stored->generation, 0u);
  EXPECT_EQ(stored->replicas.size(), 2u);
  for (std::size_t i = 0; i < 7; ++i) {
    const auto fetched = user.fetch(i);
    EXPECT_EQ(value_of(fetched), "sip:phone") << i;
    ASSERT_TRUE(fetched && fetched->values.size() == 1);
    EXPECT_EQ(fetched->values[0].signer, user.signer->certificate().hash);
  }
  world.run(seconds(5));
  EXPECT_EQ(world.holders(user.resource), 3u);
}

TEST(Storage, AcknowledgedMeansOnDiskAndAtOneReplica) {
  World world(5);
  world.form();
  User user(world, 1);
  ASSERT_TRUE(user.store(user.request("v")));
  std::size_t disks = 0;
  for (auto& m : world.members)
    disks += m->disk.empty() ? 0 : 1;
  EXPECT_GE(disks, 2u);
}

TEST(Storage, ABrokenDiskIsAnError) {
  World world(1);
  world.form();
  world[0].disk_broken = true;
  User user(world, 0);
  const auto stored = user.store(user.request("v"));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().reload_code, static_cast<std::uint16_t>(wire::ErrorCode::not_found));
}

TEST(Storage, AloneItIsServedLocally) {
  World world(2);
  world[0].boot({world[1].address}, false);  // nobody there
  world.run(seconds(30));
  ASSERT_EQ(world[0].peer->phase(), Phase::isolated);
  User user(world, 0);
  ASSERT_TRUE(user.store(user.request("here")));
  EXPECT_EQ(value_of(user.fetch(0)), "here");
}

TEST(Storage, TheResponsiblePeerDiesAndTheValueLives) {
  World world(8);
  world.form();
  User user(world, 2);
  ASSERT_TRUE(user.store(user.request("kept")));
  for (int round = 0; round < 3; ++round) {
    Member* owner = world.owner(user.resource);
    ASSERT_NE(owner, nullptr);
    if (owner->index == 0 || owner->index == 2) break;
    owner->kill();
    world.run(seconds(120));
    EXPECT_EQ(value_of(user.fetch(0)), "kept") << round;
    EXPECT_GE(world.holders(user.resource), 3u) << "replicas are repaired " << round;
  }
}

TEST(Storage, AJoiningPeerReceivesWhatItAnswersFor) {
  World world(4);
  world.form();
  User user(world, 0);
  ASSERT_TRUE(user.store(user.request("moves")));
  // Nodes until one of them becomes responsible.
  Member* const before = world.owner(user.resource);
  for (int i = 0; i < 12 && world.owner(user.resource) == before; ++i) {
    world.add(Role::peer).boot({world[0].address}, false);
    world.run(seconds(30));
  }
  Member* const owner = world.owner(user.resource);
  ASSERT_NE(owner, before);
  EXPECT_TRUE(owner->peer->holds(user.resource));
  EXPECT_EQ(value_of(user.fetch(0)), "moves");
}

TEST(Storage, ALeavingPeerHandsOver) {
  World world(5);
  world.context.topology.replicas = 1;
  world.form();
  User user(world, 0);
  ASSERT_TRUE(user.store(user.request("handed on")));
  Member* const owner = world.owner(user.resource);
  ASSERT_NE(owner->index, 0u) << "the seed must put the value at another node than the first";
  owner->peer->leave(world.now);
  world.run(seconds(6));
  EXPECT_EQ(owner->peer->phase(), Phase::stopped);
  owner->kill();
  EXPECT_EQ(value_of(user.fetch(0)), "handed on");
}

TEST(Storage, ARestartedOverlayComesBackFromItsDisks) {
  World world(4);
  world.form();
  User user(world, 1);
  ASSERT_TRUE(user.store(user.request("durable")));
  world.run(seconds(5));
  for (auto& m : world.members)
    m->kill();
  world.run(seconds(60));
  for (std::size_t i = 0; i < 4; ++i) {
    world[i].boot(i == 0 ? std::vector<SocketAddress>{} : std::vector{world[0].address}, i == 0);
    world.run(seconds(10));
  }
  world.run(seconds(60));
  EXPECT_EQ(value_of(user.fetch(3)), "durable");
}

TEST(Storage, RemovalIsAValueThatDoesNotExist) {
  World world(4);
  world.form();
  User user(world, 1);
  ASSERT_TRUE(user.store(user.request("there")));
  world.run(seconds(2));
  Store removal = user.request("");
  removal.values[0].exists = false;
  ASSERT_TRUE(user.store(removal));
  const auto fetched = user.fetch(2);
  ASSERT_TRUE(fetched);
  ASSERT_EQ(fetched->values.size(), 1u);
  EXPECT_FALSE(fetched->values[0].exists);
}

TEST(Storage, AnOlderStorageTimeIsRefused) {
  World world(4);
  world.form();
  User user(world, 1);
  ASSERT_TRUE(user.store(user.request("new")));
  Store old = user.request("old");
  old.storage_time_ms = world.now.wall_ms() - 100'000;
  const auto refused = user.store(old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reload_code, static_cast<std::uint16_t>(wire::ErrorCode::data_too_old));
  EXPECT_EQ(refused.error().error.kind, ErrorKind::conflict);
  EXPECT_EQ(value_of(user.fetch(0)), "new");
}

TEST(Storage, AnUnknownKindIsRefusedBeforeItIsSent) {
  World world(2);
  world.form();
  User user(world, 1);
  Store store = user.request("v");
  store.kind = 0xF0000123;
  const auto refused = user.store(store);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.kind, ErrorKind::unsupported);
  EXPECT_EQ(refused.error().reload_code, static_cast<std::uint16_t>(wire::ErrorCode::unknown_kind));
}

TEST(Storage, AKindTheOthersDoNotKnowIsNamed) {
  World world(3);
  world.form();
  storage::KindTable more = [&] {
    auto kinds = storage::registered_kinds();
    storage::Kind kind = kinds.front();
    kind.id = 0xF0000123;
    kind.model = wire::DataModel::dictionary;
    kind.access = storage::AccessControl::user_node_match;
    kind.max_count = 10;
    kind.max_size = 100;
    kinds.push_back(kind);
    return storage::KindTable(kinds);
  }();
  SharedContext other = world.context;
  other.kinds = &more;
  User user(world, 1);
  Member* const owner = world.owner(user.resource);
  const std::size_t asker = owner->index == 1 ? 2 : 1;
  User asking(world, asker);
  world[asker].peer->adopt(world.now, other);  // the same sequence: nobody is told
  Store store = asking.request("v");
  store.kind = 0xF0000123;
  const auto refused = asking.store(store);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reload_code, static_cast<std::uint16_t>(wire::ErrorCode::unknown_kind));
  world[asker].kill();
}

// RFC 6940 §7.4.1.2: whoever is told so sends the document in which the Kind stands.
TEST(Storage, WhoDoesNotKnowAKindIsSentTheDocument) {
  World world(3);
  world.form();
  storage::KindTable fewer({storage::registered_kinds().back()});
  SharedContext poor = world.context;
  poor.kinds = &fewer;
  User user(world, 1);
  Member* const owner = world.owner(user.resource);
  User asking(world, owner->index == 1 ? 2 : 1);
  owner->peer->adopt(world.now, poor);  // the same sequence: nobody is told
  owner->newer = &world.context;
  EXPECT_FALSE(asking.store(asking.request("v")));
  world.run(std::chrono::seconds(2));
  EXPECT_EQ(&owner->peer->context(), &world.context);
  EXPECT_TRUE(asking.store(asking.request("v")));
  owner->kill();
}

TEST(Storage, ARecordOfSomebodyElseIsForbidden) {
  World world(4);
  world.form();
  User user(world, 1);
  const auto mallory = world.user("mallory@example.org", world[2].id);
  Heard heard;
  Store forged = user.request("stolen");
  forged.values[0].key = to_bytes(world[2].id.bytes());
  const RequestId id = world[2].peer->store(world.now, forged, mallory.get(), heard);
  world.run(seconds(20));
  ASSERT_EQ(heard.stored.count(id), 1u);
  ASSERT_FALSE(heard.stored.at(id));
  EXPECT_EQ(heard.stored.at(id).error().error.kind, ErrorKind::forbidden);
}

TEST(Storage, StatAndFind) {
  World world(4);
  world.form();
  User user(world, 1);
  ASSERT_TRUE(user.store(user.request("12345")));
  Heard heard;
  Fetch fetch;
  fetch.resource = user.resource;
  fetch.kind = wire::kind_sip_registration;
  const RequestId stat = world[3].peer->stat(world.now, fetch, heard);
  world.run(seconds(10));
  ASSERT_TRUE(heard.statted.count(stat) == 1 && heard.statted.at(stat));
  ASSERT_EQ(heard.statted.at(stat)->values.size(), 1u);
  EXPECT_EQ(heard.statted.at(stat)->values[0].length, 5u);
  const RequestId find =
      world[3].peer->find(world.now, user.resource, wire::kind_sip_registration, heard);
  world.run(seconds(10));
  ASSERT_TRUE(heard.found.count(find) == 1 && heard.found.at(find));
  EXPECT_EQ(heard.found.at(find)->closest, user.resource);
}

TEST(Storage, ValuesEndWithTheirLifetime) {
  World world(4);
  world.form();
  User user(world, 1);
  ASSERT_TRUE(user.store(user.request("short", 30)));
  world.run(seconds(10));
  const auto fetched = user.fetch(0);
  ASSERT_TRUE(fetched && fetched->values.size() == 1);
  EXPECT_LE(fetched->values[0].lifetime_s, 20u) << "what is left, not what it was stored with";
  EXPECT_GE(fetched->values[0].lifetime_s, 17u);
  world.run(seconds(50));
  EXPECT_EQ(world.holders(user.resource), 0u);
}

TEST(Storage, ACutOverlayMergesWhatBothSidesWrote) {
  World world(6);
  world.form();
  for (auto& m : world.members)
    m->peer->set_bootstrap(world.now, {world[0].address, world[5].address});
  const auto side = [&](const SocketAddress& a) {
    return a.ip.v4_host_order() < world[3].address.ip.v4_host_order();
  };
  User user(world, 1);
  ASSERT_TRUE(user.store(user.request("before")));
  world.cut = [&](const SocketAddress& a, const SocketAddress& b) { return side(a) != side(b); };
  world.run(seconds(200));
  ASSERT_TRUE(user.store(user.request("after")));
  world.cut = nullptr;
  world.run(seconds(600));
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(value_of(user.fetch(i)), "after") << i;
}

}  // namespace
}  // namespace chordial::overlay
