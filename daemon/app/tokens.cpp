#include "app/tokens.hpp"

#include "os/files.hpp"
#include "os/process_facts.hpp"

#include <sys/stat.h>

#include <string_view>

namespace workspaced::app {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t longest_file = 4096;

std::string base64url(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned held = 0;
  int bits = 0;
  for (const char byte : bytes) {
    held = (held << 8) | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 6; bits -= 6) text += digits[(held >> (bits - 6)) & 63];
  }
  if (bits > 0) text += digits[(held << (6 - bits)) & 63];
  return text;
}

struct refusal {
  std::string why;
};

/// One token, made when it is missing.
boost::system::result<std::string, refusal> load(const std::string& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) {
    std::string fresh = base64url(os::random_bytes(secret_bytes));
    if (const auto error = os::write_whole(file, fresh + "\n", 0600))
      return refusal{"cannot write " + file + ": " + error.message()};
    return {boost::system::in_place_value, std::move(fresh)};
  }
  if ((facts.st_mode & 077) != 0)
    return refusal{file + " can be read by others; chmod 600 it, or delete it to get a new token"};
  const auto text = os::read_whole(file, longest_file);
  if (!text) return refusal{"cannot read " + file + ": " + text.error().message()};
  std::string token = text->substr(0, text->find_first_of("\r\n"));
  if (token.empty()) return refusal{file + " is empty; delete it to get a new token"};
  return {boost::system::in_place_value, std::move(token)};
}

}  // namespace

boost::system::result<tokens, std::string> load_tokens(const std::string& state_dir) {
  const std::string directory = state_dir + "/tokens";
  if (const auto error = os::make_directories(directory, 0700)) {
    return "cannot make the directory " + directory + ": " + error.message();
  }
  const auto read = load(directory + "/read");
  if (!read) return read.error().why;
  const auto admin = load(directory + "/admin");
  if (!admin) return admin.error().why;
  return tokens(*read, *admin);
}

}  // namespace workspaced::app
