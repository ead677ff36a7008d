#include "mcp/schema.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace workspaced::mcp {
namespace {

std::string complaint(const std::string& rules, const std::string& value) {
  return schema(rules).complaint(value, "arguments").value_or("fine");
}

constexpr const char* person =
    R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
  "name":{"type":"string","minLength":1,"maxLength":3},"age":{"type":"integer","minimum":0,"maximum":150},
  "mood":{"enum":["good","bad",null]},"tags":{"type":"array","items":{"type":"string"}},
  "nested":{"type":"object","properties":{"on":{"type":["boolean","null"]}}}}})";

TEST(mcp_schema, what_fits_is_fine) {
  EXPECT_EQ(complaint(person, R"({"name":"Eve"})"), "fine");
  EXPECT_EQ(complaint(person, R"({"name":"äöü","age":30,"mood":null,"tags":[],"nested":{"on":null,"x":1}})"),
            "fine");
  EXPECT_EQ(complaint(person, R"({"name":"E","age":3.0})"), "fine");
  EXPECT_EQ(complaint(R"({"type":"object"})", R"({"whatever":[1,{}]})"), "fine");
}

TEST(mcp_schema, what_does_not_is_named) {
  EXPECT_EQ(complaint(person, "{}"), R"(arguments must have "name")");
  EXPECT_EQ(complaint(person, "[]"), "arguments must be of type object");
  EXPECT_EQ(complaint(person, R"({"name":1})"), "name must be of type string");
  EXPECT_EQ(complaint(person, R"({"name":""})"), "name must have at least 1 characters");
  EXPECT_EQ(complaint(person, R"({"name":"long"})"), "name must have at most 3 characters");
  EXPECT_EQ(complaint(person, R"({"name":"E","age":3.5})"), "age must be of type integer");
  EXPECT_EQ(complaint(person, R"({"name":"E","age":-1})"), "age must be at least 0");
  EXPECT_EQ(complaint(person, R"({"name":"E","age":151})"), "age must be at most 150");
  EXPECT_EQ(complaint(person, R"({"name":"E","mood":"odd"})"), R"(mood must be one of "good", "bad", null)");
  EXPECT_EQ(complaint(person, R"({"name":"E","tags":["a",1]})"), "every item of tags must be of type string");
  EXPECT_EQ(complaint(person, R"({"name":"E","nested":{"on":1}})"),
            "nested.on must be of type boolean or null");
  EXPECT_EQ(complaint(person, R"({"name":"E","size":1})"),
            R"(arguments must not have "size"; there are: age, mood, name, nested, tags)");
}

TEST(mcp_schema, broken_unicode_is_no_argument) {
  EXPECT_EQ(complaint(person, R"({"name":"\ud800"})"), "arguments must be JSON whose strings are Unicode");
}

TEST(mcp_schema, a_schema_is_an_object) {
  EXPECT_THROW(schema("[]"), std::logic_error);
  EXPECT_THROW(schema("{"), std::logic_error);
}

}  // namespace
}  // namespace workspaced::mcp
