#include "core/exit_status.hpp"

#include "core/durations.hpp"
#include "core/probe_text.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

TEST(exit_status, tells_exit_9_from_signal_9) {
  EXPECT_EQ(describe(exited{9}), "exit code 9");
  EXPECT_EQ(describe(signaled{SIGKILL, false}), "killed by SIGKILL");
  EXPECT_EQ(describe(signaled{SIGSEGV, true}), "killed by SIGSEGV (core dumped)");
  EXPECT_EQ(shell_code(exited{9}), 9);
  EXPECT_EQ(shell_code(signaled{SIGKILL, false}), 137);
}

TEST(exit_status, an_end_that_nobody_saw_is_neither) {
  EXPECT_EQ(describe(unseen{}), "ended unseen");
  EXPECT_FALSE(is_success(unseen{}, {0, 1}));
  EXPECT_EQ(shell_code(unseen{}), 1);
}

TEST(exit_status, success_is_a_listed_code_and_never_a_signal) {
  EXPECT_TRUE(is_success(exited{0}, {0}));
  EXPECT_TRUE(is_success(exited{3}, {0, 3}));
  EXPECT_FALSE(is_success(exited{1}, {0, 3}));
  EXPECT_FALSE(is_success(signaled{SIGTERM, false}, {0, 15, 143}));
}

TEST(exit_status, signals_have_names_both_ways) {
  for (const char* name : {"TERM", "SIGTERM", "sigterm", "15"})
    EXPECT_EQ(signal_number(name), SIGTERM) << name;
  EXPECT_EQ(signal_number("RTMIN+3"), 37);
  EXPECT_EQ(signal_name(37), "RTMIN+3");
  EXPECT_EQ(signal_name(SIGHUP), "HUP");
  for (const char* none : {"", "0", "65", "-1", "NOPE", "RTMIN+99", "15 "})
    EXPECT_EQ(signal_number(none), 0) << none;
  for (int signal = 1; signal <= 31; ++signal) EXPECT_EQ(signal_number(signal_name(signal)), signal);
}

TEST(durations, read_like_people_say_them) {
  EXPECT_EQ(in_words(350ms), "350 ms");
  EXPECT_EQ(in_words(1250ms), "1.2 s");
  EXPECT_EQ(in_words(42s), "42 s");
  EXPECT_EQ(in_words(185s), "3 min 5 s");
  EXPECT_EQ(in_words(2h), "2 h");
  EXPECT_EQ(in_words(99h), "4 d 3 h");
}

TEST(probe_text, shows_what_is_asked) {
  EXPECT_EQ(describe(probe_target(http_target{{"127.0.0.1", 8000}, "localhost:8000", "/health"})),
            "http http://localhost:8000/health");
  EXPECT_EQ(describe(probe_target(tcp_target{"::1", 5432})), "tcp [::1]:5432");
  EXPECT_EQ(describe(probe_target(exec_target{{"pg_isready", "-q"}})), "exec pg_isready -q");
}

}  // namespace
}  // namespace workspaced::core
