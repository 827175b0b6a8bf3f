// Storage beside its naive twin: the same stores, removals and waiting give the same verdicts and
// the same values, before and after a restart.
#include <cstdlib>

#include "fuzz_storage/model.h"
#include "storage/world.h"

using namespace chordial;
using namespace chordial::storage;
using namespace chordial::storage::fuzz;

namespace {

constexpr std::uint32_t kinds[] = {test::kind_single, test::kind_array,
                                   wire::kind_sip_registration};
constexpr std::uint8_t resources = 3;

void expect(bool holds) {
  if (!holds) std::abort();
}

Verdict verdict_of(wire::ErrorCode error) {
  switch (error) {
    case wire::ErrorCode::invalid:
      return Verdict::well;
    case wire::ErrorCode::data_too_old:
      return Verdict::too_old;
    case wire::ErrorCode::data_too_large:
      return Verdict::too_large;
    case wire::ErrorCode::generation_counter_too_low:
      return Verdict::generation;
    case wire::ErrorCode::invalid_message:
      return Verdict::invalid;
    default:
      std::abort();
  }
}

class Twins {
 public:
  Twins(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  void run() {
    while (left_ > 0) {
      switch (next() % 8) {
        case 0:
          world_.pass(std::chrono::seconds(next()));
          compare_all();
          break;
        case 1: {  // the clock moves, and no timer has fired yet
          const auto step = std::chrono::milliseconds(next() * 500);
          world_.now.monotonic += step;
          world_.now.wall += step;
          compare_all();
          break;
        }
        case 2:
          world_.pass(std::chrono::milliseconds(1));  // a restart takes time
          world_.restart();
          restarted_ = true;
          compare_all();
          break;
        default:
          store();
      }
    }
    compare_all();
  }

 private:
  struct Observed {
    std::uint64_t changes = 0;
    std::uint64_t generation = 0;
    std::uint64_t highest = 0;
  };

  std::uint8_t next() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  [[nodiscard]] std::uint64_t now_ms() const {
    return static_cast<std::uint64_t>(world_.now.monotonic.time_since_epoch().count()) / 1000;
  }
  static std::string name(std::uint8_t resource) {
    return "user" + std::to_string(resource) + "@example.org";
  }

  void store() {
    const std::uint8_t resource = next() % resources, signer = next() % 3;
    const std::uint32_t kind = kinds[next() % 3];
    const bool is_array = kind == test::kind_array;
    const bool is_dictionary = kind == wire::kind_sip_registration;
    const int count = is_array ? 1 + next() % 5 : 1;
    std::vector<test::Write> writes;
    std::vector<ModelWrite> model_writes;
    for (int i = 0; i < count; ++i) {
      const std::uint8_t shape = next();
      ModelWrite write;
      write.kind = kind;
      if (is_array) write.index = shape % 6 == 5 ? wire::array_end : shape % 6;
      if (is_dictionary) write.key = std::string(as_text(test::node(signer).bytes()));
      write.exists = (shape & 0x80) == 0;
      write.value = std::string(next() % 18, static_cast<char>('a' + shape % 3));
      if (!write.exists && (shape & 0x40) == 0) write.value.clear();
      write.time = next();
      write.lifetime = next();
      model_writes.push_back(write);
      writes.push_back(
          {kind, write.value, write.time, write.lifetime, write.index, write.key, write.exists});
    }
    const ResourceId id = resource_id_of(name(resource));
    const std::uint64_t before = world_.generation(id, kind);
    std::uint64_t asked = 0;
    std::optional<std::uint64_t> model_asked;
    const std::uint64_t changes = model_.changes(now_ms(), resource, kind);
    switch (next() % 4) {
      case 0:  // the right one; 0 asks nothing
        asked = before;
        if (before != 0) model_asked = changes;
        break;
      case 1:
        asked = before + 1;
        model_asked = changes + 1;
        break;
      default:
        break;
    }
    const StoreOutcome outcome =
        world_.store(id, writes, world_.user(name(resource), signer), asked);
    const Verdict expected = model_.store(now_ms(), resource, model_writes, model_asked);
    expect(verdict_of(outcome.answer.error) == expected);
    expect(outcome.answer.ok() || !outcome.changed);
    compare(resource, kind);
  }

  void compare_all() {
    for (std::uint8_t resource = 0; resource < resources; ++resource) {
      for (const std::uint32_t kind : kinds)
        compare(resource, kind);
    }
    restarted_ = false;
  }

  void compare(std::uint8_t resource, std::uint32_t kind) {
    const ResourceId id = resource_id_of(name(resource));
    const auto expected = model_.values(now_ms(), resource, kind);
    std::map<std::pair<std::uint32_t, std::string>, test::Seen> seen;
    for (const test::Seen& value : world_.fetch_all(id, kind)) {
      if (value.is_signed) seen[{value.index, value.key}] = value;
    }
    expect(seen.size() == expected.size());
    for (const auto& [place, value] : expected) {
      expect(seen.contains(place));
      const test::Seen& got = seen[place];
      expect(got.exists == value.exists && got.value == value.value && got.time == value.time);
      expect(got.lifetime == (value.ends_ms - now_ms()) / 1000);
    }
    const std::uint64_t changes = model_.changes(now_ms(), resource, kind);
    const std::uint64_t generation = world_.generation(id, kind);
    Observed& last = observed_[{resource, kind}];
    expect((generation == 0) == (changes == 0));
    if (changes != 0 && changes == last.changes && !restarted_)
      expect(generation == last.generation);
    if (changes != 0 && changes != last.changes) expect(generation > last.highest);
    last.changes = changes;
    last.generation = generation;
    last.highest = std::max(last.highest, generation);
  }

  const std::uint8_t* data_;
  std::size_t left_;
  bool restarted_ = false;
  test::World world_;
  StorageModel model_{{{test::kind_single, Model::single_value, 1, 16},
                       {test::kind_array, Model::array, 4, 16},
                       {wire::kind_sip_registration, Model::dictionary, 32, 1024}}};
  std::map<std::pair<std::uint8_t, std::uint32_t>, Observed> observed_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 512) return 0;
  Twins(data, size).run();
  return 0;
}
