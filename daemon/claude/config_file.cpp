#include "claude/config_file.hpp"

#include "os/unique_fd.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace workspaced::claude {
namespace {

constexpr int max_links = 40;  // as the kernel

/// realpath(3) for the last component only, which unlike realpath may lead to nothing yet.
result<std::string> follow_links(std::filesystem::path path) {
  std::error_code error;
  for (int hop = 0; hop < max_links; ++hop) {
    const std::filesystem::path next = std::filesystem::read_symlink(path, error);
    if (error) return path.string();  // not a link, or nothing there: open(2) will tell
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return failure("follow " + path.string(), ELOOP);
}

result<std::string> read_all(int fd, std::size_t size, const std::string& path) {
  std::string text(size + 1, '\0');  // the byte more finds a file that has grown
  std::size_t filled = 0;
  for (;;) {
    const ssize_t got = ::read(fd, text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read " + path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > max_config_size) return failure("read " + path, EFBIG);
    if (filled == text.size()) text.resize(2 * text.size());
  }
  text.resize(filled);
  return text;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// As Claude Code names its own: .claude.json.tmp.<pid>.<hex>
std::string temporary_name(const std::string& target) {
  std::array<unsigned char, 6> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) random.fill(0);
  std::string name = target + ".tmp." + std::to_string(::getpid()) + ".";
  for (const unsigned char byte : random) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", static_cast<unsigned>(byte));
    name += hex.data();
  }
  return name;
}

/// Root writes into the homes of others: the file stays theirs. Without root it must be ours already.
bool give_to_owner(int fd, const config_file& file) {
  if (::geteuid() == 0) return ::fchown(fd, file.owner, file.group) == 0;
  if (!file.exists || file.owner == ::geteuid()) return true;
  errno = EPERM;
  return false;
}

}  // namespace

result<config_file> read_config(const std::string& path) {
  const auto followed = follow_links(path);
  if (!followed) return followed.error();
  config_file file;
  file.path = *followed;
  // Not blocking, should there be a FIFO of that name.
  const os::unique_fd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (!fd && errno == ENOENT) {
    const std::string directory = std::filesystem::path(file.path).parent_path();
    if (::stat(directory.c_str(), &facts) == 0) {
      file.owner = facts.st_uid;
      file.group = facts.st_gid;
    }
    return file;
  }
  if (!fd) return failure("open " + file.path, errno);
  if (::fstat(fd.get(), &facts) != 0) return failure("read " + file.path, errno);
  if (!S_ISREG(facts.st_mode)) return failure("read " + file.path, "not a regular file");
  auto text = read_all(fd.get(), static_cast<std::size_t>(facts.st_size), file.path);
  if (!text) return text.error();
  file.exists = true;
  file.text = std::move(*text);
  file.mode = facts.st_mode & 07777U;
  file.owner = facts.st_uid;
  file.group = facts.st_gid;
  return file;
}

result<void> make_private(const config_file& file) {
  if (::chmod(file.path.c_str(), file.mode & ~static_cast<mode_t>(077)) != 0) {
    return failure("change the mode of " + file.path, errno);
  }
  return {};
}

pending_file::pending_file(std::string temporary, std::string target)
    : temporary_(std::move(temporary)), target_(std::move(target)) {}

pending_file::pending_file(pending_file&& other) noexcept
    : temporary_(std::exchange(other.temporary_, {})), target_(std::move(other.target_)) {}

pending_file::~pending_file() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

result<pending_file> pending_file::write(const config_file& next_to, std::string_view text, mode_t mode) {
  const std::string name = temporary_name(next_to.path);
  const os::unique_fd fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return failure("create " + name, errno);
  pending_file pending(name, next_to.path);
  if (!give_to_owner(fd.get(), next_to)) return failure("keep the owner of " + next_to.path, errno);
  if (!write_all(fd.get(), text) || ::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0) {
    return failure("write " + name, errno);
  }
  return pending;
}

result<void> pending_file::commit() {
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return failure("replace " + target_, errno);
  temporary_.clear();
  return {};
}

}  // namespace workspaced::claude
