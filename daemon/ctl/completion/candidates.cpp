#include "ctl/completion/candidates.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace workspaced::ctl::completion {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    parts.push_back(text.substr(0, text.find(at)));
    text.remove_prefix(std::min(parts.back().size() + 1, text.size()));
  }
  return parts;
}

/// The line up to the word that is being typed.
struct typed_line {
  const verb* what = nullptr;
  bool unknown_verb = false;
  bool after_dashes = false;
  const option* wants_value = nullptr;  ///< the last word is an option whose value is to come
  std::set<option_id> given;
  std::vector<std::string> arguments;
};

std::vector<option_id> options_of(const verb* what) {
  std::vector<option_id> all;
  if (what != nullptr) all = what->options;
  all.insert(all.end(), std::begin(global_options), std::end(global_options));
  return all;
}

const option* option_named(std::string_view word, const verb* what) {
  for (const auto id : options_of(what)) {
    for (const auto name : split(find_option(id).names, ',')) {
      if (name == word) return &find_option(id);
    }
  }
  return nullptr;
}

void take_option(typed_line& line, const std::string& word) {
  const auto equals = word.find('=');
  const auto* known = option_named(word.substr(0, equals), line.what);
  if (known == nullptr) return;
  line.given.insert(known->id);
  if (!known->value.empty() && equals == std::string::npos) line.wants_value = known;
}

void take(typed_line& line, const std::string& word) {
  if (line.wants_value != nullptr) {
    // bash makes three words of --for=ready.
    if (word != "=") line.wants_value = nullptr;
  } else if (!line.after_dashes && word == "--") {
    line.after_dashes = true;
  } else if (!line.after_dashes && word.starts_with('-')) {
    take_option(line, word);
  } else if (line.what == nullptr) {
    line.what = find_verb(word);
    line.unknown_verb = line.what == nullptr;
  } else {
    line.arguments.push_back(word);
  }
}

candidates values_of(const option& which, const verb* what) {
  candidates out;
  out.files = which.value == "FILE" || which.value == "PATH";
  if (which.value.find('|') != std::string_view::npos) {
    for (const auto each : split(which.value, '|')) out.words.push_back({std::string(each), {}});
  }
  if (which.id == option_id::timeout && what != nullptr)
    out.words.push_back({std::string(what->timeout), "the default"});
  return out;
}

candidates options_left(const typed_line& line) {
  candidates out;
  for (const auto id : options_of(line.what)) {
    if (line.given.contains(id)) continue;
    for (const auto name : split(find_option(id).names, ','))
      out.words.push_back({std::string(name), std::string(find_option(id).summary)});
  }
  out.words.push_back({"--help", line.what == nullptr ? "the verbs" : "all about this verb"});
  return out;
}

candidates verbs() {
  candidates out;
  for (const auto& each : all_verbs())
    out.words.push_back({std::string(each.name), std::string(each.summary)});
  return out;
}

/// `kind` is a word of the usage line without brackets: "NAME...", "FILE", "cpu|mem".
candidates arguments_of(std::string_view kind, const typed_line& line, const directory& names) {
  if (kind.starts_with("NAME")) {
    candidates out{false, names(line.what->id == verb_id::mcp ? named::doors : named::services)};
    std::erase_if(out.words, [&line](const candidate& each) {
      return std::find(line.arguments.begin(), line.arguments.end(), each.word) != line.arguments.end();
    });
    return out;
  }
  if (kind == "VERB") return verbs();
  candidates out;
  out.files = kind == "FILE";
  if (kind.find('|') != std::string_view::npos) {
    for (const auto each : split(kind, '|')) out.words.push_back({std::string(each), {}});
  }
  return out;
}

candidates positional(const typed_line& line, const directory& names) {
  if (line.after_dashes) return {true, {}};
  if (line.what == nullptr) return line.unknown_verb ? candidates{} : verbs();
  auto kinds = split(line.what->arguments, ' ');
  for (auto& each : kinds) {
    while (each.starts_with('[')) each.remove_prefix(1);
    while (each.ends_with(']')) each.remove_suffix(1);
  }
  const auto place = line.arguments.size();
  if (place < kinds.size()) return arguments_of(kinds[place], line, names);
  if (!kinds.empty() && kinds.back().ends_with("...")) return arguments_of(kinds.back(), line, names);
  return {};
}

/// What is of the form that has been typed, with `before` put in front of each word.
candidates beginning_with(candidates all, std::string_view typed, const std::string& before = {}) {
  std::erase_if(all.words, [typed](const candidate& each) { return !each.word.starts_with(typed); });
  for (auto& each : all.words) each.word.insert(0, before);
  return all;
}

}  // namespace

candidates complete(const std::vector<std::string>& words, const directory& names) {
  typed_line line;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) take(line, words[i]);
  const std::string typed = words.empty() ? std::string() : words.back();
  if (line.wants_value != nullptr)
    return beginning_with(values_of(*line.wants_value, line.what), typed == "=" ? "" : typed);
  if (!line.after_dashes && typed.starts_with('-')) {
    const auto equals = typed.find('=');
    if (equals == std::string::npos) return beginning_with(options_left(line), typed);
    const auto* known = option_named(typed.substr(0, equals), line.what);
    if (known == nullptr || known->value.empty()) return {};
    return beginning_with(values_of(*known, line.what), typed.substr(equals + 1),
                          typed.substr(0, equals + 1));
  }
  return beginning_with(positional(line, names), typed);
}

}  // namespace workspaced::ctl::completion
