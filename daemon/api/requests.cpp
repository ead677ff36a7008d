#include "api/requests.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace workspaced::api {
namespace {

using nlohmann::json;

constexpr std::uint32_t highest_count = 1'000'000;

/// The object in `body`, with no other members than `known`.
result<json> read_object(std::string_view body, std::initializer_list<std::string_view> known) {
  auto document = json::parse(body, nullptr, false);
  if (document.is_discarded()) return bad_request{"cannot read the body: it is not JSON in UTF-8"};
  if (!document.is_object()) return bad_request{"cannot use the body: it is not a JSON object"};
  for (const auto& [name, content] : document.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return bad_request{"cannot use the body: unknown member '" + name + "'"};
  }
  // In so many words, because a json can be made of anything.
  return result<json>(boost::system::in_place_value, std::move(document));
}

result<std::vector<std::string>> read_names(const json& list) {
  const bad_request problem{"cannot use the body: 'names' is not a list of one or more names"};
  if (!list.is_array() || list.empty()) return problem;
  std::vector<std::string> names;
  for (const json& each : list) {
    const auto* name = each.get_ptr<const std::string*>();
    if (name == nullptr) return problem;
    if (std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
  }
  return names;
}

}  // namespace

result<selection> read_selection(std::string_view body) {
  const bad_request problem{R"(cannot tell which services: send {"names": ["web"]} or {"all": true})"};
  if (body.empty()) return problem;
  const auto document = read_object(body, {"names", "all"});
  if (!document) return document.error();
  if (document->size() != 1) return problem;
  if (document->contains("all")) {
    if ((*document)["all"] != true) return problem;
    return selection{true, {}};
  }
  auto names = read_names((*document)["names"]);
  if (!names) return names.error();
  return selection{false, std::move(*names)};
}

result<registration_order> read_registration_order(std::string_view body) {
  registration_order order;
  if (body.empty()) return order;
  const auto document = read_object(body, {"names", "force"});
  if (!document) return document.error();
  if (document->contains("names")) {
    auto names = read_names((*document)["names"]);
    if (!names) return names.error();
    order.names = std::move(*names);
  }
  if (document->contains("force")) {
    const auto* const flag = (*document)["force"].get_ptr<const bool*>();
    if (flag == nullptr) return bad_request{"cannot use the body: 'force' is neither true nor false"};
    order.force = *flag;
  }
  return order;
}

result<void> read_nothing(std::string_view body) {
  if (body.empty()) return {};
  const auto document = read_object(body, {});
  if (!document) return document.error();
  return {};
}

result<bool> read_flag(const http::request& what, std::string_view name) {
  const auto text = what.get(name);
  if (!text || *text == "false" || *text == "0") return false;
  if (text->empty() || *text == "true" || *text == "1") return true;
  return bad_request{"cannot use the query: '" + std::string(name) + "' is neither true nor false"};
}

result<std::uint32_t> read_count(const http::request& what, std::string_view name, std::uint32_t otherwise) {
  const auto text = what.get(name);
  if (!text) return otherwise;
  std::uint32_t count = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, count);
  if (error == std::errc{} && rest == end && count <= highest_count) return count;
  return bad_request{"cannot use the query: '" + std::string(name) + "' is no number from 0 to " +
                     std::to_string(highest_count)};
}

}  // namespace workspaced::api
