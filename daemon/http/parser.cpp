#include "http/parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>

#include <utility>

namespace workspaced::http {
namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;

/// A body in a string that grows with what comes. Beast's string_body reserves what Content-Length promises,
/// which anybody can promise.
struct growing_body {
  using value_type = std::string;

  class reader {
   public:
    template <bool IsRequest, class Fields>
    reader(wire::header<IsRequest, Fields>& /*head*/, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& /*length*/, error_code& error) { error = {}; }
    std::size_t put(const boost::asio::const_buffer& bytes, error_code& error) {
      error = {};
      body_.append(static_cast<const char*>(bytes.data()), bytes.size());
      return bytes.size();
    }
    void finish(error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

using beast_request = wire::request_parser<growing_body>;
using beast_response = wire::response_parser<growing_body>;

std::string text(beast::string_view view) { return {view.data(), view.size()}; }

header_list headers_of(const wire::fields& from) {
  header_list out;
  for (const auto& field : from) out.emplace_back(text(field.name_string()), text(field.value()));
  return out;
}

/// A chunk's header is not counted by Beast, but it has to come whole.
constexpr std::size_t longest_chunk_header = 16 * 1024;

/// Beast takes one element at a time: until it wants more bytes, or is through with the header, or with
/// everything.
template <class Parser>
std::size_t run(Parser& parser, std::string_view bytes, progress& reached, error_code& error) {
  std::size_t used = 0;
  const bool had_head = parser.is_header_done();
  while (!parser.is_done()) {
    used += parser.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    if (error || used == bytes.size() || (!had_head && parser.is_header_done())) break;
  }
  const std::size_t unused = bytes.size() - used;
  if (parser.is_done()) {
    reached = progress::done;
  } else if (error && error != wire::error::need_more) {
    reached = progress::failed;
  } else if (!had_head && parser.is_header_done()) {
    reached = progress::head;
  } else if (parser.is_header_done() && unused > longest_chunk_header) {
    error = wire::error::bad_chunk;
    reached = progress::failed;
  } else {
    reached = progress::more;
  }
  return used;
}

/// Beast reads a Transfer-Encoding that it does not know as if there were none: the body would be taken for
/// the next request.
bool has_foreign_coding(const wire::fields& head, bool chunked) {
  return head.find(wire::field::transfer_encoding) != head.end() && !chunked;
}

response refusal_of(const error_code& error) {
  if (error == wire::error::header_limit)
    return response::problem(431, "Header too large", "shorten the header");
  if (error == wire::error::body_limit) return response::problem(413, "Body too large", "shorten the body");
  if (error == wire::error::bad_version) {
    return response::problem(505, "Version not supported", "this server speaks HTTP/1.1 and 1.0");
  }
  return response::problem(400, "Malformed request", "cannot read the request: " + error.message());
}

}  // namespace

struct request_parser::impl {
  beast_request parser;
  error_code error;
  bool foreign_coding = false;
};

request_parser::request_parser(request_limits limits) : impl_(std::make_unique<impl>()) {
  impl_->parser.header_limit(static_cast<std::uint32_t>(limits.header));
  impl_->parser.body_limit(limits.body);
}

request_parser::~request_parser() = default;

std::size_t request_parser::feed(std::string_view bytes, progress& reached) {
  const std::size_t used = run(impl_->parser, bytes, reached, impl_->error);
  if (impl_->parser.is_header_done() && has_foreign_coding(impl_->parser.get(), impl_->parser.chunked())) {
    impl_->foreign_coding = true;
    reached = progress::failed;
  }
  return used;
}

bool request_parser::expects_continue() const {
  return beast::iequals(impl_->parser.get()[wire::field::expect], "100-continue");
}

raw_request request_parser::take() {
  auto& message = impl_->parser.get();
  raw_request out;
  out.verb = method_from(std::string_view(message.method_string().data(), message.method_string().size()));
  out.target = text(message.target());
  out.http_1_0 = message.version() < 11;
  out.keep_alive = impl_->parser.keep_alive();
  out.headers = headers_of(message);
  out.body = std::move(message.body());
  return out;
}

response request_parser::refusal() const {
  if (impl_->foreign_coding) {
    return response::problem(501, "Not implemented", "the only transfer coding here is chunked");
  }
  return refusal_of(impl_->error);
}

struct response_parser::impl {
  explicit impl(bool without_body) : head_only(without_body) { start(); }

  bool head_only;
  std::optional<beast_response> parser;
  error_code error;

  void start() {
    parser.emplace();
    parser->header_limit(64 * 1024);
    parser->body_limit(boost::none);
    parser->skip(head_only);
  }
};

response_parser::response_parser(bool head_only) : impl_(std::make_unique<impl>(head_only)) {}

response_parser::~response_parser() = default;

std::size_t response_parser::feed(std::string_view bytes, progress& reached) {
  std::size_t used = run(*impl_->parser, bytes, reached, impl_->error);
  const bool interim = impl_->parser->is_header_done() && status() / 100 == 1 && status() != 101;
  if (interim && reached != progress::failed) {
    impl_->start();
    used += feed(bytes.substr(used), reached);
  }
  return used;
}

bool response_parser::finish() {
  if (!has_head()) return false;
  error_code error;
  impl_->parser->put_eof(error);
  return !error;
}

bool response_parser::has_head() const { return impl_->parser->is_header_done(); }
bool response_parser::keep_alive() const { return impl_->parser->keep_alive(); }
int response_parser::status() const { return static_cast<int>(impl_->parser->get().result_int()); }
std::string response_parser::reason() const { return text(impl_->parser->get().reason()); }
header_list response_parser::headers() const { return headers_of(impl_->parser->get()); }
std::string response_parser::take_body() { return std::exchange(impl_->parser->get().body(), {}); }

}  // namespace workspaced::http
