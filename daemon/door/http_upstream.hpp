// A server that speaks Streamable HTTP.
#pragma once

#include "checks/secret.hpp"
#include "door/upstream.hpp"
#include "http/pool.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace workspaced::door {

class http_upstream : public upstream {
 public:
  struct settings {
    core::http_target where;
    core::secret_source token;
    core::environment_map environment;  ///< of a command that prints the token
  };

  http_upstream(boost::asio::any_io_executor executor, os::process_table& processes, settings all);

  /// A new connection carries a call only after the server has answered something on it: behind a listening
  /// socket there may be nobody. A refused token is read again, once.
  boost::asio::awaitable<begun> begin(outbound what) override;
  boost::asio::awaitable<begun> listen(std::string session, std::string version,
                                       std::string last_event) override;
  boost::asio::awaitable<void> end_session(std::string session, std::string version) override;
  void forget() override { pool_.forget(); }
  [[nodiscard]] bool is_shared() const override { return false; }

 private:
  boost::asio::awaitable<boost::system::result<std::string, not_begun>> token();
  boost::asio::awaitable<bool> renew_token(std::string refused);
  boost::asio::awaitable<boost::system::result<http::pool::lease, not_begun>> proven_connection(
      std::string token);
  boost::asio::awaitable<begun> send(http::client_request what);

  boost::asio::any_io_executor executor_;
  os::process_table& processes_;
  settings settings_;
  http::pool pool_;
  std::optional<std::string> token_;
};

}  // namespace workspaced::door
