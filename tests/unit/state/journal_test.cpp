#include "state/journal.hpp"

#include "unit/state/sample.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace workspaced::state {
namespace {

namespace fs = std::filesystem;

class journals : public ::testing::Test {
 protected:
  journals() {
    std::string name = (fs::temp_directory_path() / "journal-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~journals() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path() const { return (directory_ / "services").string(); }
  [[nodiscard]] journal make(const std::string& epoch = "boot") {
    return {path(), epoch, [this](const std::string& text) { complaints_.push_back(text); }};
  }
  [[nodiscard]] std::string content() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const std::string& text) const { std::ofstream(path(), std::ios::binary) << text; }

  static record named(const std::string& name, unsigned failures = 0) {
    record one = sample(core::in::ready{{{5}, at(1), 10}, {}});
    one.service = name;
    one.state.failures = failures;
    return one;
  }

  /// Three services in several lines, one of them gone.
  std::string busy_file() {
    journal one = make();
    static_cast<void>(one.open());
    for (unsigned i = 0; i < 3; ++i) {
      for (const char* name : {"a", "b", "c"}) one.write(named(name, i));
    }
    one.forget("b");
    return content();
  }

  fs::path directory_;
  std::vector<std::string> complaints_;
};

TEST_F(journals, the_last_line_of_a_service_is_true) {
  static_cast<void>(busy_file());
  const auto found = make().open();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.at("a").state.failures, 2U);
  EXPECT_EQ(found.at("c").state.failures, 2U);
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(journals, torn_at_any_byte_it_says_what_stood_before) {
  const std::string whole = busy_file();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const memories all = read_journal(std::string_view(whole).substr(0, size));
    EXPECT_EQ(all.damaged, 0U) << "a torn end is no damage, at " << size;
    EXPECT_EQ(all.readable, size > whole.find('\n')) << size;
    for (const auto& [name, one] : all.records) EXPECT_LE(one.state.failures, 2U);
  }
  put(whole.substr(0, whole.size() - 10));
  EXPECT_EQ(make().open().size(), 3U) << "that one is gone had not been written whole";
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(journals, a_changed_byte_is_never_believed) {
  const std::string whole = busy_file();
  const memories right = read_journal(whole);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x08);
    const memories all = read_journal(changed);
    EXPECT_TRUE(!all.readable || all.damaged > 0 || at + 1 == whole.size()) << at;
    for (const auto& [name, one] : all.records) EXPECT_TRUE(name == "a" || name == "b" || name == "c");
  }
}

TEST_F(journals, what_cannot_be_read_is_set_aside_and_told) {
  for (const std::string& text :
       {std::string("\xff\xfe\n"), std::string("00000000 {}\n"), std::string("hello\n")}) {
    complaints_.clear();
    put(text);
    EXPECT_TRUE(make().open().empty());
    EXPECT_EQ(complaints_.size(), 1U);
    std::ifstream aside(path() + ".unreadable");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(aside), {}), text);
    EXPECT_TRUE(read_journal(content()).readable) << "the new one is good";
  }
}

TEST_F(journals, an_empty_or_missing_file_is_no_complaint) {
  EXPECT_TRUE(make().open().empty());
  put("");
  EXPECT_TRUE(make().open().empty());
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(journals, another_epoch_is_worth_nothing) {
  static_cast<void>(busy_file());
  EXPECT_TRUE(make("another boot").open().empty());
  EXPECT_TRUE(complaints_.empty());
}

TEST_F(journals, it_does_not_grow_without_end) {
  journal one = make();
  static_cast<void>(one.open());
  for (unsigned i = 0; i < 20'000; ++i) one.write(named("a", i));
  EXPECT_LT(fs::file_size(path()), 2U * 1024 * 1024);
  EXPECT_EQ(make().open().at("a").state.failures, 19'999U);
}

TEST_F(journals, what_changes_nothing_is_not_written) {
  journal one = make();
  static_cast<void>(one.open());
  one.write(named("a"));
  const auto size = fs::file_size(path());
  one.write(named("a"));
  EXPECT_EQ(fs::file_size(path()), size);
}

TEST_F(journals, without_a_place_to_write_it_says_so_once_and_goes_on) {
  journal one((directory_ / "missing" / "services").string(), "boot",
              [this](const std::string& text) { complaints_.push_back(text); });
  EXPECT_TRUE(one.open().empty());
  one.write(named("a"));
  one.write(named("a", 1));
  EXPECT_EQ(complaints_.size(), 1U);
  fs::create_directory(directory_ / "missing");
  one.write(named("a", 2));
  std::ifstream file(directory_ / "missing" / "services");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(read_journal(text).records.at("a").state.failures, 2U);
}

TEST_F(journals, after_the_end_nothing_is_remembered) {
  journal one = make();
  static_cast<void>(one.open());
  one.write(named("a"));
  one.remove();
  EXPECT_FALSE(fs::exists(path()));
}

}  // namespace
}  // namespace workspaced::state
