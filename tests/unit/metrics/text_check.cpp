#include "unit/metrics/text_check.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace workspaced::test {
namespace {

using label_list = std::vector<std::pair<std::string, std::string>>;

struct sample_parts {
  std::string name;
  label_list where;
  std::string value;
};

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto good = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), good);
}

/// Takes `name="value"` off; the value stays escaped.
std::optional<std::pair<std::string, std::string>> take_label(std::string_view& rest) {
  const auto equals = rest.find("=\"");
  if (equals == std::string_view::npos || !is_name(rest.substr(0, equals))) return std::nullopt;
  const std::string name(rest.substr(0, equals));
  rest.remove_prefix(equals + 2);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      std::pair out{name, std::string(rest.substr(0, i))};
      rest.remove_prefix(i + 1);
      return out;
    }
    if (rest[i] != '\\') continue;
    if (++i == rest.size() || std::string_view("\\\"n").find(rest[i]) == std::string_view::npos)
      return std::nullopt;
  }
  return std::nullopt;
}

/// `name{label="value",…} value`, each separated as here and in no other way.
std::optional<sample_parts> split(std::string_view text) {
  const auto end = text.find_first_of("{ ");
  if (end == std::string_view::npos || !is_name(text.substr(0, end))) return std::nullopt;
  sample_parts out{std::string(text.substr(0, end)), {}, {}};
  bool more = text[end] == '{';
  text.remove_prefix(end + (more ? 1 : 0));
  while (more) {
    const auto label = take_label(text);
    if (!label || text.empty() || (text[0] != ',' && text[0] != '}')) return std::nullopt;
    out.where.push_back(*label);
    more = text[0] == ',';
    text.remove_prefix(1);
  }
  if (text.size() < 2 || text[0] != ' ' || text.find(' ', 1) != std::string_view::npos) return std::nullopt;
  out.value = text.substr(1);
  return out;
}

std::string where_text(const label_list& where) {
  std::string out;
  for (const auto& [name, value] : where) out.append(",").append(name).append("=").append(value);
  return out;
}

class checker {
 public:
  explicit checker(metrics::format how) : openmetrics_(how == metrics::format::openmetrics) {}

  void line(const std::string& text) {
    at_ = text;
    if (ended_) fault("something after # EOF");
    if (text == "# EOF") {
      ended_ = true;
    } else if (text.starts_with("# HELP ")) {
      help(text.substr(7));
    } else if (text.starts_with("# TYPE ")) {
      type(text.substr(7));
    } else if (text.starts_with("#") || text.empty()) {
      fault("neither a sample nor HELP, TYPE or EOF");
    } else {
      sample(text);
    }
  }

  std::vector<std::string> finish() {
    at_ = "the end";
    leave_family();
    if (openmetrics_ != ended_) fault(openmetrics_ ? "no # EOF" : "# EOF in the old format");
    return std::move(faults_);
  }

 private:
  void fault(const std::string& what) { faults_.push_back(what + ": " + at_); }

  void help(const std::string& rest) {
    leave_family();
    const auto space = rest.find(' ');
    family_ = rest.substr(0, space);
    if (space == std::string::npos || space + 1 == rest.size()) fault("no help text");
    if (!seen_.insert(family_).second) fault("the family is there twice");
    type_.clear();
    samples_ = 0;
  }

  void type(const std::string& rest) {
    const auto space = rest.find(' ');
    if (rest.substr(0, space) != family_ || samples_ > 0) fault("TYPE of another family");
    type_ = rest.substr(space + 1);
    const bool total = family_.ends_with("_total");
    if (type_ == "counter" && total == openmetrics_) fault("name of a counter's family");
    if (type_ != "counter" && total) fault("only counters are a total");
    for (const auto* unit :
         {"ms", "sec", "secs", "mb", "kb", "milliseconds", "minutes", "hours", "kilobytes"}) {
      if (("_" + family_ + "_").find("_" + std::string(unit) + "_") != std::string::npos)
        fault("not in base units");
    }
    for (const auto* suffix : {"_bucket", "_sum", "_count"}) {
      if (type_ != "histogram" && family_.ends_with(suffix)) fault("a suffix for histograms");
    }
  }

  void sample(const std::string& text) {
    const auto parts = split(text);
    if (!parts) return fault("no sample");
    ++samples_;
    const auto& [name, where, number] = *parts;
    if (!known_.insert(name + where_text(where)).second) fault("the sample is there twice");
    std::size_t used = 0;
    double value = 0;
    try {
      value = std::stod(number, &used);
    } catch (const std::exception&) {
    }
    if (used != number.size()) return fault("no number");
    if (type_ == "counter" && value < 0) fault("a counter below zero");
    if (type_ == "histogram") return bucket(name, where, value);
    const std::string expected = type_ == "counter" && openmetrics_ ? family_ + "_total" : family_;
    if (name != expected) fault("a sample of another family than " + family_);
  }

  void bucket(const std::string& name, label_list where, double value) {
    if (name == family_ + "_bucket" && !where.empty() && where.back().first == "le") {
      const std::string text = where.back().second;
      where.pop_back();
      auto& state = histograms_[where_text(where)];
      const double bound = text == "+Inf" ? std::numeric_limits<double>::infinity() : std::stod(text);
      if (openmetrics_ && text.find_first_of(".eI") == std::string::npos) fault("a bound that is no float");
      if (bound <= state.bound) fault("bounds that do not grow");
      if (value < state.count) fault("buckets that are not cumulative");
      state.bound = bound;
      state.count = value;
    } else if (name == family_ + "_count") {
      auto& state = histograms_[where_text(where)];
      state.ended = true;
      if (state.bound != std::numeric_limits<double>::infinity()) fault("no bucket +Inf");
      if (state.count != value) fault("the count is not the bucket +Inf");
    } else if (name != family_ + "_sum") {
      fault("a sample of another family than " + family_);
    }
  }

  void leave_family() {
    if (family_.empty()) return;
    if (type_.empty()) fault("no TYPE of " + family_);
    if (samples_ == 0) fault("no samples of " + family_);
    for (const auto& [where, state] : histograms_) {
      if (!state.ended) fault("no count of " + family_ + " " + where);
    }
    histograms_.clear();
  }

  struct histogram {
    double bound = -1;
    double count = 0;
    bool ended = false;
  };

  bool openmetrics_;
  bool ended_ = false;
  std::string at_;
  std::string family_;
  std::string type_;
  int samples_ = 0;
  std::set<std::string> seen_;
  std::set<std::string> known_;
  std::map<std::string, histogram> histograms_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> faults_of(std::string_view text, metrics::format how) {
  if (!text.ends_with('\n')) return {"the last line has no end"};
  checker all(how);
  while (!text.empty()) {
    const auto end = text.find('\n');
    all.line(std::string(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  return all.finish();
}

}  // namespace workspaced::test
