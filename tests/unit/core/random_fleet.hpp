// Random configurations for the simulation. Everything follows from the seed.
#pragma once

#include "core/model.hpp"
#include "core/random.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace simulation {

class dice : public workspaced::core::splitmix {
 public:
  using splitmix::splitmix;
  bool chance(unsigned percent) { return below(100) < percent; }
  workspaced::core::duration up_to(workspaced::core::duration most) {
    return workspaced::core::duration(
        static_cast<workspaced::core::duration::rep>(unit() * static_cast<double>(most.count())));
  }
};

class random_fleet {
 public:
  explicit random_fleet(std::uint64_t seed) : luck_(seed) {}

  /// One to seven services, "a" and on; later ones may need earlier ones.
  workspaced::core::service_map first();
  /// What somebody may make of `services`: some are other ones, the last has left, a new one has come.
  workspaced::core::service_map after(workspaced::core::service_map services);

 private:
  workspaced::core::service_spec service(const std::string& name,
                                         const workspaced::core::service_map& earlier);

  dice luck_;
  std::map<std::string, unsigned> attempts_;
};

}  // namespace simulation
