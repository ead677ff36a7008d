#include "os/cgroup.hpp"

#include "os/files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <utility>

namespace workspaced::os {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_text = 1 << 20;
// Where we are when our own group must be empty (see `step_aside`).
constexpr const char* aside = "workspaced.daemon";

std::string text_of(const std::string& file) {
  auto text = read_whole(file, most_text);
  return text ? std::move(*text) : std::string();
}

/// One write(2): the kernel takes a line as a whole. Returns errno.
int put(const std::string& file, const std::string& line) {
  const unique_fd to(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!to) return errno;
  return ::write(to.get(), line.data(), line.size()) < 0 ? errno : 0;
}

std::vector<std::string> subgroups(const std::string& directory) {
  std::vector<std::string> all;
  std::error_code error;
  for (fs::directory_iterator each(directory, error), end; !error && each != end; each.increment(error)) {
    if (each->is_directory(error)) all.push_back(each->path().string());
  }
  return all;
}

void add_members(const std::string& directory, std::vector<pid_t>& all) {
  std::istringstream lines(text_of(directory + "/cgroup.procs"));
  for (pid_t pid = 0; lines >> pid;) {
    if (pid > 0) all.push_back(pid);  // 0: one whom our PID namespace does not show
  }
  for (const std::string& each : subgroups(directory)) add_members(each, all);
}

/// Only a group without groups below it can be removed.
void remove_all(const std::string& directory) {
  for (const std::string& each : subgroups(directory)) remove_all(each);
  ::rmdir(directory.c_str());
}

bool has_word(const std::string& text, const std::string& word) {
  std::istringstream words(text);
  for (std::string each; words >> each;) {
    if (each == word) return true;
  }
  return false;
}

bool is_marked(const std::string& directory) {
  // systemd.resource-control(5), Delegate=: "trusted." for root, "user." for everybody.
  for (const char* name : {"trusted.delegate", "user.delegate"}) {
    char value = 0;
    if (::getxattr(directory.c_str(), name, &value, 1) == 1 && value == '1') return true;
  }
  return false;
}

/// Empty: it is ours.
std::string refusal(const cgroup_place& place) {
  struct stat entry {};
  struct statvfs mount {};
  const std::string& path = place.directory;
  if (::stat(path.c_str(), &entry) != 0) return "there is no " + path;
  if (::statvfs(path.c_str(), &mount) == 0 && (mount.f_flag & ST_RDONLY) != 0)
    return place.mount_point + " is read-only";
  if (::access(path.c_str(), W_OK) != 0 || ::access((path + "/cgroup.procs").c_str(), W_OK) != 0)
    return path + " is not writable to us";
  const bool by_owner = entry.st_uid != 0 && entry.st_uid == ::geteuid();
  if (by_owner || path == place.mount_point || is_marked(path)) return {};
  return path + " is not marked as delegated";
}

std::string word(const std::string& text, std::size_t index) {
  std::istringstream words(text);
  std::string each;
  for (std::size_t i = 0; i <= index; ++i) {
    if (!(words >> each)) return {};
  }
  return each;
}

}  // namespace

cgroup::cgroup(std::string directory)
    : directory_(std::move(directory)),
      entrance_(::open((directory_ + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC)) {}

cgroup::~cgroup() {
  entrance_.reset();
  remove_all(directory_);
}

std::vector<pid_t> cgroup::members() const {
  std::vector<pid_t> all;
  add_members(directory_, all);
  return all;
}

bool cgroup::populated() const {
  return text_of(directory_ + "/cgroup.events").find("populated 1") != std::string::npos;
}

void cgroup::kill() const {
  if (put(directory_ + "/cgroup.kill", "1") == 0) return;
  for (const pid_t each : members()) ::kill(each, SIGKILL);
}

std::optional<cgroup_place> own_cgroup(std::string_view mountinfo, std::string_view self_cgroup) {
  std::istringstream groups{std::string(self_cgroup)};
  std::string own;
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::")) own = line.substr(3);
  }
  if (own.empty()) return std::nullopt;
  std::istringstream mounts{std::string(mountinfo)};
  for (std::string line; std::getline(mounts, line);) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos || word(line.substr(dash), 1) != "cgroup2") continue;
    const std::string root = word(line, 3);
    const std::string point = word(line, 4);
    const std::string prefix = root == "/" ? "" : root;
    if (!own.starts_with(prefix) || own.find("/..") != std::string::npos) continue;
    const std::string below = own.substr(prefix.size());
    if (below.empty() || below == "/") return cgroup_place{point, point};
    if (below.front() == '/') return cgroup_place{point + below, point};
  }
  return std::nullopt;
}

boost::system::result<cgroup_parent, std::string> cgroup_parent::find(const std::string& name) {
  using outcome = boost::system::result<cgroup_parent, std::string>;
  auto place = own_cgroup(text_of("/proc/self/mountinfo"), text_of("/proc/self/cgroup"));
  if (!place)
    return outcome(boost::system::in_place_error,
                   "cgroup v2 is not mounted where we could see our own group");
  // Where an earlier daemon of ours had stepped aside, and became us.
  const std::string tail = "/" + name + "/" + aside;
  if (place->directory.ends_with(tail)) place->directory.erase(place->directory.size() - tail.size());
  if (std::string why = refusal(*place); !why.empty())
    return outcome(boost::system::in_place_error, "cgroup v2 is not delegated to us: " + why);
  return outcome(boost::system::in_place_value, place->directory, name);
}

cgroup_parent::cgroup_parent(std::string base, const std::string& name)
    : base_(std::move(base)), root_(base_ + "/" + name) {}

cgroup_parent::~cgroup_parent() {
  if (!root_.empty()) ::rmdir(root_.c_str());
}

std::unique_ptr<cgroup> cgroup_parent::make(const std::string& name) const {
  const std::string path = root_ + "/" + name;
  ::mkdir(root_.c_str(), 0755);
  if (::mkdir(path.c_str(), 0755) != 0) return nullptr;
  auto made = std::make_unique<cgroup>(path);
  if (made->entrance() < 0) return nullptr;
  return made;
}

std::unique_ptr<cgroup> cgroup_parent::open(const std::string& name) const {
  const std::string path = root_ + "/" + name;
  std::error_code error;
  return fs::is_directory(path, error) ? std::make_unique<cgroup>(path) : nullptr;
}

std::vector<std::string> cgroup_parent::names() const {
  std::vector<std::string> all = subgroups(root_);
  for (std::string& each : all) each.erase(0, root_.size() + 1);
  std::erase(all, aside);
  return all;
}

std::vector<std::string> cgroup_parent::limit(const std::string& name, const cgroup_limits& what) const {
  std::vector<std::string> problems;
  const auto apply = [&](const char* key, const char* controller, const char* file,
                         const std::string& value) {
    std::string why = enable(controller);
    if (why.empty()) {
      const std::string path = root_ + "/" + name + "/" + file;
      if (const int error = put(path, value)) why = "cannot write " + path + ": " + std::strerror(error);
    }
    if (!why.empty()) problems.push_back(std::string(key) + " is not applied: " + why);
  };
  constexpr std::uint64_t period_us = 100'000;  // the kernel's default
  if (what.memory) apply("limits.memory", "memory", "memory.max", std::to_string(*what.memory));
  if (what.milli_cpus) {
    const std::string quota = std::to_string(*what.milli_cpus * period_us / 1000);
    apply("limits.cpus", "cpu", "cpu.max", quota + " " + std::to_string(period_us));
  }
  return problems;
}

/// Lets a controller act in our part. Empty: it does.
std::string cgroup_parent::enable(const std::string& controller) const {
  if (has_word(text_of(root_ + "/cgroup.subtree_control"), controller)) return {};
  const std::string given = text_of(base_ + "/cgroup.controllers");
  if (!has_word(given, controller))
    return "the controller " + controller + " is not delegated to us: it is not in " + base_ +
           "/cgroup.controllers";
  for (const std::string& each : {base_, root_}) {
    const std::string file = each + "/cgroup.subtree_control";
    int error = put(file, "+" + controller);
    if (error == EBUSY && each == base_ && step_aside()) error = put(file, "+" + controller);
    if (error == EBUSY)
      return "processes other than ours are in " + each + ", and only an empty group can be divided";
    if (error != 0) return "cannot write " + file + ": " + std::strerror(error);
  }
  return {};
}

/// A group has processes or limited groups below it, never both ("no internal processes"). Others than us
/// stay where they are.
bool cgroup_parent::step_aside() const {
  std::istringstream lines(text_of(base_ + "/cgroup.procs"));
  for (pid_t pid = 0; lines >> pid;) {
    if (pid != ::getpid()) return false;
  }
  const std::string place = root_ + "/" + aside;
  ::mkdir(place.c_str(), 0755);
  return put(place + "/cgroup.procs", "0") == 0;
}

}  // namespace workspaced::os
