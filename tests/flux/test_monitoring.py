"""The alert rules by promtool. That rules and dashboard ask for what the daemon has is in tests/e2e/test_monitoring.py."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from manifests import FLUX, ROOT, build, example_values, named, substitute

CASES = Path(__file__).parent / "alerts.test.yaml"
PROMTOOL = ROOT / "build/promtool/promtool"


@pytest.fixture(scope="module")
def rules():
    things = substitute(build(FLUX / "components" / "monitoring"), example_values())
    return named(things, "PrometheusRule", "workspaced")["spec"]


def promtool(*arguments):
    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_rules(rules, tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(rules))
    promtool("check", "rules", "--lint-fatal", file)


def test_alerts_fire_when_they_should_and_only_then(rules, tmp_path):
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    promtool("test", "rules", shutil.copy(CASES, tmp_path))


def test_every_alert_is_tried_both_ways(rules):
    cases = [case for test in yaml.safe_load(CASES.read_text())["tests"] for case in test["alert_rule_test"]]
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        outcomes = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == rule["alert"]}
        assert outcomes == {True, False}, rule["alert"]


def test_an_alert_says_what_to_do_in_words_that_exist(rules):
    verbs = set(re.findall(r"^\| `(\w+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        for verb in re.findall(r"workspacectl (\w+)", rule["annotations"]["action"]):
            assert verb in verbs, rule["alert"]
