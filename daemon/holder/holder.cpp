#include "holder/holder.hpp"

#include "holder/parcel.hpp"
#include "os/listen.hpp"
#include "os/process_tree.hpp"
#include "os/program_path.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace workspaced::holder {
namespace {

/// One that cannot stay up is not tried in a loop.
constexpr std::chrono::seconds pause_before_next{1};
constexpr std::chrono::milliseconds patience_with_end{500};

}  // namespace

holder::holder(boost::asio::io_context& loop, os::process_table& processes, std::string socket,
               std::function<void(const std::string&)> complain)
    : loop_(loop),
      processes_(processes),
      socket_(std::move(socket)),
      complain_(std::move(complain)),
      pause_(loop) {
  if (os::unique_fd found = connect(socket_)) use(std::move(found));
}

holder::~holder() = default;

void holder::begin() {
  started_ = true;
  if (os::unique_fd made = start()) use(std::move(made));
}

os::unique_fd holder::start() {
  auto pair = make_pair();
  os::spawn_request request;
  request.argv = {os::own_program(), "--hold", socket_};
  request.working_dir = std::string("/");  // no mount is held by it
  if (pair) request.stdin_fd = pair->theirs.get();
  if (pair) {
    if (const auto pid = processes_.start(request, until_it_ends())) {
      child_ = *pid;
      return std::move(pair->ours);
    }
  }
  complain_(
      "cannot start the process that keeps what services write while no daemon runs; if the daemon is "
      "killed, lines that it has not read yet may be lost");
  return {};
}

void holder::use(os::unique_fd connection) {
  // One that is our child already: started by the program that we were before an upgrade.
  const pid_t pid = os::peer_pid(connection.get());
  if (const auto row = os::row_of(pid); row && row->parent == ::getpid() && !processes_.knows(pid))
    child_ = processes_.adopt({row, {}, {}}, until_it_ends());
  started_ = true;
  connection_.emplace(loop_);
  boost::system::error_code error;
  connection_->assign(connection.get(), error);
  if (error) return connection_.reset();
  static_cast<void>(connection.release());
  watch();
  for (const auto& [name, descriptors] : kept_) say(keep_word, name, descriptors);
}

/// It never says anything: what can be read is its end.
void holder::watch() {
  connection_->async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, alive = std::weak_ptr<const int>(alive_)](const boost::system::error_code& error) {
        if (!error && !alive.expired()) lost();
      });
}

void holder::lost() {
  connection_.reset();
  if (ending_) return;
  pause_.expires_after(pause_before_next);
  pause_.async_wait([this, alive = std::weak_ptr<const int>(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired() && !ending_) begin();
  });
}

void holder::keep(const std::string& name, std::vector<int> descriptors) {
  if (!started_) begin();
  say(keep_word, name, descriptors);
  kept_[name] = std::move(descriptors);
}

void holder::let_go(const std::string& name) {
  if (kept_.erase(name) > 0) say(drop_word, name, {});
}

void holder::settle() { say(settle_word, "", {}); }

void holder::end(std::function<void()> done) {
  ending_ = true;
  say(end_word, "", {});
  when_ended_ = std::move(done);
  pause_.expires_after(child_ ? patience_with_end : std::chrono::milliseconds(0));
  pause_.async_wait([this, alive = std::weak_ptr<const int>(alive_)](const boost::system::error_code&) {
    if (!alive.expired() && when_ended_) std::exchange(when_ended_, {})();
  });
}

os::exit_handlers holder::until_it_ends() {
  os::exit_handlers handlers;
  handlers.exited = [this, alive = std::weak_ptr<const int>(alive_)](core::exit_status, bool) {
    if (alive.expired()) return;
    child_.reset();
    if (ending_) pause_.cancel();
  };
  return handlers;
}

void holder::say(std::string_view word, std::string_view name, const std::vector<int>& descriptors) {
  if (!connection_ || send(connection_->native_handle(), word, name, descriptors)) return;
  complain_(
      "the process that keeps what services write does not answer; if the daemon is killed, lines that it "
      "has "
      "not read yet may be lost");
}

}  // namespace workspaced::holder
