// Notices that files were replaced or written to, by looking at their directories: a rename gives a path
// another inode, so the file itself is no good to look at.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace workspaced::claude {

class file_watch {
 public:
  explicit file_watch(const boost::asio::any_io_executor& executor);

  /// False when the kernel has no more of them to give: nothing is noticed then.
  [[nodiscard]] bool works() const { return events_.is_open(); }

  /// From now on nothing is noticed.
  void close() { events_.close(); }

  /// The files to look at from now on, by absolute path; symbolic links are looked at at both ends. Where a
  /// directory is missing, the one above waits for it: call this again when something has happened.
  void look_at(const std::vector<std::string>& files);

  /// Returns when one of the files may have changed, or with an error when cancelled.
  boost::asio::awaitable<boost::system::error_code> changed();

 private:
  void add(const std::string& file);
  [[nodiscard]] bool concerns_us(std::string_view events) const;

  boost::asio::posix::stream_descriptor events_;
  std::map<int, std::set<std::string>> names_;  ///< by watch: what to look for in its directory
};

}  // namespace workspaced::claude
