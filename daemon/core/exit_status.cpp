#include "core/exit_status.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <string_view>
#include <utility>

namespace workspaced::core {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 30> names = {{
    {SIGHUP, "HUP"},   {SIGINT, "INT"},     {SIGQUIT, "QUIT"}, {SIGILL, "ILL"},   {SIGTRAP, "TRAP"},
    {SIGABRT, "ABRT"}, {SIGBUS, "BUS"},     {SIGFPE, "FPE"},   {SIGKILL, "KILL"}, {SIGUSR1, "USR1"},
    {SIGSEGV, "SEGV"}, {SIGUSR2, "USR2"},   {SIGPIPE, "PIPE"}, {SIGALRM, "ALRM"}, {SIGTERM, "TERM"},
    {SIGCHLD, "CHLD"}, {SIGCONT, "CONT"},   {SIGSTOP, "STOP"}, {SIGTSTP, "TSTP"}, {SIGTTIN, "TTIN"},
    {SIGTTOU, "TTOU"}, {SIGURG, "URG"},     {SIGXCPU, "XCPU"}, {SIGXFSZ, "XFSZ"}, {SIGVTALRM, "VTALRM"},
    {SIGPROF, "PROF"}, {SIGWINCH, "WINCH"}, {SIGIO, "IO"},     {SIGSYS, "SYS"},   {SIGPWR, "PWR"},
}};

// Linux's real-time range as programs see it; glibc's SIGRTMIN is a function call, 34 on Linux.
constexpr int first_realtime = 34;
constexpr int last_realtime = 64;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

int number_in(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && value >= low && value <= high ? value : 0;
}

}  // namespace

bool is_success(const exit_status& status, const std::vector<int>& success_codes) {
  const auto* left = std::get_if<exited>(&status);
  return left != nullptr &&
         std::find(success_codes.begin(), success_codes.end(), left->code) != success_codes.end();
}

std::string describe(const exit_status& status) {
  if (const auto* left = std::get_if<exited>(&status)) return "exit code " + std::to_string(left->code);
  if (const auto* killed = std::get_if<signaled>(&status))
    return "killed by SIG" + signal_name(killed->signal) + (killed->core_dumped ? " (core dumped)" : "");
  return "ended unseen";
}

int shell_code(const exit_status& status) {
  if (const auto* left = std::get_if<exited>(&status)) return left->code;
  if (const auto* killed = std::get_if<signaled>(&status)) return 128 + killed->signal;
  return 1;
}

std::string signal_name(int signal) {
  for (const auto& [number, name] : names) {
    if (number == signal) return std::string(name);
  }
  if (signal >= first_realtime && signal <= last_realtime) {
    return signal == first_realtime ? "RTMIN" : "RTMIN+" + std::to_string(signal - first_realtime);
  }
  return std::to_string(signal);
}

int signal_number(const std::string& name) {
  if (const int number = number_in(name, 1, last_realtime)) return number;
  std::string bare = upper(name);
  if (bare.starts_with("SIG")) bare.erase(0, 3);
  for (const auto& [number, known] : names) {
    if (known == bare) return number;
  }
  if (bare == "RTMIN") return first_realtime;
  if (bare.starts_with("RTMIN+")) {
    const int offset = number_in(std::string_view(bare).substr(6), 1, last_realtime - first_realtime);
    return offset ? first_realtime + offset : 0;
  }
  return 0;
}

}  // namespace workspaced::core
