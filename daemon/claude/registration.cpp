#include "claude/registration.hpp"

#include "claude/config_file.hpp"
#include "claude/turn.hpp"
#include "os/files.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace workspaced::claude {
namespace {

namespace asio = boost::asio;

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
constexpr unsigned max_reads = 5;   // of a file that does not parse
constexpr unsigned max_writes = 5;  // of a change that others undo

outcome failed(std::string why) { return {outcome::kind::failed, std::move(why), 0}; }

/// The file as it is and as it should be.
struct plan {
  config_file file;
  std::string wanted;
  bool tighten = false;

  [[nodiscard]] bool done() const { return wanted == file.text && !tighten; }
};

/// A text that does not parse may be half written: worth another look, unlike other failures.
struct unreadable {
  std::string message;
};

using planned = std::variant<plan, unreadable, failure>;

/// The changes, and the last text they were made in: the file is read three times, mostly unchanged, and may
/// be large.
class editor {
 public:
  explicit editor(std::vector<change> changes) : changes_(std::move(changes)) {}

  [[nodiscard]] bool has_secret() const {
    return std::any_of(changes_.begin(), changes_.end(), [](const change& one) {
      const auto* const entry = std::get_if<set_entry>(&one);
      return entry != nullptr && holds_secret(entry->text);
    });
  }

  json::result<std::string> edit(const std::string& text) {
    if (text == after_ && !after_.empty()) return after_;
    if (text != before_ || after_.empty()) {
      auto edited = apply_changes(text, changes_);
      if (!edited) return edited.error();
      before_ = text;
      after_ = std::move(*edited);
    }
    return after_;
  }

 private:
  std::vector<change> changes_;
  std::string before_;
  std::string after_;  ///< empty: nothing edited yet
};

planned make_plan(const std::string& path, editor& changes, protection how) {
  auto file = read_config(path);
  if (!file) return file.error();
  if (!file->exists && how == protection::shared_file) file->mode = 0644;
  auto wanted = changes.edit(file->exists ? file->text : "{}");
  if (!wanted) {
    return unreadable{"cannot edit " + file->path + ": " + wanted.error().message() +
                      "; the file is left as it is, repair it or move it away"};
  }
  if (!file->exists && *wanted == "{}") wanted->clear();
  const bool tighten = file->exists && file->shared() && changes.has_secret();
  return plan{std::move(*file), std::move(*wanted), tighten};
}

/// From a fresh read, under the lock if the file has one. Nothing here waits, so it is held for milliseconds.
planned write_now(const std::string& path, editor& changes, protection how, const config_lock* lock) {
  planned fresh = make_plan(path, changes, how);
  plan* const next = std::get_if<plan>(&fresh);
  if (next == nullptr || next->done()) return fresh;
  if (next->wanted == next->file.text) {
    const auto tightened = make_private(next->file);
    if (!tightened) return tightened.error();
    return fresh;
  }
  const mode_t mode = next->tighten ? next->file.mode & ~static_cast<mode_t>(077) : next->file.mode;
  auto pending = pending_file::write(next->file, next->wanted, mode);
  if (!pending) return pending.error();
  if (lock != nullptr && !lock->still_ours()) {
    return unreadable{"cannot write " + next->file.path + ": another program took over its lock"};
  }
  const auto committed = pending->commit();
  if (!committed) return committed.error();
  return fresh;
}

/// One request on its way through the protocol.
class request {
 public:
  request(location where, registration_timing timing, std::vector<change> changes)
      : where_(std::move(where)), timing_(timing), changes_(std::move(changes)) {}

  asio::awaitable<outcome> run() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
      const planned now = make_plan(where_.active_file(), changes_, where_.protection);
      std::optional<outcome> end = judge(now);
      if (!end && std::holds_alternative<plan>(now)) end = co_await write();
      if (end) {
        end->writes = writes_;
        co_return std::move(*end);
      }
      timer.expires_after(last_write_failed_ ? timing_.half_written : timing_.settle);
      const auto [error] = co_await timer.async_wait(tuple_awaitable);
      if (error) co_return failed("cancelled");
    }
  }

 private:
  /// The end, if there is nothing left to do or to hope for.
  std::optional<outcome> judge(const planned& seen) {
    last_write_failed_ = std::holds_alternative<unreadable>(seen);
    if (const auto* const broken = std::get_if<failure>(&seen)) return failed(broken->message);
    if (const auto* const torn = std::get_if<unreadable>(&seen)) {
      if (++reads_ < max_reads) return std::nullopt;
      return failed(torn->message);
    }
    if (std::get<plan>(seen).done())
      return outcome{writes_ > 0 ? outcome::kind::written : outcome::kind::unchanged, {}};
    if (writes_ < max_writes) return std::nullopt;
    return failed("cannot keep our entries in " + std::get<plan>(seen).file.path +
                  ": another program undid them " + std::to_string(writes_) + " times");
  }

  /// A fresh $CLAUDE_CONFIG_DIR; but not a checkout, which its owner is yet to clone.
  [[nodiscard]] result<void> make_directory_of(const std::string& path) const {
    if (where_.protection == protection::shared_file) return {};
    const std::string directory = std::filesystem::path(path).parent_path();
    const auto error = os::make_directories(directory, 0700);
    if (error) return failure("make the directory " + directory, error.value());
    return {};
  }

  asio::awaitable<std::optional<outcome>> write() {
    const std::string path = where_.active_file();
    if (const auto made = make_directory_of(path); !made) co_return failed(made.error().message);
    std::optional<config_lock> lock;
    if (where_.protection == protection::locked_file) {
      auto taken = co_await take_lock(path + ".lock", timing_.lock);
      if (!taken) co_return failed(taken.error().message);
      lock.emplace(std::move(*taken));
    }
    const planned attempted = write_now(path, changes_, where_.protection, lock ? &*lock : nullptr);
    if (std::holds_alternative<plan>(attempted)) {
      ++writes_;
      co_return std::nullopt;
    }
    co_return judge(attempted);
  }

  location where_;
  registration_timing timing_;
  editor changes_;
  unsigned reads_ = 0;  // that did not parse
  unsigned writes_ = 0;
  bool last_write_failed_ = false;
};

}  // namespace

std::string location::active_file() const {
  std::error_code ignored;
  return !older_file.empty() && std::filesystem::exists(older_file, ignored) ? older_file : file;
}

result<std::vector<assessment>> assess(const location& where, const std::vector<set_entry>& wanted) {
  const auto file = read_config(where.active_file());
  if (!file) return file.error();
  auto all = assess(file->exists ? std::string_view(file->text) : "{}", wanted);
  if (!all) return failure("read " + file->path, all.error().message());
  return std::move(*all);
}

struct registration::shared {
  shared(const asio::any_io_executor& executor, location place, registration_timing times)
      : where(std::move(place)), timing(times), line(executor) {}

  location where;
  registration_timing timing;
  turn line;
};

std::optional<location> find_location(const std::function<const char*(const char*)>& variable) {
  const auto value = [&variable](const char* name) {
    const char* const found = variable(name);
    return std::string(found == nullptr ? "" : found);
  };
  const std::string chosen = value("CLAUDE_CONFIG_DIR");
  const std::string home = value("HOME");
  if (!chosen.empty()) return location{chosen + "/.claude.json", chosen + "/.config.json"};
  if (!home.empty()) return location{home + "/.claude.json", home + "/.claude/.config.json"};
  return std::nullopt;
}

registration::registration(asio::any_io_executor executor, location where, registration_timing timing)
    : shared_(std::make_shared<shared>(executor, std::move(where), timing)) {}
registration::registration(registration&&) noexcept = default;
registration& registration::operator=(registration&&) noexcept = default;
registration::~registration() = default;

asio::awaitable<outcome> registration::apply(std::vector<change> changes) {
  return apply_in_turn(shared_, std::move(changes));
}

asio::awaitable<outcome> registration::apply_in_turn(std::shared_ptr<shared> common,
                                                     std::vector<change> changes) {
  const turn::held mine = co_await common->line.take();
  if (!mine) co_return failed("cancelled");
  request work(common->where, common->timing, std::move(changes));
  co_return co_await work.run();
}

}  // namespace workspaced::claude
