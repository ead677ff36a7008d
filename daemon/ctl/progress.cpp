#include "ctl/progress.hpp"

#include "core/durations.hpp"
#include "ctl/render.hpp"

#include <algorithm>
#include <chrono>

namespace workspaced::ctl {
namespace {

bool is_in_motion(const core::service_view& service) {
  switch (service.state) {
    case core::status::waiting:
    case core::status::starting:
    case core::status::stopping:
    case core::status::backoff:
    case core::status::degraded: return true;
    default: return false;
  }
}

}  // namespace

void progress::show(const core::fleet_view& fleet, const std::vector<std::string>& names,
                    clock::time_point now) {
  if (mode_ == mode::silent) return;
  for (const auto& service : fleet.services) {
    if (!names.empty() && std::find(names.begin(), names.end(), service.name) == names.end()) continue;
    const auto place = entries_.find(service.name);
    const bool first = place == entries_.end();
    const bool changed =
        first || place->second.view.state != service.state || place->second.view.run != service.run;
    auto& known = entries_[service.name];
    known.view = service;
    if (!changed) continue;
    known.since = now - std::chrono::duration_cast<clock::duration>(service.in_state);
    if (mode_ == mode::lines) tell(known, first);
  }
  if (mode_ == mode::live) draw(now);
}

void progress::tick(clock::time_point now) {
  if (mode_ == mode::live) draw(now);
}

void progress::tell(const entry& changed, bool first) {
  const auto& service = changed.view;
  // What was at rest before we came is no news.
  if (first && !is_in_motion(service)) return;
  std::string line = service.name + ": " + std::string(core::to_string(service.state));
  if (service.is_ready() && service.ready_after) {
    line += " after " + core::in_words(*service.ready_after);
  } else if (service.reason != core::to_string(service.state)) {
    line += ": " + fit(service.reason, 400);
  }
  console_.print(line + '\n');
}

// In a terminal that is too low for all lines, those at rest are left out.
void progress::draw(clock::time_point now) {
  const auto& screen = console_.screen();
  const std::size_t room = std::max<std::size_t>(screen.rows, 4) - 2;
  std::vector<const entry*> shown;
  for (const auto& [name, it] : entries_) shown.push_back(&it);
  std::size_t left_out = 0;
  if (shown.size() > room) {
    std::stable_partition(shown.begin(), shown.end(), [](const entry* e) {
      return is_in_motion(e->view) || e->view.state == core::status::failed;
    });
    left_out = shown.size() - (room - 1);
    shown.resize(room - 1);
  }
  std::size_t name_columns = 4;
  for (const auto* it : shown) name_columns = std::max(name_columns, it->view.name.size());
  name_columns = std::min<std::size_t>(name_columns, 28);

  std::string out;
  if (drawn_ > 0) out += "\x1b[" + std::to_string(drawn_) + "A";
  const style how{screen.colour, screen.columns};
  for (const auto* it : shown) {
    auto view = it->view;
    if (is_in_motion(view))
      view.reason =
          core::in_words(std::chrono::floor<std::chrono::seconds>(now - it->since)) + "  " + view.reason;
    out += "\r\x1b[2K" + progress_line(view, name_columns, how) + '\n';
  }
  if (left_out > 0) out += "\r\x1b[2K  and " + std::to_string(left_out) + " more\n";
  out += "\x1b[J";
  drawn_ = shown.size() + (left_out > 0 ? 1 : 0);
  console_.print(out);
}

}  // namespace workspaced::ctl
