// `workspacectl stat`: one figure in one line, for dashboards that ask often.
#include "ctl/commands.hpp"
#include "ctl/machine.hpp"
#include "os/files.hpp"
#include "os/socket_path.hpp"
#include "os/unique_fd.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t largest_file = 1U << 20U;
constexpr double gib = 1024.0 * 1024 * 1024;

/// Between two readings of a counter. The earlier one is kept from one call to the next, so that a figure is
/// that of the time since the dashboard asked last; the first call takes a short look.
constexpr double shortest_span = 0.5;
constexpr double longest_span = 600;
constexpr auto short_look = 40ms;

std::optional<std::string> content(const std::string& path) {
  auto text = os::read_whole(path, largest_file);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

double now_in_seconds() { return std::chrono::duration<double>(clock::now().time_since_epoch()).count(); }

struct reading {
  double at = 0;
  double used = 0;
};

std::optional<reading> read_earlier(const std::string& file) {
  const auto text = content(file);
  reading before;
  if (!text || std::sscanf(text->c_str(), "%lf %lf", &before.at, &before.used) != 2) return std::nullopt;
  return before;
}

/// Without a place to remember it, the next call takes a short look again. What is torn is not read as a
/// number.
void remember(const std::string& file, const reading& what) {
  const os::unique_fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd) ::dprintf(fd.get(), "%.6f %.6f\n", what.at, what.used);
}

std::string memory_file(const invocation& args) {
  const std::string socket = os::socket_path(args.socket, [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  });
  return socket + (args.of_host ? ".cpu-host" : ".cpu");
}

/// Cores in use on average since the last reading.
std::optional<share> cores_in_use(const invocation& args) {
  auto seen = cpu_of(content, args.of_host);
  if (!seen) return std::nullopt;
  const std::string file = memory_file(args);
  double at = now_in_seconds();
  auto before = read_earlier(file);
  const double span = before ? at - before->at : 0;
  if (span < shortest_span || span > longest_span || before->used > seen->used) {
    before = reading{at, seen->used};
    std::this_thread::sleep_for(short_look);
    seen = cpu_of(content, args.of_host);
    at = now_in_seconds();
    if (!seen) return std::nullopt;
  }
  remember(file, {at, seen->used});
  return share{(seen->used - before->used) / (at - before->at), seen->total};
}

std::optional<share> disk_here() {
  struct statvfs found {};
  if (::statvfs(".", &found) != 0) return std::nullopt;
  const auto block = static_cast<double>(found.f_frsize);
  const double used = static_cast<double>(found.f_blocks - found.f_bfree) * block;
  // As df(1) does: what only root may use does not count.
  return share{used, used + static_cast<double>(found.f_bavail) * block};
}

/// "1.2/4.0 GiB (30%)"
std::string in_words(const share& what, double unit, const char* name) {
  std::array<char, 96> text{};
  const double percent = what.total > 0 ? 100 * what.used / what.total : 0;
  const bool whole = unit == 1 && what.total == static_cast<double>(static_cast<long>(what.total));
  std::snprintf(text.data(), text.size(), whole ? "%.1f/%.0f %s (%.0f%%)" : "%.1f/%.1f %s (%.0f%%)",
                what.used / unit, what.total / unit, name, percent);
  return text.data();
}

std::string json_line(const std::string& figure, const share& what, const char* unit) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), R"({"figure":"%s","used":%.3f,"total":%.3f,"unit":"%s"})",
                figure.c_str(), what.used, what.total, unit);
  return text.data();
}

result<exit_code> show(const context& in, const std::optional<share>& what, double unit, const char* name,
                       const char* json_unit) {
  const std::string& figure = in.args.names.front();
  if (!what) return failure{exit_code::failed, "cannot read " + figure + " from /sys/fs/cgroup or /proc"};
  in.out.print((in.args.json ? json_line(figure, *what, json_unit) : in_words(*what, unit, name)) + "\n");
  return exit_code::done;
}

result<exit_code> show_services(const context& in) {
  const auto fleet = ask_fleet(in.daemon);
  if (!fleet) return fleet.error();
  share counted;
  for (const core::service_view& each : fleet->services) {
    if (!each.counts()) continue;
    ++counted.total;
    if (each.is_ready()) ++counted.used;
  }
  if (in.args.json) return show(in, counted, 1, "ready", "services");
  in.out.print(std::to_string(static_cast<int>(counted.used)) + "/" +
               std::to_string(static_cast<int>(counted.total)) + " ready\n");
  return exit_code::done;
}

result<exit_code> show_load(const context& in) {
  const auto load = load_of(content);
  if (!load) return failure{exit_code::failed, "cannot read /proc/loadavg"};
  const double cores = cores_of_host(content);
  const share latest{std::strtod(load->c_str(), nullptr), cores};
  if (in.args.json) return show(in, latest, 1, "cores", "cores");
  in.out.print(*load + " (" + std::to_string(static_cast<int>(cores)) + " cores)\n");
  return exit_code::done;
}

}  // namespace

result<exit_code> run_stat(const context& in) {
  const std::string& figure = in.args.names.front();
  if (figure == "cpu") return show(in, cores_in_use(in.args), 1, "cores", "cores");
  if (figure == "mem") return show(in, memory_of(content, in.args.of_host), gib, "GiB", "bytes");
  if (figure == "disk") return show(in, disk_here(), gib, "GiB", "bytes");
  if (figure == "load") return show_load(in);
  if (figure == "services") return show_services(in);
  if (figure == "swap") return show(in, swap_of(content).value_or(share{}), gib, "GiB", "bytes");
  return failure{exit_code::usage, "stat takes cpu, mem, disk, load, swap or services, not '" + figure + "'"};
}

}  // namespace workspaced::ctl
