// What a check has found.
#pragma once

#include "ctl/doctor/facts.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace workspaced::ctl::doctor {

enum class level { ok, warning, failed, skipped };

struct finding {
  level what = level::ok;
  std::string seen;                    ///< what was seen; of a skipped check why it does not apply
  std::string fix;                     ///< what to do, of `warning` and `failed` only
  exit_code code = exit_code::failed;  ///< of doctor, when this is the first check that failed
};

inline finding ok(std::string seen) { return {level::ok, std::move(seen), {}}; }
inline finding skipped(std::string reason) { return {level::skipped, std::move(reason), {}}; }
inline finding warning(std::string seen, std::string fix) {
  return {level::warning, std::move(seen), std::move(fix)};
}
inline finding failed(std::string seen, std::string fix, exit_code code = exit_code::failed) {
  return {level::failed, std::move(seen), std::move(fix), code};
}
/// What ails a workspace in Coder, and is nobody's business elsewhere.
inline finding outside_of_coder() { return skipped("not in a Coder workspace"); }
inline finding no_daemon() { return skipped("no daemon answers"); }

/// A member of a JSON object that is a text; empty: there is none.
[[nodiscard]] std::string text_member(std::string_view object, const std::string& name);

/// "512.0 MiB", "1.2 GiB"
[[nodiscard]] std::string size_text(double bytes);

/// "a, b, c"
template <class Texts>
[[nodiscard]] std::string listed(const Texts& texts, std::string_view between = ", ") {
  std::string out;
  for (const auto& each : texts) {
    if (!out.empty()) out += between;
    out += each;
  }
  return out;
}

/// Says of a file system that is nearly full what `path` means; nothing when there is room.
[[nodiscard]] std::optional<finding> short_of_room(const std::string& path, const std::optional<room>& space);

}  // namespace workspaced::ctl::doctor
