// The checkout, and the disk that it is on.
#include "ctl/doctor/checks.hpp"

namespace workspaced::ctl::doctor {
namespace {

std::string one_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(0, text.find('\n'));
}

bool says(const program_end& end, std::string_view what) { return end.err.find(what) != std::string::npos; }

}  // namespace

finding check_checkout(const facts& seen) {
  const auto& here = seen.checkout.path;
  const bool named = !seen.variable("WORKSPACE_DIR").empty();
  if (named && !seen.checkout.directory) {
    return failed("WORKSPACE_DIR is " + here + ", and there is no such directory",
                  "the build log says whether the repository could be cloned; by hand: git clone");
  }
  const auto& end = seen.git_branch;
  if (end.what == program_end::how::not_started) return skipped("there is no git");
  if (end.what == program_end::how::ran_out_of_time)
    return failed("git does not answer in " + here,
                  "is its disk in order? By hand: git -C " + here + " status");
  if (end.good()) {
    const auto branch = one_line(end.out);
    if (branch != "HEAD") return ok(here + " on " + branch);
    return warning(here + " is on no branch: commits there are lost easily",
                   "git -C " + here + " switch BRANCH");
  }
  if (says(end, "dubious ownership")) {
    return failed(
        "git does not trust " + here + ": it belongs to somebody else",
        "git config --global --add safe.directory " + here + "; or: sudo chown -R " + seen.user + " " + here);
  }
  if (says(end, "not a git repository") && !named)
    return skipped(here + " is no checkout, and WORKSPACE_DIR is not set");
  return failed(here + ": " + one_line(end.err), "by hand: git -C " + here + " status");
}

finding check_git_remote(const facts& seen) {
  if (!seen.git_branch.good()) return skipped("no checkout");
  const auto& end = seen.git_remote;
  if (end.good()) return ok("origin answers");
  if (says(end, "'origin' does not appear to be a git repository"))
    return skipped("there is no remote origin");
  const std::string fix =
      "by hand: git -C " + seen.checkout.path + " ls-remote origin; a login: see github-login";
  if (end.what == program_end::how::ran_out_of_time) return warning("origin does not answer in time", fix);
  return failed("origin: " + one_line(end.err), fix);
}

finding check_git_identity(const facts& seen) {
  if (!seen.git_branch.good()) return skipped("no checkout");
  const auto from_coder = seen.variable("GIT_AUTHOR_EMAIL");
  if (!from_coder.empty()) return ok("GIT_AUTHOR_EMAIL is " + from_coder);
  if (seen.git_email.good()) return ok("user.email is " + one_line(seen.git_email.out));
  return warning("git knows no e-mail address for commits", "git config --global user.email YOU@EXAMPLE.COM");
}

finding check_volume(const facts& seen) {
  if (!seen.in_coder()) return outside_of_coder();
  const auto& here = seen.checkout;
  if (here.mount_point == "/") {
    return failed(here.path + " is on the container's own disk: it is lost when the workspace stops",
                  "mount the volume of the template at the directory above it");
  }
  return ok(here.mount_point + (here.space ? ", " + size_text(here.space->total) : ""));
}

finding check_space(const facts& seen) {
  if (!seen.checkout.space) return skipped(seen.checkout.path + " does not tell");
  const auto& where = seen.checkout.mount_point.empty() ? seen.checkout.path : seen.checkout.mount_point;
  if (auto full = short_of_room(where, seen.checkout.space)) return *full;
  return ok(where + ", " + size_text(seen.checkout.space->free) + " of " +
            size_text(seen.checkout.space->total) + " free");
}

finding check_home(const facts& seen) {
  if (seen.home.path.empty()) return failed("HOME is not set", "set it: Claude Code and we keep files there");
  if (!seen.home.directory)
    return failed(seen.home.path + " is no directory",
                  "sudo install -d -o " + seen.user + " " + seen.home.path);
  if (!seen.home.writable) {
    return failed(seen.home.path + " cannot be written by " + seen.user,
                  "sudo chown " + seen.user + " " + seen.home.path);
  }
  if (auto full = short_of_room(seen.home.path, seen.home.space)) return *full;
  return ok(seen.home.path);
}

}  // namespace workspaced::ctl::doctor
