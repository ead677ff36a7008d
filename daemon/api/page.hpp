// The web page: how the services are, for people with a browser.
#pragma once

#include "core/snapshot.hpp"
#include "http/router.hpp"

#include <functional>
#include <string>
#include <vector>

namespace workspaced::api {

/// The page with the state of now in it, so that it says something without scripts; with them it keeps itself
/// up to date (page/page.js). It refers to nothing but `page.css` and `page.js` beside it, by relative
/// addresses: the page may be reached through a proxy, under any path.
[[nodiscard]] std::string page_document(const core::fleet_view& fleet);

/// `&`, `<`, `>` and both quotes as references: fit for text and for attributes.
[[nodiscard]] std::string escape_html(std::string_view text);

[[nodiscard]] std::vector<http::route> page_routes(std::function<core::fleet_view()> view);

}  // namespace workspaced::api
