#include "http/parser.hpp"

#include <gtest/gtest.h>

namespace workspaced::http {
namespace {

/// Feeds in pieces of `size` bytes; gives how it ended and leaves what was not used in `bytes`.
progress feed(request_parser& parser, std::string& bytes, std::size_t size) {
  progress reached = progress::more;
  std::string window;
  while (reached != progress::done && reached != progress::failed) {
    if (reached == progress::more && bytes.empty()) break;
    const std::size_t n = reached == progress::head && !window.empty() ? 0 : std::min(size, bytes.size());
    window += bytes.substr(0, n);
    bytes.erase(0, n);
    window.erase(0, parser.feed(window, reached));
  }
  bytes.insert(0, window);
  return reached;
}

constexpr const char* chunked =
    "POST /x?y HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;e=1\r\n "
    "world\r\n0\r\n\r\nNEXT";

TEST(http_parser, reads_a_request_however_it_is_cut) {
  for (std::size_t size = 1; size < 140; ++size) {
    request_parser parser({});
    std::string bytes = chunked;
    ASSERT_EQ(feed(parser, bytes, size), progress::done) << size;
    const raw_request got = parser.take();
    EXPECT_EQ(got.verb, method::post);
    EXPECT_EQ(got.target, "/x?y");
    EXPECT_EQ(got.body, "hello world") << size;
    EXPECT_TRUE(got.keep_alive);
    EXPECT_EQ(got.headers.size(), 3U);
    EXPECT_EQ(bytes, "NEXT") << size;
  }
}

struct refused {
  const char* text;
  int status;
};
void PrintTo(const refused& value, std::ostream* out) { *out << value.text; }

class bad_request : public testing::TestWithParam<refused> {};

TEST_P(bad_request, is_refused) {
  request_parser parser({200, 20});
  std::string bytes = GetParam().text;
  ASSERT_EQ(feed(parser, bytes, 1000), progress::failed);
  EXPECT_EQ(parser.refusal().status, GetParam().status);
}

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
INSTANTIATE_TEST_SUITE_P(
    http_parser, bad_request,
    testing::Values(
        refused{"hello\r\n\r\n", 400}, refused{"GET /\r\n\r\n", 400}, refused{"GET / HTTP/9.9\r\n\r\n", 505},
        refused{"\x16\x03\x01\x02\r\n\r\n", 400},
        refused{"GET / HTTP/1.1\r\nX: " A50 A50 A50 A50 "\r\n\r\n", 431},
        refused{"GET /" A50 A50 A50 A50, 431}, refused{"POST / HTTP/1.1\r\nContent-Length: 21\r\n\r\n", 413},
        refused{"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        refused{"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        refused{"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        refused{"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        refused{"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        refused{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 501},
        refused{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        refused{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n" A50, 413},
        refused{"GET / HTTP/1.1\r\nX Y: 1\r\n\r\n", 400}, refused{"GET / HTTP/1.1\r\nX\r\n\r\n", 400}));
#undef A50

TEST(http_parser, a_chunk_header_without_end_is_refused) {
  request_parser parser({});
  std::string bytes = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(40'000, 'x');
  EXPECT_EQ(feed(parser, bytes, 4000), progress::failed);
  EXPECT_EQ(parser.refusal().status, 400);
}

TEST(http_parser, tells_keep_alive_by_version_and_header) {
  const auto keeps = [](std::string text) {
    request_parser parser({});
    EXPECT_EQ(feed(parser, text, 1000), progress::done);
    return parser.take().keep_alive;
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

/// Feeds byte by byte.
progress feed(response_parser& parser, const std::string& bytes) {
  progress reached = progress::more;
  std::string window;
  for (const char c : bytes) {
    window += c;
    window.erase(0, parser.feed(window, reached));
    if (reached == progress::done || reached == progress::failed) break;
  }
  return reached;
}

TEST(http_parser, reads_answers_with_every_framing) {
  for (const char* text :
       {"HTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.0 200 Fine\r\n\r\nabc"}) {
    response_parser parser(false);
    const progress reached = feed(parser, text);
    EXPECT_TRUE(reached == progress::done || parser.finish()) << text;
    EXPECT_EQ(parser.status(), 200);
    EXPECT_EQ(parser.reason(), "Fine");
    EXPECT_EQ(parser.take_body(), "abc") << text;
  }
}

TEST(http_parser, an_answer_that_is_cut_off_is_not_complete) {
  response_parser parser(false);
  EXPECT_EQ(feed(parser, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"), progress::more);
  EXPECT_FALSE(parser.finish());
}

TEST(http_parser, believes_no_promise_of_a_length) {
  response_parser parser(false);
  EXPECT_NE(feed(parser, "HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\nab"),
            progress::failed);
  EXPECT_EQ(parser.take_body(), "ab");
}

}  // namespace
}  // namespace workspaced::http
