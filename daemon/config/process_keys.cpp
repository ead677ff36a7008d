#include "config/process_keys.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace workspaced::config {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

enum class unit { count, bytes, seconds };

struct limit {
  const char* name;
  unit measured_in;
};

/// As in prlimit(1), without the "RLIMIT_" of setrlimit(2).
constexpr std::array known_limits = {
    limit{"as", unit::bytes},         limit{"core", unit::bytes},  limit{"cpu", unit::seconds},
    limit{"data", unit::bytes},       limit{"fsize", unit::bytes}, limit{"memlock", unit::bytes},
    limit{"nofile", unit::count},     limit{"nproc", unit::count}, limit{"rss", unit::bytes},
    limit{"sigpending", unit::count}, limit{"stack", unit::bytes},
};

/// A number or "unlimited"; sizes may have a unit, times are durations.
void read_amount(std::optional<std::uint64_t>& into, unit measured_in, const field& from) {
  const auto* text = std::get_if<std::string>(&from.raw().value);
  if (text != nullptr && *text == "unlimited") {
    into.reset();
  } else if (text != nullptr && measured_in == unit::seconds) {
    if (const auto time = from.duration()) into = static_cast<std::uint64_t>(time->count() / 1'000'000'000);
  } else if (text != nullptr && measured_in == unit::bytes) {
    into = from.size();
  } else if (const auto number = from.integer(0, largest)) {
    into = static_cast<std::uint64_t>(*number);
  }
}

void read_rlimit(core::rlimit_pair& into, unit measured_in, const field& from) {
  if (!std::holds_alternative<table>(from.raw().value)) {
    read_amount(into.soft, measured_in, from);
    into.hard = into.soft;
    return;
  }
  for (const auto& [name, value] : from.entries()) {
    if (name == "soft") {
      read_amount(into.soft, measured_in, value);
    } else if (name == "hard") {
      read_amount(into.hard, measured_in, value);
    } else {
      value.complain("unknown key", "soft and hard");
    }
  }
  if (into.hard && (!into.soft || *into.soft > *into.hard))
    from.complain("the soft limit is above the hard one");
}

void read_memory(std::optional<std::uint64_t>& into, const field& from) {
  read_amount(into, unit::bytes, from);
  if (into == 0U) from.complain("no program fits into 0 bytes");
}

void read_cpus(std::optional<std::uint64_t>& into, const field& from) {
  constexpr double least = 0.01;  // the kernel takes no quota below a millisecond
  constexpr double most = 100'000;
  if (const auto number = from.number(least, most))
    into = static_cast<std::uint64_t>(std::llround(*number * 1000));
}

}  // namespace

const std::vector<std::string>& limit_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(known_limits.size() + 2);
    for (const limit& each : known_limits) all.emplace_back(each.name);
    all.insert(all.end(), {"memory", "cpus"});
    return all;
  }();
  return names;
}

void read_limits(core::limits_spec& into, const field& from) {
  for (const auto& [name, value] : from.entries()) {
    bool known = name == "memory" || name == "cpus";
    if (name == "memory") read_memory(into.memory, value);
    if (name == "cpus") read_cpus(into.milli_cpus, value);
    for (const limit& each : known_limits) {
      if (name != each.name) continue;
      known = true;
      read_rlimit(into.rlimits[name], each.measured_in, value);
    }
    if (known) continue;
    const auto meant = core::nearest(name, limit_names());
    from.all().errors.push_back(
        {value.raw().key, value.path(), "unknown key", meant ? "did you mean " + *meant + "?" : ""});
  }
}

std::optional<unsigned> read_umask(const field& from) {
  constexpr unsigned all_bits = 0777;
  const auto text = from.text();
  if (!text) return std::nullopt;
  unsigned value = 0;
  bool good = !text->empty() && text->size() <= 4;
  for (const char digit : *text) {
    good = good && digit >= '0' && digit <= '7';
    value = value * 8 + static_cast<unsigned>(digit - '0');
  }
  if (good && value <= all_bits) return value;
  from.complain("\"" + *text + "\" is no umask", "write it in octal, like \"022\"");
  return std::nullopt;
}

}  // namespace workspaced::config
