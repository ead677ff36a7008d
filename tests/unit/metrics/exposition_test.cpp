#include "metrics/exposition.hpp"

#include "unit/metrics/text_check.hpp"

#include <gtest/gtest.h>

#include <array>

namespace workspaced::metrics {
namespace {

using test::faults_of;

TEST(metrics_negotiate, chooses_openmetrics_only_when_it_is_preferred) {
  const std::array<std::pair<const char*, format>, 18> table = {{
      {"", format::text},
      {"*/*", format::text},
      {"text/plain", format::text},
      {"text/html,application/xhtml+xml,*/*;q=0.8", format::text},
      {"application/openmetrics-text", format::openmetrics},
      {"application/openmetrics-text; version=1.0.0", format::openmetrics},
      {"application/openmetrics-text;version=1.0.0,*/*;q=0.1", format::openmetrics},
      {"application/openmetrics-text; version=0.0.1", format::text},
      {"application/openmetrics-text; version=2.0.0, */*;q=0.1", format::text},
      {"application/openmetrics-text; q=0", format::text},
      {"application/openmetrics-text; q=0.2, text/plain; q=0.3", format::text},
      {"application/openmetrics-text; q=0.3, text/plain; q=0.2", format::openmetrics},
      {"application/openmetrics-text; q=nonsense", format::text},
      {"application/openmetrics-text ; version=1.0.0 ; q=0.5 , text/plain;q=0.4", format::openmetrics},
      // Prometheus 2.42, 2.50 and 3.0 ask like this.
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       format::openmetrics},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
       "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       format::openmetrics},
      {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       format::openmetrics},
      {";;;,,=,q=", format::text},
  }};
  for (const auto& [accept, expected] : table) EXPECT_EQ(negotiate(accept), expected) << accept;
}

TEST(metrics_exposition, names_its_content_types_exactly) {
  EXPECT_EQ(content_type(format::text), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(content_type(format::openmetrics), "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

void write_one_of_each(exposition_writer& out) {
  out.family("a_things", metric_type::counter, "Things.");
  out.sample({{"kind", "x"}}, std::uint64_t{18'446'744'073'709'551'615U});
  out.family("b_seconds", metric_type::gauge, "Seconds.");
  out.sample({}, 0.25);
  out.family("nothing", metric_type::gauge, "Never seen.");
  out.family("c_seconds", metric_type::histogram, "More seconds.");
  const std::array<double, 2> bounds = {0.5, 1.0};
  const std::array<std::uint64_t, 2> counts = {1, 2};
  out.histogram({{"kind", "x"}}, bounds, counts, 3, 7.5);
}

TEST(metrics_exposition, writes_the_text_format) {
  exposition_writer out(format::text);
  write_one_of_each(out);
  const std::string text = out.take();
  EXPECT_EQ(text,
            "# HELP a_things_total Things.\n"
            "# TYPE a_things_total counter\n"
            "a_things_total{kind=\"x\"} 18446744073709551615\n"
            "# HELP b_seconds Seconds.\n"
            "# TYPE b_seconds gauge\n"
            "b_seconds 0.25\n"
            "# HELP c_seconds More seconds.\n"
            "# TYPE c_seconds histogram\n"
            "c_seconds_bucket{kind=\"x\",le=\"0.5\"} 1\n"
            "c_seconds_bucket{kind=\"x\",le=\"1\"} 2\n"
            "c_seconds_bucket{kind=\"x\",le=\"+Inf\"} 3\n"
            "c_seconds_sum{kind=\"x\"} 7.5\n"
            "c_seconds_count{kind=\"x\"} 3\n");
  EXPECT_EQ(faults_of(text, format::text), std::vector<std::string>{});
}

TEST(metrics_exposition, writes_openmetrics) {
  exposition_writer out(format::openmetrics);
  write_one_of_each(out);
  const std::string text = out.take();
  EXPECT_NE(text.find("# TYPE a_things counter\na_things_total{kind=\"x\"} 1"), std::string::npos) << text;
  EXPECT_NE(text.find("le=\"1.0\""), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\n# EOF\n")) << text;
  EXPECT_EQ(faults_of(text, format::openmetrics), std::vector<std::string>{});
}

TEST(metrics_exposition, escapes_labels) {
  exposition_writer out(format::text);
  out.family("a", metric_type::gauge, "A.");
  out.sample({{"path", "C:\\dir\n\"quoted\""}}, std::uint64_t{1});
  EXPECT_EQ(out.take(), "# HELP a A.\n# TYPE a gauge\na{path=\"C:\\\\dir\\n\\\"quoted\\\"\"} 1\n");
}

TEST(metrics_text_check, finds_what_is_wrong) {
  const std::string head = "# HELP a_total A.\n# TYPE a_total counter\n";
  const std::string histogram = "# HELP h H.\n# TYPE h histogram\n";
  const std::array<std::string, 12> table = {{
      head,
      head + "a_total 1",
      head + "a_total one\n",
      head + "a_total 1\na_total 2\n",
      head + "a_total{x=\"\"y\"} 1\n",
      head + "b_total 1\n",
      head + "a_total 1\n# EOF\n",
      head + "a_total 1\n" + head + "a_total{x=\"1\"} 1\n",
      "# HELP a A.\n# TYPE a counter\na 1\n",
      "# HELP a_ms A.\n# TYPE a_ms gauge\na_ms 1\n",
      histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
      histogram + "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
  }};
  for (const auto& text : table) EXPECT_NE(faults_of(text, format::text), std::vector<std::string>{}) << text;
  EXPECT_NE(faults_of(head + "a_total 1\n# EOF\n", format::openmetrics), std::vector<std::string>{});
}

}  // namespace
}  // namespace workspaced::metrics
