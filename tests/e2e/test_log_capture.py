"""What a service writes is in its log: nothing lost, nothing out of order, whatever it writes."""

import re

import pytest

from harness import PROGRAMS, PYTHON, eventually, memory_of

LINE = 1024  # bytes of a line of programs/writer.py


def line(i):
    return b"%012d" % i + b"." * (LINE - 13) + b"\n"


def surviving_files(directory, name):
    """Oldest first: name.log.N … name.log.1, name.log."""
    files = [p for p in directory.iterdir() if re.fullmatch(rf"{name}\.log(\.\d+)?", p.name)]
    return sorted(files, key=lambda p: -int(p.suffix[1:] if p.suffix != ".log" else 0))


def assert_is_the_end_of_the_stream(files, lines):
    """The files one after the other are exactly the last bytes that `lines` lines make."""
    kept = sum(p.stat().st_size for p in files)
    position = lines * LINE - kept
    for path in files:
        content = path.read_bytes()
        first, last = position // LINE, (position + len(content) - 1) // LINE
        expected = b"".join(line(i) for i in range(first, last + 1))
        skip = position - first * LINE
        assert content == expected[skip : skip + len(content)], f"{path.name} is not bytes {position}… of the stream"
        position += len(content)


def write_lines(workspace, lines, log=""):
    workspace.configure(f'''
[services.writer]
command = ["{PYTHON}", "{PROGRAMS / 'writer.py'}", "{lines}"]
{log}
''')
    workspace.up("--timeout", "60s")
    directory = workspace.logs / "writer"

    def all_written():
        with (directory / "writer.log").open("rb") as f:
            f.seek(max(0, f.seek(0, 2) - LINE))
            return f.read() == line(lines - 1)

    eventually(all_written, 90, "the last line is in the log")
    return surviving_files(directory, "writer")


@pytest.mark.alone
def test_a_gibibyte_through_rotation_keeps_exactly_the_last_bytes(workspace):
    lines = 1024 * 1024
    files = write_lines(workspace, lines, 'log = { max_size = "10MB", keep = 5 }')
    print([(p.name, p.stat().st_size) for p in files])
    assert [p.name for p in files] == [*(f"writer.log.{n}" for n in range(5, 0, -1)), "writer.log"]
    assert all(p.stat().st_size <= 10_000_000 for p in files)
    assert all(p.stat().st_size > 9_900_000 for p in files[:-1]), "rotated files are full"
    assert_is_the_end_of_the_stream(files, lines)
    assert memory_of(workspace.daemon_pid(), "VmHWM") < 30e6


def test_without_rotation_everything_is_in_one_file(workspace):
    lines = 20 * 1024
    files = write_lines(workspace, lines, "log = { max_size = 0 }")
    assert [p.name for p in files] == ["writer.log"]
    assert files[0].stat().st_size == lines * LINE
    assert_is_the_end_of_the_stream(files, lines)


@pytest.mark.alone
def test_a_line_of_100_megabytes_does_not_grow_the_daemon(workspace):
    workspace.configure('''
[services.endless]
command = ["sh", "-c", "head -c 100000000 /dev/zero | tr '\\\\0' x; echo; echo done; exec sleep 1000"]
log = { max_size = "0" }
''')
    workspace.up()
    daemon = workspace.daemon_pid()
    before = memory_of(daemon)
    log = workspace.logs / "endless/endless.log"
    eventually(lambda: log.stat().st_size == 100_000_000 + len("\ndone\n"), 60, "all of it is in the log")
    assert memory_of(daemon, "VmHWM") - before < 8e6
    last = workspace.ctl("logs", "-n", "1", "endless")
    assert "done" in last.out and len(last.out) < 1000


def test_the_last_words_of_a_service_that_dies_at_once_are_kept(workspace):
    workspace.configure('''
[services.brief]
kind = "task"
command = ["sh", "-c", "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done; echo last words >&2"]
'''.replace("$", "$$"))
    workspace.up()
    log = workspace.log_of("brief").splitlines()
    assert [x for x in log if x.startswith("line")] == [f"line {i}" for i in range(500)]
    assert "last words" in log


def test_both_streams_of_all_runs_go_to_one_file(workspace):
    workspace.configure('''
[services.twice]
command = ["sh", "-c", "echo out; echo err >&2; exec sleep 1000"]
''')
    workspace.up()
    workspace.ctl("restart", "twice")
    eventually(lambda: sorted(workspace.log_of("twice").split()) == ["err", "err", "out", "out"], 5, "two runs, two streams")


def test_output_that_is_not_text_is_kept_as_it_is(workspace):
    workspace.configure('''
[services.binary]
command = ["sh", "-c", "printf '\\\\377\\\\376\\\\000\\\\001\\\\n'; exec sleep 1000"]
''')
    workspace.up()
    log = workspace.logs / "binary/binary.log"
    eventually(lambda: log.exists() and log.read_bytes() == b"\xff\xfe\x00\x01\n", 5, "the bytes are in the log")
    assert workspace.ctl("logs", "binary").code == 0
    assert workspace.request_unix("GET", "/v1/services/binary/logs").status == 200


def test_a_log_that_takes_nothing_is_a_warning(workspace):
    (workspace.logs / "web").mkdir(parents=True)
    (workspace.logs / "web" / "web.log").symlink_to("/dev/full")
    workspace.configure('[services.web]\ncommand = ["sh", "-c", "echo hello; exec sleep 1000"]\n')
    workspace.up()
    warning = eventually(lambda: workspace.service("web")["warnings"], what="the service has a warning")[0]
    assert "is lost" in warning and "No space left on device" in warning
    assert warning in workspace.ctl("why", "web").out
