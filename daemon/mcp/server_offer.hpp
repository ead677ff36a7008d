// What a server offers. Each thing is what a list says of it, as JSON text, and what happens when it is used.
#pragma once

#include "mcp/schema.hpp"
#include "mcp/server_call.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::mcp {

struct tool {
  std::string name;
  std::string definition;       ///< its JSON object in tools/list
  std::optional<schema> input;  ///< of its arguments; empty: the handler looks at them itself
  handler run;
};

/// All four hints of a tool, as the protocol has them when nothing is said.
struct hints {
  bool read_only = false;
  bool destructive = true;
  bool idempotent = false;
  bool open_world = true;
};

struct tool_text {
  std::string name;
  std::string title;
  std::string description;
  std::string input_schema = R"({"type":"object","additionalProperties":false})";
  std::string output_schema = {};  ///< empty: none
  mcp::hints hints = {};
};
[[nodiscard]] tool make_tool(const tool_text& about, handler run);

/// Values that an argument may be meant to have, the likeliest first.
using completion = std::function<std::vector<std::string>(std::string_view argument, std::string_view begun)>;

struct prompt_argument {
  std::string name;
  std::string description;
  bool required = false;
};

struct prompt {
  std::string name;
  std::string title;
  std::string description;
  std::vector<prompt_argument> arguments;
  handler get;
  completion complete = {};  ///< empty: none
};

struct resource {
  std::string uri;
  std::string name;
  std::string description;
  std::string mime_type;
  handler read;
};

struct resource_template {
  std::string uri;  ///< "test://{id}/data": a variable stands for one segment
  std::string name;
  std::string description;
  std::string mime_type;
  handler read;
  completion complete = {};
};

[[nodiscard]] std::string definition_of(const prompt& what);
[[nodiscard]] std::string definition_of(const resource& what);
[[nodiscard]] std::string definition_of(const resource_template& what);

/// The variables of a template that a URI fits.
[[nodiscard]] std::optional<http::header_list> match_template(std::string_view pattern, std::string_view uri);

}  // namespace workspaced::mcp
