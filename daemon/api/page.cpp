#include "api/page.hpp"

#include "page_files.hpp"

#include <utility>

namespace workspaced::api {
namespace {

using http::access;
using http::method;
using http::request;
using http::response;

// Nothing from elsewhere, nothing inline. It may be shown in a frame, as Coder's page of a task does: a frame
// of somebody else's page has no token (sessionStorage is a tab's own), so there is nothing to be clicked by
// mistake.
constexpr const char* policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; base-uri "
    "'none'; "
    "form-action 'none'";

std::string_view tone(core::status state) {
  switch (state) {
    case core::status::ready:
    case core::status::completed: return "good";
    case core::status::waiting:
    case core::status::starting:
    case core::status::stopping:
    case core::status::backoff: return "busy";
    case core::status::degraded:
    case core::status::failed: return "bad";
    case core::status::stopped: break;
  }
  return "rest";
}

void add_row(std::string& out, const core::service_view& service) {
  const std::string name = escape_html(service.name);
  out += "<tr data-name=\"" + name + "\"><th scope=\"row\"><span>" + name + "</span>";
  if (!service.required) out += "<span class=\"tag\">optional</span>";
  out += "</th><td class=\"state ";
  out += tone(service.state);
  out += "\"><span class=\"dot\" aria-hidden=\"true\"></span>";
  out += core::to_string(service.state);
  out += "</td><td class=\"reason\">" + escape_html(service.reason) +
         "</td><td class=\"number unlocked\"></td><td class=\"number unlocked\"></td></tr>\n";
}

response file(std::string_view content, std::string type) {
  response out = response::text(std::string(content));
  out.content_type = std::move(type);
  out.headers.emplace_back("Cache-Control", "no-cache");
  out.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return out;
}

response page(const core::fleet_view& fleet) {
  response out = file(page_document(fleet), "text/html; charset=utf-8");
  out.headers.emplace_back("Content-Security-Policy", policy);
  out.headers.emplace_back("Referrer-Policy", "no-referrer");
  return out;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char each : text) {
    switch (each) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += each;
    }
  }
  return out;
}

std::string page_document(const core::fleet_view& fleet) {
  const bool healthy = fleet.healthy();
  std::string out = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Services – workspaced</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
</head>
<body>
<header>
<h1>Services</h1>
<p id="verdict" role="status" class=")";
  out += healthy ? "good\">every required service is ready" : "bad\">not every required service is ready";
  out += R"(</p>
</header>
<main>
<table>
<thead><tr><th scope="col">Service</th><th scope="col">State</th><th scope="col">Reason</th><th scope="col" class="number unlocked">Up for</th><th scope="col" class="number unlocked">Restarts</th></tr></thead>
<tbody id="services">
)";
  for (const core::service_view& each : fleet.services) add_row(out, each);
  out += R"(</tbody>
</table>
<form id="unlock" class="row" hidden>
<label for="token">Token</label>
<input id="token" type="password" autocomplete="off" spellcheck="false" aria-describedby="hint">
<button>Unlock</button>
<span id="hint" class="rest">logs and buttons; it is in &lt;state_dir&gt;/tokens/admin</span>
</form>
<p id="locked" class="row" hidden><button id="lock" type="button">Lock</button></p>
<p id="said" role="alert"></p>
</main>
<footer>workspaced )";
  out += escape_html(fleet.daemon.version);
  out += R"( · <a href="health">health</a> · <a href="metrics">metrics</a></footer>
</body>
</html>
)";
  return out;
}

std::vector<http::route> page_routes(std::function<core::fleet_view()> view) {
  return {
      {method::get, "/", access::open, [view = std::move(view)](const request&) { return page(view()); },
       "The services as a web page"},
      {method::get, "/page.css", access::open,
       [](const request&) { return file(page_files::page_css, "text/css; charset=utf-8"); }, "Its style"},
      {method::get, "/page.js", access::open,
       [](const request&) { return file(page_files::page_js, "text/javascript; charset=utf-8"); },
       "Its script"},
  };
}

}  // namespace workspaced::api
