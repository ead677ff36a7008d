#include "metrics/exposition.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace workspaced::metrics {
namespace {

std::string_view to_string(metric_type type) {
  switch (type) {
    case metric_type::counter: return "counter";
    case metric_type::gauge: return "gauge";
    case metric_type::histogram: return "histogram";
  }
  return "unknown";
}

std::string number(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

/// OpenMetrics wants a bound to look like a float: "1.0". The older format has "1".
std::string bound_text(double bound, format how) {
  std::string text = number(bound);
  if (how == format::openmetrics && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes what comes before the next `separator` off.
std::string_view next_part(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const auto part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// A quality in thousandths (RFC 9110 12.4.2); a bad one is none.
int quality(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = error == std::errc{} && end == text.data() + text.size() && value >= 0 && value <= 1;
  return good ? static_cast<int>(std::lround(value * 1000)) : 0;
}

struct accepted {
  format what;
  int quality = 1000;
};

/// One element of Accept, if it is one of our formats.
std::optional<accepted> read_range(std::string_view range) {
  const auto type = next_part(range, ';');
  accepted out{format::text};
  if (type == "application/openmetrics-text") {
    out.what = format::openmetrics;
  } else if (type != "text/plain" && type != "text/*" && type != "*/*") {
    return std::nullopt;
  }
  while (!range.empty()) {
    auto value = next_part(range, ';');
    const auto name = next_part(value, '=');
    if (name == "q") out.quality = quality(value);
    if (name == "version" && out.what == format::openmetrics && value != "1.0.0") return std::nullopt;
  }
  return out;
}

}  // namespace

format negotiate(std::string_view accept) {
  int text = 0;
  int openmetrics = 0;
  while (!accept.empty()) {
    const auto range = read_range(next_part(accept, ','));
    if (!range) continue;
    int& best = range->what == format::text ? text : openmetrics;
    best = std::max(best, range->quality);
  }
  return openmetrics > 0 && openmetrics >= text ? format::openmetrics : format::text;
}

std::string_view content_type(format value) {
  return value == format::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                      : "text/plain; version=0.0.4; charset=utf-8";
}

void exposition_writer::family(std::string_view name, metric_type type, std::string_view help) {
  name_ = name;
  type_ = type;
  help_ = help;
  announced_ = false;
}

void exposition_writer::announce() {
  if (announced_) return;
  announced_ = true;
  // The older format calls the family of a counter as its sample is called.
  const bool total = type_ == metric_type::counter && format_ == format::text;
  const std::string name = name_ + (total ? "_total" : "");
  out_ += "# HELP " + name + " " + help_ + "\n# TYPE " + name + " ";
  out_ += to_string(type_);
  out_ += '\n';
}

void exposition_writer::line(std::string_view suffix, labels where, std::string_view bound,
                             std::string_view value) {
  announce();
  out_ += name_;
  out_ += suffix;
  char before = '{';
  const auto add = [this, &before](std::string_view name, std::string_view content) {
    out_ += std::exchange(before, ',');
    out_ += name;
    out_ += "=\"";
    append_escaped(out_, content);
    out_ += '"';
  };
  for (const label& each : where) add(each.name, each.value);
  if (!bound.empty()) add("le", bound);
  if (before == ',') out_ += '}';
  out_ += ' ';
  out_ += value;
  out_ += '\n';
}

void exposition_writer::sample(labels where, double value) {
  line(type_ == metric_type::counter ? "_total" : "", where, {}, number(value));
}

void exposition_writer::sample(labels where, std::uint64_t value) {
  line(type_ == metric_type::counter ? "_total" : "", where, {}, std::to_string(value));
}

void exposition_writer::histogram(labels where, std::span<const double> bounds,
                                  std::span<const std::uint64_t> cumulative, std::uint64_t count,
                                  double sum) {
  for (std::size_t i = 0; i < bounds.size() && i < cumulative.size(); ++i) {
    line("_bucket", where, bound_text(bounds[i], format_), std::to_string(cumulative[i]));
  }
  line("_bucket", where, "+Inf", std::to_string(count));
  line("_sum", where, {}, number(sum));
  line("_count", where, {}, std::to_string(count));
}

std::string exposition_writer::take() {
  if (format_ == format::openmetrics) out_ += "# EOF\n";
  return std::move(out_);
}

}  // namespace workspaced::metrics
