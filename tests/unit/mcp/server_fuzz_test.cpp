// Messages that are almost right, a hundred thousand of them: every one gets an answer of the protocol, and
// nothing grows.
#include "unit/mcp/serving.hpp"

#include <array>
#include <random>
#include <set>

namespace workspaced::mcp::test {
namespace {

// Under the sanitizers, where a mistake shows; a plain build is in a hurry.
#ifdef __SANITIZE_ADDRESS__
constexpr int rounds = 100'000;
#else
constexpr int rounds = 10'000;
#endif
constexpr std::size_t most_sessions = 50;

/// What mutations are made of, beside bytes.
constexpr std::array<std::string_view, 22> morsels = {
    "{",       "}",           "[",          "]",          "\"",
    ",",       ":",           "null",       "true",       "-1",
    "1e99",    "\\ud800",     "\\u0000",    "\xff",       "\"_meta\":{",
    "\"id\":", "\"method\":", "2026-07-28", "initialize", "\"params\":[]",
    "\n\n",    "tools/call"};

using dice = std::mt19937;

std::size_t roll(dice& from, std::size_t below) {
  return std::uniform_int_distribution<std::size_t>(0, below - 1)(from);
}

void mutate(std::string& text, dice& luck) {
  for (std::size_t times = roll(luck, 4); times > 0; --times) {
    if (text.empty()) return;
    const std::size_t at = roll(luck, text.size());
    switch (roll(luck, 5)) {
      case 0: text[at] = static_cast<char>(roll(luck, 256)); break;
      case 1: text.erase(at, 1 + roll(luck, 8)); break;
      case 2: text.insert(at, morsels[roll(luck, morsels.size())]); break;
      case 3: text.insert(at, text.substr(roll(luck, text.size()), roll(luck, 40))); break;
      default: text.resize(at); break;
    }
  }
}

void mutate(http::request& what, dice& luck) {
  if (roll(luck, 4) != 0) mutate(what.body, luck);
  for (auto& [name, value] : what.headers) {
    if (roll(luck, 12) == 0) mutate(value, luck);
  }
  if (roll(luck, 30) == 0)
    what.headers.erase(what.headers.begin() + static_cast<long>(roll(luck, what.headers.size())));
}

/// Requests of all kinds, and right.
std::vector<http::request> samples(const std::string& session) {
  std::vector<http::request> all;
  const json echo = {{"name", "echo"}, {"arguments", {{"text", "hi"}}}};
  const json slow = {{"name", "wait"}, {"arguments", {{"ms", 5}}}, {"_meta", {{"progressToken", 1}}}};
  const json ref = {{"ref", {{"type", "ref/prompt"}, {"name", "greet"}}},
                    {"argument", {{"name", "a"}, {"value", ""}}}};
  const json hello = {{"protocolVersion", "2025-11-25"}, {"capabilities", json::object()}};
  for (const auto& [method, params] :
       std::vector<std::pair<std::string, json>>{{"tools/list", {{"cursor", "echo"}}},
                                                 {"tools/call", echo},
                                                 {"tools/call", slow},
                                                 {"completion/complete", ref},
                                                 {"prompts/list", json::object()},
                                                 {"prompts/get", {{"name", "greet"}}},
                                                 {"resources/list", json::object()},
                                                 {"resources/read", {{"uri", "x://7/data"}}},
                                                 {"resources/templates/list", json::object()}}) {
    all.push_back(modern(method, params));
    all.push_back(serving::legacy(session, method, params));
  }
  all.push_back(modern("server/discover"));
  all.push_back(modern("subscriptions/listen", {{"notifications", {{"toolsListChanged", true}}}}));
  all.push_back(serving::legacy(session, "initialize", hello));
  all.push_back(serving::legacy(session, "ping"));
  all.push_back(serving::legacy(session, "logging/setLevel", {{"level", "info"}}));
  all.push_back(serving::legacy(session, "resources/subscribe", {{"uri", "x://7/data"}}));
  all.push_back(serving::legacy(session, "notifications/cancelled", {{"requestId", 1}}, nullptr));
  all.push_back(request(http::method::get, "", {{header::session, session}}));
  return all;
}

/// Nothing when a response is as the protocol has it.
std::string complaint(const reply& got) {
  const std::set<int> statuses = {200, 202, 204, 400, 404, 405, 406, 415};
  const std::set<int> codes = {
      code::parse_error,     code::invalid_request,    code::method_not_found,    code::invalid_params,
      code::header_mismatch, code::missing_capability, code::unsupported_version, -32002};
  if (!statuses.contains(got.status)) return "status " + std::to_string(got.status);
  if (got.status == 202 || got.status == 204) return got.body.empty() ? "" : "a body";
  if (got.content_type == "text/event-stream") return "";
  if (message::parse(got.body).has_error()) return "no message";
  const json read = json::parse(got.body, nullptr, false);
  if (read.is_discarded()) return "not Unicode";
  if (got.status != 200 && !read.contains("error")) return "a status without an error";
  return !read.contains("error") || codes.contains(got.error()) ? "" : "code " + std::to_string(got.error());
}

TEST(mcp_server_fuzz, almost_right_messages_get_right_answers) {
  auto about = serving::quick();
  about.most_sessions = most_sessions;
  serving subject(about);
  const auto nothing = [](call&) -> boost::asio::awaitable<outcome> { co_return outcome("{}"); };
  subject.get().set_prompts({{"greet", "", "", {}, nothing}});
  subject.get().set_resources({}, {{"x://{id}/data", "data", "", "", nothing}});
  std::string session = subject.begin_session();
  auto all = samples(session);
  dice luck(20'260'728);
  std::set<int> seen;
  for (int round = 0; round < rounds; ++round) {
    http::request what = all[roll(luck, all.size())];
    mutate(what, luck);
    const auto client = subject.open(what);
    ASSERT_EQ(client->got.status == 0 ? "" : complaint(client->got), "") << what.body << "\n"
                                                                         << client->got.body;
    seen.insert(client->got.status);
    if (round % 1'000 == 0 && subject.ask(serving::legacy(session, "ping")).status != 200) {
      session = subject.begin_session();  // others came and took its place
      all = samples(session);
    }
  }
  EXPECT_LE(subject.get().sessions(), most_sessions);
  for (const int status : {200, 202, 400, 404, 406, 415}) EXPECT_TRUE(seen.contains(status)) << status;
  EXPECT_TRUE(subject.eventually([&] { return subject.running == 0; }));
  EXPECT_EQ(subject.ask(modern("tools/list")).status, 200) << "and it goes on";
}

}  // namespace
}  // namespace workspaced::mcp::test
