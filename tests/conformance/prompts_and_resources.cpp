#include "fixtures.hpp"
#include "json/edit.hpp"

#include <utility>

namespace workspaced::conformance {

using mcp::call;
using mcp::outcome;

namespace {

std::string message(const std::string& content) { return R"({"role":"user","content":)" + content + "}"; }

outcome messages(const std::string& items) { return outcome(R"({"messages":[)" + items + "]}"); }

mcp::prompt simple_prompt(const std::string& name, const std::string& items) {
  return {name, "", "Says what it always says", {}, at_once([items](call&) { return messages(items); })};
}

std::vector<std::string> those_that_begin(const std::vector<std::string>& all, std::string_view begun) {
  std::vector<std::string> fitting;
  for (const std::string& each : all) {
    if (each.starts_with(begun)) fitting.push_back(each);
  }
  return fitting;
}

outcome repeat_arguments(call& from) {
  return messages(message(text_content("Prompt with arguments: arg1='" + from.text("arg1").value_or("") +
                                       "', arg2='" + from.text("arg2").value_or("") + "'")));
}

outcome embed(call& from) {
  return messages(message(resource_content(from.text("resourceUri").value_or(""), "text/plain",
                                           "Embedded resource content for testing.")) +
                  "," + message(text_content("Please process the embedded resource above.")));
}

outcome ask_for_context(call& from) {
  const auto context = json::string_value(answered(from, {"user_context", "content", "context"}));
  if (context) return messages(message(text_content("In the context of " + *context)));
  return input_required(ask_user("user_context", "What context should the prompt use?", "context"));
}

std::string contents(std::string_view uri, std::string_view type, std::string_view member,
                     std::string_view value) {
  return R"({"contents":[{"uri":)" + json::quote(uri) + R"(,"mimeType":)" + json::quote(type) + "," +
         json::quote(member) + ":" + json::quote(value) + "}]}";
}

outcome read_template(call& from) {
  const std::string id = from.parameters.front().second;
  return outcome(contents("test://template/" + id + "/data", "application/json", "text",
                          R"({"id":)" + json::quote(id) + R"(,"templateTest":true,"data":)" +
                              json::quote("Data for ID: " + id) + "}"));
}

mcp::resource fixed(const std::string& uri, const std::string& type, std::string_view member,
                    std::string_view value) {
  return {uri, uri.substr(uri.rfind('/') + 1), "Always the same", type,
          at_once([text = contents(uri, type, member, value)](call&) { return outcome(text); })};
}

}  // namespace

std::vector<mcp::prompt> prompts() {
  std::vector<mcp::prompt> all;
  all.push_back(
      simple_prompt("test_simple_prompt", message(text_content("This is a simple prompt for testing."))));
  all.push_back({"test_prompt_with_arguments",
                 "",
                 "Repeats its arguments",
                 {{"arg1", "First test argument", true}, {"arg2", "Second test argument", true}},
                 at_once(repeat_arguments),
                 [](std::string_view, std::string_view begun) {
                   return those_that_begin({"paris", "park", "party", "test"}, begun);
                 }});
  all.push_back({"test_prompt_with_embedded_resource",
                 "",
                 "Embeds a resource",
                 {{"resourceUri", "URI of the resource to embed", true}},
                 at_once(embed)});
  all.push_back(simple_prompt(
      "test_prompt_with_image",
      message(image_content()) + "," + message(text_content("Please analyze the image above."))));
  all.push_back(
      {"test_input_required_result_prompt", "", "Asks for a context", {}, at_once(ask_for_context)});
  return all;
}

std::vector<mcp::resource> resources() {
  std::vector<mcp::resource> all;
  all.push_back(
      fixed("test://static-text", "text/plain", "text", "This is the content of the static text resource."));
  all.push_back(fixed("test://static-binary", "image/png", "blob", red_dot));
  all.push_back(fixed("test://watched-resource", "text/plain", "text", "Somebody watches this."));
  return all;
}

std::vector<mcp::resource_template> resource_templates() {
  return {
      {"test://template/{id}/data", "template", "Data by id", "application/json", at_once(read_template)}};
}

}  // namespace workspaced::conformance
