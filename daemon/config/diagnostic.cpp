#include "config/diagnostic.hpp"

namespace workspaced::config {

std::string to_string(const diagnostic& what) {
  std::string text = what.where.file;
  if (what.where.line > 0)
    text += ":" + std::to_string(what.where.line) + ":" + std::to_string(what.where.column);
  text += ": ";
  if (!what.key_path.empty()) text += what.key_path + ": ";
  text += what.message;
  if (!what.hint.empty()) text += "; " + what.hint;
  return text;
}

}  // namespace workspaced::config
