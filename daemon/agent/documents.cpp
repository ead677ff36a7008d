#include "agent/documents.hpp"

#include "api/json_writer.hpp"
#include "json/edit.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>

namespace workspaced::agent {
namespace {

struct page {
  core::fleet_view part;
  bool whole = true;  ///< nothing follows
};

/// The services after `after` whose documents are not longer than a page together, at least one.
page cut(const core::fleet_view& fleet, const std::string& after,
         const std::function<std::size_t(const core::service_view&)>& size_of) {
  constexpr std::size_t for_the_rest = 2'000;
  page out;
  out.part.daemon = fleet.daemon;
  std::size_t size = for_the_rest;
  for (const core::service_view& each : fleet.services) {
    if (each.name <= after) continue;
    size += size_of(each);
    if (size > longest_document && !out.part.services.empty()) {
      out.whole = false;
      break;
    }
    out.part.services.push_back(each);
  }
  return out;
}

/// A page speaks for the whole fleet, and says where the next one begins.
std::string with(const std::string& document, const std::string& verdict, std::string_view value,
                 const page& of) {
  const auto judged = json::set_member(document, {verdict}, value);
  const std::string next = of.whole ? "null" : json::quote(of.part.services.back().name);
  return *json::set_member(*judged, {"next_cursor"}, next);
}

}  // namespace

std::string fleet_page(const core::fleet_view& fleet, const std::string& after, api::wall_time now) {
  const page found =
      cut(fleet, after, [now](const auto& each) { return api::service_document(each, now).size() + 1; });
  return with(api::fleet_document(found.part, now), "healthy", fleet.healthy() ? "true" : "false", found);
}

std::string health_page(const core::fleet_view& fleet, const std::string& after) {
  const page found = cut(fleet, after, [](const auto& each) {
    return api::health_document(each, true).size() + each.name.size();
  });
  return with(api::health_document(found.part), "status", fleet.healthy() ? R"("ok")" : R"("unavailable")",
              found);
}

std::string log_document(const std::string& service, const log_page& page, const cursors& of) {
  api::json_writer json;
  json.begin_object();
  json.member("service", service);
  json.list("lines", page.lines);
  json.member("cursor", of.make(page.next));
  json.member("more", page.more);
  json.member("lost_bytes", page.lost);
  json.end_object();
  return json.take();
}

std::string events_document(const journal& all, const event_question& what, const cursors& of) {
  std::deque<const change*> chosen;
  bool more = false;
  for (const change& each : all.changes()) {
    if (what.after && each.number <= *what.after) continue;
    if (!what.service.empty() && each.service != what.service) continue;
    if (chosen.size() == what.most) {
      if (what.after) {
        more = true;
        break;
      }
      chosen.pop_front();
    }
    chosen.push_back(&each);
  }
  const std::uint64_t oldest = all.changes().empty() ? all.latest() + 1 : all.changes().front().number;
  const std::uint64_t known = what.after.value_or(oldest - 1);
  api::json_writer json;
  json.begin_object();
  json.key("events");
  json.begin_array();
  for (const change* each : chosen) {
    json.begin_object();
    json.member("at", api::rfc3339(each->at));
    json.member("service", each->service);
    json.member("previous", core::to_string(each->previous));
    json.member("state", core::to_string(each->state));
    json.member("reason", each->reason);
    json.member("run", each->run);
    json.end_object();
  }
  json.end_array();
  json.member("cursor", of.make(more ? chosen.back()->number : all.latest()));
  json.member("more", more);
  json.member("lost_events", known + 1 < oldest ? oldest - known - 1 : std::uint64_t{0});
  json.end_object();
  return json.take();
}

// An agent reads these, so they name what it will look for; the documents have more members than that.

const std::string_view service_schema = R"({"type":"object","properties":{
"name":{"type":"string"},"kind":{"type":"string","enum":["service","task"]},
"state":{"type":"string","enum":["stopped","waiting","starting","ready","degraded","stopping","backoff","completed","failed"]},
"reason":{"type":"string","description":"why it is in this state, one sentence"},
"ready":{"type":"boolean","description":"a ready service, a completed task"},
"pid":{"type":["integer","null"]},"run":{"type":"integer","description":"grows with every start; 0: never ran"},
"since":{"type":"string"},"up_seconds":{"type":["number","null"]},"restarts_total":{"type":"integer"},
"last_run":{"type":["object","null"],"description":"how the run before ended"},
"probe":{"type":["object","null"],"description":"the last answer of its health probe; target has its address"},
"blocked_by":{"type":"array","items":{"type":"string"},"description":"dependencies that it waits for"},
"warnings":{"type":"array","items":{"type":"string"}},
"log_file":{"type":"string"}},
"required":["name","kind","state","reason","ready","pid","run"]})";

const std::string_view fleet_schema = R"({"type":"object","properties":{
"daemon":{"type":"object"},
"healthy":{"type":"boolean","description":"every required service is ready"},
"services":{"type":"array","items":{"type":"object","description":"as service_status answers"}},
"next_cursor":{"type":["string","null"],"description":"null: these were the last"}},
"required":["daemon","healthy","services","next_cursor"]})";

const std::string_view health_schema = R"({"type":"object","properties":{
"status":{"type":"string","enum":["ok","unavailable"]},
"services":{"type":"object","description":"by name: state, ready, required, reason"},
"name":{"type":"string"},"state":{"type":"string"},"ready":{"type":"boolean"},"required":{"type":"boolean"},
"reason":{"type":"string"},
"next_cursor":{"type":["string","null"],"description":"null: these were the last"}},
"required":["status"]})";

const std::string_view log_schema = R"({"type":"object","properties":{
"service":{"type":"string"},
"lines":{"type":"array","items":{"type":"string"},"description":"oldest first"},
"cursor":{"type":"string","description":"give it back to read on from here"},
"more":{"type":"boolean","description":"there are more lines now: read on"},
"lost_bytes":{"type":"integer","description":"rotated away before they were read"}},
"required":["service","lines","cursor","more","lost_bytes"]})";

const std::string_view events_schema = R"({"type":"object","properties":{
"events":{"type":"array","description":"oldest first","items":{"type":"object","properties":{
"at":{"type":"string"},"service":{"type":"string"},"previous":{"type":"string"},"state":{"type":"string"},
"reason":{"type":"string"},"run":{"type":"integer"}},"required":["at","service","previous","state","reason","run"]}},
"cursor":{"type":"string","description":"give it back to hear what happened since"},
"more":{"type":"boolean"},
"lost_events":{"type":"integer","description":"too old to be remembered"}},
"required":["events","cursor","more","lost_events"]})";

}  // namespace workspaced::agent
