#include "mcp/rules.hpp"

#include <gtest/gtest.h>

namespace workspaced::mcp {
namespace {

http::request post(std::string body, http::header_list headers = {}) {
  http::request what;
  what.verb = http::method::post;
  what.body = std::move(body);
  what.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json, text/event-stream"}};
  for (auto& each : headers) what.headers.push_back(std::move(each));
  return what;
}

std::string modern_body(const std::string& method, const std::string& more = {},
                        const std::string& version = std::string(modern_version)) {
  return R"({"jsonrpc":"2.0","id":1,"method":")" + method +
         R"(","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":")" + version +
         R"(","io.modelcontextprotocol/clientCapabilities":{}})" + more + "}}";
}

http::header_list modern_headers(const std::string& method) {
  return {{"MCP-Protocol-Version", std::string(modern_version)}, {"Mcp-Method", method}};
}

/// "400 -32700", or "legacy 2025-06-18".
std::string outcome(const http::request& what) {
  const auto got = read_post(what);
  if (const auto* good = std::get_if<incoming>(&got))
    return (good->era == era::legacy ? "legacy " : "modern ") + good->version;
  const auto& bad = std::get<http::response>(got);
  const auto answer = message::parse(bad.body);
  if (!answer) return "not JSON-RPC";
  const auto at = bad.body.find("\"code\":");
  return std::to_string(bad.status) + " " + bad.body.substr(at + 7, bad.body.find(',', at) - at - 7);
}

TEST(mcp_rules, a_legacy_request_needs_no_version) {
  const std::string body = R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{}})";
  EXPECT_EQ(outcome(post(body)), "legacy 2025-03-26");
  EXPECT_EQ(outcome(post(body, {{"mcp-protocol-version", "2025-06-18"}})), "legacy 2025-06-18");
  EXPECT_EQ(outcome(post(body, {{"MCP-Protocol-Version", "1999-01-01"}})), "400 -32022");
}

TEST(mcp_rules, media_types_are_checked) {
  http::request what = post(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  what.headers[0].second = "text/plain";
  EXPECT_EQ(outcome(what), "415 -32600");
  what.headers[0].second = "application/json; charset=utf-8";
  what.headers[1].second = "application/json";
  EXPECT_EQ(outcome(what), "406 -32600");
  what.headers[1].second = "*/*";
  EXPECT_EQ(outcome(what), "legacy 2025-03-26");
}

TEST(mcp_rules, what_is_no_message_is_a_400) {
  EXPECT_EQ(outcome(post("{")), "400 -32700");
  EXPECT_EQ(outcome(post("[]")), "400 -32600");
}

TEST(mcp_rules, a_modern_request_carries_everything) {
  EXPECT_EQ(outcome(post(modern_body("tools/list"), modern_headers("tools/list"))), "modern 2026-07-28");
  EXPECT_EQ(outcome(post(modern_body("tools/list"))), "400 -32020");
  EXPECT_EQ(outcome(post(modern_body("tools/list"), modern_headers("tools/call"))), "400 -32020");
  EXPECT_EQ(outcome(post(modern_body("tools/list", "", "2030-01-01"), modern_headers("tools/list"))),
            "400 -32020");
  const http::header_list later = {{"MCP-Protocol-Version", "2030-01-01"}, {"Mcp-Method", "tools/list"}};
  EXPECT_EQ(outcome(post(modern_body("tools/list", "", "2030-01-01"), later)), "400 -32022");
  EXPECT_EQ(outcome(post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", modern_headers("tools/list"))),
            "400 -32602");
  for (const char* gone : {"initialize", "ping", "logging/setLevel", "resources/subscribe"}) {
    EXPECT_EQ(outcome(post(modern_body(gone), modern_headers(gone))), "404 -32601") << gone;
  }
}

TEST(mcp_rules, the_name_is_repeated_in_a_header) {
  const auto call = [](const char* name) {
    auto headers = modern_headers("tools/call");
    if (name != nullptr) headers.emplace_back("Mcp-Name", name);
    return outcome(post(modern_body("tools/call", R"(,"name":"grüße")"), headers));
  };
  EXPECT_EQ(call(nullptr), "400 -32020");
  EXPECT_EQ(call("other"), "400 -32020");
  EXPECT_EQ(call("=?base64?Z3LDvMOfZQ==?="), "modern 2026-07-28");
  EXPECT_EQ(call("=?base64?!?="), "400 -32020");
}

TEST(mcp_rules, names_survive_their_encoding) {
  for (const std::string name : {"plain", "", " blank", "grüße", "=?base64?x?=", "a\nb", "ab", "abc"}) {
    const std::string sent = encode_name(name);
    EXPECT_EQ(sent.find_first_of("\r\n"), std::string::npos);
    EXPECT_EQ(decode_name(sent), name);
  }
}

}  // namespace
}  // namespace workspaced::mcp
