#include "http/client.hpp"

#include "http/connection.hpp"

#include <utility>

namespace workspaced::http {

namespace asio = boost::asio;

std::string text_of(const client_request& what, bool keep) {
  std::string text = std::string(to_string(what.verb)) + " " + what.target +
                     " HTTP/1.1\r\nHost: " + what.host + "\r\nUser-Agent: workspaced\r\n";
  if (!keep) text += "Connection: close\r\n";
  if (!what.accept.empty()) text += "Accept: " + what.accept + "\r\n";
  for (const auto& [name, value] : what.headers) text += name + ": " + value + "\r\n";
  if (!what.bearer_token.empty()) text += "Authorization: Bearer " + what.bearer_token + "\r\n";
  if (!what.body.empty()) text += "Content-Type: application/json\r\n";
  const bool may_have_body = what.verb == method::post || what.verb == method::put;
  if (may_have_body || !what.body.empty())
    text += "Content-Length: " + std::to_string(what.body.size()) + "\r\n";
  return text + "\r\n" + what.body;
}

exchange::exchange(std::shared_ptr<connection> link) : link_(std::move(link)) {}
exchange::exchange(exchange&&) noexcept = default;
exchange& exchange::operator=(exchange&&) noexcept = default;
exchange::~exchange() {
  if (!link_ || !link_->take_back) return;
  const auto take_back = std::exchange(link_->take_back, {});
  take_back(std::move(link_));
}

const answer& exchange::head() const { return link_->head; }
void exchange::limit(core::duration rest) { link_->limit(rest); }
asio::awaitable<client_result<std::optional<std::string>>> exchange::next() { return link_->receive_body(); }

asio::awaitable<client_result<exchange>> open(asio::any_io_executor executor, client_request what) {
  auto link = std::make_shared<exchange::connection>(executor);
  link->limit(what.timeout);
  if (auto problem = co_await link->connect(what.where)) co_return *problem;
  std::string text = text_of(what, false);
  const bool head_only = what.verb == method::head;
  if (auto problem = co_await link->send(std::move(text), head_only)) co_return *problem;
  if (auto problem = co_await link->receive_head()) co_return *problem;
  co_return exchange(std::move(link));
}

asio::awaitable<client_result<answer>> fetch_streamed(asio::any_io_executor executor, client_request what,
                                                      piece_handler take) {
  auto opened = co_await open(std::move(executor), std::move(what));
  if (!opened) co_return opened.error();
  for (;;) {
    const auto piece = co_await opened->next();
    if (!piece) co_return piece.error();
    if (!*piece || !take(opened->head().status, **piece)) co_return opened->head();
  }
}

asio::awaitable<client_result<answer>> fetch(asio::any_io_executor executor, client_request what,
                                             std::size_t most) {
  std::string body;
  piece_handler collect = [&body, most](int, std::string_view piece) {
    body.append(piece.substr(0, most - body.size()));
    return body.size() < most;
  };
  auto received = co_await fetch_streamed(std::move(executor), std::move(what), std::move(collect));
  if (received) received->body = std::move(body);
  co_return received;
}

asio::awaitable<std::optional<failure>> try_connect(asio::any_io_executor executor, endpoint where,
                                                    core::duration timeout) {
  const auto link = std::make_shared<exchange::connection>(executor);
  link->limit(timeout);
  co_return co_await link->connect(std::move(where));
}

}  // namespace workspaced::http
