#include "os/process_facts.hpp"

#include "os/spawn.hpp"
#include "os/unique_fd.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace workspaced::os {
namespace {

TEST(os_process_facts, count_descriptors) {
  const auto before = usage_of(::getpid());
  const unique_fd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto after = usage_of(::getpid());
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->open_fds, before->open_fds + 1);
}

TEST(os_process_facts, see_memory_that_is_used) {
  const auto before = usage_of(::getpid());
  const std::vector<char> memory(32U << 20U, 'x');
  const auto after = usage_of(::getpid());
  ASSERT_TRUE(before && after);
  EXPECT_GE(after->resident_bytes, before->resident_bytes + (30U << 20U));
}

TEST(os_process_facts, see_time_that_is_used) {
  const auto before = usage_of(::getpid());
  timespec used{};
  do {
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9 <
           before->cpu_seconds + 0.1);
  EXPECT_GE(usage_of(::getpid())->cpu_seconds, before->cpu_seconds + 0.05);
}

TEST(os_process_facts, are_empty_for_a_process_that_is_gone) {
  spawn_request request;
  request.argv = {"/bin/true"};
  const auto child = spawn(request);
  ASSERT_TRUE(child);
  ::waitpid(child->pid, nullptr, 0);
  EXPECT_FALSE(usage_of(child->pid));
  EXPECT_FALSE(place_of(child->pid));
}

TEST(os_process_facts, know_a_dead_process_that_nobody_has_waited_for) {
  spawn_request request;
  request.argv = {"/bin/true"};
  const auto child = spawn(request);
  ASSERT_TRUE(child);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(child->pid), &info, WEXITED | WNOWAIT);
  const auto place = place_of(child->pid);
  ::waitpid(child->pid, nullptr, 0);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->state, 'Z');
  EXPECT_EQ(place->group, child->pid);
}

TEST(os_process_facts, say_when_we_started) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto age = static_cast<double>(now.tv_sec) - origin_of_self().started;
  EXPECT_GE(age, -1);
  EXPECT_LT(age, 600);
}

TEST(os_standard_descriptors, are_opened_where_they_are_closed) {
  const unique_fd kept(::fcntl(0, F_DUPFD_CLOEXEC, 3));
  ::close(0);
  open_standard_descriptors();
  const bool open = ::fcntl(0, F_GETFD) >= 0;
  const unique_fd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int free_number = next.get();
  ::dup2(kept.get(), 0);
  EXPECT_TRUE(open);
  EXPECT_EQ(free_number, kept.get() + 1) << "a descriptor was left open";
}

TEST(os_random, differs_from_call_to_call) {
  EXPECT_NE(random_seed(), random_seed());
  EXPECT_EQ(random_bytes(1000).size(), 1000U);
  EXPECT_NE(random_bytes(16), random_bytes(16));
}

TEST(os_unique_fd, closes_what_it_owns_and_nothing_else) {
  const auto is_open = [](int fd) { return ::fcntl(fd, F_GETFD) >= 0; };
  unique_fd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  unique_fd second(std::move(first));
  EXPECT_FALSE(first);
  EXPECT_EQ(second.get(), number);
  second = unique_fd();
  EXPECT_FALSE(is_open(number));
  unique_fd third(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int given_away = third.release();
  third.reset();
  EXPECT_TRUE(is_open(given_away));
  ::close(given_away);
}

}  // namespace
}  // namespace workspaced::os
