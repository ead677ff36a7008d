#include "unit/metrics/text_check.hpp"

#include <limits>
#include <map>
#include <regex>
#include <set>

namespace workspaced::test {
namespace {

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
    static const std::regex abbreviated("(^|_)(ms|sec|secs|mb|kb|milliseconds|minutes|hours|kilobytes)(_|$)");
    if (std::regex_search(family_, abbreviated)) fault("not in base units");
    if (type_ != "histogram" && std::regex_search(family_, std::regex("_(bucket|sum|count)$"))) {
      fault("a suffix for histograms");
    }
  }

  void sample(const std::string& text) {
    static const std::regex form(
        R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*",?)+)\})? (\S+))re");
    std::smatch parts;
    if (!std::regex_match(text, parts, form) || parts[2].str().ends_with(',')) return fault("no sample");
    ++samples_;
    const std::string name = parts[1];
    const std::string where = parts[2];
    if (!known_.insert(name + "{" + where).second) fault("the sample is there twice");
    std::size_t used = 0;
    double value = 0;
    try {
      value = std::stod(parts[3], &used);
    } catch (const std::exception&) {
    }
    if (used != parts[3].str().size()) return fault("no number");
    if (type_ == "counter" && value < 0) fault("a counter below zero");
    if (type_ == "histogram") return bucket(name, where, value);
    const std::string expected = type_ == "counter" && openmetrics_ ? family_ + "_total" : family_;
    if (name != expected) fault("a sample of another family than " + family_);
  }

  void bucket(const std::string& name, const std::string& where, double value) {
    static const std::regex with_bound("(.*?),?le=\"([^\"]*)\"");
    std::smatch parts;
    if (name == family_ + "_bucket" && std::regex_match(where, parts, with_bound)) {
      auto& state = histograms_[parts[1]];
      const double bound = parts[2] == "+Inf" ? std::numeric_limits<double>::infinity() : std::stod(parts[2]);
      const bool is_float = parts[2].str().find_first_of(".eI") != std::string::npos;
      if (openmetrics_ && !is_float) fault("a bound that is no float");
      if (bound <= state.bound) fault("bounds that do not grow");
      if (value < state.count) fault("buckets that are not cumulative");
      state.bound = bound;
      state.count = value;
    } else if (name == family_ + "_count") {
      auto& state = histograms_[where];
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
