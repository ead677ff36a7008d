#include "checks/secret.hpp"

#include "checks/command.hpp"
#include "json/edit.hpp"
#include "os/files.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace workspaced::checks {
namespace {

using outcome = boost::system::result<std::string, secret_problem>;

constexpr std::size_t largest_file = 1 << 20;
constexpr auto patience = std::chrono::seconds(10);

std::string first_line(std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  return std::string(text.substr(0, text.find_last_not_of(" \t") + 1));
}

outcome checked(std::string secret, const std::string& place) {
  const bool printable =
      std::all_of(secret.begin(), secret.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (secret.empty()) return secret_problem("no token in " + place, "it is empty");
  if (!printable)
    return secret_problem("cannot use the token in " + place, "it is not printable ASCII without blanks");
  return {boost::system::in_place_value, std::move(secret)};
}

/// "/a/b~1c" as keys; arrays are not walked into.
json::path keys_of(std::string_view pointer) {
  json::path keys;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    std::string key(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(key.size());
    for (std::size_t at = key.find("~1"); at != std::string::npos; at = key.find("~1", at + 1))
      key.replace(at, 2, "/");
    for (std::size_t at = key.find("~0"); at != std::string::npos; at = key.find("~0", at + 1))
      key.replace(at, 2, "~");
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

outcome secret_in(const core::secret_file& where) {
  const auto text = os::read_whole(where.path, largest_file);
  if (!text) return secret_problem("cannot read " + where.path, text.error().message());
  if (where.pointer.empty()) return checked(first_line(*text), where.path);
  const auto found = json::get_member(*text, keys_of(where.pointer));
  if (!found) return secret_problem("cannot read " + where.path, "it is not a JSON object");
  const auto value = *found ? json::string_value(**found) : std::nullopt;
  if (!value) return secret_problem("no token in " + where.path, "there is no string at " + where.pointer);
  return checked(*value, where.path);
}

boost::asio::awaitable<outcome> read_secret(boost::asio::any_io_executor executor,
                                            os::process_table& processes, core::secret_source where,
                                            core::environment_map environment) {
  if (const auto* text = std::get_if<core::secret_text>(&where)) co_return text->value;
  if (const auto* file = std::get_if<core::secret_file>(&where)) co_return secret_in(*file);
  if (const auto* asked = std::get_if<core::secret_command>(&where)) {
    command question;
    question.argv = asked->argv;
    question.environment = std::move(environment);
    question.timeout = patience;
    const command_end end = co_await run_command(std::move(executor), processes, std::move(question));
    if (!end.ok) co_return secret_problem("cannot get the token from " + asked->argv.front(), end.text);
    co_return checked(first_line(end.output), "the output of " + asked->argv.front());
  }
  co_return std::string();
}

}  // namespace workspaced::checks

void boost::system::throw_exception_from_error(const workspaced::checks::secret_problem& error,
                                               const source_location&) {
  throw std::logic_error(error.text);
}
