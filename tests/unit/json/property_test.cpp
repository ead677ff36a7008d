// Random documents in random layouts, from a seed that a failure prints; nlohmann's parser is the judge.
#include "json/edit.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace workspaced::json {
namespace {

using nlohmann::json;

class author {
 public:
  explicit author(unsigned seed) : source_(seed), pretty_(one_in(2)) {}

  std::string document() { return space() + object(3) + space(); }
  path any_path() {
    path keys;
    for (unsigned left = 1 + below(3); left > 0; --left) keys.push_back(name());
    return keys;
  }
  std::string value(unsigned depth) {
    switch (below(depth > 0 ? 8 : 6)) {
      case 0: return "null";
      case 1: return one_in(2) ? "true" : "false";
      case 2: return "12345678901234567890";
      case 3: return one_in(2) ? "2.50" : "-1e3";
      case 4: return R"("plain, } ] { : text")";
      case 5: return R"("esc \" \\ \u00e9 ü 😀")";
      case 6: return list(depth);
      default: return object(depth);
    }
  }
  unsigned below(unsigned bound) { return static_cast<unsigned>(source_() % bound); }
  bool one_in(unsigned n) { return below(n) == 0; }

 private:
  std::string name() { return std::string(1, "abcdé"[below(4)]); }
  std::string key() {
    const std::string plain = name();
    return one_in(4) ? "\"\\u006" + std::to_string(plain[0] - '`') + "\"" : quote(plain);
  }
  std::string space() {
    static const std::vector<std::string> some = {"", "", " ", "\n", "\n  ", "\r\n\t", "  "};
    return pretty_ ? some[below(7)] : "";
  }
  std::string list(unsigned depth) {
    std::string text = "[" + space();
    for (unsigned left = below(4); left > 0; --left)
      text += value(depth - 1) + space() + (left > 1 ? "," + space() : "");
    return text + "]";
  }
  std::string object(unsigned depth) {
    std::string text = "{" + space();
    for (unsigned left = below(5); left > 0; --left) {
      text += key() + space() + ":" + space() + value(depth - 1) + space() + (left > 1 ? "," + space() : "");
    }
    return text + "}";
  }

  std::mt19937 source_;
  bool pretty_;
};

/// What the edit means, by the judge; false if something is in the way.
bool assign(json& document, const path& along, const json& value) {
  json* at = &document;
  for (const std::string& key : along) {
    if (at->is_null()) *at = json::object();
    if (!at->is_object()) return false;
    at = &(*at)[key];
  }
  *at = value;
  return true;
}

std::size_t common_prefix(const std::string& a, const std::string& b) {
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(left - a.begin());
}

std::size_t common_suffix(const std::string& a, const std::string& b) {
  const auto [left, right] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  return static_cast<std::size_t>(left - a.rbegin());
}

/// Nothing changed outside [begin, end) of `before`.
void expect_kept(const std::string& before, const std::string& after, std::size_t begin, std::size_t end) {
  EXPECT_GE(common_prefix(before, after), begin) << before << "\n--\n" << after;
  EXPECT_GE(common_suffix(before, after), before.size() - end) << before << "\n--\n" << after;
}

void check_set(const std::string& before, const path& along, const std::string& value) {
  const auto levels = *locate(before, along);
  const auto edited = set_member(before, along, value);
  json expected = json::parse(before);
  ASSERT_EQ(edited.has_value(), assign(expected, along, json::parse(value))) << before;
  if (!edited) return;
  ASSERT_EQ(json::parse(*edited, nullptr, false), expected) << before << "\n--\n" << *edited;

  const std::size_t depth = std::min(levels.size(), along.size()) - 1;
  const object& parent = levels[depth];
  const member* const present = parent.find(along[depth]);
  if (present != nullptr) return expect_kept(before, *edited, present->value_begin, present->value_end);
  if (parent.members.empty()) return expect_kept(before, *edited, parent.open + 1, parent.close);
  const std::size_t place = parent.members.back().value_end;
  expect_kept(before, *edited, place, place);
  const path added(along.begin(), along.begin() + static_cast<std::ptrdiff_t>(depth) + 1);
  EXPECT_EQ(*remove_member(*edited, added), before);
}

void check_remove(const std::string& before, const path& along) {
  const auto edited = remove_member(before, along);
  ASSERT_TRUE(edited) << before;
  json expected = json::parse(before);
  json* at = &expected;
  for (std::size_t i = 0; i + 1 < along.size() && at != nullptr; ++i) {
    at = at->is_object() && at->contains(along[i]) ? &(*at)[along[i]] : nullptr;
  }
  if (at != nullptr && at->is_object()) at->erase(along.back());
  ASSERT_EQ(json::parse(*edited, nullptr, false), expected) << before << "\n--\n" << *edited;
}

TEST(json_property, an_edit_changes_what_it_should_and_nothing_else) {
  for (unsigned seed = 0; seed < 4000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    author random(seed);
    const std::string before = random.document();
    check_set(before, random.any_path(), random.value(2));
    check_remove(before, random.any_path());
  }
}

TEST(json_property, setting_the_same_again_changes_nothing) {
  for (unsigned seed = 0; seed < 1000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    author random(seed);
    const std::string before = random.document();
    const path along = random.any_path();
    const std::string value = random.value(2);
    const auto once = set_member(before, along, value);
    if (once) {
      EXPECT_EQ(*set_member(*once, along, value), *once);
    }
  }
}

TEST(json_property, a_document_cut_short_is_always_refused) {
  for (unsigned seed = 0; seed < 200 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::string whole = author(seed).document();
    for (std::size_t length = 0; length <= whole.rfind('}'); ++length) {
      ASSERT_FALSE(locate(whole.substr(0, length), {})) << whole.substr(0, length);
    }
  }
}

TEST(json_property, a_damaged_document_is_judged_as_by_another_parser) {
  const std::string damage = "{}[]:,\"\\ \n\x01\x80tfnu.-/";
  for (unsigned seed = 0; seed < 8000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    author random(seed);
    std::string text = random.document();
    const unsigned place = random.below(static_cast<unsigned>(text.size()));
    text[place] = damage[random.below(static_cast<unsigned>(damage.size()))];
    const json judged = json::parse(text, nullptr, false);
    ASSERT_EQ(locate(text, {}).has_value(), judged.is_object()) << text;
  }
}

}  // namespace
}  // namespace workspaced::json
