#include "http/router.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <gtest/gtest.h>

#include <stdexcept>

namespace workspaced::http {
namespace {

class endless : public stream {
 public:
  boost::asio::awaitable<std::optional<std::string>> next() override { co_return "x"; }
};

std::vector<route> table() {
  const auto says = [](const char* name) {
    return [name](const request& what) {
      return response::text(std::string(name) + ":" + what.parameter("name"));
    };
  };
  const auto streams = [](const request&) {
    return response::streamed("text/plain", std::make_unique<endless>());
  };
  const auto throws = [](const request&) -> response { throw std::runtime_error("a \"bug\""); };
  return {{method::get, "/", access::open, says("root"), ""},
          {method::get, "/v1/services/{name}", access::read, says("one"), ""},
          {method::get, "/v1/services/{name}/logs", access::read, streams, ""},
          {method::post, "/v1/services/{name}/stop", access::admin, says("stop"), ""},
          {method::post, "/v1/services/all", access::admin, says("all"), ""},
          {method::get, "/v1/services/all", access::open, says("all"), ""},
          {method::put, "/v1/services/{name}", access::admin, says("put"), ""},
          {method::get, "/broken", access::open, throws, ""}};
}

response ask(method verb, std::string path, access granted = access::admin, bool unix_socket = false) {
  request what;
  what.verb = verb;
  what.path = std::move(path);
  what.peer.unix_socket = unix_socket;
  return dispatch(table(), std::move(what), granted);
}

std::string header(const response& from, std::string_view name) {
  for (const auto& [key, value] : from.headers) {
    if (key == name) return value;
  }
  return "none";
}

TEST(http_router, finds_the_route_and_its_parameters) {
  EXPECT_EQ(ask(method::get, "/").body, "root:");
  EXPECT_EQ(ask(method::get, "/v1/services/web").body, "one:web");
  EXPECT_EQ(ask(method::post, "/v1/services/web/stop").body, "stop:web");
}

TEST(http_router, a_literal_wins_over_a_parameter) {
  EXPECT_EQ(ask(method::get, "/v1/services/all").body, "all:");
  EXPECT_EQ(ask(method::put, "/v1/services/all").body, "put:all");
}

TEST(http_router, answers_404_where_nothing_is) {
  for (const char* path :
       {"/x", "/v1/services", "/v1/services/", "/v1/services/web/", "/v1/services/web/logs/x", "//", "*"}) {
    const response got = ask(method::get, path);
    EXPECT_EQ(got.status, 404) << path;
    EXPECT_EQ(got.content_type, "application/problem+json");
  }
}

TEST(http_router, answers_405_with_what_is_allowed) {
  const response got = ask(method::get, "/v1/services/web/stop");
  EXPECT_EQ(got.status, 405);
  EXPECT_EQ(header(got, "Allow"), "POST, OPTIONS");
  EXPECT_EQ(header(ask(method::other, "/v1/services/web"), "Allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(ask(method::head, "/v1/services/web/stop").status, 405);
}

TEST(http_router, tells_a_missing_token_from_one_that_is_too_weak) {
  const response nobody = ask(method::get, "/v1/services/web", access::open);
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(header(nobody, "WWW-Authenticate"), "Bearer realm=\"workspaced\"");
  EXPECT_EQ(ask(method::put, "/v1/services/web", access::read).status, 403);
  EXPECT_EQ(ask(method::get, "/v1/services/web", access::open, true).status, 403);
  EXPECT_EQ(ask(method::get, "/v1/services/web", access::read).status, 200);
}

TEST(http_router, answers_head_as_get_without_a_stream) {
  EXPECT_EQ(ask(method::head, "/v1/services/web").body, "one:web");
  const response got = ask(method::head, "/v1/services/web/logs");
  EXPECT_EQ(got.status, 200);
  EXPECT_FALSE(got.stream);
}

TEST(http_router, answers_options) {
  const response got = ask(method::options, "/v1/services/all", access::open);
  EXPECT_EQ(got.status, 204);
  EXPECT_EQ(header(got, "Allow"), "GET, HEAD, POST, PUT, OPTIONS");
  EXPECT_EQ(ask(method::options, "*").status, 204);
  EXPECT_EQ(ask(method::options, "/x").status, 404);
}

TEST(http_router, a_handler_that_throws_is_a_500) {
  const response got = ask(method::get, "/broken");
  EXPECT_EQ(got.status, 500);
  EXPECT_NE(got.body.find(R"("detail":"a \"bug\"")"), std::string::npos) << got.body;
}

TEST(http_problem, is_json_whatever_it_speaks_about) {
  const response got = response::problem(404, "No \\ \n", "bytes \xff\xc3 and \x01 \xe2\x82\xac");
  EXPECT_EQ(got.body,
            "{\"type\":\"about:blank\",\"title\":\"No \\\\ \\u000a\",\"status\":404,"
            "\"detail\":\"bytes \xef\xbf\xbd\xef\xbf\xbd and \\u0001 \xe2\x82\xac\"}\n");
}

TEST(http_request, finds_headers_and_query) {
  request what;
  what.headers = {{"X-One", "1"}, {"x-one", "2"}};
  what.query = {{"verbose", ""}, {"tail", "5"}};
  EXPECT_EQ(what.header("x-ONE"), "1");
  EXPECT_EQ(what.header("x-two"), "");
  EXPECT_TRUE(what.has("verbose"));
  EXPECT_FALSE(what.has("Verbose"));
  EXPECT_EQ(what.get("tail"), "5");
  EXPECT_EQ(what.get("follow"), std::nullopt);
}

}  // namespace
}  // namespace workspaced::http
