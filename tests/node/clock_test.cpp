// A clock that is set back, and what depends on the time of day.
#include "node/wall_clock.h"
#include "node/world.h"

namespace chordial::node::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Now moment(std::int64_t monotonic_ms, std::int64_t wall_ms) {
  return {MonotonicTime(milliseconds(monotonic_ms)), WallTime(milliseconds(wall_ms))};
}

TEST(WallClock, GoesOnWhereTheSystemsIsSetBack) {
  WallClock clock;
  EXPECT_EQ(clock.at(moment(1'000, 9'000'000)).wall_ms(), 9'000'000u);
  EXPECT_EQ(clock.at(moment(2'000, 9'001'000)).wall_ms(), 9'001'000u);
  EXPECT_EQ(clock.at(moment(3'000, 5'402'000)).wall_ms(), 9'002'000u);
  EXPECT_EQ(clock.ahead(), hours(1));
  EXPECT_EQ(clock.at(moment(63'000, 5'462'000)).wall_ms(), 9'062'000u);
  EXPECT_EQ(clock.at(moment(64'000, 9'063'000)).wall_ms(), 9'063'000u) << "set right again";
  EXPECT_EQ(clock.ahead(), milliseconds(0));
}

TEST(WallClock, FollowsWhereTheSystemsIsSetForwardOrSlewed) {
  WallClock clock;
  EXPECT_EQ(clock.at(moment(1'000, 9'000'000)).wall_ms(), 9'000'000u);
  EXPECT_EQ(clock.at(moment(2'000, 99'000'000)).wall_ms(), 99'000'000u);
  EXPECT_EQ(clock.at(moment(3'000, 99'000'500)).wall_ms(), 99'000'500u) << "half a second back";
  EXPECT_EQ(clock.ahead(), milliseconds(0));
}

TEST(WallClock, BeginsNoEarlierThanItsFloor) {
  WallClock clock(WallTime(milliseconds(9'000'000)));
  EXPECT_EQ(clock.at(moment(1'000, 0)).wall_ms(), 9'000'000u) << "a machine without a clock";
  EXPECT_EQ(clock.at(moment(2'000, 1'000)).wall_ms(), 9'001'000u);
  EXPECT_EQ(clock.at(moment(3'000, 12'000'000)).wall_ms(), 12'000'000u) << "it has heard the time";
}

class ClockSetBack : public testing::Test {
 protected:
  ClockSetBack() {
    world.form();
    EXPECT_EQ(alice.register_now(600), 200);
    EXPECT_EQ(bob.register_now(600), 200);
    world.run(seconds(60));
    world[1].clock_error = -hours(1);
  }
  [[nodiscard]] bool alice_is_found() {
    bob.start("MESSAGE", std::string("sip:alice@") + domain);
    const std::string message = alice.await("MESSAGE", seconds(10));
    if (message.empty()) return false;
    alice.answer(message, 200);
    return status_of(bob.await("200", seconds(10))) == 200;
  }

  World world{4};
  Phone& alice = world.add_phone(world[1], "alice");
  Phone& bob = world.add_phone(world[3], "bob");
};

// Her record's life is counted by those who keep it: it must be renewed in time all the same.
TEST_F(ClockSetBack, ThePhoneIsFoundAsLongAsItRefreshes) {
  for (int minute = 0; minute < 30; ++minute) {
    if (minute % 5 == 0) {
      ASSERT_EQ(alice.register_now(600), 200);
      ASSERT_EQ(bob.register_now(600), 200);
    }
    EXPECT_TRUE(alice_is_found()) << "minute " << minute;
    world.run(seconds(40));
  }
}

TEST_F(ClockSetBack, NewPhonesAreTaken) {
  Phone& second = world.add_phone(world[1], "alice");
  EXPECT_EQ(second.register_now(), 200);
  Phone& ann = world.add_phone(world[1], "ann");
  EXPECT_EQ(ann.register_now(), 200);
  bob.start("MESSAGE", std::string("sip:ann@") + domain);
  EXPECT_FALSE(ann.await("MESSAGE").empty());
}

}  // namespace
}  // namespace chordial::node::test
