#include "http/policy.hpp"

#include <gtest/gtest.h>

namespace workspaced::http {
namespace {

policy rules() {
  policy out;
  out.allowed_hosts = {"box.example", "other.example:9001"};
  out.read_token = "read-token";
  out.admin_token = "admin-token";
  out.owner = 1000;
  return out;
}

request over_tcp(header_list headers) {
  request out;
  out.headers = std::move(headers);
  return out;
}

int verdict(const header_list& headers, bool http_1_0 = false) {
  const auto refusal = refuse_stranger(rules(), over_tcp(headers), http_1_0);
  return refusal ? refusal->status : 200;
}

struct judged {
  const char* text;
  int status;
};
void PrintTo(const judged& value, std::ostream* out) { *out << value.text; }

class host_header : public testing::TestWithParam<judged> {};
TEST_P(host_header, is_judged) { EXPECT_EQ(verdict({{"host", GetParam().text}}), GetParam().status); }
INSTANTIATE_TEST_SUITE_P(http_policy, host_header,
                         testing::Values(judged{"localhost", 200}, judged{"localhost:9001", 200},
                                         judged{"LocalHost:1", 200}, judged{"127.0.0.1", 200},
                                         judged{"127.0.0.1:9001", 200}, judged{"[::1]", 200},
                                         judged{"[::1]:9001", 200}, judged{"box.example:80", 200},
                                         judged{"other.example:9001", 200}, judged{"other.example:80", 403},
                                         judged{"evil.example", 403}, judged{"localhost.evil.example", 403},
                                         judged{"127.0.0.1.evil.example", 403}, judged{"127.0.0.2", 403},
                                         judged{"[::2]", 403}, judged{"", 400}, judged{"[::1", 400},
                                         judged{"[::1]x", 400}, judged{"localhost:9001x", 400},
                                         judged{":9001", 400}, judged{"a@localhost", 400},
                                         judged{"localhost/x", 400}, judged{"localhost, evil.example", 400}));

class origin_header : public testing::TestWithParam<judged> {};
TEST_P(origin_header, is_judged) {
  EXPECT_EQ(verdict({{"Host", "localhost"}, {"Origin", GetParam().text}}), GetParam().status);
}
INSTANTIATE_TEST_SUITE_P(http_policy, origin_header,
                         testing::Values(judged{"http://localhost:3000", 200},
                                         judged{"https://box.example", 200}, judged{"http://[::1]:9001", 200},
                                         judged{"null", 403}, judged{"", 403},
                                         judged{"http://evil.example", 403}, judged{"file://localhost", 403},
                                         judged{"https://127.0.0.1.evil.example", 403},
                                         judged{"localhost", 403}));

TEST(http_policy, wants_exactly_one_host) {
  EXPECT_EQ(verdict({}), 400);
  EXPECT_EQ(verdict({{"Host", "localhost"}, {"Host", "localhost"}}), 400);
  EXPECT_EQ(verdict({}, true), 200);
  EXPECT_EQ(verdict({{"Host", "evil.example"}}, true), 403);
}

TEST(http_policy, asks_nothing_of_the_unix_socket) {
  request what = over_tcp({{"Origin", "http://evil.example"}});
  what.peer.unix_socket = true;
  EXPECT_FALSE(refuse_stranger(rules(), what, false));
}

access granted_by(const char* authorization) {
  return granted_to(rules(), over_tcp({{"authorization", authorization}}));
}

TEST(http_policy, grants_by_token_on_tcp) {
  EXPECT_EQ(granted_to(rules(), over_tcp({})), access::open);
  EXPECT_EQ(granted_by("Bearer read-token"), access::read);
  EXPECT_EQ(granted_by("bearer admin-token"), access::admin);
  for (const char* wrong :
       {"Bearer", "Bearer ", "Bearer admin-tokex", "Bearer admin-token ", "Basic admin-token", "admin-token",
        "Bearer admin-tokenadmin-token", "Beareradmin-token"}) {
    EXPECT_EQ(granted_by(wrong), access::open) << wrong;
  }
}

TEST(http_policy, an_empty_token_opens_nothing) {
  policy none = rules();
  none.read_token.clear();
  none.admin_token.clear();
  EXPECT_EQ(granted_to(none, over_tcp({{"Authorization", "Bearer "}})), access::open);
}

TEST(http_policy, grants_by_user_on_the_unix_socket) {
  request what;
  what.peer.unix_socket = true;
  for (const auto& [uid, expected] :
       {std::pair{1000U, access::admin}, {0U, access::admin}, {1001U, access::open}}) {
    what.peer.uid = uid;
    EXPECT_EQ(granted_to(rules(), what), expected) << uid;
  }
}

TEST(http_policy, a_user_id_means_nothing_on_tcp) {
  request what;
  what.peer.uid = 0;
  EXPECT_EQ(granted_to(rules(), what), access::open);
}

}  // namespace
}  // namespace workspaced::http
