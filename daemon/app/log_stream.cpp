#include "app/log_stream.hpp"

#include "logs/log_reader.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>
#include <string>
#include <utility>

namespace workspaced::app {
namespace {

namespace asio = boost::asio;

constexpr std::size_t piece_bytes = 64 * 1024;

class empty_stream : public http::stream {
 public:
  asio::awaitable<std::optional<std::string>> next() override { co_return std::nullopt; }
};

class log_stream : public http::stream {
 public:
  log_stream(std::shared_ptr<logs::service_log> log, std::size_t lines, bool follow)
      : reader_(log, logs::log_reader::last(*log, lines)), follow_(follow) {}

  asio::awaitable<std::optional<std::string>> next() override {
    for (;;) {
      logs::log_piece piece = reader_.read(piece_bytes);
      if (!piece.text.empty() || piece.lost > 0) co_return with_notice(std::move(piece));
      if (!follow_ || !co_await reader_.wait()) co_return std::nullopt;
      const auto cancelled = co_await asio::this_coro::cancellation_state;
      if (cancelled.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
    }
  }

 private:
  static std::string with_notice(logs::log_piece piece) {
    if (piece.lost == 0) return std::move(piece.text);
    return "[workspaced: " + std::to_string(piece.lost) +
           " bytes were rotated away before they were read]\n" + piece.text;
  }

  logs::log_reader reader_;
  bool follow_;
};

}  // namespace

std::unique_ptr<http::stream> open_log_stream(std::shared_ptr<logs::service_log> log, std::size_t lines,
                                              bool follow) {
  if (!log) return std::make_unique<empty_stream>();
  return std::make_unique<log_stream>(std::move(log), lines, follow);
}

}  // namespace workspaced::app
