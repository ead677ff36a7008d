// How a verb ends: the exit codes scripts rely on, and a failure as a value on its way to them.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace workspaced::ctl {

/// The process's exit code; the numbers are a promise to scripts.
enum class exit_code : int {
  done = 0,
  failed = 1,  ///< a service failed or is not ready
  usage = 2,   ///< an unknown verb, option or service
  configuration = 3,
  no_daemon = 4,  ///< none answers, or it went away meanwhile
  timed_out = 5,
  not_permitted = 6,
};

struct failure {
  // Constructors, because an aggregate would be "constructible" from an exit_code alone, and then
  // result<exit_code> could not tell a value from an error.
  failure() = default;
  failure(exit_code why, std::string what) : code(why), text(std::move(what)) {}

  exit_code code = exit_code::failed;
  std::string text;  ///< what went wrong and what to do, without "workspacectl:" and without a newline

  bool operator==(const failure&) const = default;
};

template <class T>
using result = boost::system::result<T, failure>;

}  // namespace workspaced::ctl
