#include "ctl/machine.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace workspaced::ctl {
namespace {

constexpr double no_limit = 1e18;     // version 1 says "none" by 2^63 less a page
constexpr double kernel_ticks = 100;  // USER_HZ of /proc/stat is 100 on every Linux of today

/// The value of a line "key 123 …" or "key: 123 kB".
std::optional<double> value_of(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const std::string_view rest = std::string_view(line).substr(key.size());
    if (rest.starts_with(' ') || rest.starts_with(':'))
      return std::strtod(line.c_str() + key.size() + 1, nullptr);
  }
  return std::nullopt;
}

std::optional<double> number_in(const std::optional<std::string>& text) {
  if (!text || text->empty() || text->starts_with("max") || text->starts_with("-")) return std::nullopt;
  const double value = std::strtod(text->c_str(), nullptr);
  return value < no_limit ? std::optional(value) : std::nullopt;
}

/// Our path in the hierarchy of a controller of version 1; with "" in that of version 2. Empty: unknown.
std::string path_of(const std::string& self, std::string_view controller) {
  std::istringstream lines(self);
  for (std::string line; std::getline(lines, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool ours = controller.empty()
                          ? names == ",,"
                          : names.find("," + std::string(controller) + ",") != std::string::npos;
    if (ours) return line.substr(second + 1);
  }
  return {};
}

/// Our own group and those around it, as directories, innermost first. Where the mount shows our group as its
/// root (a container) the path of /proc/self/cgroup leads nowhere, and only the root is left.
std::vector<std::string> groups(const file_reader& files, const std::string& mount,
                                std::string_view controller, const std::string& probe) {
  std::vector<std::string> all;
  std::string path = path_of(files("/proc/self/cgroup").value_or(""), controller);
  for (; path.size() > 1; path.erase(path.rfind('/'))) {
    if (files(mount + path + "/" + probe)) all.push_back(mount + path);
  }
  if (files(mount + "/" + probe)) all.push_back(mount);
  return all;
}

std::optional<double> least(const std::vector<std::string>& all,
                            const std::function<std::optional<double>(const std::string&)>& limit) {
  std::optional<double> found;
  for (const std::string& each : all) {
    const auto value = limit(each);
    if (value && (!found || *value < *found)) found = value;
  }
  return found;
}

struct version {
  std::string mount;       ///< of memory
  std::string cpu_mount;   ///< of the limit
  std::string time_mount;  ///< of the time used
  std::string usage;
  std::string limit;
  std::string inactive;
  bool second = false;
};

const version second = {"/sys/fs/cgroup",
                        "/sys/fs/cgroup",
                        "/sys/fs/cgroup",
                        "memory.current",
                        "memory.max",
                        "inactive_file",
                        true};
const version first = {"/sys/fs/cgroup/memory",
                       "/sys/fs/cgroup/cpu",
                       "/sys/fs/cgroup/cpuacct",
                       "memory.usage_in_bytes",
                       "memory.limit_in_bytes",
                       "total_inactive_file",
                       false};

std::optional<double> total_memory(const file_reader& files) {
  const auto kib = value_of(files("/proc/meminfo").value_or(""), "MemTotal");
  return kib ? std::optional(*kib * 1024) : std::nullopt;
}

std::optional<share> memory_in(const file_reader& files, const version& which) {
  const auto all = groups(files, which.mount, which.second ? "" : "memory", which.usage);
  const auto total = total_memory(files);
  if (all.empty() || !total) return std::nullopt;
  const double usage = number_in(files(all.front() + "/" + which.usage)).value_or(0);
  const double idle = value_of(files(all.front() + "/memory.stat").value_or(""), which.inactive).value_or(0);
  const auto limit =
      least(all, [&](const std::string& group) { return number_in(files(group + "/" + which.limit)); });
  return share{std::max(0.0, usage - idle), std::min(limit.value_or(*total), *total)};
}

/// "200000 100000", "max 100000"
std::optional<double> quota(const std::string& text) {
  const auto blank = text.find(' ');
  const auto time = number_in(text);
  const double period = blank == std::string::npos ? 0 : std::strtod(text.c_str() + blank, nullptr);
  return time && period > 0 ? std::optional(*time / period) : std::nullopt;
}

std::optional<double> cores_in(const file_reader& files, const std::string& group, const version& which) {
  if (which.second) return quota(files(group + "/cpu.max").value_or(""));
  const auto time = number_in(files(group + "/cpu.cfs_quota_us"));
  const auto period = number_in(files(group + "/cpu.cfs_period_us"));
  return time && period && *period > 0 ? std::optional(*time / *period) : std::nullopt;
}

std::optional<share> cpu_in(const file_reader& files, const version& which) {
  const std::string time_file = which.second ? "cpu.stat" : "cpuacct.usage";
  const auto timed = groups(files, which.time_mount, which.second ? "" : "cpuacct", time_file);
  if (timed.empty()) return std::nullopt;
  const std::string text = files(timed.front() + "/" + time_file).value_or("");
  const auto used = which.second ? value_of(text, "usage_usec") : number_in(text);
  if (!used) return std::nullopt;
  const auto limited = groups(files, which.cpu_mount, which.second ? "" : "cpu",
                              which.second ? "cpu.max" : "cpu.cfs_quota_us");
  const auto cores = least(limited, [&](const std::string& group) { return cores_in(files, group, which); });
  const double host = cores_of_host(files);
  return share{*used / (which.second ? 1e6 : 1e9), std::min(cores.value_or(host), host)};
}

/// The node's: everything but idle and waiting for the disk.
std::optional<share> cpu_of_host(const file_reader& files) {
  std::istringstream line(files("/proc/stat").value_or(""));
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0;
  if (!(line >> name >> user >> nice >> system >> idle >> waiting >> irq >> softirq) || name != "cpu")
    return std::nullopt;
  line >> steal;
  return share{(user + nice + system + irq + softirq + steal) / kernel_ticks, cores_of_host(files)};
}

}  // namespace

std::optional<share> memory_of(const file_reader& files, bool of_host) {
  if (!of_host) {
    if (auto found = memory_in(files, second)) return found;
    if (auto found = memory_in(files, first)) return found;
  }
  const auto total = total_memory(files);
  const auto free = value_of(files("/proc/meminfo").value_or(""), "MemAvailable");
  if (!total || !free) return std::nullopt;
  return share{*total - *free * 1024, *total};
}

std::optional<share> swap_of(const file_reader& files) {
  const std::string text = files("/proc/meminfo").value_or("");
  const auto total = value_of(text, "SwapTotal");
  const auto free = value_of(text, "SwapFree");
  if (!total || !free || *total == 0) return std::nullopt;
  return share{(*total - *free) * 1024, *total * 1024};
}

std::optional<share> cpu_of(const file_reader& files, bool of_host) {
  if (!of_host) {
    if (auto found = cpu_in(files, second)) return found;
    if (auto found = cpu_in(files, first)) return found;
  }
  return cpu_of_host(files);
}

std::optional<std::uint64_t> oom_kills_of(const file_reader& files) {
  for (const auto& [mount, controller, file] :
       {std::tuple("/sys/fs/cgroup", "", "/memory.events"),
        std::tuple("/sys/fs/cgroup/memory", "memory", "/memory.oom_control")}) {
    const auto all = groups(files, mount, controller, file + 1);
    const auto kills =
        all.empty() ? std::nullopt : value_of(files(all.front() + file).value_or(""), "oom_kill");
    if (kills) return static_cast<std::uint64_t>(*kills);
  }
  return std::nullopt;
}

std::optional<double> throttled_of(const file_reader& files) {
  for (const auto& [mount, controller] :
       {std::pair("/sys/fs/cgroup", ""), std::pair("/sys/fs/cgroup/cpu", "cpu")}) {
    const auto all = groups(files, mount, controller, "cpu.stat");
    const auto text = all.empty() ? std::string() : files(all.front() + "/cpu.stat").value_or("");
    const auto periods = value_of(text, "nr_periods");
    const auto throttled = value_of(text, "nr_throttled");
    if (periods && throttled && *periods > 0) return *throttled / *periods;
  }
  return std::nullopt;
}

std::optional<std::string> load_of(const file_reader& files) {
  std::istringstream line(files("/proc/loadavg").value_or(""));
  std::string one, five, fifteen;
  if (!(line >> one >> five >> fifteen)) return std::nullopt;
  return one + " " + five + " " + fifteen;
}

double cores_of_host(const file_reader& files) {
  std::istringstream lines(files("/proc/stat").value_or(""));
  double cores = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("cpu") && line.size() > 3 && line[3] >= '0' && line[3] <= '9') ++cores;
  }
  return std::max(cores, 1.0);
}

}  // namespace workspaced::ctl
