// Since 2026-07-28 a server that needs something of the client says so in its result; the client calls again,
// with the answers and the state that it was given.
#include "fixtures.hpp"
#include "json/edit.hpp"
#include "mcp/protocol.hpp"
#include "os/process_facts.hpp"

#include <memory>
#include <set>
#include <utility>

namespace workspaced::conformance {

using mcp::call;
using mcp::outcome;

namespace {

std::string ask_model(std::string_view key, std::string_view question) {
  return json::quote(key) +
         R"(:{"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":)" +
         text_content(question) + R"(}],"maxTokens":100}})";
}

std::string ask_roots(std::string_view key) {
  return json::quote(key) + R"(:{"method":"roots/list","params":{}})";
}

bool is_able(const call& from, std::string_view capability) {
  const auto found = json::get_member(from.capabilities(), {std::string(capability)});
  return found && found->has_value();
}

/// Texts that only we can have made: an altered one was never issued.
class seals {
 public:
  std::string issue() {
    std::string text;
    for (const char byte : os::random_bytes(16)) text += static_cast<char>('a' + (byte & 15));
    issued_.insert(text);
    return text;
  }
  [[nodiscard]] bool know(std::string_view text) const { return issued_.contains(text); }

 private:
  std::set<std::string, std::less<>> issued_;
};

std::string state_of(const call& from) {
  const auto found = json::get_member(from.params(), {"requestState"});
  return found && *found ? json::string_value(**found).value_or("") : "";
}

mcp::rpc_error broken_seal() {
  return {mcp::code::invalid_params, "Invalid params: requestState was not issued by this server"};
}

outcome greet(call& from) {
  const auto name = json::string_value(answered(from, {"user_name", "content", "name"}));
  if (!name) return input_required(ask_user("user_name", "What is your name?", "name"));
  return outcome(mcp::text_result("Hello, " + *name + "!"));
}

outcome ask_capital(call& from) {
  const auto text = json::string_value(answered(from, {"capital_question", "content", "text"}));
  if (!text) return input_required(ask_model("capital_question", "What is the capital of France?"));
  return outcome(mcp::text_result(*text));
}

outcome show_roots(call& from) {
  const auto roots = answered(from, {"client_roots", "roots"});
  if (roots.empty()) return input_required(ask_roots("client_roots"));
  return outcome(mcp::text_result(roots));
}

outcome ask_what_is_possible(call& from) {
  std::string requests;
  const auto add = [&](std::string_view capability, const std::string& request) {
    if (is_able(from, capability)) requests += (requests.empty() ? "" : ",") + request;
  };
  add("elicitation", ask_user("name", "What is your name?", "name"));
  add("sampling", ask_model("greeting", "Generate a greeting"));
  add("roots", ask_roots("roots"));
  if (requests.empty()) return outcome(mcp::text_result("The client can be asked nothing."));
  return input_required(requests);
}

outcome ask_all(call& from, seals& known) {
  const bool complete = !answered(from, {"user_name"}).empty() && !answered(from, {"greeting"}).empty() &&
                        !answered(from, {"client_roots"}).empty();
  if (complete && known.know(state_of(from))) return outcome(mcp::text_result("All answers are there."));
  return input_required(ask_user("user_name", "What is your name?", "name") + "," +
                            ask_model("greeting", "Generate a greeting") + "," + ask_roots("client_roots"),
                        known.issue());
}

outcome confirm(call& from, seals& known) {
  const std::string state = state_of(from);
  if (!state.empty() && !known.know(state)) return broken_seal();
  if (answered(from, {"confirm"}).empty() || state.empty())
    return input_required(ask_user("confirm", "Please confirm", "ok", "boolean"), known.issue());
  return outcome(mcp::text_result("state-ok"));
}

outcome ask_twice(call& from, seals& known) {
  const std::string state = state_of(from);
  if (!state.empty() && !known.know(state)) return broken_seal();
  if (!answered(from, {"step2"}).empty()) return outcome(mcp::text_result("Both steps are done."));
  if (!answered(from, {"step1"}).empty())
    return input_required(ask_user("step2", "Step 2: What is your favorite color?", "color"), known.issue());
  return input_required(ask_user("step1", "Step 1: What is your name?", "name"), known.issue());
}

outcome need_sampling(call& from) {
  if (is_able(from, "sampling")) return outcome(mcp::text_result("The client can sample."));
  return mcp::rpc_error{mcp::code::missing_capability, "The client must have the capability sampling",
                        R"({"requiredCapabilities":{"sampling":{}}})"};
}

}  // namespace

outcome input_required(const std::string& requests, const std::string& state) {
  std::string text = R"({"resultType":"input_required","inputRequests":{)" + requests + "}";
  if (!state.empty()) text += R"(,"requestState":)" + json::quote(state);
  return outcome(text + "}");
}

std::string ask_user(std::string_view key, std::string_view message, std::string_view field,
                     std::string_view type) {
  return json::quote(key) + R"(:{"method":"elicitation/create","params":{"mode":"form","message":)" +
         json::quote(message) + R"(,"requestedSchema":{"type":"object","properties":{)" + json::quote(field) +
         R"(:{"type":)" + json::quote(type) + R"(}},"required":[)" + json::quote(field) + "]}}}";
}

std::string_view answered(const call& from, std::vector<std::string> path) {
  path.insert(path.begin(), "inputResponses");
  const auto found = json::get_member(from.params(), path);
  return found && *found ? **found : std::string_view();
}

std::vector<mcp::tool> asking_tools() {
  const auto known = std::make_shared<seals>();
  const auto sealed = [&known](outcome (*answer)(call&, seals&)) {
    return at_once([known, answer](call& from) { return answer(from, *known); });
  };
  const std::string input = "test_input_required_result_";
  std::vector<mcp::tool> all;
  all.push_back(fixture(input + "elicitation", "Asks for a name", at_once(greet)));
  all.push_back(fixture(input + "sampling", "Asks the model", at_once(ask_capital)));
  all.push_back(fixture(input + "list_roots", "Asks for the roots", at_once(show_roots)));
  all.push_back(fixture(input + "request_state", "Gives a state", sealed(confirm)));
  all.push_back(fixture(input + "tampered_state", "Gives a state", sealed(confirm)));
  all.push_back(fixture(input + "multiple_inputs", "Asks for three things", sealed(ask_all)));
  all.push_back(fixture(input + "multi_round", "Asks twice", sealed(ask_twice)));
  all.push_back(
      fixture(input + "capabilities", "Asks for what the client can", at_once(ask_what_is_possible)));
  all.push_back(fixture("test_streaming_elicitation", "Asks for a name", at_once(greet)));
  all.push_back(fixture("test_missing_capability", "Needs sampling", at_once(need_sampling)));
  return all;
}

}  // namespace workspaced::conformance
