#include "holder/program.hpp"

#include "holder/parcel.hpp"
#include "os/listen.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

namespace workspaced::holder {
namespace {

constexpr int look_interval_ms = 5000;

struct held {
  std::vector<os::unique_fd> descriptors;
  unsigned connection = 0;  ///< in which it was named last
};

class holding {
 public:
  explicit holding(std::string socket) : path_(std::move(socket)), daemon_(STDIN_FILENO) {
    ::umask(0177);
    listening_ = listen(path_);
    if (!listening_ || ::stat(path_.c_str(), &own_) != 0) listening_.reset();
  }

  void go_on() {
    while (!over_) {
      pollfd both[] = {{daemon_.get(), POLLIN, 0}, {listening_.get(), POLLIN, 0}};
      const int found = ::poll(both, 2, daemon_ ? -1 : look_interval_ms);
      if (found == 0 && !can_be_found()) return;
      if (both[1].revents != 0) answer();
      if (daemon_ && both[0].revents != 0) obey();
    }
    ::unlink(path_.c_str());
  }

 private:
  /// Another holder may have taken the place, or somebody removed the whole directory.
  [[nodiscard]] bool can_be_found() const {
    struct stat now {};
    return listening_ && ::stat(path_.c_str(), &now) == 0 && now.st_ino == own_.st_ino &&
           now.st_dev == own_.st_dev;
  }

  /// The daemons of one directory exclude each other, so a new one means that the last is gone.
  void answer() {
    os::unique_fd next(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!next || os::peer_uid(next.get()) != ::geteuid()) return;
    daemon_ = std::move(next);
    ++connection_;
  }

  void obey() {
    bool closed = false;
    while (auto what = receive(daemon_.get(), closed)) {
      if (what->word == keep_word) held_[what->name] = held{std::move(what->descriptors), connection_};
      if (what->word == drop_word) held_.erase(what->name);
      if (what->word == settle_word)
        std::erase_if(held_, [this](const auto& each) { return each.second.connection != connection_; });
      if (what->word == end_word) over_ = true;
    }
    if (!closed) return;
    daemon_.reset();
    if (held_.empty() || !can_be_found()) over_ = true;
  }

  std::string path_;
  os::unique_fd daemon_;
  os::unique_fd listening_;
  struct stat own_ {};
  unsigned connection_ = 0;
  bool over_ = false;
  std::map<std::string, held> held_;
};

}  // namespace

int hold(const std::string& socket) {
  ::prctl(PR_SET_NAME, "workspaced-hold");
  holding(socket).go_on();
  return 0;
}

}  // namespace workspaced::holder
