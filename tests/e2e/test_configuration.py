"""What a configuration means while the daemon runs: values from outside, the difference of a reload, what needs a new process."""

import os
import signal

import pytest

from harness import BUILD, CONFIGURATION, eventually, is_alive, stays

SLEEP = 'command = ["sleep", "1000"]'


def environment_of(pid):
    return dict(entry.split("=", 1) for entry in open(f"/proc/{pid}/environ").read().split("\0") if entry)


def reload(workspace, services):
    workspace.configure(services)
    return workspace.ctl("reload")


# ---------------------------------------------------------------- values from outside


def test_variables_expand_with_defaults_within_defaults(workspace):
    workspace.env |= {"SET": "set", "EMPTY": ""}
    workspace.configure(f'''
[services.web]
{SLEEP}
environment = {{ A = "${{SET:-no}}", B = "${{EMPTY:-empty}}", C = "${{NO:-${{SET}} too}}", D = "$${{SET}} and $5" }}
''')
    workspace.up()
    seen = environment_of(workspace.service("web")["pid"])
    assert [seen[name] for name in "ABCD"] == ["set", "empty", "set too", "${SET} and $5"]


def test_a_variable_that_must_be_set_says_in_the_users_words_what_to_do(workspace):
    workspace.configure(f'[services.web]\n{SLEEP}\nenvironment = {{ TOKEN = "${{FLEET_TOKEN:?get one at the portal}}" }}\n')
    up = workspace.up(code=CONFIGURATION)
    assert "FLEET_TOKEN" in up.err and "get one at the portal" in up.err, up
    workspace.env["FLEET_TOKEN"] = "t"
    workspace.up()


def test_what_stands_in_the_table_wins_over_the_files_and_they_over_the_daemons_own(workspace):
    (workspace.directory / "one.env").write_text('ONE=file\nTWO=file\nTHREE="of a file"\n')
    (workspace.directory / "two.env").write_text("export TWO='second file'\n")
    workspace.env |= {"ONE": "own", "OWN": "own"}
    workspace.configure(f'''
[services.web]
{SLEEP}
env_file = ["one.env", "two.env"]
environment = {{ THREE = "table" }}
''')
    workspace.up()
    seen = environment_of(workspace.service("web")["pid"])
    assert [seen[name] for name in ("ONE", "TWO", "THREE", "OWN")] == ["file", "second file", "table", "own"]


def test_a_value_from_a_file_is_read_again_by_a_reload(workspace):
    token = workspace.directory / "token"
    token.write_text("first\n")
    workspace.configure(f'[services.web]\n{SLEEP}\nenvironment_files = {{ TOKEN = "{token}" }}\n[services.other]\n{SLEEP}\n')
    workspace.up()
    web, other = (workspace.service(name)["pid"] for name in ("web", "other"))
    assert environment_of(web)["TOKEN"] == "first"
    token.write_text("second\n")
    workspace.ctl("reload")
    pid = eventually(lambda: workspace.service("web")["pid"] not in (web, None) and workspace.service("web")["pid"])
    assert environment_of(pid)["TOKEN"] == "second"
    assert workspace.service("other")["pid"] == other


@pytest.mark.parametrize("key", ["environment_files", "env_file"])
def test_a_file_of_values_that_is_missing_is_named_and_nothing_starts(workspace, key):
    value = '{ TOKEN = "/nowhere/token" }' if key == "environment_files" else '["/nowhere/token"]'
    workspace.configure(f"[services.web]\n{SLEEP}\n{key} = {value}\n")
    up = workspace.up(code=CONFIGURATION)
    assert "/nowhere/token" in up.err and f"services.web.{key}" in up.err, up


# ---------------------------------------------------------------- check and reload


def test_check_says_what_is_wrong_with_a_file_while_the_daemon_runs_with_another(workspace):
    workspace.configure(f"[services.web]\n{SLEEP}\n")
    workspace.up()
    other = workspace.directory / "other.toml"
    other.write_text(f'[services.web]\n{SLEEP}\nautostrat = true\nrestart = "sometimes"\n')
    told = workspace.ctl("check", other, code=CONFIGURATION)
    said = told.out + told.err
    for part in ("other.toml:3:1", "services.web.autostrat", "did you mean", "autostart", "other.toml:4:", "sometimes"):
        assert part in said, f"{part!r} is missing: {told}"
    assert workspace.state_of("web") == "ready"


def test_a_dry_run_tells_each_service_by_what_would_become_of_it(workspace):
    def service(name, keys=""):
        return f"[services.{name}]\n{SLEEP}\n{keys}\n"

    workspace.configure("".join(service(name) for name in ("same", "policy", "process", "gone")))
    workspace.up()
    before = workspace.services()
    changed = service("policy", 'restart = "never"') + service("process", 'umask = "077"')
    workspace.configure(service("same") + changed + service("new"))
    would = workspace.ctl("reload", "--dry-run", "--json").json
    expected = {"added": ["new"], "removed": ["gone"], "restarted": ["process"], "changed": ["policy"], "unchanged": ["same"]}
    assert {key: would[key] for key in expected} == expected
    stays(lambda: workspace.services().keys() == before.keys(), 0.2, "a dry run changes nothing")
    assert {n: s["pid"] for n, s in workspace.services().items()} == {n: s["pid"] for n, s in before.items()}
    done = workspace.ctl("reload", "--json").json
    assert {key: done[key] for key in expected} == expected, "the reload does what the dry run has told"
    assert {key: workspace.ctl("reload", "--dry-run", "--json").json[key] for key in expected if key != "unchanged"} == {
        "added": [], "removed": [], "restarted": [], "changed": []}


def test_a_new_restart_policy_takes_effect_without_a_new_process(workspace):
    workspace.configure(f'[services.web]\n{SLEEP}\nrestart = "always"\n')
    workspace.up()
    pid = workspace.service("web")["pid"]
    reload(workspace, f'[services.web]\n{SLEEP}\nrestart = "never"\n')
    assert workspace.service("web")["pid"] == pid
    os.kill(pid, signal.SIGKILL)
    assert workspace.wait_state("web", "failed")["run"] == 1


def test_new_rules_of_a_stop_are_those_of_the_next_stop(workspace):
    trap = f"trap 'exit 7' HUP; trap '' TERM; touch {workspace.directory}/set; while :; do sleep 0.02; done"
    web = f'[services.web]\ncommand = ["sh", "-c", "{trap}"]\n'
    workspace.configure(web)
    workspace.up()
    eventually((workspace.directory / "set").exists, what="the traps are set")
    pid = workspace.service("web")["pid"]
    reload(workspace, web + 'stop = { signal = "HUP" }\n')
    assert workspace.service("web")["pid"] == pid
    workspace.ctl("stop", "web")
    assert workspace.service("web")["last_run"]["code"] == 7


def test_a_new_probe_judges_the_process_that_runs(workspace):
    flag = workspace.directory / "flag"
    live = f'live = {{ exec = ["test", "-e", "{flag}"], interval = "50ms", failure_threshold = 1, on_failure = "report" }}\n'
    workspace.configure(f"[services.web]\n{SLEEP}\n")
    workspace.up()
    pid = workspace.service("web")["pid"]
    reload(workspace, f"[services.web]\n{SLEEP}\n{live}")
    assert workspace.wait_state("web", "degraded")["pid"] == pid
    flag.touch()
    assert workspace.wait_state("web", "ready")["pid"] == pid


def test_a_new_place_of_the_log_needs_no_new_process(workspace):
    tick = workspace.directory / "tick"
    os.mkfifo(tick)
    web = f'[services.web]\ncommand = ["sh", "-c", "while :; do cat {tick}; done"]\n'
    workspace.configure(web)
    workspace.up()
    pid = workspace.service("web")["pid"]
    reload(workspace, web + 'log = { file = "elsewhere.log" }\n')
    assert workspace.service("web")["pid"] == pid
    with open(tick, "w") as out:
        out.write("moved\n")
    elsewhere = workspace.logs / "web" / "elsewhere.log"
    eventually(lambda: elsewhere.exists() and "moved" in elsewhere.read_text(), what="the line is in the new place")


def test_a_new_dependency_holds_the_next_start_only(workspace):
    never = '[services.db]\ncommand = ["sleep", "1000"]\nrequired = false\nready = { exec = "false", timeout = "100s" }\n'
    workspace.configure(never + f"[services.web]\n{SLEEP}\n")
    workspace.up()
    pid = workspace.service("web")["pid"]
    reload(workspace, never + f'[services.web]\n{SLEEP}\ndepends_on = {{ db = "ready" }}\n')
    stays(lambda: workspace.service("web")["pid"] == pid, 0.2, "web runs on")
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: workspace.state_of("web") == "waiting", what="the new run waits for db")


@pytest.mark.parametrize("keys", ['environment = { A = "2" }', 'working_dir = "/"', "nice = 1", 'command = ["sleep", "2000"]'])
def test_what_a_process_is_made_from_needs_a_new_one(workspace, keys):
    workspace.configure(f"[services.web]\n{SLEEP}\n")
    workspace.up()
    pid = workspace.service("web")["pid"]
    reload(workspace, f"[services.web]\n{keys if 'command' in keys else SLEEP + chr(10) + keys}\n")
    eventually(lambda: workspace.service("web")["pid"] not in (pid, None), what="a new process")
    assert not is_alive(pid)


def test_a_daemon_reads_conf_d_beside_its_file(workspace):
    """A later file replaces single keys of an earlier one."""
    workspace.configure(f"[services.web]\n{SLEEP}\numask = '022'\nnice = 1\n")
    more = workspace.make("conf.d")
    (more / "20-local.toml").write_text("[services.web]\numask = '077'\n")
    (more / "ignored.txt").write_text("this is no TOML [[[\n")
    workspace.run(BUILD / "workspacectl", "check")
    workspace.up()
    status = open(f"/proc/{workspace.service('web')['pid']}/status").read()
    assert "Umask:\t0077" in status
    assert os.getpriority(os.PRIO_PROCESS, workspace.service("web")["pid"]) == 1
