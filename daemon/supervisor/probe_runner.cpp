#include "supervisor/probe_runner.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace workspaced::supervisor {

probe_runner::probe_runner(boost::asio::io_context& loop, os::process_table& processes,
                           answer_handler answered)
    : loop_(loop), processes_(processes), answered_(std::move(answered)) {}

void probe_runner::start(const core::service_spec& spec, child_setup setup, core::run_probe what) {
  const bool live = what.kind == core::probe_kind::live;
  if (live ? !spec.live : !spec.ready) return;
  checks::probe_request request;
  request.target = live ? spec.live->target : spec.ready->target;
  request.timeout = live ? spec.live->timeout : spec.ready->attempt_timeout;
  request.working_dir = spec.working_dir;
  request.environment = std::move(setup.environment);
  request.settings = std::move(setup.settings);
  if (spec.stdio && ask_stdio) request.ask_stdio = [this, name = spec.name] { return ask_stdio(name); };

  const key which{spec.name, what.kind};
  attempt& mine = attempts_[which];
  mine.number = ++last_number_;
  mine.stop = std::make_shared<boost::asio::cancellation_signal>();
  // The handler owns the signal: a cancelled attempt looks at it until it has ended, which may be later than
  // `cancel`.
  const auto done = [this, which, number = mine.number, run = what.run, stop = mine.stop](
                        std::exception_ptr failure, checks::probe_result result) {
    if (failure) result = checks::probe_result{false, "the probe itself failed", false, {}};
    finished(which, number, run, result);
  };
  auto attempt_at_it = checks::run_probe(loop_.get_executor(), processes_, std::move(request));
  boost::asio::co_spawn(loop_, std::move(attempt_at_it),
                        boost::asio::bind_cancellation_slot(mine.stop->slot(), done));
}

void probe_runner::cancel(const std::string& service) {
  for (const core::probe_kind kind : {core::probe_kind::ready, core::probe_kind::live}) {
    const auto place = attempts_.find({service, kind});
    if (place == attempts_.end()) continue;
    // Out of the map first: the cancelled attempt may finish inside emit().
    const attempt cancelled = std::move(place->second);
    attempts_.erase(place);
    cancelled.stop->emit(boost::asio::cancellation_type::terminal);
  }
}

void probe_runner::finished(const key& which, std::uint64_t number, core::run_id run,
                            const checks::probe_result& result) {
  const auto place = attempts_.find(which);
  if (place == attempts_.end() || place->second.number != number) return;  // cancelled
  attempts_.erase(place);
  count(which, result);
  answered_(which.first, core::probe_answered{run, which.second, result.ok, result.refused, result.answer});
}

void probe_runner::count(const key& which, const checks::probe_result& result) {
  core::probe_statistics& sum = statistics_[which];
  sum.service = which.first;
  sum.kind = which.second;
  const double seconds = std::chrono::duration<double>(result.took).count();
  for (std::size_t i = 0; i < core::probe_bounds.size(); ++i) {
    if (seconds <= core::probe_bounds[i]) ++sum.buckets[i];
  }
  ++sum.count;
  sum.sum_seconds += seconds;
  if (!result.ok) ++sum.failures;
}

std::vector<core::probe_statistics> probe_runner::statistics() const {
  std::vector<core::probe_statistics> all;
  for (const auto& [which, sum] : statistics_) all.push_back(sum);
  return all;
}

void probe_runner::forget_except(const core::fleet& known) {
  std::erase_if(statistics_, [&known](const auto& entry) { return !known.knows(entry.first.first); });
}

}  // namespace workspaced::supervisor
