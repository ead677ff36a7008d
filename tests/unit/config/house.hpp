// A directory with configuration files, and an environment that is not the test's own.
#pragma once

#include "config/load.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace workspaced::config {

class house {
 public:
  house() {
    std::string pattern = (std::filesystem::temp_directory_path() / "workspaced-config-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    variables = {{"HOME", directory_ + "/home"}};
  }
  house(const house&) = delete;
  house& operator=(const house&) = delete;
  ~house() { std::filesystem::remove_all(directory_); }

  std::map<std::string, std::string> variables;

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }

  house& file(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << content;
    return *this;
  }

  [[nodiscard]] load_options options(const std::string& explicit_file = {}) const {
    load_options out;
    out.explicit_file = explicit_file;
    out.directory = directory_;
    out.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto place = variables.find(name);
      return place == variables.end() ? std::nullopt : std::optional(place->second);
    };
    return out;
  }

  /// Loads `text` as workspaced.toml; it must be without errors.
  core::configuration good(const std::string& text) {
    file("workspaced.toml", text);
    auto out = load(options());
    for (const auto& each : out.errors) ADD_FAILURE() << to_string(each);
    return out.config.value_or(core::configuration{});
  }
  /// The errors of `text`, one a line, without the directory.
  std::string bad(const std::string& text) {
    file("workspaced.toml", text);
    return errors();
  }
  [[nodiscard]] std::string errors(const std::string& explicit_file = {}) const {
    const auto out = load(options(explicit_file));
    EXPECT_EQ(out.config.has_value(), out.errors.empty());
    std::string all;
    for (const auto& each : out.errors) {
      std::string line = to_string(each);
      for (auto at = line.find(directory_ + "/"); at != std::string::npos; at = line.find(directory_ + "/")) {
        line.erase(at, directory_.size() + 1);
      }
      all += line + "\n";
    }
    return all;
  }

 private:
  std::string directory_;
};

}  // namespace workspaced::config
