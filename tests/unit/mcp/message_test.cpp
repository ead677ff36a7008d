#include "mcp/message.hpp"

#include "mcp/protocol.hpp"

#include <gtest/gtest.h>

namespace workspaced::mcp {
namespace {

using kind = message::kind;

TEST(mcp_message, keeps_its_text_and_shows_its_parts) {
  const std::string text =
      R"({"jsonrpc":"2.0","id":1.50,"method":"tools/call","params":{"name":"aé","_meta":{"p":1}}})";
  const auto got = message::parse(text);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->what(), kind::request);
  EXPECT_EQ(got->text(), text);
  EXPECT_EQ(got->id(), "1.50");
  EXPECT_EQ(got->method(), "tools/call");
  EXPECT_EQ(got->meta(), R"({"p":1})");
  EXPECT_EQ(got->text_param("name"), "aé");
  EXPECT_EQ(got->text_param("_meta"), std::nullopt);
}

TEST(mcp_message, survives_being_moved) {
  auto got = message::parse(R"({"jsonrpc":"2.0","id":"x","result":{}})");
  ASSERT_TRUE(got);
  const message moved = std::move(*got);
  EXPECT_EQ(moved.what(), kind::response);
  EXPECT_EQ(moved.id(), "\"x\"");
  EXPECT_EQ(moved.result(), "{}");
}

TEST(mcp_message, tells_kinds_apart) {
  EXPECT_EQ(message::parse(R"({"jsonrpc":"2.0","method":"notifications/initialized"})")->what(),
            kind::notification);
  EXPECT_EQ(message::parse(R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}})")->what(),
            kind::response);
}

struct row {
  const char* text;
  int expected;
};

class bad_message : public testing::TestWithParam<row> {};

TEST_P(bad_message, is_refused_with_its_code) {
  const auto got = message::parse(GetParam().text);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    mcp_message, bad_message,
    testing::Values(row{"", code::parse_error}, row{"{", code::parse_error},
                    row{"\"text\"", code::invalid_request}, row{"[{}]", code::invalid_request},
                    row{"[{]", code::parse_error}, row{"{}", code::invalid_request},
                    row{R"({"jsonrpc":"1.0","id":1,"method":"a"})", code::invalid_request},
                    row{R"({"jsonrpc":"2.0","id":1})", code::invalid_request},
                    row{R"({"jsonrpc":"2.0","id":1,"method":7})", code::invalid_request},
                    row{R"({"jsonrpc":"2.0","id":{},"method":"a"})", code::invalid_request},
                    row{R"({"jsonrpc":"2.0","id":null,"method":"a"})", code::invalid_request},
                    row{R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})", code::invalid_request},
                    row{R"({"jsonrpc":"2.0","result":{}})", code::invalid_request},
                    row{R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", code::invalid_request}));

TEST(mcp_message, texts_are_messages) {
  EXPECT_EQ(request_text("7", "ping"), R"({"jsonrpc":"2.0","id":7,"method":"ping"})");
  EXPECT_EQ(notification_text("a\"b", "{}"), R"({"jsonrpc":"2.0","method":"a\"b","params":{}})");
  EXPECT_EQ(result_text("\"i\"", "{\"a\":1}"), R"({"jsonrpc":"2.0","id":"i","result":{"a":1}})");
  EXPECT_EQ(error_text("", {-1, "no", "[1]"}),
            R"({"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no","data":[1]}})");
}

}  // namespace
}  // namespace workspaced::mcp
