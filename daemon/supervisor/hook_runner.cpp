#include "supervisor/hook_runner.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <vector>

namespace workspaced::supervisor {

hook_runner::hook_runner(boost::asio::io_context& loop, os::process_table& processes, end_handler ended)
    : loop_(loop), processes_(processes), ended_(std::move(ended)) {}

void hook_runner::start(const std::string& service, core::run_hook what, checks::command command) {
  const key which{service, what.run, what.kind};
  const auto stop = std::make_shared<boost::asio::cancellation_signal>();
  running_[which] = stop;
  // The handler owns the signal: a cancelled command looks at it until it has ended.
  const auto done = [this, which, stop](std::exception_ptr failure, checks::command_end how) {
    if (failure) how = checks::command_end{false, "the command could not be run", {}};
    finished(which, how);
  };
  auto running = checks::run_command(loop_.get_executor(), processes_, std::move(command));
  boost::asio::co_spawn(loop_, std::move(running), boost::asio::bind_cancellation_slot(stop->slot(), done));
}

void hook_runner::cancel(const std::string& service, core::run_id run) {
  std::vector<std::shared_ptr<boost::asio::cancellation_signal>> all;  // finishing changes the map
  for (const auto& [which, stop] : running_) {
    if (which.service == service && which.run == run) all.push_back(stop);
  }
  for (const auto& stop : all) stop->emit(boost::asio::cancellation_type::terminal);
}

void hook_runner::finished(const key& which, const checks::command_end& how) {
  running_.erase(which);
  ended_(which.service, core::hook_finished{which.run, which.kind, how.ok, checks::in_words(how)});
}

}  // namespace workspaced::supervisor
