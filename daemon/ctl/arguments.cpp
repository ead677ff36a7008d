// The only translation unit that sees CLI11. It gets one verb's options at a time, out of the table: building
// all of them would cost every `status` a third of a millisecond.
#include "ctl/arguments.hpp"

#include "config/text.hpp"
#include "core/nearest.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>

namespace workspaced::ctl {
namespace {

// What CLI11 fills in; words that need our own check stay text.
struct raw {
  invocation out;
  std::string timeout;
  std::string goal = "ready";
};

bool takes_value(std::string_view word) {
  return std::any_of(std::begin(global_options), std::end(global_options), [word](option_id id) {
    const auto& it = find_option(id);
    return !it.value.empty() && it.names == word;
  });
}

// Global options may stand before the verb: it is the first word that is neither an option nor an option's
// value.
std::size_t find_verb_word(const std::vector<std::string>& words) {
  std::size_t i = 0;
  while (i < words.size() && words[i].starts_with('-')) i += takes_value(words[i]) ? 2 : 1;
  return std::min(i, words.size());
}

void bind(CLI::App& app, option_id id, raw& in) {
  const std::string names{find_option(id).names};
  auto& out = in.out;
  switch (id) {
    case option_id::socket: app.add_option(names, out.socket); return;
    case option_id::json: app.add_flag(names, out.json); return;
    case option_id::no_color: app.add_flag(names, out.no_color); return;
    case option_id::wait: app.add_flag(names, out.wait); return;
    case option_id::timeout: app.add_option(names, in.timeout); return;
    case option_id::config: app.add_option(names, out.config); return;
    case option_id::all: app.add_flag(names, out.all); return;
    case option_id::follow: app.add_flag(names, out.follow); return;
    case option_id::lines: app.add_option(names, out.lines); return;
    case option_id::wait_for: app.add_option(names, in.goal); return;
    case option_id::dry_run: app.add_flag(names, out.dry_run); return;
    case option_id::force: app.add_flag(names, out.force); return;
    case option_id::file: app.add_option(names, out.file); return;
    case option_id::of_host: app.add_flag(names, out.of_host); return;
  }
}

failure misuse(const verb& what, const std::string& text) {
  return {exit_code::usage, text + "; see: workspacectl help " + std::string(what.name)};
}

failure unknown_verb(const std::string& word) {
  std::vector<std::string> names;
  for (const auto& it : all_verbs()) names.emplace_back(it.name);
  const auto near = core::nearest(word, names);
  return {exit_code::usage, "there is no verb '" + word + "'; " +
                                (near ? "did you mean '" + *near + "'?" : "see: workspacectl help")};
}

result<void> check_words(const verb& what, raw& in) {
  auto& out = in.out;
  const auto given = static_cast<int>(out.names.size());
  if (given < what.least)
    return misuse(what, std::string(what.name) + " needs " + std::string(what.arguments));
  if (what.most >= 0 && given > what.most) {
    return misuse(what, std::string(what.name) + " does not take '" +
                            out.names[static_cast<std::size_t>(what.most)] + "'");
  }
  if (in.goal == "stopped") {
    out.goal = wait_goal::stopped;
  } else if (in.goal == "completed") {
    out.goal = wait_goal::completed;
  } else if (in.goal != "ready") {
    return misuse(what, "--for takes ready, stopped or completed, not '" + in.goal + "'");
  }
  if (in.timeout.empty()) in.timeout = what.timeout;
  if (in.timeout.empty()) return {};
  const auto timeout = config::parse_duration(in.timeout);
  if (!timeout)
    return misuse(what, "--timeout takes a duration like 300s, 2m or 500ms, not '" + in.timeout + "'");
  out.timeout = *timeout;
  return {};
}

result<invocation> parse_verb(const verb& what, std::vector<std::string> words) {
  raw in;
  in.out.what = &what;
  CLI::App app;
  app.set_help_flag("-h,--help");
  for (const auto id : global_options) bind(app, id, in);
  for (const auto id : what.options) bind(app, id, in);
  app.add_option("arguments", in.out.names);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    in.out.help = true;
    return in.out;
  } catch (const CLI::ParseError& error) {
    return misuse(what, error.what());
  }
  if (const auto checked = check_words(what, in); !checked) return checked.error();
  return in.out;
}

// A line that is being typed is no line of ours: nothing in it is an error. But what it says of the socket
// holds for the question, too.
void take_typed(std::vector<std::string>& words, std::optional<std::vector<std::string>>& typed) {
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes == words.end()) return;
  typed.emplace(dashes + 1, words.end());
  words.erase(dashes, words.end());
  const auto socket = std::find(typed->begin(), typed->end(), find_option(option_id::socket).names);
  if (std::distance(socket, typed->end()) > 2) words.insert(words.end(), socket, socket + 2);
}

}  // namespace

result<invocation> parse(std::vector<std::string> arguments) {
  const auto at = find_verb_word(arguments);
  if (at == arguments.size()) {
    invocation out;
    const bool version = std::find(arguments.begin(), arguments.end(), "--version") != arguments.end();
    out.what = find_verb(version ? "version" : "help");
    return out;
  }
  const auto* what = find_verb(arguments[at]);
  if (!what) return unknown_verb(arguments[at]);
  arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(at));
  std::optional<std::vector<std::string>> typed;
  if (what->id == verb_id::completion) take_typed(arguments, typed);
  auto out = parse_verb(*what, std::move(arguments));
  if (out) out->typed = std::move(typed);
  if (!out || what->id != verb_id::help || out->names.empty()) return out;
  const auto* about = find_verb(out->names.front());
  if (!about) return unknown_verb(out->names.front());
  out->what = about;
  out->help = true;
  return out;
}

}  // namespace workspaced::ctl
