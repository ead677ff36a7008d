"""Who a service is, what it gets and what it may use."""

import os

import pytest

from harness import BUILD, FAILED, USAGE, cgroup_mounts, eventually

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may start services as somebody else")


def started(workspace, keys, script="exec sleep 1000"):
    workspace.configure(f'[services.web]\ncommand = ["sh", "-c", "{script}"]\nbackoff = {{ attempts = 1 }}\n{keys}\n')
    workspace.up()
    return workspace.service("web")["pid"]


def status_of(pid):
    lines = open(f"/proc/{pid}/status").read().splitlines()
    return {key: value.split() for key, value in (line.split(":", 1) for line in lines)}


def environment_of(pid):
    return dict(entry.split("=", 1) for entry in open(f"/proc/{pid}/environ").read().split("\0") if entry)


@root
def test_a_service_runs_as_its_user_with_the_users_home(workspace):
    workspace.directory.chmod(0o755)
    pid = started(workspace, 'user = "nobody"\numask = "027"\nworking_dir = "/"')
    status = status_of(pid)
    nobody = int(next(line for line in open("/etc/passwd") if line.startswith("nobody:")).split(":")[2])
    assert status["Uid"] == [str(nobody)] * 4
    assert status["Umask"] == ["0027"]
    environment = environment_of(pid)
    assert (environment["USER"], environment["LOGNAME"]) == ("nobody", "nobody")
    assert environment["HOME"] != workspace.env["HOME"]


@root
@pytest.mark.parametrize(("keys", "group", "groups"), [
    ("", "65534", {"65534"}),
    ('group = "games"\ngroups = ["audio", "44444"]', "60", {"60", "29", "44444"}),
], ids=["the user's", "named"])
def test_its_groups_are_the_users_or_those_that_are_named(workspace, keys, group, groups):
    """By the numbers that Debian gives them."""
    workspace.directory.chmod(0o755)
    status = status_of(started(workspace, f'user = "nobody"\nworking_dir = "/"\n{keys}'))
    assert status["Gid"] == [group] * 4
    assert set(status["Groups"]) == groups


@root
def test_it_may_open_its_own_output_by_name(workspace):
    workspace.directory.chmod(0o755)
    started(workspace, 'user = "nobody"\nworking_dir = "/"', "echo by name >/dev/stderr; exec sleep 1000")
    eventually(lambda: workspace.log_of("web") == "by name\n", 5, "the line is in the log")


@root
def test_hooks_and_probes_are_the_same_user(workspace):
    seen = workspace.make("seen", 0o777)
    seen.chmod(0o777)
    workspace.directory.chmod(0o755)
    started(
        workspace,
        f'user = "nobody"\nworking_dir = "/"\nready = {{ exec = ["sh", "-c", "id -un >{seen}/probe"] }}\n'
        f'hooks = {{ before_start = ["sh", "-c", "id -un >{seen}/hook"] }}',
    )
    assert (seen / "probe").read_text() == (seen / "hook").read_text() == "nobody\n"


def test_a_user_that_does_not_exist_fails_the_start_and_is_named(workspace):
    workspace.configure('[services.web]\ncommand = ["true"]\nuser = "nosuch"\nbackoff = { attempts = 1 }\n')
    workspace.up(code=FAILED)
    assert "there is no user nosuch" in workspace.service("web")["reason"]


def test_limits_and_priorities_are_set(workspace):
    pid = started(
        workspace,
        'nice = 3\noom_score_adj = 200\nno_new_privs = true\nlimits = { nofile = { soft = 100, hard = 200 }, core = 0 }',
    )
    limits = open(f"/proc/{pid}/limits").read()
    assert "Max open files            100                  200" in limits
    assert status_of(pid)["NoNewPrivs"] == ["1"]
    assert open(f"/proc/{pid}/oom_score_adj").read() == "200\n"
    assert os.getpriority(os.PRIO_PROCESS, pid) == 3


def test_a_clean_environment_has_only_what_was_asked_for(workspace):
    (workspace.directory / "token").write_text("s3cret\n")
    workspace.env["UNRELATED"] = "x"
    pid = started(
        workspace,
        f'inherit_environment = false\nenvironment = {{ A = "b" }}\nenvironment_files = {{ TOKEN = "{workspace.directory}/token" }}',
    )
    environment = environment_of(pid)
    assert {"A", "TOKEN", "PATH"} <= set(environment) and environment["TOKEN"] == "s3cret"
    assert "UNRELATED" not in environment and "HOME" not in environment
    os.kill(pid, 9)  # without the marker of the tests it is not found at their end


def test_a_change_of_the_user_or_a_limit_is_a_new_process_and_one_of_a_hook_is_not(workspace):
    pid = started(workspace, "nice = 1")
    text = workspace.config_file.read_text()
    workspace.config_file.write_text(text + 'hooks = { after_stop = "true" }\n')
    workspace.ctl("reload")
    assert workspace.service("web")["pid"] == pid
    workspace.config_file.write_text(text.replace("nice = 1", "nice = 2"))
    workspace.ctl("reload")
    eventually(lambda: workspace.service("web")["pid"] not in (pid, None), what="a new process")


def shown_environment(workspace):
    return workspace.ctl("env", "web", "--json").json["environment"]


def test_env_shows_what_the_process_was_given(workspace):
    workspace.env["FROM_OUTSIDE"] = "inherited"
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\nenvironment = { PLAIN = "a=b c", PORT = "80" }')
    workspace.up()
    given = environment_of(workspace.service("web")["pid"])
    assert shown_environment(workspace) == given
    assert (given["FROM_OUTSIDE"], given["PLAIN"]) == ("inherited", "a=b c")


def test_env_leaves_secrets_out(workspace):
    workspace.env["GITHUB_TOKEN"] = "ghp_1"
    workspace.configure(
        '[services.web]\ncommand = ["sleep", "1000"]\n'
        'environment = { DB_PASSWORD = "p", SESSION_COOKIE = "c", PLAIN = "seen" }',
        daemon='redact = ["*_COOKIE"]',
    )
    workspace.up()
    given, shown = environment_of(workspace.service("web")["pid"]), shown_environment(workspace)
    secrets = {"GITHUB_TOKEN", "DB_PASSWORD", "SESSION_COOKIE"}
    assert {name for name in shown if shown[name] == "[redacted]"} == secrets
    assert {**shown, **{name: given[name] for name in secrets}} == given
    assert [given[name] for name in sorted(secrets)] == ["p", "ghp_1", "c"]


def test_a_reload_takes_new_patterns_of_secrets(workspace):
    web = '[services.web]\ncommand = ["sleep", "1000"]\nenvironment = { SESSION_COOKIE = "c" }'
    workspace.configure(web)
    workspace.up()
    pid = workspace.service("web")["pid"]
    assert shown_environment(workspace)["SESSION_COOKIE"] == "c"
    workspace.configure(web, daemon='redact = ["*_cookie"]')
    workspace.ctl("reload")
    assert shown_environment(workspace)["SESSION_COOKIE"] == "[redacted]"
    assert workspace.service("web")["pid"] == pid


def test_env_of_an_unknown_service_says_so(workspace):
    started(workspace, "")
    answer = workspace.ctl("env", "wbe", code=USAGE)
    assert "did you mean 'web'" in answer.err


@root
def test_a_limit_that_the_machine_does_not_let_us_set_is_said(workspace):
    """As in a pod, where the hierarchy of cgroups is read-only."""
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\nlimits = { memory = "64MiB" }')
    closed = " && ".join(f"mount -o remount,bind,ro {mount}" for mount in cgroup_mounts()) or "true"
    up = workspace.run("unshare", "--mount", "sh", "-c", f'{closed} && exec "$@"', "sh", BUILD / "workspacectl", "up", "--wait")
    assert up.code == 0, up
    warning, = workspace.service("web")["warnings"]
    assert "limits.memory" in warning and "not applied" in warning and "cgroup v2" in warning
    assert warning in workspace.ctl("why", "web").out
