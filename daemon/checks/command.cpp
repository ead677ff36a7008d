#include "checks/command.hpp"

#include "core/durations.hpp"
#include "os/unique_fd.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace workspaced::checks {
namespace {

namespace asio = boost::asio;

/// As much of the output is kept: its end.
constexpr std::size_t most_output = 4096;

/// One command: what the exit handler, the reader of its output and the waiting attempt share.
struct run : std::enable_shared_from_this<run> {
  run(const asio::any_io_executor& executor, int read_end) : output(executor, read_end), over(executor) {}

  void read_on();
  void drain();

  asio::posix::stream_descriptor output;
  asio::steady_timer over;  // expires with the attempt, cancelled when the command has ended
  std::optional<core::exit_status> status;
  std::string tail;
};

/// Takes what the pipe holds: at most as much as fits in, so a command that writes without end does not hold
/// us up.
void run::drain() {
  std::array<char, 65536> block;
  const ssize_t n = ::read(output.native_handle(), block.data(), block.size());
  if (n > 0) tail.append(block.data(), static_cast<std::size_t>(n));
  if (tail.size() > most_output) tail.erase(0, tail.size() - most_output);
  boost::system::error_code ignored;
  if (n == 0) output.close(ignored);
}

void run::read_on() {
  output.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const boost::system::error_code& error) {
                      if (error || !self->output.is_open()) return;
                      self->drain();
                      if (self->output.is_open()) self->read_on();
                    });
}

/// Ends the command when the attempt ends. Others of its group may be left even after its exit.
class killer {
 public:
  killer(os::process_table& processes, pid_t pid, std::shared_ptr<run> subject)
      : processes_(processes), pid_(pid), subject_(std::move(subject)) {}
  killer(const killer&) = delete;
  killer& operator=(const killer&) = delete;
  ~killer() {
    processes_.signal_group(pid_, SIGKILL);
    boost::system::error_code ignored;
    subject_->output.close(ignored);
    subject_->over.cancel();
  }

 private:
  os::process_table& processes_;
  pid_t pid_;
  std::shared_ptr<run> subject_;
};

std::vector<std::string> as_block(const core::environment_map& environment) {
  std::vector<std::string> block;
  for (const auto& [name, value] : environment) block.push_back(name + "=" + value);
  return block;
}

}  // namespace

std::string in_words(const command_end& how) {
  constexpr std::size_t longest = 200;
  std::string_view output = how.output;
  output = output.substr(0, output.find_last_not_of(" \t\r\n") + 1);
  const auto line = output.substr(output.find_last_of('\n') + 1);
  if (how.ok || line.empty()) return how.text;
  return how.text + ": " + std::string(line.substr(0, longest));
}

asio::awaitable<command_end> run_command(asio::any_io_executor executor, os::process_table& processes,
                                         command what) {
  std::array<int, 2> ends{};
  command_end result;
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    result.text = std::string("cannot make a pipe: ") + std::strerror(errno);
    co_return result;
  }
  os::unique_fd write_end(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  const auto subject = std::make_shared<run>(executor, ends[0]);
  os::spawn_request request;
  request.argv = std::move(what.argv);
  request.environment = as_block(what.environment);
  request.working_dir = what.working_dir;
  request.settings = std::move(what.settings);
  request.stdout_fd = write_end.get();
  if (what.with_stderr) request.stderr_fd = write_end.get();
  os::exit_handlers handlers;
  handlers.exited = [subject](core::exit_status status, bool) {
    subject->status = status;
    subject->over.cancel();
  };
  handlers.group_gone = [] {};
  const auto pid = processes.start(request, std::move(handlers));
  write_end.reset();
  if (!pid) {
    result.text = os::describe(pid.error());
    co_return result;
  }

  const killer at_the_end(processes, *pid, subject);
  subject->read_on();
  subject->over.expires_after(what.timeout);
  co_await subject->over.async_wait(asio::as_tuple(asio::use_awaitable));
  if (subject->output.is_open()) subject->drain();  // what it wrote just before its end
  const auto cancelled = co_await asio::this_coro::cancellation_state;
  if (subject->status) {
    result.ok = core::is_success(*subject->status, {0});
    result.text = core::describe(*subject->status);
  } else if (cancelled.cancelled() != asio::cancellation_type::none) {
    result.text = "cancelled";
  } else {
    result.text = "timed out after " + core::in_words(what.timeout);
  }
  result.output = std::move(subject->tail);
  co_return result;
}

}  // namespace workspaced::checks
