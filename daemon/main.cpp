// One file, two programs: the daemon, and under the name workspacectl its command line.
#include "app/main.hpp"

#include "ctl/run.hpp"

#include <string_view>

int main(int argc, char** argv) {
  std::string_view name = argc > 0 ? argv[0] : "";
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  return name == "workspacectl" ? workspaced::ctl::run(argc, argv) : workspaced::app::main(argc, argv);
}
