// logs: one service as it is, several line by line with the name in front.
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"
#include "ctl/line_splitter.hpp"

#include <algorithm>

namespace workspaced::ctl {
namespace {

std::string target_of(const std::string& name, const invocation& args) {
  return "/v1/services/" + name + "/logs?tail=" + std::to_string(args.lines) +
         (args.follow ? "&follow=true" : "");
}

class log_writer {
 public:
  log_writer(const context& in, std::vector<std::string> names) : in_(in), names_(std::move(names)) {
    rests_.resize(names_.size());
    for (const auto& name : names_) name_columns_ = std::max(name_columns_, name.size());
  }

  flow write(std::size_t service, std::string_view data) {
    if (names_.size() == 1 && !in_.args.json) {
      in_.out.print(data);
    } else {
      std::string out;
      rests_[service].feed(data, [&](std::string_view line) { out += render(service, line); });
      in_.out.print(out);
    }
    return in_.out.is_closed() ? flow::stop : flow::go_on;
  }

  /// The last lines that have no newline.
  void finish() {
    for (std::size_t i = 0; i < rests_.size(); ++i) {
      if (const auto rest = rests_[i].take_rest(); !rest.empty()) in_.out.print(render(i, rest));
    }
  }

 private:
  std::string render(std::size_t service, std::string_view line) const {
    if (in_.args.json) return log_line_json(names_[service], line);
    return log_prefix(names_[service], name_columns_, service, in_.look()) + std::string(line) + '\n';
  }

  const context& in_;
  std::vector<std::string> names_;
  std::vector<line_splitter> rests_;
  std::size_t name_columns_ = 0;
};

}  // namespace

result<exit_code> run_logs(const context& in) {
  const auto fleet = ask_fleet(in.daemon);
  if (!fleet) return fleet.error();
  const auto names = select(*fleet, in.args.names, in.args.names.empty());
  if (!names) return names.error();
  log_writer writer(in, *names);
  const auto read = [&in, &writer](std::vector<std::string> targets, std::size_t first) {
    stream_plan plan;
    plan.targets = std::move(targets);
    plan.on_data = [&writer, first](std::size_t target, std::string_view data) {
      return writer.write(first + target, data);
    };
    return in.daemon.stream(std::move(plan));
  };
  if (in.args.follow) {
    std::vector<std::string> targets;
    for (const auto& name : *names) targets.push_back(target_of(name, in.args));
    if (const auto end = read(std::move(targets), 0); !end) return end.error();
  } else {
    // One after the other, so that the lines of a service stay together.
    for (std::size_t i = 0; i < names->size() && !in.out.is_closed(); ++i) {
      if (const auto end = read({target_of((*names)[i], in.args)}, i); !end) return end.error();
    }
  }
  writer.finish();
  return exit_code::done;
}

}  // namespace workspaced::ctl
