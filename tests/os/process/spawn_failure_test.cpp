// Every step of a start that can fail, by its name and with words that help.
#include "os/process/lab.hpp"

#include <sys/resource.h>

#include <cerrno>

namespace workspaced::os::testing {
namespace {

class os_spawn_failure : public lab {
 protected:
  void write_file(const std::string& name, const std::string& content, int mode) {
    std::ofstream(path(name)) << content;
    std::filesystem::permissions(path(name), static_cast<std::filesystem::perms>(mode));
  }
  /// Starts `file`, which must fail.
  spawn_error failure_of(const std::string& file) {
    spawn_request request;
    request.argv = {file};
    return failure_of(request);
  }
  spawn_error failure_of(const spawn_request& request) {
    const auto pid = table_.start(request, {});
    if (!pid) return pid.error();
    ADD_FAILURE() << "it has started";
    return {};
  }
};

TEST_F(os_spawn_failure, names_an_empty_command) {
  const auto error = failure_of(spawn_request{});
  EXPECT_EQ(error.step, spawn_step::lookup);
  EXPECT_EQ(describe(error), "cannot find (empty command): Invalid argument");
}

TEST_F(os_spawn_failure, names_a_program_that_is_not_in_path) {
  const auto error = failure_of("no-such-program");
  EXPECT_EQ(error.step, spawn_step::lookup);
  EXPECT_EQ(describe(error),
            "cannot find no-such-program: not found in PATH; is it installed, and is PATH set?");
}

TEST_F(os_spawn_failure, names_the_file_in_path_that_is_not_executable) {
  write_file("tool", "#!/bin/sh\n", 0644);
  spawn_request request;
  request.argv = {"tool"};
  request.environment = {"PATH=/usr/bin:" + path("").substr(0, path("").size() - 1)};
  const auto error = failure_of(request);
  EXPECT_EQ(error.step, spawn_step::lookup);
  EXPECT_EQ(describe(error), "cannot find " + path("tool") + ": Permission denied; is it executable?");
}

TEST_F(os_spawn_failure, names_a_path_that_does_not_exist) {
  const auto error = failure_of("/no/such/file");
  EXPECT_EQ(error.step, spawn_step::exec);
  EXPECT_EQ(describe(error), "cannot execute /no/such/file: No such file or directory");
}

TEST_F(os_spawn_failure, names_a_file_that_is_not_executable) {
  write_file("data", "#!/bin/sh\n", 0644);
  const auto error = failure_of(path("data"));
  EXPECT_EQ(error.step, spawn_step::exec);
  EXPECT_EQ(error.error, EACCES);
  EXPECT_EQ(describe(error), "cannot execute " + path("data") + ": Permission denied; is it executable?");
}

TEST_F(os_spawn_failure, names_a_script_without_an_interpreter_line) {
  write_file("script", "echo hello\n", 0755);
  const auto error = failure_of(path("script"));
  EXPECT_EQ(error.step, spawn_step::exec);
  EXPECT_EQ(error.error, ENOEXEC);
  EXPECT_NE(describe(error).find("a script must start with #!"), std::string::npos) << describe(error);
}

TEST_F(os_spawn_failure, names_the_interpreter_that_is_missing) {
  write_file("script", "#! /usr/bin/python9 -E\n", 0755);
  EXPECT_EQ(describe(failure_of(path("script"))),
            "cannot execute " + path("script") +
                ": No such file or directory; the file is there, its interpreter /usr/bin/python9 is not");
}

TEST_F(os_spawn_failure, sees_the_carriage_return_behind_the_interpreter) {
  write_file("script", "#!/bin/sh\r\nexit 0\r\n", 0755);
  const std::string words = describe(failure_of(path("script")));
  EXPECT_NE(words.find("carriage return"), std::string::npos) << words;
}

TEST_F(os_spawn_failure, looks_for_the_interpreter_where_the_child_would) {
  write_file("script", "#!/usr/bin/python9\n", 0755);
  spawn_request request;
  request.argv = {"./script"};
  request.working_dir = path("");
  const std::string words = describe(failure_of(request));
  EXPECT_NE(words.find("its interpreter /usr/bin/python9 is not"), std::string::npos) << words;
}

TEST_F(os_spawn_failure, names_the_working_directory) {
  spawn_request request = child({"exit", "0"});
  request.working_dir = path("missing");
  const auto error = failure_of(request);
  EXPECT_EQ(error.step, spawn_step::chdir);
  EXPECT_EQ(describe(error), "cannot change to the working directory " + path("missing") +
                                 ": No such file or directory; see working_dir");
}

TEST_F(os_spawn_failure, names_a_descriptor_that_is_not_open) {
  spawn_request request = child({"exit", "0"});
  request.stdout_fd = 12'345;
  const auto error = failure_of(request);
  EXPECT_EQ(error.step, spawn_step::descriptors);
  EXPECT_EQ(error.error, EBADF);
}

TEST_F(os_spawn_failure, says_that_descriptors_have_run_out) {
  const spawn_request request = child({"exit", "0"});
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto error = failure_of(request);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(error.step, spawn_step::descriptors);
  EXPECT_EQ(error.error, EMFILE);
}

TEST_F(os_spawn_failure, leaves_no_process_and_no_descriptor_behind) {
  const spawn_request broken = [this] {
    spawn_request request = child({"exit", "0"});
    request.working_dir = path("missing");
    return request;
  }();
  spawn_request missing;
  missing.argv = {"/no/such"};
  const auto descriptors = open_descriptors();
  for (int i = 0; i < 50; ++i) failure_of(i % 2 == 0 ? broken : missing);
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(table_.size(), 0U);
  siginfo_t info{};
  EXPECT_EQ(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1) << "there is a child";
}

}  // namespace
}  // namespace workspaced::os::testing
