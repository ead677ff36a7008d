// What must hold after very many starts, and with a large heap.
#include "os/process/lab.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <limits>
#include <new>

namespace workspaced::os::testing {
namespace {

using os_endurance = lab;
using clock = std::chrono::steady_clock;

spawn_request true_program() {
  spawn_request request;
  request.argv = {"/bin/true"};
  return request;
}

TEST_F(os_endurance, no_exit_is_lost_in_five_hundred_short_runs) {
  int ends = 0;
  exit_handlers handlers;
  handlers.exited = [&](core::exit_status status, bool) {
    EXPECT_EQ(status, core::exit_status(core::exited{0}));
    ++ends;
  };
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(table_.start(true_program(), handlers));
    if (i % 7 == 0) loop_.poll();
  }
  EXPECT_TRUE(run_until([&] { return ends == 500; })) << ends;
}

TEST_F(os_endurance, a_thousand_runs_leak_no_descriptor_and_no_process) {
  const auto descriptors = open_descriptors();
  int ends = 0;
  std::function<void()> again = [&] {
    exit_handlers handlers;
    handlers.exited = [&](core::exit_status, bool) {
      if (++ends <= 990) again();
    };
    ASSERT_TRUE(table_.start(true_program(), handlers));
  };
  const auto before = clock::now();
  for (int i = 0; i < 10; ++i) again();
  ASSERT_TRUE(run_until([&] { return ends == 1000; })) << ends;
  const auto each = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - before) / 1000;
  RecordProperty("microseconds_per_run", static_cast<int>(each.count()));
  EXPECT_TRUE(run_until([&] { return open_descriptors() == descriptors; })) << open_descriptors();
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1) << "there is a child";
}

/// The quickest of some starts, in microseconds: others who want the processor only ever make one slower. The
/// end of the process is not in it.
long quickest_start(process_table& table, boost::asio::io_context& loop) {
  long quickest = std::numeric_limits<long>::max();
  for (int i = 0; i < 60; ++i) {
    exit_handlers handlers;
    handlers.exited = [](core::exit_status, bool) {};
    const auto before = clock::now();
    EXPECT_TRUE(table.start(true_program(), handlers));
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - before);
    quickest = std::min<long>(quickest, took.count());
    while (table.size() != 0) loop.run_one();
  }
  return quickest;
}

/// Memory in small pages, all of them in use: what a fork(2) would have to copy the tables of.
class touched_memory {
 public:
  explicit touched_memory(std::size_t size) : size_(size) {
    base_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    ::madvise(base_, size, MADV_NOHUGEPAGE);
    for (std::size_t at = 0; at < size; at += 4096) static_cast<char*>(base_)[at] = 1;
  }
  touched_memory(const touched_memory&) = delete;
  touched_memory& operator=(const touched_memory&) = delete;
  ~touched_memory() { ::munmap(base_, size_); }

 private:
  std::size_t size_;
  void* base_;
};

TEST_F(os_endurance, a_start_costs_the_same_with_a_large_heap) {
  const long small = quickest_start(table_, loop_);
  const touched_memory heap(500U << 20U);
  const long large = quickest_start(table_, loop_);
  RecordProperty("start_microseconds", static_cast<int>(small));
  RecordProperty("start_microseconds_large_heap", static_cast<int>(large));
  EXPECT_LE(large, 3 * std::max(small, 300L)) << "microseconds; with a small heap " << small;
}

}  // namespace
}  // namespace workspaced::os::testing
