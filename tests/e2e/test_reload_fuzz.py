"""A long row of configurations, good and bad, under running services."""

import os
import random
import time

import pytest

from harness import PYTHON, Workspace, eventually, is_alive

STEPS = int(os.environ.get("WORKSPACED_RELOADS", "60"))
NAMES = [f"s{i}" for i in range(8)]

# What makes another process of it, and what does not.
PROCESS = ["command", "environment", "umask", "working_dir", "limit"]
POLICY = ["required", "attempts", "stop_timeout", "log_size", "ready", "live", "hook"]
INVALID = [
    'colour = "green"',
    'depends_on = { nobody = "ready" }',
    'backoff = { factor = "much" }',
    "command = 5",
    'command = "unterminated',
    'schedule = "* * * * *"',
]


class Picture:
    """A random configuration that can be changed a little and written down."""

    def __init__(self):
        self.services = {name: self.service() for name in NAMES if random.random() < 0.7}

    @staticmethod
    def service():
        keys = {key: 0 for key in [*PROCESS, *POLICY]}
        return {**keys, "autostart": random.random() < 0.8, "needs": set()}

    def change(self):
        for _ in range(random.randint(1, 4)):
            name = random.choice(NAMES)
            if name not in self.services:
                self.services[name] = self.service()
            elif random.random() < 0.2:
                del self.services[name]
            elif random.random() < 0.15:
                self.services[name]["autostart"] ^= True
            elif random.random() < 0.2:
                # Only on earlier ones: no cycle.
                self.services[name]["needs"] ^= set(NAMES[: NAMES.index(name)][:random.randint(0, 2)])
            else:
                self.services[name][random.choice([*PROCESS, *POLICY])] = random.randint(0, 2)

    def made_from(self, name):
        return tuple(self.services[name][key] for key in PROCESS)

    def text(self, directory):
        out = ""
        for name, s in self.services.items():
            needs = ", ".join(f'{n} = "ready"' for n in sorted(s["needs"]) if n in self.services)
            out += f'''
[services.{name}]
command = ["{PYTHON}", "-I", "-S", "-c", "import time; time.sleep(1000)", "{name}", "{s["command"]}"]
environment = {{ VALUE = "{s["environment"]}" }}
umask = "02{s["umask"]}"
working_dir = "{[directory, directory / "home", "/"][s["working_dir"]]}"
limits = {{ nofile = {100 + s["limit"]} }}
autostart = {str(s["autostart"]).lower()}
required = {str(not s["required"]).lower()}
backoff = {{ initial = "10ms", max = "50ms", attempts = {s["attempts"]} }}
stop = {{ timeout = "{5 + s["stop_timeout"]}s" }}
log = {{ max_size = "{1 + s["log_size"]}MB" }}
depends_on = {{ {needs} }}
'''
            if s["hook"]:
                out += f'hooks = {{ after_ready = ["true", "{s["hook"]}"] }}\n'
            if s["ready"]:
                out += f'ready = {{ exec = ["true"], interval = "{s["ready"] * 50}ms" }}\n'
            if s["live"]:
                out += f'live = {{ exec = ["true"], interval = "{s["live"]}s" }}\n'
        return out


def broken(text):
    """The same with an error, which must change nothing."""
    kind = random.randrange(3)
    if kind == 0:
        return text[: random.randrange(len(text))] + "\n[[[\n"
    if kind == 1:
        return text + '\n[services.bad]\ncommand = "true"\n' + random.choice(INVALID) + "\n"
    return text + "\n[nonsense]\na = 1\n"


def settled(workspace, picture):
    """Everybody that is to run runs, and is the one that the file asks for."""

    def check():
        services = workspace.services()
        assert services.keys() == picture.services.keys()
        for name, s in services.items():
            blocked = any(not services[n]["wanted"] for n in picture.services[name]["needs"] if n in services)
            if s["wanted"]:
                assert s["state"] == ("waiting" if blocked else "ready") or blocked, (name, s["state"], s["reason"])
            else:
                assert s["state"] == "stopped", (name, s["state"])
            if s["pid"]:
                arguments = open(f"/proc/{s['pid']}/cmdline", "rb").read().decode().split("\0")
                assert arguments[-3:-1] == [name, str(picture.services[name]["command"])]
        return services

    return eventually(check, 20)


def facts(services):
    """What of a service follows from the file alone."""
    return {
        name: (s["kind"], s["required"], s["autostart"], s["depends_on"] and [(d["name"], d["condition"]) for d in s["depends_on"]])
        for name, s in services.items()
    }


def process_facts(pid):
    status = open(f"/proc/{pid}/status").read()
    limits = open(f"/proc/{pid}/limits").read()
    return (
        open(f"/proc/{pid}/cmdline", "rb").read(),
        os.readlink(f"/proc/{pid}/cwd").rsplit("/", 1)[-1][:4],
        [line for line in status.splitlines() if line.startswith("Umask")],
        [line for line in limits.splitlines() if line.startswith("Max open files")],
        [v for v in open(f"/proc/{pid}/environ", "rb").read().split(b"\0") if v.startswith(b"VALUE=")],
    )


@pytest.mark.timeout(60 + 6 * STEPS)
def test_a_row_of_reloads_touches_only_what_changed_and_ends_where_a_fresh_start_would(workspace, free_port, tmp_path_factory):
    seed = int(os.environ.get("WORKSPACED_SEED", time.time_ns() % 1_000_000))
    print(f"WORKSPACED_SEED={seed}")
    random.seed(seed)
    picture = Picture()
    workspace.configure(picture.text(workspace.directory))
    workspace.ctl("up")
    before = settled(workspace, picture)
    refused = 0
    for _ in range(STEPS):
        old = {name: picture.made_from(name) for name in picture.services}
        if random.random() < 0.35:
            workspace.configure(broken(picture.text(workspace.directory)))
            if workspace.ctl("reload", code=None).code == 0:
                raise AssertionError("a bad file was taken:\n" + workspace.config_file.read_text())
            refused += 1
        else:
            picture.change()
            workspace.configure(picture.text(workspace.directory))
            workspace.ctl("reload")
        after = settled(workspace, picture)
        for name, s in before.items():
            if name in after and old[name] == picture.made_from(name) and s["pid"] and after[name]["wanted"]:
                assert after[name]["pid"] == s["pid"], f"{name} was restarted though its process is the same"
            elif s["pid"] and s["pid"] != after.get(name, {}).get("pid"):
                assert not is_alive(s["pid"]), name
        before = after
    assert refused > 0

    fresh = Workspace(tmp_path_factory.mktemp("fresh"), http_port=free_port())
    fresh.configure(picture.text(workspace.directory))
    fresh.ctl("up")
    try:
        afresh = settled(fresh, picture)
        assert facts(afresh) == facts(before)
        for name, s in afresh.items():
            if s["state"] == "ready":
                assert before[name]["state"] == "ready", name
                assert process_facts(s["pid"]) == process_facts(before[name]["pid"]), name
    finally:
        fresh.ctl("down")
