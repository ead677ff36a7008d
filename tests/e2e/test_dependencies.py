"""Who waits for whom, for how long, and what becomes of those who need a service that ends."""

import os
import signal

from harness import CONFIGURATION, FAILED, eventually, is_alive, processes_with, stays


def service(name, needs="", keys="", command='["sleep", "1000"]'):
    depends = f"depends_on = {{ {needs} }}" if needs else ""
    return f"[services.{name}]\ncommand = {command}\n{depends}\n{keys}\n"


def test_a_start_brings_up_what_it_needs(workspace):
    off = "autostart = false"
    workspace.configure(service("db", keys=off) + service("api", 'db = "ready"', off) + service("web", 'api = "ready"', off))
    workspace.up()
    assert {s["state"] for s in workspace.services().values()} == {"stopped"}
    workspace.ctl("start", "web")
    assert {name: s["state"] for name, s in workspace.services().items()} == dict.fromkeys(("db", "api", "web"), "ready")


def test_those_who_do_not_need_each_other_start_together(workspace):
    """Each is ready when all three have started: one after the other, none would ever be."""
    here = workspace.make("here")
    all_here = f'ready = {{ exec = ["sh", "-c", "test $(ls {here} | wc -l) = 3"], timeout = "20s" }}'
    workspace.configure("".join(service(n, "", all_here, f'["sh", "-c", "touch {here}/{n}; exec sleep 1000"]') for n in "abc"))
    workspace.up("--timeout", "30s")
    assert {s["run"] for s in workspace.services().values()} == {1}


def test_a_circle_is_found_before_anything_is_started(workspace):
    workspace.configure(service("a", 'b = "ready"') + service("b", 'c = "started"') + service("c", 'a = "ready"') + service("d"))
    up = workspace.up(code=CONFIGURATION)
    assert "a -> b -> c -> a" in up.err, up
    assert processes_with(workspace.marker) == {}


def test_a_circle_in_a_reload_leaves_everything_as_it_is(workspace):
    workspace.configure(service("a", 'b = "ready"') + service("b"))
    workspace.up()
    before = {name: s["pid"] for name, s in workspace.services().items()}
    workspace.configure(service("a", 'b = "ready"') + service("b", 'a = "ready"'))
    assert "a -> b -> a" in workspace.ctl("reload", code=CONFIGURATION).err
    assert {name: s["pid"] for name, s in workspace.services().items()} == before


def test_each_dependency_has_a_patience_of_its_own(workspace):
    never = 'required = false\nready = { exec = "false", timeout = "100s" }'
    workspace.configure(
        service("slow", keys=never)
        + service("slower", keys=never)
        + service("web", 'slow = { timeout = "60s" }, slower = { timeout = "300ms" }', "backoff = { attempts = 1 }")
        + service("patient", 'slow = "ready"', "required = false")
    )
    workspace.up(code=FAILED)
    assert "waited 300 ms for slower" in workspace.service("web")["reason"]
    assert workspace.state_of("patient") == "waiting", "without a timeout it waits on"


def test_a_start_that_came_too_late_is_a_failed_one_and_tried_again(workspace):
    flag = workspace.directory / "flag"
    workspace.configure(
        service("db", keys=f'ready = {{ exec = ["test", "-e", "{flag}"], timeout = "100s", interval = "50ms" }}')
        + service("web", 'db = { timeout = "100ms" }', 'backoff = { initial = "50ms", max = "50ms", attempts = 0 }')
    )
    workspace.ctl("up")
    eventually(lambda: workspace.service("web")["failures_in_row"] >= 2, what="it has waited twice")
    assert workspace.service("web")["run"] == 0, "it was never run"
    flag.touch()
    workspace.wait_state("web", "ready")


FOLLOW = '{ condition = "started", restart = true }'


def test_a_crash_cascades_to_those_who_follow_and_no_further(workspace):
    soon = 'backoff = { initial = "10ms" }'
    workspace.configure(
        service("db", keys=soon)
        + service("api", f"db = {FOLLOW}", soon)
        + service("web", f"api = {FOLLOW}", soon)
        + service("other", 'db = "started"', soon)
    )
    workspace.up()
    before = workspace.services()
    os.kill(before["db"]["pid"], signal.SIGKILL)
    eventually(lambda: [workspace.service(n)["run"] for n in ("db", "api", "web")] == [2, 2, 2], what="a new run of all three")
    workspace.ctl("wait", "db", "api", "web")
    after = workspace.services()
    assert [after[n]["restarts"]["dependency"] for n in ("db", "api", "web")] == [0, 1, 1]
    assert after["other"]["pid"] == before["other"]["pid"]
    assert not any(is_alive(before[n]["pid"]) for n in ("db", "api", "web"))


def test_who_runs_is_left_alone_when_what_it_needs_has_failed(workspace):
    """A client that reconnects is worth more than one that was stopped; whoever does not can follow its restarts."""
    workspace.configure(service("db", keys='restart = "never"') + service("web", 'db = "ready"'))
    workspace.up()
    web = workspace.service("web")["pid"]
    os.kill(workspace.service("db")["pid"], signal.SIGKILL)
    workspace.wait_state("db", "failed")
    stays(lambda: workspace.service("web")["pid"] == web and workspace.state_of("web") == "ready", 0.3, "web runs on")
    workspace.ctl("stop", "web")
    workspace.request_unix("POST", "/v1/services/web/start")
    workspace.wait_state("db", "ready")
    workspace.wait_state("web", "ready")


def test_the_dependencies_of_each_service_can_be_read(workspace):
    """What a drawing of the graph is made from."""
    workspace.configure(
        service("db", keys='ready = { exec = "false", timeout = "100s" }')
        + service("cache")
        + service("web", 'db = "ready", cache = "started"')
    )
    workspace.ctl("up")
    workspace.wait_state("cache", "ready")
    web = workspace.service("web")
    needs = [(d["name"], d["condition"], d["met"]) for d in web["depends_on"]]
    assert needs == [("cache", "started", True), ("db", "ready", False)]
    assert web["blocked_by"] == ["db"]
