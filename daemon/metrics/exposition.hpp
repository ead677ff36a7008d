// The two text formats of Prometheus, as a writer: families of samples in, text out.
//
//   text         0.0.4, what every Prometheus understands
//   openmetrics  1.0.0, asked for by Accept
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace workspaced::metrics {

enum class format { text, openmetrics };

/// The format that an Accept header prefers; `text` when it asks for neither or for an OpenMetrics that is
/// not 1.0.0.
[[nodiscard]] format negotiate(std::string_view accept);

[[nodiscard]] std::string_view content_type(format value);

enum class metric_type { counter, gauge, histogram };

/// `name` is written as it is, `value` is escaped.
struct label {
  std::string_view name;
  std::string_view value;
};
using labels = std::initializer_list<label>;

class exposition_writer {
 public:
  explicit exposition_writer(format value) : format_(value) {}

  /// Begins a family. A counter's name goes without "_total". A family without samples leaves no trace.
  void family(std::string_view name, metric_type type, std::string_view help);

  void sample(labels where, double value);
  void sample(labels where, std::uint64_t value);

  /// One histogram: `cumulative[i]` counts what was at most `bounds[i]`.
  void histogram(labels where, std::span<const double> bounds, std::span<const std::uint64_t> cumulative,
                 std::uint64_t count, double sum);

  /// The whole text, with OpenMetrics' end mark. Ends the writer's life.
  [[nodiscard]] std::string take();

 private:
  void announce();
  void line(std::string_view suffix, labels where, std::string_view bound, std::string_view value);

  format format_;
  std::string out_;
  std::string name_;
  metric_type type_ = metric_type::gauge;
  std::string help_;
  bool announced_ = false;
};

}  // namespace workspaced::metrics
