#include "core/probe_text.hpp"

namespace workspaced::core {
namespace {

std::string address(const tcp_target& target) {
  const bool six = target.host.find(':') != std::string::npos;
  return (six ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

struct text_of {
  std::string operator()(const http_target& target) const {
    const std::string host = target.host_header.empty() ? address(target.address) : target.host_header;
    return "http http://" + host + target.path;
  }
  std::string operator()(const tcp_target& target) const { return "tcp " + address(target); }
  std::string operator()(const exec_target& target) const {
    std::string text = "exec";
    for (const std::string& word : target.argv) text += " " + word;
    return text;
  }
  std::string operator()(const mcp_target& target) const {
    return target.where ? "mcp " + (*this)(*target.where).substr(5) : "mcp over stdio";
  }
};

}  // namespace

std::string describe(const probe_target& target) { return std::visit(text_of{}, target); }

}  // namespace workspaced::core
