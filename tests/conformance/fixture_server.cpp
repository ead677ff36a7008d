// The library's MCP server with the fixtures of the conformance suite, without a token, on a free port of
// loopback. It prints its URL and serves until its stdin ends.
#include "fixtures.hpp"
#include "http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>

namespace workspaced::conformance {
namespace {

/// Changes of the lists, for a client that listens: every other call a tool or prompt is there.
class changes {
 public:
  explicit changes(mcp::server& of) : of_(of) {}

  void apply() {
    auto tools = simple_tools();
    for (mcp::tool& each : asking_tools()) tools.push_back(std::move(each));
    tools.push_back(
        fixture("test_trigger_tool_change", "Changes the list of tools", at_once([this](mcp::call&) {
                  extra_tool_ = !extra_tool_;
                  apply();
                  return mcp::outcome(mcp::text_result("The tools are others."));
                })));
    tools.push_back(
        fixture("test_trigger_prompt_change", "Changes the list of prompts", at_once([this](mcp::call&) {
                  extra_prompt_ = !extra_prompt_;
                  apply();
                  return mcp::outcome(mcp::text_result("The prompts are others."));
                })));
    if (extra_tool_)
      tools.push_back(fixture("test_coming_and_going", "Comes and goes",
                              at_once([](mcp::call&) { return mcp::outcome(mcp::text_result("Here.")); })));
    auto all_prompts = prompts();
    if (extra_prompt_) {
      all_prompts.push_back(all_prompts.front());
      all_prompts.back().name = "test_coming_and_going";
    }
    of_.set_tools(std::move(tools));
    of_.set_prompts(std::move(all_prompts));
  }

 private:
  mcp::server& of_;
  bool extra_tool_ = false;
  bool extra_prompt_ = false;
};

int serve() {
  boost::asio::io_context loop{1};
  mcp::server_options about;
  about.name = "conformance-fixtures";
  about.title = "Fixtures of the conformance suite";
  about.version = "1.0.0";
  about.logging = true;
  mcp::server subject(loop.get_executor(), about);
  changes lists(subject);
  lists.apply();
  subject.set_resources(resources(), resource_templates());

  std::vector<http::route> routes;
  for (const http::method verb : {http::method::post, http::method::get, http::method::del})
    routes.push_back({verb, "/mcp", http::access::open,
                      [&subject](const http::request& what) { return subject.answer(what); }, "MCP"});
  http::server front(loop.get_executor(), {}, std::move(routes));
  const auto port = front.listen_tcp("127.0.0.1", 0);
  if (!port) {
    std::fprintf(stderr, "fixture_server: %s\n", port.error().c_str());
    return 1;
  }
  std::printf("http://127.0.0.1:%u/mcp\n", static_cast<unsigned>(*port));
  std::fflush(stdout);

  boost::asio::posix::stream_descriptor input(loop, ::dup(STDIN_FILENO));
  char byte = 0;
  input.async_read_some(boost::asio::buffer(&byte, 1),
                        [&loop](const boost::system::error_code&, std::size_t) { loop.stop(); });
  loop.run();
  return 0;
}

}  // namespace
}  // namespace workspaced::conformance

int main() { return workspaced::conformance::serve(); }
