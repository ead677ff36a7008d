#include "core/redact.hpp"

#include <algorithm>
#include <array>

namespace workspaced::core {
namespace {

constexpr std::array<std::string_view, 6> always = {"*TOKEN*",  "*SECRET*", "*PASSWORD*",
                                                    "*PASSWD*", "*_KEY",    "*CREDENTIAL*"};

char upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

/// The last star seen may take one letter more when what follows it does not fit.
bool matches(std::string_view name, std::string_view pattern) {
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && upper(pattern[p]) == upper(name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

bool is_secret_name(std::string_view name, const std::vector<std::string>& more) {
  const auto fits = [name](std::string_view pattern) { return matches(name, pattern); };
  return std::any_of(always.begin(), always.end(), fits) || std::any_of(more.begin(), more.end(), fits);
}

}  // namespace workspaced::core
