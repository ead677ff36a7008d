// A directory for one test.
#pragma once

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace workspaced::os::testing {

class scratch : public ::testing::Test {
 protected:
  scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "os_files.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~scratch() override {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] static unsigned mode_of(const std::string& file) {
    return static_cast<unsigned>(std::filesystem::status(file).permissions());
  }
  [[nodiscard]] std::size_t entries() const {
    const std::filesystem::directory_iterator listing(path_);
    return static_cast<std::size_t>(std::distance(begin(listing), end(listing)));
  }

 private:
  std::string path_;
};

}  // namespace workspaced::os::testing
