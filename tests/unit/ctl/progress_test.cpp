#include "ctl/progress.hpp"

#include "unit/ctl/fleets.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;
using core::status;
using test::fleet;
using test::service;

struct screen {
  std::string text;
  console target;

  explicit screen(terminal seen = {})
      : target(
            [this](std::string_view more) {
              text += more;
              return true;
            },
            [](std::string_view) { return true; }, seen) {}
  std::string take() { return std::exchange(text, {}); }
};

TEST(ctl_progress, tells_each_change_once_when_not_on_a_terminal) {
  screen out;
  progress it(out.target, progress::mode::lines);
  auto db = service("db", status::starting, "not ready yet");
  const auto old = service("old", status::stopped);
  it.show(fleet({db, old}), {}, {});
  EXPECT_EQ(out.take(), "db: starting: not ready yet\n") << "what is at rest is no news";
  it.show(fleet({db, old}), {}, {});
  EXPECT_EQ(out.take(), "");
  db.state = status::ready;
  db.ready_after = 1200ms;
  it.show(fleet({db, old}), {}, {});
  EXPECT_EQ(out.take(), "db: ready after 1.2 s\n");
}

TEST(ctl_progress, does_not_say_the_state_twice) {
  screen out;
  progress it(out.target, progress::mode::lines);
  it.show(fleet({service("db", status::stopping, "stopping")}), {}, {});
  EXPECT_EQ(out.take(), "db: stopping\n");
}

TEST(ctl_progress, shows_only_what_it_is_about) {
  screen out;
  progress it(out.target, progress::mode::lines);
  it.show(fleet({service("a", status::starting), service("b", status::starting)}), {"b"}, {});
  EXPECT_EQ(out.take(), "b: starting: because\n");
}

TEST(ctl_progress, redraws_in_place_on_a_terminal) {
  screen out({true, false, 40, 24});
  progress it(out.target, progress::mode::live);
  const clock::time_point start{};
  it.show(fleet({service("a", status::starting), service("b", status::ready)}), {}, start);
  EXPECT_EQ(out.take(),
            "\r\x1b[2K… a     starting   0 ms  because\n"
            "\r\x1b[2K✔ b     ready      because\n\x1b[J");
  it.tick(start + 3s);
  EXPECT_EQ(out.take(),
            "\x1b[2A\r\x1b[2K… a     starting   3.0 s  because\n"
            "\r\x1b[2K✔ b     ready      because\n\x1b[J");
}

TEST(ctl_progress, never_draws_more_lines_than_the_terminal_has) {
  screen out({true, false, 80, 6});
  progress it(out.target, progress::mode::live);
  std::vector<core::service_view> many;
  for (int i = 0; i < 20; ++i)
    many.push_back(service("s" + std::to_string(i), i == 19 ? status::starting : status::ready));
  it.show(fleet(many), {}, {});
  const auto text = out.take();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_NE(text.find("s19"), std::string::npos) << "what moves comes first";
  EXPECT_NE(text.find("and 17 more"), std::string::npos);
}

TEST(ctl_progress, is_silent_when_told_so) {
  screen out;
  progress it(out.target, progress::mode::silent);
  it.show(fleet({service("a", status::starting)}), {}, {});
  EXPECT_EQ(out.take(), "");
}

}  // namespace
}  // namespace workspaced::ctl
