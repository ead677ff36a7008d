#include "config/read_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace workspaced::config {

parsed<std::string> read_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return wrong{"there is no such file"};
  if (error) return wrong{error.message()};
  if (std::filesystem::is_directory(status)) return wrong{"it is a directory"};
  const auto size = std::filesystem::is_regular_file(status) ? std::filesystem::file_size(path, error) : 0;
  if (size > largest_file) {
    return wrong{"it has " + std::to_string(size) + " bytes; a configuration has at most " +
                 std::to_string(largest_file)};
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return wrong{std::strerror(errno)};
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return wrong{"it cannot be read to its end"};
  return parsed<std::string>(boost::system::in_place_value, std::move(content));
}

}  // namespace workspaced::config
