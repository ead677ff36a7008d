"""Tasks that run by the clock."""

import os
import time

import pytest

from harness import CONFIGURATION, eventually, stays


def task(workspace, schedule, keys=""):
    path = workspace.directory / "ran"
    path.touch()
    workspace.configure(f'''
[services.tidy]
kind = "task"
autostart = false
required = false
command = ["sh", "-c", "echo ran >>{path}"]
schedule = {schedule}
{keys}
''')
    return lambda: len(path.read_text().splitlines())


def test_a_task_runs_at_its_time_and_says_when_the_next_one_is(workspace):
    runs = task(workspace, '"* * * * *"')
    workspace.up()
    seen = workspace.service("tidy")
    assert 0 < seen["next_run_in_seconds"] <= 60 and "its next time is in" in seen["reason"], seen
    eventually(lambda: runs() == 1, 65, "the minute has passed")
    workspace.wait_state("tidy", "completed")


def test_a_missed_time_is_made_up_for_where_that_is_asked(workspace):
    runs = task(workspace, '{ cron = "0 0 1 1 *", missed = "run_once" }')
    workspace.up()
    stays(lambda: runs() == 0, 0.3, "without a trace of an earlier run there is nothing to make up for")
    workspace.ctl("down")
    stamps = workspace.state / "schedules"
    stamps.mkdir(exist_ok=True)
    (stamps / "tidy").touch()
    two_years_ago = time.time() - 2 * 366 * 86400
    os.utime(stamps / "tidy", (two_years_ago, two_years_ago))
    workspace.up()
    eventually(lambda: runs() == 1, what="the time that was missed is made up for")
    stays(lambda: runs() == 1, 0.3, "once, however many were missed")
    assert time.time() - (stamps / "tidy").stat().st_mtime < 60


def test_a_missed_time_is_skipped_otherwise(workspace):
    runs = task(workspace, '"0 0 1 1 *"')
    workspace.state.mkdir(exist_ok=True)
    (workspace.state / "schedules").mkdir()
    (workspace.state / "schedules" / "tidy").touch()
    os.utime(workspace.state / "schedules" / "tidy", (0, 0))
    workspace.up()
    stays(lambda: runs() == 0, 0.5, "it waits for its next time")


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../etc/passwd"])
def test_a_time_zone_that_the_machine_does_not_know_is_an_error(workspace, zone):
    task(workspace, f'{{ cron = "@daily", time_zone = "{zone}" }}')
    result = workspace.ctl("up", code=CONFIGURATION)
    assert f"does not know the time zone {zone}" in result.err + result.out
