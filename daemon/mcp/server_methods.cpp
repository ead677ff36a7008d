#include "json/edit.hpp"
#include "mcp/protocol.hpp"
#include "mcp/server.hpp"

#include <algorithm>
#include <utility>

namespace workspaced::mcp {
namespace {

using clock = std::chrono::steady_clock;

/// Until 2026-07-28 a resource that does not exist has a number of its own.
constexpr int legacy_resource_not_found = -32002;
constexpr std::size_t most_completions = 100;

rpc_error invalid(const std::string& why) { return {code::invalid_params, "Invalid params: " + why}; }

std::string_view value_of(std::string_view object, std::string_view name) {
  if (object.empty()) return {};
  const auto found = json::get_member(object, {std::string(name)});
  return found && *found ? **found : std::string_view();
}

std::string text_of(std::string_view object, std::string_view name) {
  return json::string_value(value_of(object, name)).value_or("");
}

template <typename Things, typename Member>
auto find_by(const Things& all, Member member, const std::string& key) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.*member == key; });
  return found == all.end() ? nullptr : &*found;
}

bool is_cacheable(std::string_view method) {
  return method == "server/discover" || method.ends_with("/list") || method == "resources/read";
}

/// What a result has to say besides since 2026-07-28. What the handler has said itself stays.
std::string dressed(const std::string& result, bool cacheable, const std::string& information) {
  std::string more;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value_of(result, name).empty()) more += json::quote(name) + ":" + std::string(value) + ",";
  };
  add("resultType", "\"complete\"");
  if (cacheable) {
    add("ttlMs", "0");
    add("cacheScope", "\"private\"");
  }
  add("_meta", "{" + json::quote(meta::server_info) + ":" + information + "}");
  std::string rest = result.substr(result.find('{') + 1);
  if (rest.find_first_not_of(" \t\r\n") == rest.find('}') && !more.empty()) more.pop_back();
  return "{" + more + rest;
}

/// Every required argument of a prompt is a string, and there.
std::optional<std::string> complaint_about(const prompt& what, std::string_view arguments) {
  for (const prompt_argument& each : what.arguments) {
    const std::string_view given = value_of(arguments, each.name);
    if (given.empty() && each.required) return "the argument " + each.name + " is missing";
    if (!given.empty() && !json::string_value(given))
      return "the argument " + each.name + " must be a string";
  }
  return std::nullopt;
}

}  // namespace

http::response server::answer_request(asking from) {
  const std::string& method = from.what.message.method();
  if (method == "initialize") return introduce(from);
  if (method == "tools/call") return call_tool(std::move(from));
  if (method == "prompts/get" && prompts_) return get_prompt(std::move(from));
  if (method == "resources/read" && resources_) return read_resource(std::move(from));
  if (method == "subscriptions/listen" && from.what.era == era::modern) return listen(from);
  if (const auto end = answer_at_once(from)) return respond(from, *end);
  return respond(from, rpc_error{code::method_not_found, "Method not found: " + printable(method)});
}

/// What needs no waiting; nothing for a method that there is not.
std::optional<outcome> server::answer_at_once(const asking& from) {
  const std::string& method = from.what.message.method();
  const auto page = [&](std::string_view member, const auto& things, auto key) {
    list all{member, {}};
    for (const auto& each : things) all.entries.emplace_back(each.*key, definition_of(each));
    return list_page(from, all);
  };
  if (method == "tools/list") {
    list all{"tools", {}};
    for (const tool& each : tools_) all.entries.emplace_back(each.name, each.definition);
    return list_page(from, all);
  }
  if (prompts_ && method == "prompts/list") return page("prompts", *prompts_, &prompt::name);
  if (resources_ && method == "resources/list") return page("resources", *resources_, &resource::uri);
  if (resources_ && method == "resources/templates/list")
    return page("resourceTemplates", templates_, &resource_template::uri);
  if ((prompts_ || resources_) && method == "completion/complete") return complete(from);
  if (from.what.era == era::modern)
    return method == "server/discover" ? std::optional(discover()) : std::nullopt;
  if (method == "ping") return outcome("{}");
  if (options_.logging && method == "logging/setLevel") return set_level(from);
  if (resources_ && method == "resources/subscribe") return subscribe(from, true);
  if (resources_ && method == "resources/unsubscribe") return subscribe(from, false);
  return std::nullopt;
}

http::response server::introduce(const asking& from) {
  const std::string_view params = from.what.message.params();
  std::string version = text_of(params, "protocolVersion");
  if (version.empty()) return respond(from, invalid("protocolVersion must be a string"));
  if (!is_legacy_version(version)) version = latest_legacy;
  server_session& session = sessions_.open(clock::now());
  const std::string_view able = value_of(params, "capabilities");
  if (able.starts_with('{')) session.capabilities = able;
  std::string result = R"({"protocolVersion":)" + json::quote(version) + R"(,"capabilities":)" +
                       capabilities(era::legacy) + R"(,"serverInfo":)" + information();
  if (!options_.instructions.empty()) result += R"(,"instructions":)" + json::quote(options_.instructions);
  auto out = respond(from, outcome(result + "}"));
  out.headers.emplace_back(header::session, session.id);
  return out;
}

outcome server::discover() const {
  std::string result =
      R"({"supportedVersions":)" + supported_versions() + R"(,"capabilities":)" + capabilities(era::modern);
  if (!options_.instructions.empty()) result += R"(,"instructions":)" + json::quote(options_.instructions);
  return outcome(result + "}");
}

std::string server::capabilities(era client) const {
  std::string all = R"({"tools":{"listChanged":true})";
  if (prompts_) all += R"(,"prompts":{"listChanged":true})";
  if (resources_) all += R"(,"resources":{"subscribe":true,"listChanged":true})";
  if (prompts_ || resources_) all += R"(,"completions":{})";
  if (options_.logging && client == era::legacy) all += R"(,"logging":{})";
  return all + "}";
}

std::string server::information() const {
  std::string text = R"({"name":)" + json::quote(options_.name);
  if (!options_.title.empty()) text += R"(,"title":)" + json::quote(options_.title);
  return text + R"(,"version":)" + json::quote(options_.version) + "}";
}

/// A cursor is the key of the last entry before the page: it stays good when the list grows.
outcome server::list_page(const asking& from, const list& all) const {
  auto at = all.entries.begin();
  const std::string_view cursor = value_of(from.what.message.params(), "cursor");
  if (!cursor.empty()) {
    const auto key = json::string_value(cursor);
    at = std::find_if(at, all.entries.end(), [&](const auto& each) { return each.first == key; });
    if (at == all.entries.end()) return invalid("there is no such cursor; ask for the list from its start");
    ++at;
  }
  std::string items;
  std::size_t count = 0;
  for (; at != all.entries.end() && count < options_.page; ++at, ++count)
    items += (items.empty() ? "" : ",") + at->second;
  std::string result = "{" + json::quote(all.member) + ":[" + items + "]";
  if (at != all.entries.end()) result += R"(,"nextCursor":)" + json::quote(std::prev(at)->first);
  return outcome(result + "}");
}

outcome server::set_level(const asking& from) {
  const auto level = log_level_from(text_of(from.what.message.params(), "level"));
  if (!level)
    return invalid("level must be one of debug, info, notice, warning, error, critical, alert, emergency");
  from.session->log_from = *level;
  return outcome("{}");
}

outcome server::subscribe(const asking& from, bool wanted) {
  constexpr std::size_t most = 1'000;
  const auto uri = from.what.message.text_param("uri");
  if (!uri) return invalid("uri must be a string");
  auto& all = from.session->subscriptions;
  if (!wanted) all.erase(*uri);
  if (wanted && all.size() >= most) return invalid("there are too many subscriptions; end some");
  if (wanted) all.insert(*uri);
  return outcome("{}");
}

outcome server::complete(const asking& from) const {
  const std::string_view params = from.what.message.params();
  const std::string_view ref = value_of(params, "ref");
  const std::string_view argument = value_of(params, "argument");
  const std::string type = text_of(ref, "type");
  const completion* source = nullptr;
  if (type == "ref/prompt" && prompts_) {
    const prompt* found = find_by(*prompts_, &prompt::name, text_of(ref, "name"));
    if (found == nullptr) return invalid("there is no prompt " + printable(text_of(ref, "name")));
    source = &found->complete;
  } else if (type == "ref/resource" && resources_) {
    const resource_template* found = find_by(templates_, &resource_template::uri, text_of(ref, "uri"));
    if (found == nullptr) return invalid("there is no resource template " + printable(text_of(ref, "uri")));
    source = &found->complete;
  } else {
    return invalid("ref.type must be ref/prompt or ref/resource");
  }
  const auto name = json::string_value(value_of(argument, "name"));
  const auto begun = json::string_value(value_of(argument, "value"));
  if (!name || !begun) return invalid("argument must have the strings name and value");
  const auto values = *source ? (*source)(*name, *begun) : std::vector<std::string>();
  std::string items;
  for (std::size_t i = 0; i < std::min(values.size(), most_completions); ++i)
    items += (i == 0 ? "" : ",") + json::quote(values[i]);
  return outcome(R"({"completion":{"values":[)" + items + R"(],"total":)" + std::to_string(values.size()) +
                 R"(,"hasMore":)" + (values.size() > most_completions ? "true" : "false") + "}}");
}

http::response server::call_tool(asking from) {
  const auto name = from.what.message.text_param("name");
  if (!name) return respond(from, invalid("name must be a string"));
  const tool* found = find_by(tools_, &tool::name, *name);
  if (found == nullptr) return respond(from, invalid("there is no tool " + printable(*name)));
  std::string_view arguments = value_of(from.what.message.params(), "arguments");
  if (arguments.empty()) arguments = "{}";
  if (!arguments.starts_with('{')) return respond(from, invalid("arguments must be an object"));
  // What is wrong with its input, a model can mend: it has to see it (2025-11-25, Tools).
  if (const auto wrong = found->input ? found->input->complaint(arguments, "arguments") : std::nullopt)
    return respond(from, outcome(tool_error("Invalid arguments for " + *name + ": " + *wrong)));
  return begin(std::move(from), found->run);
}

http::response server::get_prompt(asking from) {
  const auto name = from.what.message.text_param("name");
  if (!name) return respond(from, invalid("name must be a string"));
  const prompt* found = find_by(*prompts_, &prompt::name, *name);
  if (found == nullptr) return respond(from, invalid("there is no prompt " + printable(*name)));
  const std::string_view arguments = value_of(from.what.message.params(), "arguments");
  if (!arguments.empty() && !arguments.starts_with('{'))
    return respond(from, invalid("arguments must be an object"));
  if (const auto wrong = complaint_about(*found, arguments)) return respond(from, invalid(*wrong));
  return begin(std::move(from), found->get);
}

http::response server::read_resource(asking from) {
  const auto uri = from.what.message.text_param("uri");
  if (!uri) return respond(from, invalid("uri must be a string"));
  if (const resource* found = find_by(*resources_, &resource::uri, *uri))
    return begin(std::move(from), found->read);
  for (const resource_template& each : templates_) {
    if (auto parameters = match_template(each.uri, *uri))
      return begin(std::move(from), each.read, std::move(*parameters));
  }
  const bool legacy = from.what.era == era::legacy;
  return respond(from, rpc_error{legacy ? legacy_resource_not_found : code::invalid_params,
                                 "Resource not found: " + printable(*uri),
                                 R"({"uri":)" + json::quote(printable(*uri)) + "}"});
}

http::response server::begin(asking from, handler run, http::header_list parameters) {
  call::client who{from.granted, "{}", std::nullopt};
  const std::string_view meta = from.what.message.meta();
  if (from.session != nullptr) {
    who.capabilities = from.session->capabilities;
    who.log_from = from.session->log_from;
  } else {
    who.capabilities = value_of(meta, meta::capabilities);
    who.log_from = log_level_from(text_of(meta, meta::log_level));
  }
  auto finish = finisher_for(from);
  auto to = std::make_shared<outlet>(executor_, options_.keep_alive);
  const std::string id(from.what.message.id());
  auto begun =
      std::make_shared<running>(std::move(from.what), std::move(who), to, std::move(run), std::move(finish));
  begun->parameters() = std::move(parameters);
  if (from.session != nullptr) from.session->remember(id, begun);
  std::erase_if(calls_, [](const auto& each) { return each.expired(); });
  calls_.push_back(begun);
  begun->start(executor_);
  return outlet::answer(std::move(to), options_.patience);
}

http::response server::respond(const asking& from, const outcome& end) const {
  const auto [text, status] = finisher_for(from)(end);
  return http::response::json(text, status);
}

running::finisher server::finisher_for(const asking& from) const {
  const std::string id(from.what.message.id());
  if (from.what.era == era::legacy) {
    return [id](const outcome& end) -> running::reply {
      if (!end) return {error_text(id, end.error()), 200};
      return {result_text(id, *end), 200};
    };
  }
  return [id, cacheable = is_cacheable(from.what.message.method()),
          information = information()](const outcome& end) -> running::reply {
    if (!end) return {error_text(id, end.error()), status_of(era::modern, end.error().code)};
    return {result_text(id, dressed(*end, cacheable, information)), 200};
  };
}

}  // namespace workspaced::mcp
