// What others see of the daemon: HTTP, sockets, files.
#include "ctl/doctor/checks.hpp"
#include "ctl/doctor/probed_ports.hpp"

#include <array>
#include <cstdio>

namespace workspaced::ctl::doctor {
namespace {

constexpr mode_t for_others = 077;

std::string mode_text(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
  return text.data();
}

std::string who_has_it(const std::string& port) { return "what has it: ss -ltnp 'sport = :" + port + "'"; }

std::string port_of(const std::string& address) { return address.substr(address.rfind(':') + 1); }

/// A directory of the daemon's.
finding own_directory(const facts& seen, const path_facts& what, const std::string& key) {
  if (what.path.empty()) return skipped("no daemon and no configuration tell where it is");
  if (!what.there) {
    if (!seen.fleet) return skipped(what.path + " is not there yet: the daemon makes it");
    return failed(what.path + " is gone", "workspacectl upgrade makes it anew and opens its files again");
  }
  if (!what.directory)
    return failed(what.path + " is no directory", "move it away, or choose another " + key);
  if (!what.writable) {
    return failed(what.path + " cannot be written by " + seen.user,
                  "sudo chown " + seen.user + " " + what.path + "; or choose another " + key);
  }
  if (auto full = short_of_room(what.path, what.space)) return *full;
  return ok(what.path + (what.space ? ", " + size_text(what.space->free) + " free" : ""));
}

}  // namespace

finding check_health(const facts& seen) {
  const std::string where = "http://" + seen.address + "/health";
  if (!seen.fleet) {
    if (seen.health.status == 0) return no_daemon();
    return failed("another program answers on " + seen.address,
                  who_has_it(port_of(seen.address)) + "; stop it, or choose another http.listen");
  }
  const auto restart = "workspacectl down, then workspacectl up --wait";
  if (seen.health.status == 0) return failed(where + ": " + seen.health.problem, restart);
  const auto status = text_member(seen.health.body, "status");
  if (status.empty() || (seen.health.status != 200 && seen.health.status != 503)) {
    return failed(where + " answers " + std::to_string(seen.health.status) + ", and that is not workspaced",
                  who_has_it(port_of(seen.address)));
  }
  const auto told = where + " answers " + std::to_string(seen.health.status) + ", " + status;
  if ((seen.health.status == 200) == seen.fleet->healthy()) return ok(told);
  return warning(told + ", and the services say otherwise", "something changes just now: ask again");
}

finding check_metrics(const facts& seen) {
  if (!seen.fleet) return no_daemon();
  const std::string where = "http://" + seen.address + "/metrics";
  if (seen.metrics.status == 200 && seen.metrics.body.find("workspaced_build_info") != std::string::npos)
    return ok(where + " answers");
  return failed(where + ": " +
                    (seen.metrics.status == 0 ? seen.metrics.problem
                                              : "answers " + std::to_string(seen.metrics.status)),
                "workspacectl down, then workspacectl up --wait");
}

finding check_probe_ports(const facts& seen) {
  if (!seen.configuration.config) return skipped("the configuration cannot be read from here");
  if (!seen.fleet) return skipped("no daemon tells who has the ports");
  const auto probed = probed_ports(*seen.configuration.config);
  if (probed.empty()) return ok("no probe asks a port");
  for (const auto& [port, asked] : probed) {
    const auto& names = asked.services;
    const auto number = std::to_string(port);
    if (names.size() > 1) {
      return warning(
          "port " + number + " is asked for " + listed(names, " and ") + ": one can be taken for the other",
          "give each a port of its own");
    }
    const auto* service = seen.fleet->find(*names.begin());
    if (service == nullptr || service->pid || !seen.answering_ports.contains(port)) continue;
    return warning("somebody answers on port " + number + ", but " + service->name + " does not run",
                   who_has_it(number) + "; stop it before " + service->name + " starts");
  }
  std::vector<std::string> all;
  all.reserve(probed.size());
  for (const auto& [port, asked] : probed)
    all.push_back(std::to_string(port) + " " + *asked.services.begin());
  return ok(listed(all));
}

finding check_socket(const facts& seen) {
  if (!seen.socket.there) return no_daemon();
  if ((seen.socket.mode & for_others) != 0) {
    return failed(seen.socket.path + " is open to others (" + mode_text(seen.socket.mode) + ")",
                  "chmod 600 " + seen.socket.path);
  }
  if (seen.socket.owner != seen.uid && seen.uid != 0) {
    return failed(seen.socket.path + " belongs to user " + std::to_string(seen.socket.owner),
                  "work as that user, or name another with --socket", exit_code::not_permitted);
  }
  return ok(seen.socket.path + ", " + mode_text(seen.socket.mode));
}

finding check_tokens(const facts& seen) {
  if (seen.tokens.empty()) return skipped("no daemon and no configuration tell where they are");
  for (const auto& each : seen.tokens) {
    if (!each.there) {
      if (!seen.fleet) return skipped(each.path + " is not there yet: the daemon makes it");
      return failed(each.path + " is not there", "workspacectl upgrade makes it anew");
    }
    if ((each.mode & for_others) != 0) {
      return failed(each.path + " can be read by others (" + mode_text(each.mode) + ")",
                    "chmod 600 " + each.path + "; if others were here: delete it, then workspacectl upgrade");
    }
    if (each.owner != seen.uid && seen.uid != 0)
      return failed(each.path + " belongs to user " + std::to_string(each.owner), "work as that user");
  }
  return ok(std::to_string(seen.tokens.size()) + " tokens, for their owner alone");
}

finding check_state_dir(const facts& seen) { return own_directory(seen, seen.state_dir, "daemon.state_dir"); }

finding check_log_dir(const facts& seen) { return own_directory(seen, seen.log_dir, "daemon.log_dir"); }

}  // namespace workspaced::ctl::doctor
