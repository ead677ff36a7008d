// Who a name is. The C library's getpwnam(3) loads shared libraries at run time, which a static program
// cannot count on, so /etc/passwd and /etc/group are read here; users of a directory service (LDAP) are known
// by number only.
#pragma once

#include "os/unique_fd.hpp"

#include <boost/system/result.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace workspaced::os {

struct identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary, sorted; `gid` among them, as initgroups(3) does
  std::string name;           ///< empty: a number without an entry
  std::string home;           ///< as `name`
  std::string shell;

  bool operator==(const identity&) const = default;
};

/// Texts of the form of passwd(5) and group(5); lines that are not of it are passed over.
struct user_database {
  std::string passwd;
  std::string group;
};

/// `user` and `group` are names or numbers; empty: `ours`, or the user's own group. Without `groups`, the
/// supplementary groups are those that list the user. Fails with a sentence.
[[nodiscard]] boost::system::result<identity, std::string> resolve(
    const user_database& known, const std::string& user, const std::string& group,
    const std::optional<std::vector<std::string>>& groups);

/// What /etc/passwd and /etc/group say now; empty where there is none.
[[nodiscard]] user_database read_user_database();

/// Makes the user the owner of an open file; a failure leaves it as it is.
void give_to(const unique_fd& file, const identity& who);

/// True when a process of ours is that already, without any system call.
[[nodiscard]] bool is_ours(const identity& who);

}  // namespace workspaced::os
