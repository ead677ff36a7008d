#include "door/translate.hpp"

#include <gtest/gtest.h>

namespace workspaced::door {
namespace {

using mcp::era;
using mcp::message;

message parsed(const std::string& text) { return *message::parse(text); }

TEST(door_translate, a_legacy_request_becomes_modern) {
  EXPECT_EQ(
      for_modern_server(parsed(R"({"jsonrpc":"2.0","id":7,"method":"tools/list"})")),
      R"({"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{)"
      R"("io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},)"
      R"("io.modelcontextprotocol/clientInfo":{"name":"workspaced","version":"1"}}}})");
}

TEST(door_translate, a_modern_request_becomes_legacy_under_an_id_of_ours) {
  const auto request = parsed(
      R"({"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"t","n":12345678901234567890,"_meta":{)"
      R"("io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},)"
      R"("progressToken":"mine","traceparent":"x"}}})");
  EXPECT_EQ(progress_token(request), "\"mine\"");
  EXPECT_EQ(
      for_legacy_server(request, "41"),
      R"({"jsonrpc":"2.0","id":41,"method":"tools/call","params":{"name":"t","n":12345678901234567890,"_meta":{)"
      R"("progressToken":41,"traceparent":"x"}}})");
}

TEST(door_translate, a_result_gets_the_clients_id_and_what_its_era_wants) {
  const auto legacy = parsed(R"({"jsonrpc":"2.0","id":41,"result":{"content":[],"big":1e400}})");
  EXPECT_EQ(
      for_client(legacy, era::legacy, era::modern, "\"a\"", ""),
      R"({"jsonrpc":"2.0","id":"a","result":{"content":[],"big":1e400,"resultType":"complete","ttlMs":0,)"
      R"("cacheScope":"private"}})");
  const auto modern = parsed(
      R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","tools":[],"ttlMs":5,"cacheScope":"public"}})");
  EXPECT_EQ(for_client(modern, era::modern, era::legacy, "7", ""),
            R"({"jsonrpc":"2.0","id":7,"result":{"tools":[]}})");
}

TEST(door_translate, errors_keep_their_words) {
  const auto error = parsed(R"({"jsonrpc":"2.0","id":41,"error":{"code":-32602,"message":"no","data":[1]}})");
  EXPECT_EQ(for_client(error, era::legacy, era::modern, "1", ""),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no","data":[1]}})");
}

TEST(door_translate, a_legacy_client_hears_that_it_cannot_give_input) {
  const auto asks =
      parsed(R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{}}})");
  const auto told = for_client(asks, era::modern, era::legacy, "1", "");
  ASSERT_TRUE(told);
  EXPECT_NE(told->find("asks for input"), std::string::npos);
  EXPECT_NE(told->find("-32603"), std::string::npos);
}

TEST(door_translate, progress_goes_to_the_clients_token) {
  const auto note = parsed(
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":41,"progress":0.50}})");
  EXPECT_EQ(
      for_client(note, era::legacy, era::modern, "1", "\"mine\""),
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"mine","progress":0.50}})");
}

TEST(door_translate, a_request_of_the_server_is_not_for_such_a_client) {
  EXPECT_FALSE(for_client(parsed(R"({"jsonrpc":"2.0","id":9,"method":"sampling/createMessage"})"),
                          era::legacy, era::modern, "1", ""));
}

}  // namespace
}  // namespace workspaced::door
