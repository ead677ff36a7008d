#include "supervisor/run_mark.hpp"

#include <charconv>
#include <system_error>

namespace workspaced::supervisor {
namespace {

bool read_number(std::string_view text, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string mark_prefix(const std::string& instance) { return "WORKSPACED_RUN=" + instance + "/"; }

std::string to_text(const run_mark& mark) {
  return mark.service + "/" + std::to_string(mark.run) + "/" + std::to_string(mark.fingerprint);
}

std::string group_name(const std::string& service, std::uint64_t run) {
  return service + "." + std::to_string(run);
}

std::optional<group_owner> parse_group_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  group_owner owner{std::string(name.substr(0, dot)), 0};
  if (!read_number(name.substr(dot + 1), owner.run)) return std::nullopt;
  return owner;
}

std::optional<run_mark> parse_mark(std::string_view text) {
  const auto last = text.rfind('/');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const auto middle = text.rfind('/', last - 1);
  if (middle == std::string_view::npos || middle == 0) return std::nullopt;
  run_mark mark;
  mark.service = text.substr(0, middle);
  const bool good = read_number(text.substr(middle + 1, last - middle - 1), mark.run) &&
                    read_number(text.substr(last + 1), mark.fingerprint);
  if (!good) return std::nullopt;
  return mark;
}

}  // namespace workspaced::supervisor
