// Random trees of processes that try to get away: none is left, and nobody else is hit.
#include "os/process/lab.hpp"

#include <spawn.h>

#include <functional>
#include <random>

namespace workspaced::os::testing {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr int usual_trees = 200;
#else
constexpr int usual_trees = 1000;
#endif
constexpr int at_a_time = 20;

class os_trees : public lab {
 protected:
  os_trees() { std::ofstream(path("nodes")).flush(); }

  void plant(unsigned seed, const std::string& kind, std::unique_ptr<cgroup> home = nullptr) {
    spawn_request request = child({});
    request.argv = {OS_TREE, path("nodes"), std::to_string(seed), "3", kind};
    request.marker = "WORKSPACED_RUN=trees/" + path(std::to_string(seed));
    request.environment = {request.marker};
    roots_.push_back(start(request, std::move(home)));
  }

  void let_grow(std::chrono::microseconds time) {
    loop_.restart();
    loop_.run_for(time);
  }

  void fell(int signal) {
    for (const pid_t root : roots_) table_.signal_group(root, signal);
  }

  bool all_are_gone() {
    return std::all_of(roots_.begin(), roots_.end(), [this](pid_t root) {
      const fate& its = of(root);
      return its.status && (!its.group_left || its.group_ends == 1);
    });
  }

  /// Somebody with whom the trees have nothing to do, our own child as their orphans are.
  pid_t stranger() {
    pid_t pid = 0;
    const char* argv[] = {"sleep", "1000", nullptr};
    const char* environment[] = {"WORKSPACED_RUN=other/web/1", nullptr};
    posix_spawnattr_t alone;
    ::posix_spawnattr_init(&alone);
    ::posix_spawnattr_setflags(&alone, POSIX_SPAWN_SETSID);
    ::posix_spawn(&pid, "/bin/sleep", nullptr, &alone, const_cast<char**>(argv),
                  const_cast<char**>(environment));
    ::posix_spawnattr_destroy(&alone);
    adopt(pid);
    return pid;
  }

  void grow_and_fell(int usual, const std::function<void(unsigned seed)>& plant_one) {
    const char* wish = std::getenv("WORKSPACED_TREES");
    const int trees = wish == nullptr ? usual : std::atoi(wish);
    std::vector<pid_t> strangers;
    for (int i = 0; i < 10; ++i) strangers.push_back(stranger());
    std::minstd_rand luck(1);
    for (int planted = 0; planted < trees;) {
      roots_.clear();
      for (int i = 0; i < at_a_time; ++i) plant_one(static_cast<unsigned>(++planted));
      let_grow(std::chrono::microseconds(luck() % 30'000));
      fell(SIGTERM);
      let_grow(std::chrono::microseconds(luck() % 10'000));
      fell(SIGKILL);
      ASSERT_TRUE(run_until([this] { return all_are_gone(); })) << "after " << planted << " trees";
    }
    const auto all = nodes();
    EXPECT_GT(all.size(), static_cast<std::size_t>(2 * trees)) << "the trees did not grow";
    for (const pid_t each : all) EXPECT_FALSE(alive(each)) << each;
    for (const pid_t each : strangers) EXPECT_TRUE(alive(each)) << each;
  }

  std::vector<pid_t> nodes() const {
    std::vector<pid_t> all;
    std::ifstream file(path("nodes"));
    for (pid_t pid = 0; file >> pid;) all.push_back(pid);
    return all;
  }

  std::vector<pid_t> roots_;
};

TEST_F(os_trees, none_survives_and_no_stranger_is_hit) {
  grow_and_fell(usual_trees, [this](unsigned seed) { plant(seed, seed % 2 == 0 ? "marked" : "descended"); });
}

TEST_F(os_trees, in_a_cgroup_not_even_the_nameless_survive) {
  const auto parent = cgroup_parent::find("workspaced-test-" + std::to_string(::getpid()));
  if (!parent) GTEST_SKIP() << "this machine has nothing to test: " << parent.error();
  grow_and_fell(usual_trees / 4, [&](unsigned seed) {
    auto home = parent->make("tree." + std::to_string(seed));
    ASSERT_TRUE(home);
    plant(seed, "nameless", std::move(home));
  });
  wait_until_empty(*parent);
}

}  // namespace
}  // namespace workspaced::os::testing
