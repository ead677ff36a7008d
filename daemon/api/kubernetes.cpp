#include "api/kubernetes.hpp"

#include <algorithm>

namespace workspaced::api {
namespace {

struct check {
  std::string name;
  bool ok = false;
  std::string reason;
};

std::vector<check> checks_of(const core::fleet_view& fleet) {
  std::vector<check> all = {{"shutdown", !fleet.daemon.stopping, "the daemon is stopping"}};
  for (const core::service_view& each : fleet.services) {
    if (each.counts()) all.push_back({each.name, each.is_ready(), each.reason});
  }
  return all;
}

/// A reason may quote what a service answered; a line stays a line.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

}  // namespace

check_answer livez(bool verbose) { return {true, verbose ? "[+]ping ok\nlivez check passed\n" : "ok\n"}; }

check_answer readyz(const core::fleet_view& fleet, bool verbose, const std::vector<std::string>& excluded) {
  std::vector<std::string> unused = excluded;
  bool ok = true;
  std::string lines;
  for (const check& each : checks_of(fleet)) {
    if (std::erase(unused, each.name) > 0) {
      lines += "[+]" + each.name + " excluded: ok\n";
    } else if (each.ok) {
      lines += "[+]" + each.name + " ok\n";
    } else {
      lines += "[-]" + each.name + " failed: " + one_line(each.reason) + "\n";
      ok = false;
    }
  }
  for (const std::string& each : unused) lines += "warn: no check is called '" + one_line(each) + "'\n";
  if (!verbose) return {ok, ok ? "ok\n" : "not ready\n"};
  return {ok, lines + (ok ? "readyz check passed\n" : "readyz check failed\n")};
}

}  // namespace workspaced::api
