#include "logs/log_reader.hpp"
#include "os/logs/logged_service.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <optional>
#include <string>

namespace workspaced::logs {
namespace {

namespace asio = boost::asio;
using namespace testing;
using logs_follow = logged_service;

struct followed {
  std::string text;
  std::uint64_t lost = 0;
  bool done = false;
};

asio::awaitable<void> follow(std::shared_ptr<service_log> log, std::uint64_t from, followed& seen) {
  log_reader reader(std::move(log), from);
  do {
    for (log_piece piece = reader.read(5000); !piece.text.empty(); piece = reader.read(5000)) {
      seen.text += piece.text;
      seen.lost += piece.lost;
    }
  } while (co_await reader.wait());
}

void start(asio::io_context& loop, asio::awaitable<void> job, followed& seen) {
  asio::co_spawn(loop, std::move(job), [&seen](std::exception_ptr problem) {
    seen.done = true;
    if (problem) std::rethrow_exception(problem);
  });
}

TEST_F(logs_follow, gets_every_byte_once_across_rotations) {
  const auto log = open("web", 10'000, 1000);
  const os::unique_fd out = end_of(*log, stream::out);
  std::string all;
  for (int line = 0; line < 50'000; ++line) all += "line " + std::to_string(line) + "\n";
  followed seen;
  start(loop, follow(log, log_reader::last(*log, 10), seen), seen);
  writer source([&] { write_all(out.get(), all); });
  run_until([&] { return seen.text.size() >= all.size(); });
  EXPECT_EQ(seen.text, all);
  EXPECT_EQ(seen.lost, 0U);
  log->close();
  run_until([&] { return seen.done; });
}

TEST_F(logs_follow, starts_with_the_last_lines) {
  const auto log = open("web", 20, 5);
  const os::unique_fd out = end_of(*log, stream::out);
  write_all(out.get(), "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
  log->drain();
  followed seen;
  start(loop, follow(log, log_reader::last(*log, 3), seen), seen);
  run_until([&] { return seen.text == "five\nsix\nseven\n"; });
  write_all(out.get(), "eight\n");
  run_until([&] { return seen.text == "five\nsix\nseven\neight\n"; });
  EXPECT_EQ(last_lines(*log, 2, 1000), "seven\neight\n");
  log->close();
  run_until([&] { return seen.done; });
}

TEST_F(logs_follow, tells_a_reader_that_fell_behind_how_much_it_missed) {
  const auto log = open("web", 1000, 2);
  const os::unique_fd out = end_of(*log, stream::out);
  log_reader slow(log, 0);
  std::string all;
  for (int line = 0; line < 1000; ++line) all += "line " + std::to_string(line) + "\n";
  write_all(out.get(), all);
  log->drain();
  const log_piece piece = slow.read(100);
  EXPECT_EQ(piece.text, all.substr(piece.lost, 100));
  EXPECT_GE(piece.lost, all.size() - 3000);
  EXPECT_LT(piece.lost, all.size() - 2000);
}

TEST_F(logs_follow, ends_a_cancelled_wait_and_leaves_the_others_alone) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  followed stays;
  start(loop, follow(log, 0, stays), stays);
  asio::cancellation_signal signal;
  std::optional<bool> answer;
  asio::co_spawn(loop, log->wait_beyond(0),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr problem, bool more) {
                   if (problem) std::rethrow_exception(problem);
                   answer = more;
                 }));
  loop.poll();
  ASSERT_FALSE(answer);
  signal.emit(asio::cancellation_type::terminal);
  run_until([&] { return answer.has_value(); });
  EXPECT_FALSE(*answer);
  write_all(out.get(), "more\n");
  run_until([&] { return stays.text == "more\n"; });
  log->close();
  run_until([&] { return stays.done; });
}

TEST_F(logs_follow, reads_to_the_end_when_the_log_is_closed) {
  const auto log = open("web");
  const os::unique_fd out = end_of(*log, stream::out);
  followed seen;
  start(loop, follow(log, 0, seen), seen);
  loop.poll();
  write_all(out.get(), "last\nwords");
  log->close();
  run_until([&] { return seen.done; });
  EXPECT_EQ(seen.text, "last\nwords");
}

}  // namespace
}  // namespace workspaced::logs
