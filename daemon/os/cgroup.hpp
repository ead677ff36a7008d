// Groups of processes in the cgroup v2 hierarchy (cgroups(7)), where we may make some. Nobody leaves such a
// group by means of his own, whatever he does to his parents, his session and his environment; the kernel
// kills all of it at once, and can limit what it uses.
#pragma once

#include "os/unique_fd.hpp"

#include <boost/system/result.hpp>

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::os {

/// What all processes of a group may use together; nothing: as much as there is.
struct cgroup_limits {
  std::optional<std::uint64_t> memory;      ///< bytes
  std::optional<std::uint64_t> milli_cpus;  ///< 1500: one and a half

  [[nodiscard]] bool any() const { return memory || milli_cpus; }
};

/// The group of one run. Removed from the hierarchy with this object, if nobody is left in it.
class cgroup {
 public:
  explicit cgroup(std::string directory);
  cgroup(const cgroup&) = delete;
  cgroup& operator=(const cgroup&) = delete;
  ~cgroup();

  /// Who writes "0" to this descriptor is in the group; negative: nobody can enter.
  [[nodiscard]] int entrance() const { return entrance_.get(); }
  /// All living processes in it and in groups that they made below it.
  [[nodiscard]] std::vector<pid_t> members() const;
  [[nodiscard]] bool populated() const;
  /// SIGKILL to all of them, in one step that nobody can fork away from (Linux 5.14; before: one by one).
  void kill() const;

 private:
  std::string directory_;
  unique_fd entrance_;
};

/// Our own directory in the cgroup v2 hierarchy, as the machine's mounts show it; empty: it is not to be
/// seen. From the texts of /proc/self/mountinfo and /proc/self/cgroup (proc(5)).
struct cgroup_place {
  std::string directory;
  std::string mount_point;
};
[[nodiscard]] std::optional<cgroup_place> own_cgroup(std::string_view mountinfo,
                                                     std::string_view self_cgroup);

/// The part of the hierarchy that is ours to divide: <our own group>/<name>/<group of a run>.
class cgroup_parent {
 public:
  /// Fails with a sentence that says why there is none. Ours is what was delegated to us (systemd's rules,
  /// "Control Group APIs and Delegation"): it belongs to our user, is marked as delegated, or is the root of
  /// what we see, as in a container.
  [[nodiscard]] static boost::system::result<cgroup_parent, std::string> find(const std::string& name);
  /// For tests: `base` in the place of our own group.
  cgroup_parent(std::string base, const std::string& name);

  cgroup_parent(cgroup_parent&&) noexcept = default;
  cgroup_parent& operator=(cgroup_parent&&) noexcept = default;
  cgroup_parent(const cgroup_parent&) = delete;
  cgroup_parent& operator=(const cgroup_parent&) = delete;
  /// Removes our part if nobody is left in it.
  ~cgroup_parent();

  /// A new, empty group; null when the kernel refuses it.
  [[nodiscard]] std::unique_ptr<cgroup> make(const std::string& name) const;
  /// One that is there already; null: there is none.
  [[nodiscard]] std::unique_ptr<cgroup> open(const std::string& name) const;
  /// The names of all that are there.
  [[nodiscard]] std::vector<std::string> names() const;

  /// Limits a group, before somebody is in it. Returns what could not be limited and why, one sentence each,
  /// such as "limits.memory is not applied: …".
  [[nodiscard]] std::vector<std::string> limit(const std::string& name, const cgroup_limits& what) const;

 private:
  [[nodiscard]] std::string enable(const std::string& controller) const;
  [[nodiscard]] bool step_aside() const;

  std::string base_;
  std::string root_;
};

}  // namespace workspaced::os
