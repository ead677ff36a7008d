// The help, laid out for 80 columns.
#include "ctl/verbs.hpp"
#include "ctl/wrap.hpp"

namespace workspaced::ctl {
namespace {

void row(std::string& out, std::string_view left, std::size_t column, std::string_view right) {
  out += "  ";
  out += left;
  if (left.size() + 4 > column) {
    out += '\n';
    out.append(column, ' ');
  } else {
    out.append(column - 2 - left.size(), ' ');
  }
  wrap(out, right, column);
}

void option_row(std::string& out, option_id id, std::string_view timeout) {
  const auto& it = find_option(id);
  std::string left;
  for (const char c : it.names) {
    left += c;
    if (c == ',') left += ' ';
  }
  if (!it.value.empty()) (left += ' ') += it.value;
  std::string right{it.summary};
  if (id == option_id::timeout) ((right += " (default ") += timeout) += ')';
  row(out, left, 24, right);
}

}  // namespace

std::string overview() {
  std::string out =
      "workspacectl starts, watches and stops the services of a workspace.\n\n"
      "Usage: workspacectl [OPTIONS] VERB [ARGUMENTS]\n\nVerbs:\n";
  for (const auto& it : all_verbs()) row(out, it.name, 14, it.summary);
  out += "\nOptions of every verb:\n";
  for (const auto id : global_options) option_row(out, id, {});
  out += "\nExamples:\n";
  for (const auto* name : {"up", "status", "logs", "why"}) {
    const auto& usual = find_verb(name)->examples.front();
    row(out, usual.command, 34, usual.meaning);
  }
  out +=
      "\nExit codes: 0 done, 1 a service failed or is not ready, 2 usage,\n"
      "3 configuration, 4 no daemon, 5 time ran out, 6 not permitted.\n"
      "All about one verb: workspacectl help VERB\n";
  return out;
}

std::string help_of(const verb& which) {
  std::string out = "Usage: workspacectl ";
  out += which.name;
  if (!which.options.empty()) out += " [OPTIONS]";
  if (!which.arguments.empty()) (out += ' ') += which.arguments;
  out += "\n\n";
  std::string text{which.summary};
  text.front() = static_cast<char>(text.front() - 'a' + 'A');
  text += '.';
  if (!which.description.empty()) (text += ' ') += which.description;
  wrap(out, text, 0);
  out += "\nOptions:\n";
  for (const auto id : which.options) option_row(out, id, which.timeout);
  for (const auto id : global_options) option_row(out, id, {});
  out += "\nExamples:\n";
  for (const auto& it : which.examples) row(out, it.command, 38, it.meaning);
  return out;
}

}  // namespace workspaced::ctl
