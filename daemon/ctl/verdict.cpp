#include "ctl/verdict.hpp"

#include <algorithm>
#include <set>

namespace workspaced::ctl {
namespace {

using core::service_view;
using core::status;

bool is_at_rest(const service_view& service) {
  return !service.pid && (service.state == status::stopped || service.state == status::completed ||
                          service.state == status::failed);
}

// One service's part of a verdict.
enum class part { pending, met, failed };

template <class Judge>
verdict judge_each(const core::fleet_view& fleet, const std::vector<std::string>& names, bool deadline_passed,
                   Judge judge) {
  verdict failed{outcome::failed, {}};
  verdict pending{deadline_passed ? outcome::timed_out : outcome::wait, {}};
  for (const auto& name : names) {
    const auto* service = fleet.find(name);
    // Gone from the configuration meanwhile: it will never be what it is waited for.
    const auto is = service ? judge(*service) : part::failed;
    if (is == part::failed) failed.culprits.push_back(name);
    if (is == part::pending) pending.culprits.push_back(name);
  }
  if (!failed.culprits.empty()) return failed;
  if (!pending.culprits.empty()) return pending;
  return {outcome::done, {}};
}

std::vector<std::string> names_of(const baseline& since) {
  std::vector<std::string> names;
  for (const auto& [name, was] : since) names.push_back(name);
  return names;
}

// A run that began after the request has failed, or the service was given up because of the request. Events
// are coalesced, so a short backoff may never be seen: the last run tells of it in the attempt after.
bool failed_since(const service_view& now, const before& was) {
  if (now.state == status::failed) return now.run > was.run || was.state != status::failed;
  if (now.state == status::backoff) return now.run > was.run;
  return now.failures > 0 && now.last_run && now.last_run->run > was.run;
}

}  // namespace

exit_code to_exit_code(outcome what) {
  switch (what) {
    case outcome::done: return exit_code::done;
    case outcome::failed: return exit_code::failed;
    case outcome::wait:
    case outcome::timed_out: return exit_code::timed_out;
  }
  return exit_code::failed;
}

bool is_crash_looping(const service_view& service) {
  if (service.is_ready()) return false;
  return service.state == status::backoff || service.state == status::failed || service.failures > 0;
}

verdict judge_up(const core::fleet_view& fleet, bool deadline_passed) {
  auto all = judge_each(fleet, counting(fleet), deadline_passed, [](const service_view& service) {
    if (service.is_ready()) return part::met;
    return service.state == status::failed ? part::failed : part::pending;
  });
  if (all.what != outcome::timed_out) return all;
  std::vector<std::string> crashing;
  for (const auto& name : all.culprits) {
    const auto* service = fleet.find(name);
    if (service && is_crash_looping(*service)) crashing.push_back(name);
  }
  return crashing.empty() ? all : verdict{outcome::failed, std::move(crashing)};
}

baseline remember(const core::fleet_view& fleet, const std::vector<std::string>& names) {
  baseline out;
  for (const auto& name : names) {
    if (const auto* service = fleet.find(name)) out[name] = {service->run, service->state};
  }
  return out;
}

verdict judge_start(const core::fleet_view& fleet, const baseline& since, bool deadline_passed) {
  return judge_each(fleet, names_of(since), deadline_passed, [&since](const service_view& service) {
    if (service.is_ready()) return part::met;
    return failed_since(service, since.at(service.name)) ? part::failed : part::pending;
  });
}

verdict judge_restart(const core::fleet_view& fleet, const baseline& since, bool deadline_passed) {
  return judge_each(fleet, names_of(since), deadline_passed, [&since](const service_view& service) {
    const auto& was = since.at(service.name);
    if (service.is_ready() && service.run > was.run) return part::met;
    return failed_since(service, was) ? part::failed : part::pending;
  });
}

verdict judge_stop(const core::fleet_view& fleet, const std::vector<std::string>& names,
                   bool deadline_passed) {
  return judge_each(fleet, names, deadline_passed, [](const service_view& service) {
    return is_at_rest(service) ? part::met : part::pending;
  });
}

verdict judge_remove(const core::fleet_view& fleet, const std::string& name, bool deadline_passed) {
  if (fleet.find(name) == nullptr) return {outcome::done, {}};
  return judge_stop(fleet, {name}, deadline_passed);
}

verdict judge_wait(const core::fleet_view& fleet, const std::vector<std::string>& names, wait_goal goal,
                   bool deadline_passed) {
  return judge_each(fleet, names, deadline_passed, [goal](const service_view& service) {
    const bool met = goal == wait_goal::stopped     ? is_at_rest(service)
                     : goal == wait_goal::completed ? service.state == status::completed
                                                    : service.is_ready();
    if (met) return part::met;
    return goal != wait_goal::stopped && service.state == status::failed ? part::failed : part::pending;
  });
}

std::vector<std::string> root_causes(const core::fleet_view& fleet, const std::string& name) {
  std::set<std::string> seen;
  std::vector<std::string> open = {name};
  std::vector<std::string> roots;
  while (!open.empty()) {
    const auto next = open.back();
    open.pop_back();
    const auto* service = fleet.find(next);
    if (!service || !seen.insert(next).second) continue;
    const auto before_size = open.size();
    if (service->state == status::waiting) {
      for (const auto& needs : service->depends_on) {
        if (!needs.met) open.push_back(needs.name);
      }
    }
    if (open.size() == before_size) roots.push_back(next);
  }
  std::sort(roots.begin(), roots.end());
  return roots;
}

std::vector<std::string> counting(const core::fleet_view& fleet) {
  std::vector<std::string> names;
  for (const auto& service : fleet.services) {
    if (service.counts()) names.push_back(service.name);
  }
  return names;
}

}  // namespace workspaced::ctl
