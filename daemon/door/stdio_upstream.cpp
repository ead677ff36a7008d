#include "door/stdio_upstream.hpp"

#include "json/edit.hpp"
#include "mcp/event_text.hpp"
#include "mcp/protocol.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace workspaced::door {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using descriptor = asio::posix::stream_descriptor;

constexpr std::size_t longest_line = 16U << 20U;
/// Written and not yet read by the server.
constexpr std::size_t most_unread = 64U << 20U;

http::failure gone() {
  return {boost::system::errc::make_error_code(boost::system::errc::connection_reset),
          "the server has ended"};
}

}  // namespace

struct stdio_upstream::pipes {
  pipes(const asio::any_io_executor& executor, int to_fd, int from_fd)
      : to(executor, to_fd), from(executor, from_fd) {}

  descriptor to;
  descriptor from;
  std::string unread;
  std::string partial;
  bool writing = false;
};

/// Messages for one request that its client has not fetched.
struct stdio_upstream::mailbox {
  explicit mailbox(const asio::any_io_executor& executor) : news(executor) {}

  std::deque<std::string> messages;
  bool answered = false;
  bool lost = false;
  bell news;
};

class stdio_upstream::conversation : public incoming_answer {
 public:
  explicit conversation(std::shared_ptr<mailbox> box) : box_(std::move(box)) {
    if (box_)
      content_type = "text/event-stream";
    else
      status = 202;
  }

  asio::awaitable<http::client_result<std::optional<std::string>>> next() override {
    while (box_ && box_->messages.empty() && !box_->answered && !box_->lost) {
      co_await box_->news.wait();
      if (co_await is_cancelled()) co_return gone();
    }
    if (box_ && !box_->messages.empty()) {
      std::optional<std::string> event = mcp::event_text(box_->messages.front());
      box_->messages.pop_front();
      co_return event;
    }
    if (box_ && box_->lost && !box_->answered) co_return gone();
    co_return std::optional<std::string>();
  }

 private:
  std::shared_ptr<mailbox> box_;
};

stdio_upstream::~stdio_upstream() { detach(); }

void stdio_upstream::attach(os::unique_fd to, os::unique_fd from) {
  detach();
  pipes_ = std::make_shared<pipes>(executor_, to.release(), from.release());
  pipes_->to.non_blocking(true);
  pipes_->from.non_blocking(true);
  read_on(pipes_);
}

void stdio_upstream::detach() {
  if (const auto run = std::exchange(pipes_, nullptr)) {
    error_code ignored;
    run->to.close(ignored);
    run->from.close(ignored);
  }
  for (const auto& [id, weak] : std::exchange(waiting_, {})) {
    const auto box = weak.lock();
    if (!box) continue;
    box->lost = true;
    box->news.ring();
  }
}

void stdio_upstream::read_on(const std::shared_ptr<pipes>& run) {
  run->from.async_wait(descriptor::wait_read, [this, run](const error_code& error) {
    if (error || pipes_ != run) return;
    std::array<char, 64 * 1024> block;
    error_code problem;
    const std::size_t size = run->from.read_some(asio::buffer(block), problem);
    if (problem == asio::error::would_block) return read_on(run);
    if (problem) return detach();
    run->partial.append(block.data(), size);
    std::size_t begin = 0;
    for (std::size_t end = run->partial.find('\n'); end != std::string::npos && pipes_ == run;
         end = run->partial.find('\n', begin)) {
      take(run->partial.substr(begin, end - begin));
      begin = end + 1;
    }
    run->partial.erase(0, begin);
    if (run->partial.size() > longest_line) return detach();
    read_on(run);
  });
}

bool stdio_upstream::send(std::string line) {
  if (!pipes_ || pipes_->unread.size() + line.size() > most_unread) return false;
  // A line break stands outside of strings only, where a blank means the same.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  pipes_->unread += line;
  pipes_->unread += '\n';
  if (!std::exchange(pipes_->writing, true)) write_on(pipes_);
  return true;
}

void stdio_upstream::write_on(const std::shared_ptr<pipes>& run) {
  error_code error;
  const std::size_t size = run->to.write_some(asio::buffer(run->unread), error);
  run->unread.erase(0, size);
  if (error && error != asio::error::would_block) return detach();
  if (run->unread.empty()) {
    run->writing = false;
    return;
  }
  run->to.async_wait(descriptor::wait_write, [this, run](const error_code& problem) {
    if (!problem && pipes_ == run) write_on(run);
  });
}

void stdio_upstream::take(std::string line) {
  auto what = mcp::message::parse(std::move(line));
  if (!what) return;  // servers print other things, too
  if (what->what() == mcp::message::kind::request) return answer_for_client(*what);
  std::string id(what->id());
  const bool answer = what->what() == mcp::message::kind::response;
  if (!answer && what->method() == "notifications/progress") {
    const auto token = json::get_member(what->params(), {"progressToken"});
    if (token && *token) id = **token;
  }
  const auto place = waiting_.find(id);
  const auto box = place == waiting_.end() ? nullptr : place->second.lock();
  if (answer && place != waiting_.end()) waiting_.erase(place);
  if (!box) {
    if (!answer && when_told) when_told(*what);
    return;
  }
  box->messages.push_back(what->text());
  box->answered = box->answered || answer;
  box->news.ring();
}

/// The server was told that its client answers nothing; a ping is answered all the same.
void stdio_upstream::answer_for_client(const mcp::message& request) {
  const bool ping = request.method() == "ping";
  send(ping
           ? mcp::result_text(request.id(), "{}")
           : mcp::error_text(request.id(), {mcp::code::method_not_found, "this client answers no requests"}));
}

asio::awaitable<begun> stdio_upstream::begin(outbound what) {
  if (!pipes_) co_return not_begun{false, "it is not running"};
  std::shared_ptr<mailbox> box;
  if (what.what.what() == mcp::message::kind::request) {
    box = std::make_shared<mailbox>(executor_);
    std::erase_if(waiting_, [](const auto& entry) { return entry.second.expired(); });
    waiting_[std::string(what.what.id())] = box;
  }
  if (!send(what.what.text())) co_return not_begun{false, "it does not read what it is sent"};
  std::unique_ptr<incoming_answer> answer = std::make_unique<conversation>(std::move(box));
  co_return answer;
}

asio::awaitable<begun> stdio_upstream::listen(std::string, std::string, std::string) {
  co_return not_begun{false, "a server over stdio has no streams"};
}

asio::awaitable<void> stdio_upstream::end_session(std::string, std::string) { co_return; }

}  // namespace workspaced::door
