// An MCP server without HTTP around it: requests in, responses out, on a loop that the test turns.
#pragma once

#include "mcp/event_text.hpp"
#include "mcp/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace workspaced::mcp::test {

using nlohmann::json;
using namespace std::chrono_literals;

inline http::request request(http::method verb, std::string body = {}, http::header_list headers = {}) {
  http::request what;
  what.verb = verb;
  what.path = "/mcp";
  what.granted = http::access::admin;
  what.body = std::move(body);
  what.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json, text/event-stream"}};
  for (auto& each : headers) what.headers.push_back(std::move(each));
  return what;
}

inline std::string body_of(const json& id, const std::string& method, const json& params) {
  json body = {{"jsonrpc", "2.0"}, {"method", method}};
  if (!id.is_null()) body["id"] = id;
  if (!params.is_null()) body["params"] = params;
  return body.dump();
}

/// A modern request, with all that it has to repeat.
inline http::request modern(const std::string& method, json params = json::object(), const json& id = 1,
                            const json& more_meta = json::object()) {
  json meta = {{std::string(meta::version), std::string(modern_version)},
               {std::string(meta::capabilities), json::object()}};
  meta.update(more_meta);
  params["_meta"] = meta;
  http::header_list headers = {{header::version, std::string(modern_version)}, {header::method, method}};
  const std::string named(named_param(method));
  if (params.contains(named))
    headers.emplace_back(header::name, encode_name(params[named].get<std::string>()));
  return request(http::method::post, body_of(id, method, params), headers);
}

/// What a client has got so far of one response.
class reply {
 public:
  int status = 0;
  std::string content_type;
  http::header_list headers;
  std::string body;          ///< of a whole response
  std::vector<json> events;  ///< of a stream
  int keep_alives = 0;
  bool ended = false;

  [[nodiscard]] std::string header(const std::string& name) const {
    for (const auto& [key, value] : headers) {
      if (http::same_word(key, name)) return value;
    }
    return {};
  }
  /// The response: the body, or the last event.
  [[nodiscard]] json message() const {
    if (!events.empty()) return events.back();
    return json::parse(body, nullptr, false);
  }
  [[nodiscard]] json result() const { return message().value("result", json()); }
  [[nodiscard]] int error() const { return message().value("error", json::object()).value("code", 0); }
};

/// A client's connection; when it goes, the client has left.
class connection {
 public:
  connection(boost::asio::io_context& loop, http::response first);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  reply got;

 private:
  static boost::asio::awaitable<void> read(std::shared_ptr<connection*> self, http::response from);

  boost::asio::io_context& loop_;
  std::shared_ptr<boost::asio::cancellation_signal> stop_;
  std::shared_ptr<connection*> self_;
};

/// A server with a few tools, and a clock that runs.
class serving {
 public:
  explicit serving(server_options about = quick());

  static server_options quick();

  /// Sends, and turns the loop until the response has ended or `most` is over.
  reply ask(const http::request& what, std::chrono::milliseconds most = 5s);
  /// Begins, and comes back as soon as nothing is left to do at once.
  std::unique_ptr<connection> open(const http::request& what);
  void turn(std::chrono::milliseconds time) { loop_.restart(), loop_.run_for(time); }
  /// Turns the loop until `check` is true, for five seconds at most.
  bool eventually(const std::function<bool()>& check);

  /// initialize; gives the session's id.
  std::string begin_session(const std::string& version = "2025-11-25");
  /// A request of a legacy session.
  static http::request legacy(const std::string& session, const std::string& method,
                              const json& params = nullptr, const json& id = 1);

  boost::asio::io_context& loop() { return loop_; }
  mcp::server& get() { return *server_; }
  void end_server() { server_.reset(); }

  int running = 0;    ///< calls of the tool "wait" that have begun and not ended
  int cancelled = 0;  ///< that were cancelled

 private:
  boost::asio::io_context loop_{1};
  std::unique_ptr<server> server_;
};

}  // namespace workspaced::mcp::test
