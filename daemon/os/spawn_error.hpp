// Why a process could not be started, and what to do about it.
#pragma once

#include <boost/assert/source_location.hpp>

#include <stdexcept>
#include <string>

namespace workspaced::os {

enum class spawn_step {
  lookup,
  descriptors,
  clone,
  session,
  oom_score_adj,
  nice,
  limits,
  user,
  chdir,
  no_new_privs,
  exec
};

struct spawn_error {
  spawn_step step = spawn_step::exec;
  int error = 0;        ///< errno
  std::string subject;  ///< the file or directory concerned; a file as seen from our own working directory
};

/// "cannot execute /x/y: Permission denied; is it executable?". Looks at the file for the advice, so ask
/// soon.
[[nodiscard]] std::string describe(const spawn_error& error);

/// `result<T, spawn_error>::value()` on a failure is a programmer's error. Boost.System finds this by the
/// namespace.
[[noreturn]] inline void throw_exception_from_error(const spawn_error& error, const boost::source_location&) {
  throw std::logic_error(describe(error));
}

}  // namespace workspaced::os
