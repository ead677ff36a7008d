// One value of the configuration on its way into the model: reads it as the type that the key wants, expands
// its variables, and notes what is wrong with it. A wrong value yields nothing, and the reading goes on: all
// errors count.
#pragma once

#include "config/document.hpp"
#include "config/text.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::config {

/// What all fields of one reading share.
struct reading {
  variable_lookup variables;
  std::string home;
  std::vector<diagnostic> errors;
};

class field {
 public:
  field(reading& all, const node& value, std::string path)
      : all_(all), value_(value), path_(std::move(path)) {}

  [[nodiscard]] const node& raw() const { return value_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] reading& all() const { return all_; }

  void complain(std::string message, std::string hint = {}) const;

  [[nodiscard]] std::optional<std::string> text() const;
  /// A path: ~ is the home directory, a relative one is relative to the directory of the file that names it.
  [[nodiscard]] std::optional<std::string> path_text() const;
  [[nodiscard]] std::optional<bool> flag() const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t least, std::int64_t most) const;
  [[nodiscard]] std::optional<double> number(double least, double most) const;
  [[nodiscard]] std::optional<core::duration> duration(bool zero_is_fine = false) const;
  [[nodiscard]] std::optional<std::uint64_t> size() const;
  /// The index of the chosen word.
  [[nodiscard]] std::optional<std::size_t> one_of(std::initializer_list<std::string_view> words) const;
  /// A string, split like a command line, or an array of strings. Never empty.
  [[nodiscard]] std::optional<std::vector<std::string>> command() const;
  /// An array of strings.
  [[nodiscard]] std::optional<std::vector<std::string>> texts() const;
  /// The elements of an array; of a single value that one.
  [[nodiscard]] std::vector<field> elements() const;
  /// The entries of a table with their names; nothing but a complaint otherwise.
  [[nodiscard]] std::vector<std::pair<std::string, field>> entries() const;

 private:
  [[nodiscard]] std::optional<std::string> string_as(std::string_view wanted) const;

  reading& all_;
  const node& value_;
  std::string path_;
};

/// `path` with ~ and against `directory`.
[[nodiscard]] std::string resolve_path(const std::string& path, const std::string& directory,
                                       const std::string& home);

[[nodiscard]] std::string directory_of(const std::string& file);

}  // namespace workspaced::config
