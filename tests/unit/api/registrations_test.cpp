#include "api/registrations.hpp"

#include "api/routes.hpp"
#include "unit/api/fake_control.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace workspaced::api {
namespace {

using http::access;
using http::method;

class api_registrations : public testing::Test {
 protected:
  api_registrations() {
    daemon_.mcp.entries = {{"fleet",
                            "claude",
                            "user",
                            "/h/.claude.json",
                            {"mcpServers", "fleet"},
                            "changed by hand",
                            false,
                            "somebody changed it",
                            {{"url", "\"a\"", "\"b\""}}}};
  }

  /// The answer, also of those that take a while.
  http::response ask(method verb, std::string path, std::string body = {}, access granted = access::admin) {
    http::request what;
    what.verb = verb;
    what.path = std::move(path);
    what.body = std::move(body);
    http::response answer = http::dispatch(routes_, std::move(what), granted);
    if (!answer.later) return answer;
    boost::asio::io_context loop;
    http::response end;
    boost::asio::co_spawn(loop, answer.later->answer(),
                          [&end](const std::exception_ptr& error, http::response later) {
                            if (!error) end = std::move(later);
                          });
    loop.run();
    return end;
  }
  [[nodiscard]] std::vector<std::string> asked() { return std::exchange(daemon_.mcp.asked, {}); }

  using list = std::vector<std::string>;

  test::fake_control daemon_;
  std::vector<http::route> routes_ = routes(
      daemon_, [] { return wall_time(); }, [](std::string_view) { return exposition{}; });
};

const std::string document =
    R"({"entries":[{"server":"fleet","program":"claude","scope":"user","file":"/h/.claude.json",)"
    R"("at":["mcpServers","fleet"],"state":"changed by hand","fine":false,"detail":"somebody changed it",)"
    R"("differences":[{"member":"url","wanted":"\"a\"","found":"\"b\""}]}]})"
    "\n";

TEST_F(api_registrations, are_listed_for_readers) {
  const auto answer = ask(method::get, "/v1/mcp", {}, access::read);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, document);
}

TEST_F(api_registrations, are_synced_and_removed_and_listed_when_that_is_done) {
  EXPECT_EQ(ask(method::post, "/v1/mcp/sync").body, document);
  EXPECT_EQ(ask(method::post, "/v1/mcp/sync", R"({"names":["fleet"],"force":true})").status, 200);
  EXPECT_EQ(ask(method::post, "/v1/mcp/remove", R"({"names":["fleet"]})").body, document);
  EXPECT_EQ(asked(), (list{"sync", "sync fleet force", "remove fleet"}));
}

TEST_F(api_registrations, want_servers_that_there_are_and_orders_that_make_sense) {
  const auto answer = ask(method::post, "/v1/mcp/sync", R"({"names":["fleets"]})");
  EXPECT_EQ(answer.status, 404);
  EXPECT_NE(answer.body.find("did you mean 'fleet'?"), std::string::npos);
  for (const char* body : {"[]", R"({"names":[]})", R"({"force":1})", R"({"all":true})", "{"})
    EXPECT_EQ(ask(method::post, "/v1/mcp/remove", body).status, 400) << body;
  EXPECT_EQ(asked(), list{});
}

TEST_F(api_registrations, give_the_headers_of_a_server_to_who_may_read) {
  const auto answer = ask(method::get, "/v1/mcp/fleet/headers", {}, access::read);
  EXPECT_EQ(answer.body, "{\"Authorization\":\"Bearer t0ken\"}\n");
  EXPECT_EQ(answer.headers, (http::header_list{{"Cache-Control", "no-store"}}));
  EXPECT_EQ(ask(method::get, "/v1/mcp/nobody/headers").status, 404);
  EXPECT_EQ(ask(method::get, "/v1/mcp/fleet/headers", {}, access::open).status, 401);
}

TEST_F(api_registrations, are_changed_by_the_owner_alone) {
  for (const char* path : {"/v1/mcp/sync", "/v1/mcp/remove"})
    EXPECT_EQ(ask(method::post, path, {}, access::read).status, 403) << path;
}

}  // namespace
}  // namespace workspaced::api
