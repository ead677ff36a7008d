#include "core/fingerprint.hpp"

#include <string>
#include <string_view>
#include <type_traits>

namespace workspaced::core {
namespace {

/// FNV-1a, 64 bits, over values that each say how long they are.
class mixer {
 public:
  void add(std::string_view text) {
    add(text.size());
    for (const char each : text) mix(static_cast<unsigned char>(each));
  }
  void add(const std::string& text) { add(std::string_view(text)); }
  template <class Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void add(Number number) {
    auto rest = static_cast<std::uint64_t>(number);
    for (unsigned i = 0; i < sizeof rest; ++i, rest >>= 8) mix(static_cast<unsigned char>(rest));
  }
  template <class Value>
  void add(const std::optional<Value>& value) {
    add(value.has_value());
    if (value) add(*value);
  }
  template <class Value>
  void add(const std::vector<Value>& values) {
    add(values.size());
    for (const Value& each : values) add(each);
  }
  template <class Value>
  void add(const std::map<std::string, Value>& values) {
    add(values.size());
    for (const auto& [name, value] : values) {
      add(name);
      add(value);
    }
  }
  void add(const rlimit_pair& limit) {
    add(limit.soft);
    add(limit.hard);
  }
  void add_if_set(std::string_view name, const std::optional<std::uint64_t>& value) {
    if (!value) return;
    add(name);
    add(*value);
  }
  void add(const process_spec& process) {
    add(process.identity.user);
    add(process.identity.group);
    add(process.identity.groups);
    add(process.limits.rlimits);
    add(process.umask);
    add(process.nice);
    add(process.oom_score_adj);
    add(process.no_new_privs);
    add(process.inherit_environment);
    // Absent they add nothing: a service without them is the same one as to a daemon that knew none.
    add_if_set("memory", process.limits.memory);
    add_if_set("cpus", process.limits.milli_cpus);
  }

  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  void mix(unsigned char byte) { sum_ = (sum_ ^ byte) * 0x100000001b3; }

  std::uint64_t sum_ = 0xcbf29ce484222325;
};

}  // namespace

bool needs_new_process(const service_spec& before, const service_spec& after) {
  return before.command != after.command || before.working_dir != after.working_dir ||
         before.environment != after.environment || before.kind != after.kind ||
         before.process != after.process || before.stdio != after.stdio;
}

std::uint64_t process_fingerprint(const service_spec& spec) {
  mixer all;
  all.add(spec.command);
  all.add(spec.working_dir);
  all.add(spec.environment);
  all.add(spec.kind);
  all.add(spec.process);
  all.add(spec.stdio);
  return all.sum();
}

}  // namespace workspaced::core
