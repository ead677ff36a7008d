// An MCP server for clients of both eras, over Streamable HTTP: what it offers is given to it, what the
// protocol asks of a server it does itself. Strangers and tokens are not its business: http's server has
// looked at them.
#pragma once

#include "http/message.hpp"
#include "mcp/rules.hpp"
#include "mcp/server_offer.hpp"
#include "mcp/server_running.hpp"
#include "mcp/server_sessions.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::mcp {

struct server_options {
  std::string name;
  std::string title;
  std::string version;
  std::string instructions;                      ///< for the model; may be empty
  bool logging = false;                          ///< handlers send log messages
  std::size_t page = 100;                        ///< entries of a list at a time
  std::chrono::milliseconds patience{5'000};     ///< an answer that takes longer begins as a stream
  std::chrono::milliseconds keep_alive{15'000};  ///< between two signs of life on a stream
  std::size_t most_sessions = 1'000;             ///< of legacy clients
  std::chrono::milliseconds session_idle{3'600'000};
};

class server {
 public:
  server(boost::asio::any_io_executor executor, server_options options);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// As `close`.
  ~server();

  // What is offered, in the order of the lists. Clients are told when a list is another than before.
  void set_tools(std::vector<tool> all);
  void set_prompts(std::vector<prompt> all);
  void set_resources(std::vector<resource> all, std::vector<resource_template> templates);
  /// Tells those who have subscribed to it.
  void resource_updated(const std::string& uri);

  /// The answer to POST, GET and DELETE.
  [[nodiscard]] http::response answer(const http::request& what);

  /// Streams end, calls are cancelled.
  void close();

  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

 private:
  /// A modern client's subscriptions/listen.
  struct listener {
    std::weak_ptr<outlet> to;
    std::string id;                  ///< of the request, as JSON
    std::vector<std::string> kinds;  ///< "tools", "prompts", "resources"
    std::vector<std::string> uris;
  };
  /// A request, and whose it is.
  struct asking {
    incoming what;
    server_session* session = nullptr;  ///< of a legacy client, once it has one
    http::access granted = http::access::open;
  };
  struct list {
    std::string_view member;                                   ///< of the result: "tools"
    std::vector<std::pair<std::string, std::string>> entries;  ///< key and JSON text
  };

  // server.cpp: the transport.
  [[nodiscard]] http::response post(const http::request& what);
  [[nodiscard]] http::response get(const http::request& what);
  [[nodiscard]] http::response del(const http::request& what);
  [[nodiscard]] std::variant<server_session*, http::response> session_of(const http::request& what,
                                                                         std::string_view id);
  [[nodiscard]] http::response take_notice(const asking& from);
  [[nodiscard]] http::response listen(const asking& from);
  void announce(std::string_view kind);
  void notify(const std::function<bool(const listener&)>& wanted, const std::string& method,
              const std::string& params);

  // server_methods.cpp: the requests.
  [[nodiscard]] http::response answer_request(asking from);
  [[nodiscard]] std::optional<outcome> answer_at_once(const asking& from);
  [[nodiscard]] http::response introduce(const asking& from);
  [[nodiscard]] outcome discover() const;
  [[nodiscard]] outcome list_page(const asking& from, const list& all) const;
  [[nodiscard]] outcome set_level(const asking& from);
  [[nodiscard]] outcome subscribe(const asking& from, bool wanted);
  [[nodiscard]] outcome complete(const asking& from) const;
  [[nodiscard]] http::response call_tool(asking from);
  [[nodiscard]] http::response get_prompt(asking from);
  [[nodiscard]] http::response read_resource(asking from);
  [[nodiscard]] http::response begin(asking from, handler run, http::header_list parameters = {});
  [[nodiscard]] http::response respond(const asking& from, const outcome& end) const;
  [[nodiscard]] running::finisher finisher_for(const asking& from) const;
  [[nodiscard]] std::string capabilities(era client) const;
  [[nodiscard]] std::string information() const;

  boost::asio::any_io_executor executor_;
  server_options options_;
  std::vector<tool> tools_;
  std::optional<std::vector<prompt>> prompts_;  // empty: none are offered, ever
  std::optional<std::vector<resource>> resources_;
  std::vector<resource_template> templates_;
  server_sessions sessions_;
  std::vector<listener> listeners_;
  std::vector<std::weak_ptr<running>> calls_;
};

}  // namespace workspaced::mcp
