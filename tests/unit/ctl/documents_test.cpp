#include "ctl/documents.hpp"

#include "unit/ctl/fleets.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace workspaced::ctl {
namespace {

using namespace std::chrono_literals;

TEST(ctl_documents, reads_every_member_of_a_service) {
  const auto it = read_service(R"({"name":"web","kind":"task","state":"backoff","reason":"exit code 3",
    "required":false,"autostart":false,"wanted":true,"ready":false,"pid":null,"run":4,"since":"x",
    "seconds_in_state":1.5,"up_seconds":2,"ready_after_seconds":0.25,
    "restarts":{"exit":3,"request":1},"restarts_total":4,"failures_in_row":3,
    "last_run":{"run":4,"text":"exit code 3","code":3,"signal":null,"seconds_ago":7,"lasted_seconds":0.5},
    "probe":{"kind":"live","target":"tcp 127.0.0.1:1","ok":false,"answer":"connection refused","seconds_ago":0.1},
    "next_retry_in_seconds":2.5,
    "depends_on":[{"name":"db","condition":"completed","met":true,"state":"completed"}],
    "blocked_by":[],"log_file":"/l","log_bytes":7})");
  ASSERT_TRUE(it);
  EXPECT_EQ(it->kind, core::service_kind::task);
  EXPECT_EQ(it->state, core::status::backoff);
  EXPECT_FALSE(it->required);
  EXPECT_FALSE(it->autostart);
  EXPECT_TRUE(it->wanted);
  EXPECT_EQ(it->pid, std::nullopt);
  EXPECT_EQ(it->run, 4U);
  EXPECT_EQ(it->in_state, core::duration(1500ms));
  EXPECT_EQ(it->up_for, core::duration(2s));
  EXPECT_EQ(it->ready_after, core::duration(250ms));
  EXPECT_EQ(it->restarts[0], 3U);
  EXPECT_EQ(it->restarts[5], 1U);
  EXPECT_EQ(it->failures, 3U);
  EXPECT_EQ(it->last_run->status, core::exit_status(core::exited{3}));
  EXPECT_EQ(it->last_run->lasted, core::duration(500ms));
  EXPECT_EQ(it->probe->kind, core::probe_kind::live);
  EXPECT_EQ(it->probe->answer, "connection refused");
  EXPECT_EQ(it->next_retry, core::duration(2500ms));
  ASSERT_EQ(it->depends_on.size(), 1U);
  EXPECT_EQ(it->depends_on[0].condition, core::dependency_condition::completed);
  EXPECT_TRUE(it->depends_on[0].met);
  EXPECT_EQ(it->log_file, "/l");
}

TEST(ctl_documents, survives_what_is_no_document) {
  for (const auto* text : {"", "{", "[]", "null", "7", R"({"services":7})", "\xff"}) {
    EXPECT_FALSE(read_fleet(text)) << text;
    EXPECT_FALSE(read_service(text)) << text;
  }
  const auto odd =
      read_fleet(R"({"services":[{"name":7,"pid":"x","run":-1,"restarts":[],"depends_on":{}},null]})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->services.size(), 2U);
}

TEST(ctl_documents, mirror_follows_the_events) {
  mirror it;
  EXPECT_EQ(it.apply({"service", R"({"service":{"name":"web","state":"ready"}})"}), mirror::change::none)
      << "before the snapshot";
  EXPECT_EQ(it.apply({"snapshot", test::fleet_document({test::document("b", "waiting")})}),
            mirror::change::snapshot);
  EXPECT_EQ(it.apply({"service", R"({"service":)" + test::document("b", "ready") + "}"}),
            mirror::change::service);
  EXPECT_EQ(it.apply({"service", R"({"service":)" + test::document("a", "ready") + "}"}),
            mirror::change::service);
  EXPECT_EQ(it.apply({"service", "nonsense"}), mirror::change::none);
  EXPECT_EQ(it.apply({"weather", "{}"}), mirror::change::none);
  ASSERT_EQ(it.fleet().services.size(), 2U);
  EXPECT_EQ(it.fleet().services[0].name, "a") << "sorted by name";
  EXPECT_EQ(it.fleet().services[1].state, core::status::ready);
  EXPECT_EQ(it.apply({"shutdown", "{}"}), mirror::change::shutdown);
  EXPECT_TRUE(it.fleet().daemon.stopping);
}

}  // namespace
}  // namespace workspaced::ctl
