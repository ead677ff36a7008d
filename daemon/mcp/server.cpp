#include "mcp/server.hpp"

#include "json/edit.hpp"
#include "mcp/event_text.hpp"
#include "mcp/protocol.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace workspaced::mcp {
namespace {

using clock = std::chrono::steady_clock;

http::response accepted() {
  http::response out;
  out.status = 202;
  out.content_type.clear();
  return out;
}

/// Sessions and their streams went with the legacy era.
http::response post_only() {
  auto out = refuse(405, "null",
                    {code::invalid_request, "Use POST: " + std::string(modern_version) + " has no sessions"});
  out.headers.emplace_back("Allow", "POST");
  return out;
}

bool is_modern(const http::request& what) { return what.header(header::version) == modern_version; }

std::string_view value_of(std::string_view object, std::string_view name) {
  if (object.empty()) return {};
  const auto found = json::get_member(object, {std::string(name)});
  return found && *found ? **found : std::string_view();
}

/// What a client may listen to: the member of the filter, and ours.
struct wish {
  std::string_view member;
  std::string_view kind;
};
constexpr std::array wishes = {wish{"toolsListChanged", "tools"}, wish{"promptsListChanged", "prompts"},
                               wish{"resourcesListChanged", "resources"}};

std::string tag(const std::string& id) { return "{" + json::quote(meta::subscription) + ":" + id + "}"; }

template <typename Thing, typename Key>
bool same_definitions(const std::vector<Thing>& left, const std::vector<Thing>& right, Key definition) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](const Thing& a, const Thing& b) { return definition(a) == definition(b); });
}

}  // namespace

server::server(boost::asio::any_io_executor executor, server_options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      sessions_(options_.most_sessions, options_.session_idle) {}

server::~server() { close(); }

void server::close() {
  for (auto& [id, session] : sessions_.all()) {
    if (const auto stream = session.stream.lock()) stream->end();
  }
  for (const listener& each : listeners_) {
    const auto to = each.to.lock();
    if (to) to->finish(result_text(each.id, R"({"resultType":"complete","_meta":)" + tag(each.id) + "}"));
  }
  listeners_.clear();
  for (const auto& each : calls_) {
    if (const auto call = each.lock()) call->cancel();
  }
  calls_.clear();
}

void server::set_tools(std::vector<tool> all) {
  const bool same = same_definitions(tools_, all, [](const tool& each) { return each.definition; });
  tools_ = std::move(all);
  if (!same) announce("tools");
}

void server::set_prompts(std::vector<prompt> all) {
  const bool same =
      prompts_ && same_definitions(*prompts_, all, [](const auto& x) { return definition_of(x); });
  prompts_ = std::move(all);
  if (!same) announce("prompts");
}

void server::set_resources(std::vector<resource> all, std::vector<resource_template> templates) {
  const auto definition = [](const auto& each) { return definition_of(each); };
  const bool same = resources_ && same_definitions(*resources_, all, definition) &&
                    same_definitions(templates_, templates, definition);
  resources_ = std::move(all);
  templates_ = std::move(templates);
  if (!same) announce("resources");
}

http::response server::answer(const http::request& what) {
  switch (what.verb) {
    case http::method::post: return post(what);
    case http::method::get: return get(what);
    case http::method::del: return del(what);
    default: return post_only();
  }
}

http::response server::post(const http::request& what) {
  auto read = read_post(what);
  if (auto* refusal = std::get_if<http::response>(&read)) return std::move(*refusal);
  asking from{std::move(std::get<incoming>(read)), nullptr, what.granted};
  const bool opens = from.what.message.method() == "initialize";
  if (from.what.era == era::legacy && !opens) {
    auto found = session_of(what, from.what.message.id());
    if (auto* refusal = std::get_if<http::response>(&found)) return std::move(*refusal);
    from.session = std::get<server_session*>(found);
  }
  if (from.what.message.what() == message::kind::request) return answer_request(std::move(from));
  return take_notice(from);
}

/// The session that a legacy client names.
std::variant<server_session*, http::response> server::session_of(const http::request& what,
                                                                 std::string_view id) {
  const std::string named(what.header(header::session));
  if (named.empty())
    return refuse(400, id, {code::invalid_request, "Mcp-Session-Id is missing: begin with initialize"});
  server_session* found = sessions_.find(named, clock::now());
  if (found == nullptr)
    return refuse(404, id, {code::invalid_request, "Session not found: it has ended; initialize again"});
  return found;
}

/// Notifications, and responses to requests that we never send.
http::response server::take_notice(const asking& from) {
  if (from.session != nullptr && from.what.message.method() == "notifications/cancelled") {
    const auto call = from.session->find_call(value_of(from.what.message.params(), "requestId"));
    if (call) call->cancel();
  }
  return accepted();
}

/// The stream of a legacy session; a new one takes the place of the one before.
http::response server::get(const http::request& what) {
  if (is_modern(what)) return post_only();
  if (!accepts(what, "text/event-stream"))
    return refuse(406, "null", {code::invalid_request, "Accept must name text/event-stream"});
  auto found = session_of(what, "null");
  if (auto* refusal = std::get_if<http::response>(&found)) return std::move(*refusal);
  server_session& session = *std::get<server_session*>(found);
  if (const auto before = session.stream.lock()) before->end();
  auto stream = std::make_shared<outlet>(executor_, options_.keep_alive);
  session.stream = stream;
  return outlet::answer(std::move(stream), std::chrono::milliseconds(0));
}

http::response server::del(const http::request& what) {
  if (is_modern(what)) return post_only();
  auto found = session_of(what, "null");
  if (auto* refusal = std::get_if<http::response>(&found)) return std::move(*refusal);
  sessions_.end(what.header(header::session));
  http::response out;
  out.status = 204;
  out.content_type.clear();
  return out;
}

/// subscriptions/listen: first what is granted, then what happens.
http::response server::listen(const asking& from) {
  const message& asked = from.what.message;
  const std::string_view filter = value_of(asked.params(), "notifications");
  if (filter.empty() || filter[0] != '{')
    return respond(from, rpc_error{code::invalid_params, "Invalid params: notifications must be an object"});
  listener made{{}, std::string(asked.id()), {}, {}};
  std::string granted;
  for (const auto& [name, kind] : wishes) {
    if (value_of(filter, name) != "true") continue;
    const bool offered =
        kind == "tools" || (kind == "prompts" && prompts_) || (kind == "resources" && resources_);
    if (!offered) continue;
    made.kinds.emplace_back(kind);
    granted += (granted.empty() ? "" : ",") + json::quote(name) + ":true";
  }
  std::string uris;
  for (const std::string_view each : json::elements(value_of(filter, "resourceSubscriptions"))) {
    auto uri = json::string_value(each);
    if (!uri || !resources_) continue;
    uris += (uris.empty() ? "" : ",") + std::string(each);
    made.uris.push_back(std::move(*uri));
  }
  if (!uris.empty()) granted += (granted.empty() ? "" : ",") + (R"("resourceSubscriptions":[)" + uris + "]");
  auto to = std::make_shared<outlet>(executor_, options_.keep_alive);
  to->post(notification_text("notifications/subscriptions/acknowledged",
                             R"({"_meta":)" + tag(made.id) + R"(,"notifications":{)" + granted + "}}"));
  made.to = to;
  std::erase_if(listeners_, [](const listener& each) { return each.to.expired(); });
  listeners_.push_back(std::move(made));
  return outlet::answer(std::move(to), std::chrono::milliseconds(0));
}

void server::announce(std::string_view kind) {
  const std::string method = "notifications/" + std::string(kind) + "/list_changed";
  for (auto& [id, session] : sessions_.all()) {
    if (const auto stream = session.stream.lock()) stream->post(notification_text(method));
  }
  const auto wanted = [kind](const listener& each) {
    return std::find(each.kinds.begin(), each.kinds.end(), kind) != each.kinds.end();
  };
  notify(wanted, method, "");
}

void server::resource_updated(const std::string& uri) {
  const std::string method = "notifications/resources/updated";
  const std::string member = R"("uri":)" + json::quote(uri);
  for (auto& [id, session] : sessions_.all()) {
    const auto stream = session.subscriptions.contains(uri) ? session.stream.lock() : nullptr;
    if (stream) stream->post(notification_text(method, "{" + member + "}"));
  }
  const auto wanted = [&uri](const listener& each) {
    return std::find(each.uris.begin(), each.uris.end(), uri) != each.uris.end();
  };
  notify(wanted, method, member + ",");
}

/// Modern clients. `members`: of the params, each with a comma behind it.
void server::notify(const std::function<bool(const listener&)>& wanted, const std::string& method,
                    const std::string& members) {
  for (const listener& each : listeners_) {
    const auto to = wanted(each) ? each.to.lock() : nullptr;
    if (to) to->post(notification_text(method, "{" + members + R"("_meta":)" + tag(each.id) + "}"));
  }
}

}  // namespace workspaced::mcp
