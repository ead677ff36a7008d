#include "mcp/event_text.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

namespace workspaced::mcp {
namespace {

/// The pieces of a stream that comes in parts of `step` bytes: all bytes, and the data of the whole events.
struct outcome {
  std::string bytes;
  std::vector<std::string> data;
  std::size_t longest = 0;
};

outcome split(const std::string& stream, std::size_t step, std::size_t most) {
  event_splitter splitter(most);
  outcome out;
  for (std::size_t i = 0; i < stream.size(); i += step) {
    for (const auto& piece : splitter.feed(std::string_view(stream).substr(i, step))) {
      out.bytes += piece.bytes;
      out.longest = std::max(out.longest, piece.bytes.size());
      if (const auto data = piece.data(); piece.whole && data) out.data.push_back(*data);
    }
    EXPECT_LE(splitter.unfinished(), most + step);
  }
  EXPECT_EQ(out.bytes.size() + splitter.unfinished(), stream.size());
  return out;
}

class any_step : public testing::TestWithParam<std::size_t> {};

TEST_P(any_step, events_are_cut_at_their_ends_and_nowhere_else) {
  const std::string stream =
      ": hello\n\ndata: one\n\nevent: message\r\nid: 7\r\ndata: two\r\ndata:lines\r\n\r\nretry: 5\n\ndata: "
      "four\r\r"
      "data\n\nrest";
  const outcome got = split(stream, GetParam(), 1000);
  EXPECT_EQ(got.data, (std::vector<std::string>{"one", "two\nlines", "four", ""}));
  EXPECT_TRUE(stream.starts_with(got.bytes));
  EXPECT_TRUE(stream.ends_with("rest") && got.bytes.ends_with("data\n\n"));
}

TEST_P(any_step, a_long_event_goes_on_in_parts_and_the_next_is_whole_again) {
  const std::string stream = "data: " + std::string(5000, 'x') + "\r\n\r\ndata: after\n\n";
  const outcome got = split(stream, GetParam(), 100);
  EXPECT_EQ(got.bytes, stream);
  ASSERT_FALSE(got.data.empty());
  EXPECT_EQ(got.data.back(), "after");
  EXPECT_EQ(got.data.size(), GetParam() < 100 ? 1U : 2U);
}

INSTANTIATE_TEST_SUITE_P(event_splitter, any_step, testing::Values(1, 2, 3, 7, 64, 100'000));

TEST(event_splitter, gives_back_every_byte_of_any_stream) {
  const std::string alphabet = "\r\n\n\r:dax ";
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    core::splitmix random(seed);
    std::string stream;
    for (int i = 0; i < 60; ++i) stream += alphabet[random.below(alphabet.size())];
    const outcome whole = split(stream, stream.size(), 8);
    const outcome bytes = split(stream, 1, 8);
    EXPECT_TRUE(stream.starts_with(whole.bytes)) << seed;
    EXPECT_TRUE(stream.starts_with(bytes.bytes)) << seed;
  }
}

TEST(event_text, is_one_event_whatever_the_data) {
  EXPECT_EQ(event_text("{}"), "event: message\ndata: {}\n\n");
  EXPECT_EQ(split(event_text("a\nb"), 1, 100).data, std::vector<std::string>{"a\nb"});
}

}  // namespace
}  // namespace workspaced::mcp
