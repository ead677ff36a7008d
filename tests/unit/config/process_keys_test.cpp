// Who a service's processes are, what they get, and when they run.
#include "unit/config/house.hpp"

namespace workspaced::config {
namespace {

using namespace std::chrono_literals;

core::service_spec service_of(house& h, const std::string& keys) {
  return h.good("[services.db]\ncommand = 'db'\n[services.a]\ncommand = 'a'\n" + keys).services.at("a");
}

TEST(process_keys, say_who_it_is) {
  house h;
  const core::process_spec process = service_of(h, R"(
user = "coder"
group = "1000"
groups = ["docker", "44"]
umask = "027"
nice = -5
oom_score_adj = 500
no_new_privs = true
inherit_environment = false
)")
                                         .process;
  core::process_spec expected;
  expected.identity = {"coder", "1000", std::vector<std::string>{"docker", "44"}};
  expected.umask = 027;
  expected.nice = -5;
  expected.oom_score_adj = 500;
  expected.no_new_privs = true;
  expected.inherit_environment = false;
  EXPECT_EQ(process, expected);
}

TEST(process_keys, limits_are_numbers_sizes_times_pairs_or_unlimited) {
  house h;
  const core::limits_spec limits = service_of(h, R"(
limits = { nofile = 65536, core = 0, as = "4GiB", cpu = "1h", stack = "unlimited", nproc = { soft = 10, hard = "unlimited" } }
)")
                                       .process.limits;
  using pair = core::rlimit_pair;
  EXPECT_EQ(limits.rlimits, (std::map<std::string, pair>{{"nofile", {65536, 65536}},
                                                         {"core", {0, 0}},
                                                         {"as", {4ULL << 30, 4ULL << 30}},
                                                         {"cpu", {3600, 3600}},
                                                         {"stack", {}},
                                                         {"nproc", {10, std::nullopt}}}));
}

TEST(process_keys, limits_of_all_its_processes_together) {
  house h;
  const auto limits = service_of(h, "limits = { memory = '2GiB', cpus = 1.5, nofile = 9 }\n").process.limits;
  EXPECT_EQ(limits.memory, 2ULL << 30);
  EXPECT_EQ(limits.milli_cpus, 1500U);
  EXPECT_EQ(limits.rlimits.size(), 1U);
}

TEST(process_keys, a_variable_may_come_from_a_file) {
  house h;
  h.file("token", "s3cret\n\n");
  const auto spec = service_of(h, "environment_files = { TOKEN = 'token' }\nenvironment = { B = 'b' }\n");
  EXPECT_EQ(spec.environment, (core::environment_map{{"B", "b"}, {"TOKEN", "s3cret\n"}}));
}

TEST(lifecycle_keys, a_dependency_may_have_patience_and_be_followed) {
  house h;
  const auto spec =
      service_of(h, "depends_on = { db = { condition = 'started', timeout = '5s', restart = true } }\n");
  EXPECT_EQ(spec.depends_on.at("db"), (core::dependency_spec{core::dependency_condition::started, 5s, true}));
  EXPECT_EQ(service_of(h, "depends_on = { db = {} }\n").depends_on.at("db"), core::dependency_spec{});
}

TEST(lifecycle_keys, hooks_and_ends) {
  house h;
  const auto spec = service_of(h, R"(
hooks = { before_start = "prepare it", after_ready = ["tell"], after_stop = "clean up", timeout = "5s" }
on_failure = "exit"
on_success = "exit"
)");
  const core::hooks_spec expected{{"prepare", "it"}, {"tell"}, {"clean", "up"}, 5s};
  EXPECT_EQ(spec.hooks, expected);
  EXPECT_EQ(spec.on_failure, core::end_action::exit);
  EXPECT_EQ(spec.on_success, core::end_action::exit);
}

TEST(lifecycle_keys, a_schedule_is_five_fields_or_a_table) {
  house h;
  const auto brief = service_of(h, "kind = 'task'\nschedule = '0 */6 * * *'\n");
  EXPECT_EQ(brief.schedule->when.text, "0 */6 * * *");
  const auto full = service_of(
      h, "kind = 'task'\nschedule = { cron = '@daily', time_zone = 'Europe/Berlin', missed = 'run_once' }\n");
  EXPECT_EQ(full.schedule->time_zone, "Europe/Berlin");
  EXPECT_EQ(full.schedule->missed, core::missed_runs::run_once);
}

struct row {
  const char* keys;
  const char* error;
};

class bad_keys : public testing::TestWithParam<row> {};

TEST_P(bad_keys, are_told_with_their_place) {
  house h;
  const auto text = h.bad(std::string("[services.a]\ncommand = 'a'\n") + GetParam().keys + "\n");
  EXPECT_NE(text.find(GetParam().error), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    table, bad_keys,
    testing::Values(
        row{"umask = '99'", "3:9: services.a.umask: \"99\" is no umask; write it in octal, like \"022\""},
        row{"umask = 22", "services.a.umask"},
        row{"limits = { nofiles = 1 }", "services.a.limits.nofiles: unknown key; did you mean nofile?"},
        row{"limits = { nofile = { soft = 5, hard = 4 } }", "the soft limit is above the hard one"},
        row{"limits = { nofile = { max = 5 } }", "services.a.limits.nofile.max: unknown key; soft and hard"},
        row{"limits = { as = -1 }", "services.a.limits.as"},
        row{"schedule = '* * * * *'", "services.a.schedule: only a task has a schedule; kind = \"task\""},
        row{"kind = 'task'\nschedule = '99 * * * *'", "\"99\" is no minute (0 to 59)"},
        row{"kind = 'task'\nschedule = { missed = 'skip' }", "services.a.schedule: has no times"},
        row{"hooks = { before = 'x' }", "services.a.hooks.before: unknown key; did you mean before_start?"},
        row{"on_failure = 'stop'", "services.a.on_failure"},
        row{"environment_files = { A = '/nowhere/x' }", "cannot read /nowhere/x"},
        row{"depends_on = { a = { wait = 1 } }", "services.a.depends_on.a.wait: unknown key"}));

}  // namespace
}  // namespace workspaced::config
