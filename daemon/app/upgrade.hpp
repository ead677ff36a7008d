// Becoming a new version of ourselves.
#pragma once

#include "api/control.hpp"
#include "core/model.hpp"
#include "os/process_table.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <vector>

namespace workspaced::app {

/// Whether the file that lies where our program lay can take our place: it says its version, and takes the
/// configuration that is on disk now.
[[nodiscard]] boost::asio::awaitable<boost::system::result<api::upgrade_begun, api::refusal>> try_successor(
    boost::asio::any_io_executor executor, os::process_table& processes, core::environment_map environment,
    std::string config_file);

/// Becomes `program`, or what we are once more if that cannot be executed after all. `lock` stays held.
[[noreturn]] void become_successor(const std::string& program, const std::vector<std::string>& argv,
                                   const core::environment_map& environment, const os::unique_fd& lock);

}  // namespace workspaced::app
