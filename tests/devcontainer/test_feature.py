"""The feature's install.sh, run for real: with the shells of Alpine and Fedora in scratch roots, and on Debian."""

import subprocess
from pathlib import Path

import pytest
from conftest import package
from root import bash_root, busybox_root, debian_root, run_in

INSTALL = ["sh", "/feature/install.sh"]
ROOTS = [
    pytest.param(busybox_root, id="busybox as on Alpine"),
    pytest.param(bash_root, id="bash as on Fedora"),
    pytest.param(debian_root, id="Debian", marks=pytest.mark.image),
]


@pytest.fixture(params=ROOTS)
def any_root(request, tmp_path):
    return request.param(tmp_path / "root")


@pytest.fixture
def root(tmp_path):
    return busybox_root(tmp_path / "root")


def install(root, feature, **more):
    return run_in(root, INSTALL, see=[(feature, "/feature")], **more)


def files(root):
    """All of it but what run_in mounts on."""
    found = (path.relative_to(root) for path in root.rglob("*"))
    return {path for path in found if path.parts[0] not in ("proc", "dev", "tmp", "feature")}


def test_both_commands_run(any_root, feature):
    done = install(any_root, feature)
    assert done.returncode == 0, done.stderr
    assert run_in(any_root, ["workspaced", "--version"]).stdout.startswith("workspaced ")
    assert run_in(any_root, ["workspacectl", "version"]).stdout.startswith("workspacectl ")


def test_a_service_runs_to_its_end_in_the_image(any_root, feature):
    assert install(any_root, feature).returncode == 0
    done = run_in(any_root, ["workspaced", "--", "sh", "-c", "echo here; exit 7"])
    assert (done.returncode, done.stdout) == (7, "here\n"), done.stderr


def test_nothing_else_is_created(root, feature):
    before = files(root)
    assert install(root, feature).returncode == 0
    assert {str(path) for path in files(root) - before} == {
        "usr",
        "usr/local",
        "usr/local/bin",
        "usr/local/bin/workspaced",
        "usr/local/bin/workspacectl",
    }


def test_a_second_run_changes_nothing(any_root, feature):
    assert install(any_root, feature).returncode == 0
    after_one = files(any_root)
    done = install(any_root, feature)
    assert done.returncode == 0, done.stderr
    assert files(any_root) == after_one
    assert run_in(any_root, ["workspacectl", "version"]).returncode == 0


def test_modes_that_a_registry_dropped_do_not_matter(root, feature, tmp_path):
    pulled = tmp_path / "pulled"
    subprocess.run(["cp", "-r", feature, pulled], check=True)
    for path in pulled.iterdir():
        path.chmod(0o644)
    assert install(root, pulled).returncode == 0


@pytest.mark.parametrize(
    "shell, directory, name",
    [
        ("bash", "usr/share/bash-completion/completions", "workspacectl"),
        ("zsh", "usr/share/zsh/site-functions", "_workspacectl"),
        ("fish", "usr/share/fish/vendor_completions.d", "workspacectl.fish"),
    ],
)
def test_completion_goes_to_the_shells_that_the_image_has(root, feature, shell, directory, name):
    (root / directory).mkdir(parents=True)
    done = install(root, feature)
    assert done.returncode == 0, done.stderr
    completed = run_in(root, ["workspacectl", "completion", shell]).stdout
    assert completed and (root / directory / name).read_text() == completed


def faked_machine(root, name):
    uname = root / "bin/uname"
    uname.unlink()
    uname.write_text(f"#!/bin/sh\necho {name}\n")
    uname.chmod(0o755)


@pytest.mark.parametrize("machine, said", [("riscv64", "no workspaced for riscv64"), ("aarch64", "packaged without it")])
def test_a_machine_that_it_does_not_serve_is_named(tmp_path, feature, machine, said):
    root = bash_root(tmp_path / "root")  # busybox's shell has a uname of its own
    faked_machine(root, machine)
    done = install(root, feature)
    assert done.returncode == 1 and said in done.stderr
    assert not (root / "usr/local/bin/workspaced").exists()


def test_a_program_that_does_not_run_there_is_refused_and_what_was_there_stays(root, feature, tmp_path):
    assert install(root, feature).returncode == 0
    before = files(root)
    broken = tmp_path / "broken"
    subprocess.run(["cp", "-r", feature, broken], check=True)
    (program,) = broken.glob("workspaced-*")
    program.write_bytes(program.read_bytes()[:4096])
    done = install(root, broken)
    assert done.returncode == 1 and "does not run in this image" in done.stderr
    assert files(root) == before
    assert run_in(root, ["workspacectl", "version"]).returncode == 0


def test_a_package_holds_one_program_for_each_architecture(feature, tmp_path):
    (program,) = feature.glob("workspaced-*")
    header = bytearray(program.read_bytes())
    header[18] = {0x3E: 0xB7, 0xB7: 0x3E}[header[18]]  # e_machine: x86_64 or aarch64
    other = tmp_path / "other"
    other.write_bytes(header)
    package(tmp_path / "both", program, other)
    assert {path.name for path in (tmp_path / "both").glob("workspaced-*")} == {"workspaced-x86_64", "workspaced-aarch64"}


def test_only_programs_are_packaged(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        package(tmp_path / "feature", Path(__file__))
    assert not (tmp_path / "feature").exists()
