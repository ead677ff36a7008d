#include "json/edit.hpp"
#include "os/claude/workbench.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>

namespace workspaced::claude::testing {
namespace {

using std::chrono::steady_clock;

/// Does something at its pace, as long as it likes, in the loop of the test.
class repeat {
 public:
  /// `work` says whether to go on.
  repeat(asio::io_context& loop, std::chrono::milliseconds pace, std::function<bool()> work)
      : timer_(loop), pace_(pace), work_(std::move(work)) {
    next();
  }

 private:
  void next() {
    timer_.expires_after(pace_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error && work_()) next();
    });
  }

  asio::steady_timer timer_;
  std::chrono::milliseconds pace_;
  std::function<bool()> work_;
};

class registration_locking : public workbench {};

TEST_F(registration_locking, waits_for_a_live_holder_and_builds_on_what_it_wrote) {
  put(file, R"({"theirs": 1})");
  std::filesystem::create_directory(lock);
  registration_timing timing = quick();
  timing.lock.stale_after = 400ms;
  registration target = make(timing);
  const auto result = start(target, {open_fleet});
  int sign_of_life = 0;
  bool early = false;
  const repeat holder(loop, 20ms, [&] {  // holds it for twice as long as a dead one would keep it
    early = early || content(file) != R"({"theirs": 1})";
    touch(lock);
    if (++sign_of_life < 40) return true;
    put(file, R"({"theirs": 2})");
    std::filesystem::remove(lock);
    return false;
  });
  finish();
  EXPECT_OUTCOME(*result, written);
  EXPECT_FALSE(early) << "written although the lock was held";
  EXPECT_EQ(content(file).substr(0, 13), R"({"theirs": 2,)");
}

TEST_F(registration_locking, gives_up_when_a_live_holder_never_lets_go) {
  put(file, "{}");
  std::filesystem::create_directory(lock);
  registration_timing timing = quick();
  timing.lock.wait = 300ms;
  registration target = make(timing);
  const auto begin = steady_clock::now();
  const auto result = start(target, {fleet});
  finish();
  EXPECT_OUTCOME(*result, failed);
  EXPECT_EQ(result->detail,
            "cannot take the lock " + lock +
                ": another program has held it for 300 ms; if no Claude Code runs, remove the directory");
  EXPECT_GE(steady_clock::now() - begin, 300ms);
  EXPECT_EQ(content(file), "{}");
  EXPECT_TRUE(std::filesystem::exists(lock)) << "took away a lock that was alive";
}

TEST_F(registration_locking, takes_over_a_lock_that_has_been_old_for_long) {
  std::filesystem::create_directory(lock);
  touch(lock, 12s);
  const auto begin = steady_clock::now();
  EXPECT_OUTCOME(apply({fleet}), written);
  EXPECT_GE(steady_clock::now() - begin, lock_timing().second_look);
  EXPECT_FALSE(std::filesystem::exists(lock));
}

TEST_F(registration_locking, leaves_a_lock_that_is_younger_alone) {
  std::filesystem::create_directory(lock);
  touch(lock, 8s);
  registration_timing timing = quick();
  timing.lock.wait = 500ms;
  EXPECT_OUTCOME(apply({fleet}, timing), failed);
  EXPECT_TRUE(std::filesystem::exists(lock));
}

TEST_F(registration_locking, takes_over_a_lock_without_sign_of_life_whatever_its_clock_says) {
  std::filesystem::create_directory(lock);
  touch(lock, -3600s);  // from the future: the clock of another machine
  registration_timing timing = quick();
  timing.lock.stale_after = 300ms;
  const auto begin = steady_clock::now();
  EXPECT_OUTCOME(apply({fleet}, timing), written);
  EXPECT_GE(steady_clock::now() - begin, 300ms);
}

TEST_F(registration_locking, says_what_is_wrong_with_a_lock_that_is_none) {
  put(lock, "");
  EXPECT_EQ(apply({fleet}).detail, "cannot take the lock " + lock + ": not a directory; remove it");
}

TEST_F(registration_locking, waits_for_a_half_written_file_to_become_whole) {
  put(file, "{\"theirs\": ");
  registration target = make();
  const auto result = start(target, {open_fleet});
  const repeat writer(loop, 60ms, [&] {
    put(file, "{\"theirs\": 1}");
    return false;
  });
  finish();
  EXPECT_OUTCOME(*result, written);
  EXPECT_EQ(content(file).substr(0, 13), R"({"theirs": 1,)");
}

TEST_F(registration_locking, writes_again_what_a_writer_without_lock_undid) {
  put(file, R"({"n": 1})");
  registration_timing timing = quick();
  timing.settle = 100ms;
  registration target = make(timing);
  const auto result = start(target, {open_fleet});
  const repeat writer(loop, 5ms, [&] {
    if (content(file) == R"({"n": 1})") return true;
    put(file, R"({"n": 2})");
    return false;
  });
  finish();
  EXPECT_OUTCOME(*result, written);
  EXPECT_EQ(*json::get_member(content(file), {"n"}), "2");
  EXPECT_TRUE(json::get_member(content(file), {"mcpServers", "fleet"})->has_value());
}

TEST_F(registration_locking, gives_up_when_another_program_undoes_it_every_time) {
  put(file, R"({"n": 1})");
  registration target = make();
  const auto result = start(target, {fleet});
  const repeat writer(loop, 2ms, [&] {
    if (content(file) != R"({"n": 1})") put(file, R"({"n": 1})");
    return result->detail == "still running";
  });
  finish();
  EXPECT_OUTCOME(*result, failed);
  EXPECT_EQ(result->detail, "cannot keep our entries in " + file + ": another program undid them 5 times");
}

TEST_F(registration_locking, does_one_request_after_the_other_in_their_order) {
  registration target = make();
  std::filesystem::create_directory(lock);
  const set_entry second = entry_of("fleet", bearer{"second"});
  const std::vector<std::shared_ptr<outcome>> results = {start(target, {fleet}), start(target, {no_fleet}),
                                                         start(target, {second})};
  const repeat holder(loop, 50ms, [&] { return std::filesystem::remove(lock), false; });
  finish();
  for (const auto& result : results) EXPECT_OUTCOME(*result, written);
  EXPECT_EQ(*json::get_member(content(file), {"mcpServers", "fleet", "headers", "Authorization"}),
            "\"Bearer second\"");
}

TEST_F(registration_locking, outlives_the_object_that_started_it) {
  std::shared_ptr<outcome> result;
  {
    registration target = make();
    result = start(target, {fleet});
  }
  finish();
  EXPECT_OUTCOME(*result, written);
}

TEST_F(registration_locking, ends_when_it_is_cancelled_and_lets_the_next_one_in) {
  put(file, "{}");
  std::filesystem::create_directory(lock);
  registration target = make();
  asio::cancellation_signal cancel;
  std::optional<outcome> first;
  asio::co_spawn(
      loop, target.apply({fleet}),
      asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& thrown, outcome end) {
        if (!thrown) first = std::move(end);
      }));
  const auto second = start(target, {open_fleet});
  const repeat canceller(loop, 50ms, [&] {
    cancel.emit(asio::cancellation_type::terminal);
    std::filesystem::remove(lock);
    return false;
  });
  finish();
  ASSERT_TRUE(first.has_value());
  EXPECT_OUTCOME(*first, failed);
  EXPECT_OUTCOME(*second, written);
  EXPECT_EQ(content(file).find("s3cret"), std::string::npos) << "the cancelled one was written";
  EXPECT_EQ(names().size(), 1U);
}

TEST_F(registration_locking, leaves_nothing_behind_when_the_loop_is_destroyed) {
  put(file, "{}");
  {
    asio::io_context doomed{1};
    registration target(doomed.get_executor(), {file, ""}, quick());
    const auto ignore = [](const std::exception_ptr&, const outcome&) {};
    asio::co_spawn(doomed, target.apply({fleet}), ignore);
    asio::co_spawn(doomed, target.apply({open_fleet}), ignore);
    for (int i = 0; i < 500 && content(file) == "{}"; ++i) doomed.run_one_for(100ms);
    EXPECT_NE(content(file), "{}");  // now the first settles and the second waits for its turn
  }
  EXPECT_EQ(names(), std::vector<std::string>{".claude.json"});
}

/// Gaps between the ticks of a timer show how long the loop was busy with something else.
TEST_F(registration_locking, does_not_hold_the_loop_up_while_it_waits) {
  put(file, "{\"big\": \"" + std::string(10'000'000, 'x') + "\"}");
  std::filesystem::create_directory(lock);
  registration_timing timing = quick();
  timing.lock.wait = 1s;
  registration target = make(timing);
  const auto result = start(target, {fleet});
  std::vector<steady_clock::duration> gaps;
  auto last = steady_clock::now();
  const repeat ticker(loop, 1ms, [&] {
    const auto now = steady_clock::now();
    gaps.push_back(now - last);
    last = now;
    return result->detail == "still running";
  });
  finish();
  EXPECT_OUTCOME(*result, failed);
  ASSERT_GT(gaps.size(), 100U);
  // The first gap holds the first read; the others are waiting. A percentile, because machines pause too.
  std::sort(gaps.begin() + 1, gaps.end());
  const auto usual = gaps[1 + (gaps.size() - 1) * 95 / 100];
  RecordProperty("p95_us", static_cast<int>(usual / 1us));
  EXPECT_LT(usual, 5ms);
}

}  // namespace
}  // namespace workspaced::claude::testing
