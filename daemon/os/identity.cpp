#include "os/identity.hpp"

#include "os/files.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <string_view>

namespace workspaced::os {
namespace {

constexpr std::size_t largest_database = 8U * 1024 * 1024;
constexpr std::size_t passwd_fields = 7;  // name:password:uid:gid:comment:home:shell
constexpr std::size_t group_fields = 4;   // name:password:gid:members

using fields = std::vector<std::string_view>;

fields split(std::string_view text, char separator) {
  fields parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // 4294967295 is -1: "leave it as it is" for setresuid(2).
  if (error != std::errc{} || end != text.data() + text.size() || value == UINT32_MAX) return std::nullopt;
  return value;
}

/// The lines with `count` fields or more for which `wanted`; the first, or all.
std::vector<fields> entries(std::string_view database, std::size_t count,
                            const std::function<bool(const fields&)>& wanted) {
  std::vector<fields> found;
  for (const std::string_view line : split(database, '\n')) {
    const fields parts = split(line, ':');
    if (parts.size() >= count && number(parts[2]) && wanted(parts)) found.push_back(parts);
  }
  return found;
}

boost::system::result<gid_t, std::string> group_number(const user_database& known, const std::string& group) {
  const auto named =
      entries(known.group, group_fields, [&group](const fields& parts) { return parts[0] == group; });
  if (!named.empty()) return *number(named[0][2]);
  if (const auto id = number(group)) return *id;
  return "there is no group " + group + " in /etc/group";
}

std::vector<gid_t> groups_of(const user_database& known, std::string_view user) {
  std::vector<gid_t> all;
  for (const fields& parts : entries(known.group, group_fields, [user](const fields& each) {
         const fields members = split(each[3], ',');
         return std::find(members.begin(), members.end(), user) != members.end();
       }))
    all.push_back(*number(parts[2]));
  return all;
}

boost::system::result<identity, std::string> find_user(const user_database& known, const std::string& user) {
  const auto id = number(user);
  auto found =
      entries(known.passwd, passwd_fields, [&user](const fields& parts) { return parts[0] == user; });
  if (found.empty() && id)
    found =
        entries(known.passwd, passwd_fields, [&id](const fields& parts) { return number(parts[2]) == id; });
  if (!found.empty() && number(found[0][3])) {
    const fields& parts = found[0];
    identity who;
    who.uid = *number(parts[2]);
    who.gid = *number(parts[3]);
    who.name = parts[0];
    who.home = parts[5];
    who.shell = parts[6];
    return who;
  }
  if (!id) return "there is no user " + user + " in /etc/passwd";
  identity who;
  who.uid = *id;
  who.gid = 0;  // as container runtimes take it for a number without an entry
  return who;
}

}  // namespace

boost::system::result<identity, std::string> resolve(const user_database& known, const std::string& user,
                                                     const std::string& group,
                                                     const std::optional<std::vector<std::string>>& groups) {
  auto who = find_user(known, user.empty() ? std::to_string(::geteuid()) : user);
  if (!who) return who;
  if (user.empty()) who->gid = ::getegid();
  if (!group.empty()) {
    const auto id = group_number(known, group);
    if (!id) return id.error();
    who->gid = *id;
  }
  if (groups) {
    for (const std::string& each : *groups) {
      const auto id = group_number(known, each);
      if (!id) return id.error();
      who->groups.push_back(*id);
    }
  } else if (!who->name.empty()) {
    who->groups = groups_of(known, who->name);
  }
  who->groups.push_back(who->gid);
  std::sort(who->groups.begin(), who->groups.end());
  who->groups.erase(std::unique(who->groups.begin(), who->groups.end()), who->groups.end());
  return who;
}

user_database read_user_database() {
  user_database known;
  if (auto text = read_whole("/etc/passwd", largest_database)) known.passwd = std::move(*text);
  if (auto text = read_whole("/etc/group", largest_database)) known.group = std::move(*text);
  return known;
}

void give_to(const unique_fd& file, const identity& who) {
  static_cast<void>(::fchown(file.get(), who.uid, static_cast<gid_t>(-1)) == 0);
}

bool is_ours(const identity& who) {
  if (who.uid != ::geteuid() || who.uid != ::getuid() || who.gid != ::getegid()) return false;
  std::vector<gid_t> ours(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
  const int count = ::getgroups(static_cast<int>(ours.size()), ours.data());
  ours.resize(static_cast<std::size_t>(std::max(count, 0)));
  ours.push_back(::getegid());
  std::sort(ours.begin(), ours.end());
  ours.erase(std::unique(ours.begin(), ours.end()), ours.end());
  return ours == who.groups || ::geteuid() != 0;
}

}  // namespace workspaced::os
