#include "core/fleet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace workspaced::core {
namespace {

using namespace std::chrono_literals;

/// A world in which every process starts at once and does what the test says.
struct house {
  service_map services;
  fleet all{1};
  time_point now{};
  std::vector<std::string> log;  ///< "spawn db", "signal db"
  std::set<std::string> proven;  ///< started since the last `prove`

  service_spec& add(const std::string& name, const std::map<std::string, dependency_condition>& needs = {}) {
    service_spec& spec = services[name];
    spec.name = name;
    spec.command = {name};
    spec.backoff.jitter = 0;
    for (const auto& [other, condition] : needs) spec.depends_on[other].condition = condition;
    return spec;
  }
  service_spec& add_probed(const std::string& name,
                           const std::map<std::string, dependency_condition>& needs = {}) {
    service_spec& spec = add(name, needs);
    spec.ready = ready_spec{tcp_target{}};
    return spec;
  }
  service_spec& add_task(const std::string& name,
                         const std::map<std::string, dependency_condition>& needs = {}) {
    service_spec& spec = add(name, needs);
    spec.kind = service_kind::task;
    spec.restart = restart_policy::never;
    return spec;
  }

  void up() {
    obey(all.configure(services, now));
    prove();
  }
  /// Lets those without a probe run for as long as makes them ready, and those that then start as well.
  void prove() {
    while (!std::exchange(proven, {}).empty()) {
      now += 500ms;
      obey(all.advance(now));
    }
  }
  void obey(const orders& list) {
    for (const order& each : list) {
      if (const auto* spawn = std::get_if<spawn_process>(&each.what)) {
        log.push_back("spawn " + each.service);
        obey(all.handle(each.service, spawned{spawn->run, 100}, now));
        proven.insert(each.service);
      } else if (std::holds_alternative<signal_group>(each.what)) {
        log.push_back("signal " + each.service);
      }
    }
  }
  void tell(const std::string& name, const event& what) { obey(all.handle(name, what, now)); }
  [[nodiscard]] run_id run_of(const std::string& name) const { return {all.state(name).runs}; }
  void ready(const std::string& name) {
    tell(name, probe_answered{run_of(name), probe_kind::ready, true, false, "ok"});
  }
  void exit(const std::string& name, int code = 0) {
    tell(name, process_exited{run_of(name), exited{code}, false});
  }
  [[nodiscard]] status state(const std::string& name) const { return status_of(all.state(name)); }
  std::vector<std::string> take() { return std::exchange(log, {}); }
};

using steps = std::vector<std::string>;

TEST(fleet, independents_start_together) {
  house h;
  h.add_probed("a");
  h.add_probed("b");
  h.up();
  EXPECT_EQ(h.take(), (steps{"spawn a", "spawn b"}));
}

TEST(fleet, the_three_conditions_gate_a_start) {
  house h;
  h.add_task("migrate");
  h.add_probed("db", {{"migrate", dependency_condition::completed}});
  h.add_probed("cache", {{"db", dependency_condition::started}});
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  EXPECT_EQ(h.take(), (steps{"spawn migrate"}));
  EXPECT_EQ(h.all.view("web", h.now).reason, "waiting for db to be ready (it is waiting)");
  h.exit("migrate");
  EXPECT_EQ(h.take(), (steps{"spawn db", "spawn cache"}));
  h.ready("db");
  EXPECT_EQ(h.take(), (steps{"spawn web"}));
}

TEST(fleet, a_failed_task_keeps_its_dependants_waiting_with_the_reason) {
  house h;
  h.add_task("migrate");
  h.add("web", {{"migrate", dependency_condition::completed}});
  h.up();
  h.exit("migrate", 2);
  EXPECT_EQ(h.state("web"), status::waiting);
  EXPECT_EQ(h.all.view("web", h.now).reason, "waiting for migrate to be completed (it is failed)");
  h.obey(h.all.start({"migrate"}, h.now));
  h.exit("migrate", 0);
  h.prove();
  EXPECT_EQ(h.state("web"), status::ready);
}

TEST(fleet, shutdown_stops_dependants_first) {
  house h;
  h.add("db");
  h.add("api", {{"db", dependency_condition::ready}});
  h.add("web", {{"api", dependency_condition::ready}});
  h.add("other");
  h.up();
  h.take();
  h.obey(h.all.shutdown(h.now));
  EXPECT_EQ(h.take(), (steps{"signal other", "signal web"}));
  h.exit("web");
  EXPECT_EQ(h.take(), (steps{"signal api"}));
  h.exit("api");
  EXPECT_EQ(h.take(), (steps{"signal db"}));
  h.exit("db");
  h.exit("other");
  EXPECT_TRUE(h.all.all_down());
  EXPECT_EQ(h.take(), steps{});
}

TEST(fleet, nothing_is_restarted_during_a_shutdown) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.obey(h.all.shutdown(h.now));
  h.take();
  h.exit("db", 1);  // crashes while it waits for its turn
  EXPECT_EQ(h.state("db"), status::stopped);
  h.exit("web");
  h.obey(h.all.start({"db"}, h.now));
  EXPECT_EQ(h.take(), steps{});
}

TEST(fleet, a_stop_by_name_leaves_dependants_alone) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.take();
  h.obey(h.all.stop({"db"}, h.now));
  EXPECT_EQ(h.take(), (steps{"signal db"}));
  EXPECT_EQ(h.state("web"), status::ready);
}

TEST(fleet, stops_of_several_go_in_reverse_order) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.take();
  h.obey(h.all.stop({"db", "web"}, h.now));
  EXPECT_EQ(h.take(), (steps{"signal web"}));
  h.exit("web");
  EXPECT_EQ(h.take(), (steps{"signal db"}));
}

TEST(fleet, a_restart_of_several_goes_down_in_reverse_and_up_in_order) {
  house h;
  h.add_probed("db");
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.ready("db");
  h.take();
  h.obey(h.all.restart({"db", "web"}, h.now));
  EXPECT_EQ(h.take(), (steps{"signal web"}));
  h.exit("web");
  EXPECT_EQ(h.take(), (steps{"signal db"})) << "web waits for the new db, not for the old one";
  h.exit("db");
  EXPECT_EQ(h.take(), (steps{"spawn db"}));
  h.ready("db");
  EXPECT_EQ(h.take(), (steps{"spawn web"}));
}

TEST(fleet, start_pulls_in_the_dependencies_that_are_down) {
  house h;
  h.add("db").autostart = false;
  h.add("web", {{"db", dependency_condition::ready}}).autostart = false;
  h.up();
  EXPECT_EQ(h.take(), steps{});
  h.obey(h.all.start({"web"}, h.now));
  h.prove();
  EXPECT_EQ(h.take(), (steps{"spawn db", "spawn web"}));
}

TEST(fleet, start_tries_again_the_dependencies_that_have_failed) {
  house h;
  h.add("db").restart = restart_policy::never;
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.exit("db", 1);
  h.obey(h.all.stop({"web"}, h.now));
  h.exit("web");
  h.take();
  EXPECT_EQ(h.state("db"), status::failed);
  h.obey(h.all.start({"web"}, h.now));
  h.prove();
  EXPECT_EQ(h.take(), (steps{"spawn db", "spawn web"}));
}

TEST(fleet, start_does_not_run_a_completed_task_again) {
  house h;
  h.add_task("migrate");
  h.add("web", {{"migrate", dependency_condition::completed}}).restart = restart_policy::never;
  h.up();
  h.exit("migrate");
  h.exit("web", 1);
  h.take();
  h.obey(h.all.start({"web"}, h.now));
  EXPECT_EQ(h.take(), (steps{"spawn web"}));
}

TEST(fleet, a_crashed_dependant_waits_for_a_dependency_that_is_down) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::ready}}).backoff.initial = 0ms;
  h.up();
  h.obey(h.all.stop({"db"}, h.now));
  h.exit("db");
  h.exit("web", 1);
  EXPECT_EQ(h.state("web"), status::waiting);
  EXPECT_EQ(h.all.view("web", h.now).reason, "waiting for db to be ready (it is stopped)");
}

TEST(fleet, reload_touches_only_what_changed) {
  house h;
  h.add("same");
  h.add("policy");
  h.add("command");
  h.add("gone");
  h.up();
  h.take();
  const service_map before = h.services;
  h.services["policy"].stop.timeout = 3s;
  h.services["command"].command = {"other"};
  h.services.erase("gone");
  h.add("fresh");
  const reload_plan plan = plan_reload(before, h.services);
  EXPECT_EQ(plan, (reload_plan{{"fresh"}, {"gone"}, {"command"}, {"policy"}, {"same"}}));
  h.up();
  EXPECT_EQ(h.take(), (steps{"signal command", "spawn fresh", "signal gone"}));
  h.exit("gone");
  EXPECT_FALSE(h.all.knows("gone"));
  h.exit("command");
  EXPECT_EQ(h.take(), (steps{"spawn command"}));
  EXPECT_EQ(h.all.spec("command").command, std::vector<std::string>{"other"});
  EXPECT_EQ(h.all.state("policy").runs, 1U);
  EXPECT_EQ(h.all.spec("policy").stop.timeout, duration(3s));
}

TEST(fleet, reload_back_before_the_restart_keeps_the_old_process) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.take();
  h.services.erase("web");
  h.services["db"].command = {"other"};
  h.up();
  EXPECT_EQ(h.take(), (steps{"signal web"})) << "db waits for its leaving dependant";
  h.exit("web");
  EXPECT_EQ(h.take(), (steps{"signal db"}));
  h.exit("db");
  h.prove();
  EXPECT_EQ(h.all.spec("db").command, std::vector<std::string>{"other"});
  EXPECT_EQ(h.state("db"), status::ready);
}

TEST(fleet, health_counts_required_services_that_are_meant_to_run) {
  fleet_view view;
  EXPECT_TRUE(view.healthy());
  service_view web;
  web.name = "web";
  web.state = status::starting;
  view.services = {web};
  EXPECT_FALSE(view.healthy());
  view.services[0].state = status::ready;
  EXPECT_TRUE(view.healthy());
  view.services[0].state = status::degraded;
  EXPECT_FALSE(view.healthy());
  view.services[0].required = false;
  EXPECT_TRUE(view.healthy());
  service_view manual;
  manual.autostart = false;
  view.services.push_back(manual);
  EXPECT_TRUE(view.healthy()) << "not meant to run by itself";
  view.services[1].wanted = true;
  EXPECT_FALSE(view.healthy());
  view.services[1].kind = service_kind::task;
  view.services[1].state = status::completed;
  EXPECT_TRUE(view.healthy());
  view.daemon.stopping = true;
  EXPECT_FALSE(view.healthy());
}

TEST(fleet, patience_with_a_dependency_ends) {
  house h;
  h.add_probed("db");
  service_spec& web = h.add("web", {{"db", dependency_condition::ready}});
  web.depends_on["db"].timeout = 5s;
  h.up();
  EXPECT_EQ(h.all.next_deadline().value_or(time_point{}) <= h.now + 5s, true);
  h.now += 5s;
  h.obey(h.all.advance(h.now));
  EXPECT_EQ(h.state("web"), status::backoff);
  EXPECT_EQ(h.all.view("web", h.now).reason, "waited 5.0 s for db to be ready (it is starting)");
}

TEST(fleet, of_several_dependencies_the_one_that_is_late_is_named) {
  house h;
  h.add_probed("cache");
  h.add_probed("db");
  service_spec& web =
      h.add("web", {{"cache", dependency_condition::ready}, {"db", dependency_condition::ready}});
  web.depends_on["cache"].timeout = 60s;
  web.depends_on["db"].timeout = 5s;
  h.up();
  h.now += 5s;
  h.obey(h.all.advance(h.now));
  EXPECT_EQ(h.all.view("web", h.now).reason, "waited 5.0 s for db to be ready (it is starting)");
}

TEST(fleet, those_who_follow_are_restarted_with_what_they_need) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::started}}).depends_on["db"].restart = true;
  h.add("cache", {{"db", dependency_condition::started}});
  h.add("page", {{"web", dependency_condition::started}}).depends_on["web"].restart = true;
  h.up();
  h.take();
  h.obey(h.all.restart({"db"}, h.now));
  EXPECT_EQ(h.take(), (steps{"signal page"})) << "dependants first; cache does not follow";
  h.exit("page");
  h.exit("web");
  h.exit("db");
  h.prove();
  EXPECT_EQ(h.take(), (steps{"signal web", "signal db", "spawn db", "spawn web", "spawn page"}));
  EXPECT_EQ(h.all.state("web").restarts[static_cast<std::size_t>(restart_cause::dependency)], 1U);
}

TEST(fleet, a_crash_is_followed_too) {
  house h;
  h.add("db").backoff.initial = 0s;
  h.add("web", {{"db", dependency_condition::started}}).depends_on["db"].restart = true;
  h.up();
  h.take();
  h.exit("db", 1);
  EXPECT_EQ(h.take(), (steps{"spawn db", "signal web"}));
}

TEST(fleet, what_an_earlier_daemon_ran_goes_on) {
  house before;
  before.add("a");
  before.add("b");
  before.up();
  house h;
  h.services = before.services;
  h.now = before.now;
  for (const char* name : {"a", "b"}) {
    const service& left = before.all.state(name);
    h.obey(h.all.restore(h.services.at(name), left, event(adopted{{left.runs}}), name[0] == 'b', h.now));
  }
  h.up();
  EXPECT_EQ(h.state("a"), status::ready);
  EXPECT_EQ(h.take(), (steps{"signal b"})) << "its process is one of another configuration";
}

// --- a reload is a way out of rest

TEST(fleet, reload_tries_again_what_has_failed) {
  house h;
  h.add("web").backoff.attempts = 1;
  h.up();
  h.exit("web", 1);
  ASSERT_EQ(h.state("web"), status::failed);
  h.take();
  h.up();
  EXPECT_EQ(h.take(), (steps{"spawn web"}));
}

TEST(fleet, what_is_started_again_before_it_stopped_is_of_the_latest_configuration) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.obey(h.all.stop({"db", "web"}, h.now));
  h.services.at("db").command = {"another"};
  h.up();
  h.obey(h.all.start({"db"}, h.now));
  h.take();
  h.exit("web");
  EXPECT_EQ(h.take(), (steps{"signal db"}));
  h.exit("db");
  EXPECT_EQ(h.take(), (steps{"spawn db"}));
  EXPECT_EQ(h.all.spec("db").command, (std::vector<std::string>{"another"}));
}

TEST(fleet, a_start_does_not_take_a_restart_back) {
  house h;
  h.add("db");
  h.add("web", {{"db", dependency_condition::ready}});
  h.up();
  h.obey(h.all.restart({"db", "web"}, h.now));
  h.obey(h.all.start({"db"}, h.now));
  h.take();
  h.exit("web");
  EXPECT_EQ(h.take(), (steps{"signal db"}));
}

TEST(fleet, an_edit_leaves_what_has_failed_alone) {
  house h;
  h.add("web").backoff.attempts = 1;
  h.up();
  h.exit("web", 1);
  h.take();
  h.add("other");
  h.obey(h.all.configure(h.services, h.now, renewal::edit));
  EXPECT_EQ(h.take(), (steps{"spawn other"}));
  EXPECT_EQ(h.state("web"), status::failed);
}

TEST(fleet, reload_starts_what_is_newly_to_be_started) {
  house h;
  h.add("web").autostart = false;
  h.up();
  h.services.at("web").autostart = true;
  h.up();
  EXPECT_EQ(h.take(), (steps{"spawn web"}));
}

TEST(fleet, reload_runs_a_task_that_has_become_another) {
  house h;
  h.add_task("migrate");
  h.up();
  h.exit("migrate");
  h.take();
  h.up();
  EXPECT_EQ(h.take(), steps{}) << "it has not changed";
  h.services.at("migrate").command = {"migrate", "more"};
  h.up();
  EXPECT_EQ(h.take(), (steps{"spawn migrate"}));
}

TEST(fleet, reload_does_not_wait_to_try_a_command_that_was_mended) {
  house h;
  h.add("web");
  h.up();
  h.exit("web", 1);
  ASSERT_EQ(h.state("web"), status::backoff);
  h.take();
  h.services.at("web").command = {"better"};
  h.up();
  EXPECT_EQ(h.take(), (steps{"spawn web"}));
}

TEST(fleet, reload_leaves_alone_what_was_stopped_by_hand) {
  house h;
  h.add("web");
  h.up();
  h.obey(h.all.stop({"web"}, h.now));
  h.exit("web");
  h.take();
  h.services.at("web").command = {"another"};
  h.up();
  EXPECT_EQ(h.take(), steps{});
  EXPECT_EQ(h.state("web"), status::stopped);
}

TEST(fleet, a_daemon_that_takes_over_does_not_try_again_what_has_failed) {
  house before;
  before.add("web").backoff.attempts = 1;
  before.up();
  before.exit("web", 1);
  house h;
  h.services = before.services;
  h.obey(h.all.restore(h.services.at("web"), before.all.state("web"), std::nullopt, false, h.now));
  h.up();
  EXPECT_EQ(h.state("web"), status::failed);
}

}  // namespace
}  // namespace workspaced::core
