"""deploy/flux/components/monitoring against the real daemon: what it asks for is there, and Prometheus gets it."""

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest
import yaml
from harness import PROGRAMS, PROMTOOL, PYTHON, ROOT
from reverse_proxy import NGINX

MONITORING = ROOT / "deploy" / "flux" / "components" / "monitoring"

# What is no metric of the daemon: Prometheus's own, and the kubelet's.
FROM_ELSEWHERE = {"up", "kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"}
# Labels that scraping adds (scrape.yaml), or that belong to metrics from elsewhere.
ADDED = {"owner", "workspace", "namespace", "persistentvolumeclaim", "job"}

WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset"}
EVERYTHING = f'''
[services.web]
command = ["{PYTHON}", "{PROGRAMS / 'web.py'}", "PORT"]
ready = {{ http = "http://127.0.0.1:PORT/health" }}
live = {{ tcp = "127.0.0.1:PORT" }}
[mcp.web]
service = "web"
url = "http://127.0.0.1:PORT/mcp"
claude = false
[services.job]
kind = "task"
command = ["true"]
'''


def dashboard_queries():
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    return {f"{p['title']} {t['refId']}": t["expr"] for p in panels for t in p["targets"]}


def alert_queries():
    document = yaml.safe_load((MONITORING / "alerts.yaml").read_text())
    return {rule["alert"]: rule["expr"] for group in document["spec"]["groups"] for rule in group["rules"]}


QUERIES = dashboard_queries() | alert_queries()


def metrics_of(query):
    """Names in a query that are neither functions, labels, words of the language nor numbers."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)", " ", query)
    return {name for name in re.findall(r"\b[a-z_:][a-z0-9_:]*\b(?!\s*\()", bare)} - WORDS


def labels_of(query):
    inside = re.findall(r"\{([^}]*)\}", query)
    grouped = re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", query)
    found = {name for part in inside for name in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", part)}
    return found | {name.strip() for part in grouped for name in part.split(",")}


@pytest.fixture
def exposed(workspace, free_port):
    """The labels of every metric that the daemon has."""
    workspace.configure(EVERYTHING.replace("PORT", str(free_port())))
    workspace.up()
    found = {}
    for sample in workspace.metrics():
        name, _, labels = sample.partition("{")
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found


def test_dashboard_and_alerts_ask_for_nothing_that_the_daemon_does_not_have(exposed):
    for where, query in QUERIES.items():
        names = metrics_of(query)
        assert names and names <= set(exposed) | FROM_ELSEWHERE, f"{where}: {names - set(exposed)}"
        known = ADDED.union(*(exposed.get(name, set()) for name in names))
        assert labels_of(query) <= known, f"{where}: {labels_of(query) - known}"


def test_a_metric_or_label_that_is_not_there_would_be_seen():
    query = 'sum by (zone) (rate(workspaced_nonsense_total{owner=~"$owner", flavour="x"}[5m])) > 0'
    assert metrics_of(query) == {"workspaced_nonsense_total"}
    assert labels_of(query) == {"zone", "owner", "flavour"}


def test_the_dashboard_shows_every_state_that_a_service_can_have(workspace, exposed):
    states = {s for sample in workspace.metrics() for s in re.findall(r'state="(\w+)"', sample)}
    shown = {s for query in QUERIES.values() for found in re.findall(r'state=~?"([a-z|]+)"', query) for s in found.split("|")}
    assert shown <= states and states - shown == {"stopped", "stopping"}


def test_the_queries_of_the_dashboard_are_promql(workspace):
    rules = [{"record": f"q:{n}", "expr": q.replace("$", "")} for n, q in enumerate(dashboard_queries().values())]
    file = workspace.directory / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = workspace.run(PROMTOOL, "check", "rules", str(file))
    assert done.code == 0, done


@pytest.fixture
def scraped(workspace, free_port):
    """A workspace as monitoring/workspace/ makes it, on ports of the test; the address for Prometheus."""
    outside = free_port()
    parts = workspace.make("conf.d")
    for file in (MONITORING / "workspace").iterdir():
        text = file.read_text().replace("9101", str(outside)).replace("127.0.0.1:9001", f"127.0.0.1:{workspace.http_port}")
        (parts / file.name).write_text(text.replace("/tmp/", f"{workspace.directory}/"))
    workspace.env["PATH"] = f"{NGINX.parent}:{workspace.env['PATH']}"
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    workspace.up()
    workspace.wait_state("metrics", "ready")
    # Another name than loopback's, as Prometheus has it: what it calls the pod by is an address of the pod.
    return lambda path: urllib.request.Request(f"http://127.0.0.1:{outside}{path}", headers={"Host": "192.0.2.9:9101"})


def test_prometheus_gets_the_metrics_of_a_workspace_that_lets_it_in(scraped, workspace):
    with urllib.request.urlopen(scraped("/metrics"), timeout=10) as answer:
        text = answer.read().decode()
    assert 'workspaced_service_state{service="web",state="ready"} 1' in text
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text.encode(), capture_output=True, timeout=30)
    assert done.returncode == 0, done


@pytest.mark.parametrize("path", ["/", "/health", "/v1/services", "/mcp", "/metrics/../v1/services"])
def test_and_nothing_else(scraped, path):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(scraped(path), timeout=10)


def test_it_would_not_come_in_by_itself(workspace):
    """The daemon takes no address but loopback: hence the detour."""
    workspace.configure('[services.web]\ncommand = ["sleep", "1000"]\n')
    text = workspace.config_file.read_text()
    workspace.config_file.write_text(text.replace("127.0.0.1", "0.0.0.0"))
    done = workspace.ctl("check", code=3)
    assert "loopback" in done.out + done.err
