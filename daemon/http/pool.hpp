// Connections to one server that serve one request after the other.
//
// A connection that was used before and is still open shows that the process at its other end lives: the
// kernel closes the connections of a dead one. A fresh one shows only that somebody has the listening socket;
// `lease::fresh` tells, so that a caller who must not lose a request can ask for a sign of life first.
#pragma once

#include "http/client.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace workspaced::http {

struct pool_options {
  endpoint where;
  std::size_t most = 256;  ///< in use at a time; who comes then waits for one
  /// Not used again when idle for longer: servers close such connections, and a request that crosses with the
  /// close is lost (RFC 9110 9.2.2).
  std::chrono::milliseconds idle{2000};
};

class pool {
 public:
  /// A connection that is the caller's alone until the exchange made of it has gone. Given up unused it
  /// returns to the pool, too.
  class lease {
   public:
    lease(lease&&) noexcept;
    lease& operator=(lease&&) = delete;
    ~lease();

    /// Connected for this caller; nobody has heard anything from the server on it.
    [[nodiscard]] bool fresh() const { return fresh_; }

    /// Sends the request and waits for the header of the answer. `what.where` is not used. A failure means
    /// that the request may have arrived. Cancellation as for `exchange::next`; then, too, it may have
    /// arrived.
    [[nodiscard]] boost::asio::awaitable<client_result<exchange>> send(client_request what);

   private:
    friend class pool;
    lease(std::shared_ptr<exchange::connection> link, bool fresh);

    std::shared_ptr<exchange::connection> link_;
    bool fresh_;
  };

  pool(boost::asio::any_io_executor executor, pool_options settings);
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;
  ~pool();

  /// A connection: one that was used before, else a new one. Fails when none can be made within `timeout`
  /// (for connecting only; waiting for others to finish has no limit but cancellation).
  [[nodiscard]] boost::asio::awaitable<client_result<lease>> take(core::duration timeout);

  /// Closes what is idle, and does not keep what is in use: the server is another one from now on.
  void forget();

  [[nodiscard]] std::size_t idle() const;
  [[nodiscard]] std::size_t in_use() const;

 private:
  class state;
  std::shared_ptr<state> state_;
};

}  // namespace workspaced::http
