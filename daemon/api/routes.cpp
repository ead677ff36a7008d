#include "api/routes.hpp"

#include "api/edits.hpp"
#include "api/json.hpp"
#include "api/kubernetes.hpp"
#include "api/page.hpp"
#include "api/problem.hpp"
#include "api/registrations.hpp"
#include "api/requests.hpp"
#include "core/nearest.hpp"

#include <utility>
#include <variant>

namespace workspaced::api {
namespace {

using http::access;
using http::method;
using http::request;
using http::response;

constexpr std::uint32_t usual_tail = 100;

response json(std::string document, int status = 200) {
  return response::json(std::move(document) + "\n", status);
}

std::vector<std::string> names_of(const core::fleet_view& fleet) {
  std::vector<std::string> names;
  for (const core::service_view& each : fleet.services) names.push_back(each.name);
  return names;
}

std::string unknown_text(const core::fleet_view& fleet, const std::string& name) {
  std::string text = "no service is called '" + name + "'";
  if (const auto near = core::nearest(name, names_of(fleet))) text += "; did you mean '" + *near + "'?";
  return text;
}

response unknown(const core::fleet_view& fleet, const std::string& name) {
  return problem(404, unknown_text(fleet, name));
}

/// The handlers. One object for all routes, so that a route is one line of the table below.
class surface {
 public:
  surface(control& daemon, clock now, metrics_source metrics)
      : daemon_(daemon), now_(std::move(now)), metrics_(std::move(metrics)) {}

  response health(const request&) const {
    const core::fleet_view fleet = daemon_.view();
    return json(health_document(fleet), fleet.healthy() ? 200 : 503);
  }

  response service_health(const request& what) const {
    const core::fleet_view fleet = daemon_.view();
    const core::service_view* service = fleet.find(what.parameter("name"));
    if (service == nullptr) return unknown(fleet, what.parameter("name"));
    const bool ok = service->is_ready() && !fleet.daemon.stopping;
    return json(health_document(*service, ok), ok ? 200 : 503);
  }

  response live(const request& what) const { return response::text(livez(what.has("verbose")).text); }

  response ready(const request& what) const {
    std::vector<std::string> excluded;
    for (const auto& [name, content] : what.query) {
      if (name == "exclude") excluded.push_back(content);
    }
    check_answer answer = readyz(daemon_.view(), what.has("verbose"), excluded);
    return response::text(std::move(answer.text), answer.ok ? 200 : 503);
  }

  response metrics(const request& what) const {
    exposition all = metrics_(what.header("Accept"));
    response out = response::text(std::move(all.body));
    out.content_type = std::move(all.content_type);
    return out;
  }

  response services(const request&) const { return json(fleet_document(daemon_.view(), now_())); }

  response service(const request& what) const {
    const core::fleet_view fleet = daemon_.view();
    const core::service_view* found = fleet.find(what.parameter("name"));
    if (found == nullptr) return unknown(fleet, what.parameter("name"));
    return json(service_document(*found, now_()));
  }

  response environment(const request& what) const {
    const std::string name = what.parameter("name");
    const auto all = daemon_.environment(name);
    if (!all) return unknown(daemon_.view(), name);
    if (!*all) return problem(all->error());
    response out = json(environment_document(name, **all));
    out.headers.emplace_back("Cache-Control", "no-store");
    return out;
  }

  response logs(const request& what) const {
    const auto tail = read_count(what, "tail", usual_tail);
    if (!tail) return problem(400, tail.error().message);
    const auto follow = read_flag(what, "follow");
    if (!follow) return problem(400, follow.error().message);
    auto lines = daemon_.open_log(what.parameter("name"), *tail, *follow);
    if (!lines) return unknown(daemon_.view(), what.parameter("name"));
    return response::streamed("text/plain; charset=utf-8", std::move(lines));
  }

  response events(const request&) const {
    auto stream = std::make_unique<event_stream>(daemon_, daemon_.subscribe(), now_);
    response out = response::streamed("text/event-stream", std::move(stream));
    out.headers.emplace_back("Cache-Control", "no-store");
    return out;
  }

  using action = outcome (control::*)(const std::vector<std::string>&);

  template <action Action>
  response one(const request& what) const {
    if (const auto body = read_nothing(what.body); !body) return problem(400, body.error().message);
    return act<Action>(daemon_.view(), {what.parameter("name")});
  }

  template <action Action>
  response several(const request& what) const {
    const auto chosen = read_selection(what.body);
    if (!chosen) return problem(400, chosen.error().message);
    const core::fleet_view fleet = daemon_.view();
    return act<Action>(fleet, chosen->all ? names_of(fleet) : chosen->names);
  }

  response reload(const request& what) const {
    if (const auto body = read_nothing(what.body); !body) return problem(400, body.error().message);
    const auto dry_run = read_flag(what, "dry_run");
    if (!dry_run) return problem(400, dry_run.error().message);
    const reload_outcome end = daemon_.reload(*dry_run);
    if (const auto* why = std::get_if<refusal>(&end)) return problem(*why);
    if (const auto* errors = std::get_if<reload_errors>(&end)) return problem(*errors);
    return json(reload_document(std::get<reload_report>(end)));
  }

  response shutdown(const request& what) const {
    if (const auto body = read_nothing(what.body); !body) return problem(400, body.error().message);
    daemon_.shutdown();
    return json(R"({"stopping":true})", 202);
  }

 private:
  template <action Action>
  response act(const core::fleet_view& fleet, const std::vector<std::string>& names) const {
    std::string problems;
    for (const std::string& each : names) {
      if (fleet.find(each) == nullptr) problems += (problems.empty() ? "" : " ") + unknown_text(fleet, each);
    }
    if (!problems.empty()) return problem(404, problems);
    const outcome end = (daemon_.*Action)(names);
    if (!end) return problem(end.error());
    return json(accepted_document(names), 202);
  }

  control& daemon_;
  clock now_;
  metrics_source metrics_;
};

}  // namespace

std::vector<http::route> routes(control& daemon, clock now, metrics_source metrics) {
  const auto all = std::make_shared<const surface>(daemon, std::move(now), std::move(metrics));
  const auto to = [&all](auto member) {
    return [all, member](const request& what) { return (all.get()->*member)(what); };
  };
  const auto get = [&to](std::string_view pattern, access needs, auto member, std::string_view summary) {
    return http::route{method::get, pattern, needs, to(member), summary};
  };
  const auto post = [&to](std::string_view pattern, auto member, std::string_view summary) {
    return http::route{method::post, pattern, access::admin, to(member), summary};
  };
  using s = surface;
  std::vector<http::route> table = {
      get("/health", access::open, &s::health, "200 when every required service is ready, else 503"),
      get("/health/{name}", access::open, &s::service_health, "200 when this service is ready, else 503"),
      get("/livez", access::open, &s::live, "200 as long as the daemon answers"),
      get("/readyz", access::open, &s::ready, "As /health, in Kubernetes' words; ?verbose, ?exclude=NAME"),
      get("/metrics", access::open, &s::metrics, "Prometheus text or OpenMetrics, by Accept"),
      get("/v1/services", access::read, &s::services, "The daemon and all services"),
      get("/v1/services/{name}", access::read, &s::service, "One service"),
      get("/v1/services/{name}/environment", access::read, &s::environment,
          "What a process of it is given, secrets left out"),
      get("/v1/services/{name}/logs", access::read, &s::logs, "The last lines of its log; ?tail=N, ?follow"),
      get("/v1/events", access::read, &s::events, "Changes of services as server-sent events"),
      post("/v1/services/start", &s::several<&control::start>, "Start several services"),
      post("/v1/services/stop", &s::several<&control::stop>, "Stop several services, dependants first"),
      post("/v1/services/restart", &s::several<&control::restart>, "Restart several services"),
      post("/v1/services/{name}/start", &s::one<&control::start>, "Start a service and what it depends on"),
      post("/v1/services/{name}/stop", &s::one<&control::stop>, "Stop a service"),
      post("/v1/services/{name}/restart", &s::one<&control::restart>, "Restart a service"),
      post("/v1/reload", &s::reload, "Read the configuration again; ?dry_run tells what would change"),
      post("/v1/shutdown", &s::shutdown, "Stop all services and the daemon"),
  };
  table.push_back(upgrade_route(daemon));
  for (http::route& each : edit_routes(daemon)) table.push_back(std::move(each));
  for (http::route& each : page_routes([&daemon] { return daemon.view(); })) table.push_back(std::move(each));
  for (http::route& each : registration_routes(daemon)) table.push_back(std::move(each));
  return table;
}

}  // namespace workspaced::api
