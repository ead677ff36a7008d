#include "api/upgrade.hpp"

#include "api/control.hpp"
#include "api/json_writer.hpp"
#include "api/problem.hpp"
#include "api/requests.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace workspaced::api {
namespace {

using http::response;

std::string document(const upgrade_begun& what) {
  json_writer out;
  out.begin_object();
  out.member("upgrading", true);
  out.member("program", what.program);
  out.member("version", what.version);
  out.end_object();
  return out.take() + "\n";
}

/// The new program is tried before the answer.
class trial : public http::deferred {
 public:
  explicit trial(control& daemon) : daemon_(daemon) {}

  boost::asio::awaitable<response> answer() override {
    const auto outcome = co_await daemon_.upgrade();
    if (!outcome) co_return problem(outcome.error());
    co_return response::json(document(*outcome), 202);
  }

 private:
  control& daemon_;
};

}  // namespace

http::route upgrade_route(control& daemon) {
  return {http::method::post, "/v1/upgrade", http::access::admin,
          [to = &daemon](const http::request& what) {
            if (const auto body = read_nothing(what.body); !body) return problem(400, body.error().message);
            return response::after(std::make_unique<trial>(*to));
          },
          "Become the program that lies where ours lay, under the running services"};
}

}  // namespace workspaced::api
