#include "ctl/sse.hpp"

#include <gtest/gtest.h>

namespace workspaced::ctl {
namespace {

const std::string stream =
    ": hello\r\n\r\n"
    "event: snapshot\r\ndata: {\"a\":1}\r\n\r\n"
    "event:service\ndata:one\ndata: two\n\n"
    ":keep-alive\n\n"
    "data:  blank stays\rid: 7\r\r"
    "event: nothing\n\n"
    "data\n\n"
    "event: unfinished\ndata: x\n";

const std::vector<sse_event> events = {
    {"snapshot", "{\"a\":1}"}, {"service", "one\ntwo"}, {"message", " blank stays"}, {"message", ""}};

TEST(ctl_sse, reads_a_stream_in_one_piece) {
  sse_parser parser;
  EXPECT_EQ(parser.feed(stream), events);
}

TEST(ctl_sse, reads_the_same_whatever_the_pieces_are) {
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      sse_parser parser;
      std::vector<sse_event> got;
      for (const auto piece :
           {std::string_view(stream).substr(0, first), std::string_view(stream).substr(first, second - first),
            std::string_view(stream).substr(second)}) {
        for (auto& event : parser.feed(piece)) got.push_back(std::move(event));
      }
      ASSERT_EQ(got, events) << "pieces end at " << first << " and " << second;
    }
  }
}

TEST(ctl_sse, gives_an_event_as_soon_as_its_blank_line_is_there) {
  sse_parser parser;
  EXPECT_TRUE(parser.feed("data: x\n").empty());
  EXPECT_EQ(parser.feed("\n").size(), 1U);
  EXPECT_TRUE(parser.feed("data: x\r\n").empty());
  EXPECT_EQ(parser.feed("\r").size(), 1U) << "CR alone ends a line too";
  EXPECT_TRUE(parser.feed("\n").empty()) << "this LF belongs to the CR before";
}

}  // namespace
}  // namespace workspaced::ctl
