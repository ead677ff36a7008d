// Arguments against the schema that their tool declares. A small part of JSON Schema, and that strictly:
// type, enum, const, required, properties, additionalProperties, items, minimum, maximum, minLength,
// maxLength. Pure.
#pragma once

#include <boost/system/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace workspaced::mcp {

class schema {
 public:
  /// A text that is no JSON object is a mistake of the program: throws std::logic_error.
  explicit schema(std::string_view text);

  /// What is wrong with `value`, as a sentence for whoever sent it; nothing when it fits. `what` is how the
  /// value itself is called: "arguments".
  [[nodiscard]] std::optional<std::string> complaint(std::string_view value, const std::string& what) const;

 private:
  struct tree;
  std::shared_ptr<const tree> tree_;
};

}  // namespace workspaced::mcp
