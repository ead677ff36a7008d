#include "os/process_facts.hpp"

#include "os/files.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace workspaced::os {
namespace {

/// The fields of /proc/<pid>/stat behind the program's name, which may contain anything: [0] is the state
/// (field 3).
std::vector<std::string> stat_fields(const std::string& pid) {
  const auto text = read_whole("/proc/" + pid + "/stat", 4096);
  if (!text) return {};
  const auto end = text->rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream words(text->substr(end + 1));
  std::vector<std::string> fields;
  for (std::string word; words >> word;) fields.push_back(word);
  return fields;
}

double ticks_to_seconds(const std::string& ticks) {
  return std::strtod(ticks.c_str(), nullptr) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t count_entries(const std::string& directory) {
  std::uint64_t count = 0;
  std::error_code error;
  // With an error code all the way: reading the directory fails when the process ends meanwhile.
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error))
    ++count;
  return count;
}

}  // namespace

// Field numbers as in proc(5), less 3 for the position behind the name.
std::optional<core::process_usage> usage_of(pid_t pid) {
  const std::string name = std::to_string(pid);
  const auto fields = stat_fields(name);
  if (fields.size() < 22) return std::nullopt;
  core::process_usage usage;
  usage.cpu_seconds = ticks_to_seconds(fields[11]) + ticks_to_seconds(fields[12]);
  usage.resident_bytes =
      std::strtoull(fields[21].c_str(), nullptr, 10) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  usage.open_fds = count_entries("/proc/" + name + "/fd");
  return usage;
}

std::optional<process_place> place_of(pid_t pid) {
  const auto fields = stat_fields(std::to_string(pid));
  if (fields.size() < 3) return std::nullopt;
  return process_place{fields[0][0], static_cast<pid_t>(std::atoi(fields[2].c_str()))};
}

process_origin origin_of_self() {
  process_origin origin;
  const auto fields = stat_fields("self");
  if (fields.size() >= 21) {
    timespec boot{};
    timespec real{};
    ::clock_gettime(CLOCK_BOOTTIME, &boot);
    ::clock_gettime(CLOCK_REALTIME, &real);
    const auto seconds = [](const timespec& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
    };
    origin.started = seconds(real) - seconds(boot) + ticks_to_seconds(fields[19]);
    origin.virtual_bytes = std::strtoull(fields[20].c_str(), nullptr, 10);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) origin.most_fds = limit.rlim_cur;
  return origin;
}

void open_standard_descriptors() {
  // open(2) takes the lowest free number, so this fills 0 to 2 and stops at the first beyond them.
  for (;;) {
    const int fd = ::open("/dev/null", O_RDWR);
    if (fd < 0) return;
    if (fd > 2) {
      ::close(fd);
      return;
    }
  }
}

std::string random_bytes(std::size_t bytes) {
  std::string out(bytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes) {
    const ssize_t n = ::getrandom(out.data() + filled, bytes - filled, 0);
    if (n > 0) filled += static_cast<std::size_t>(n);
  }
  return out;
}

std::string machine_epoch() {
  const auto boot = read_whole("/proc/sys/kernel/random/boot_id", 64);
  std::string epoch = boot ? boot->substr(0, boot->find('\n')) : "unknown boot";
  struct stat space {};
  if (::stat("/proc/self/ns/pid", &space) == 0) epoch += "/" + std::to_string(space.st_ino);
  const auto first = stat_fields("1");
  constexpr std::size_t start_time = 19;
  if (first.size() > start_time) epoch += "/" + first[start_time];
  return epoch;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  std::memcpy(&seed, random_bytes(sizeof seed).data(), sizeof seed);
  return seed;
}

}  // namespace workspaced::os
