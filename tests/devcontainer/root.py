"""Root file systems to run programs in, apart from this machine's: what an image is to a container engine.

No engine and no root rights are needed for those with one user: a user namespace is enough."""

import os
import shutil
import subprocess
from pathlib import Path

ENTER = Path(__file__).parent / "enter.sh"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def entering(root: Path, command, see=(), share=()):
    """The words that run `command` there as root. `see` and `share` are pairs of a path here and the path there."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    mounts = [["see", *pair] for pair in see] + [["share", *pair] for pair in share]
    words = [str(word) for mount in mounts for word in mount]
    return ["unshare", *user, "--mount", "--pid", "--fork", "--kill-child", ENTER, root, *words, "--", *command]


def run_in(root: Path, command, see=(), timeout=60):
    """Runs `command` there, to its end."""
    return subprocess.run(
        entering(root, command, see),
        env={"PATH": PATH, "HOME": "/root"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def busybox_root(root: Path) -> Path:
    """The tools of an Alpine image: busybox for everything, ash as its shell, no package besides."""
    for directory in ("bin", "etc"):
        (root / directory).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for tool in subprocess.check_output(["/bin/busybox", "--list"], text=True).split():
        (root / "bin" / tool).symlink_to("busybox") if tool != "busybox" else None
    return root


def bash_root(root: Path) -> Path:
    """The shell of a Fedora image, bash as sh; its other tools are played by busybox."""
    busybox_root(root)
    (root / "bin/sh").unlink()
    shutil.copy("/bin/bash-static", root / "bin/sh")
    return root


def debian_root(root: Path) -> Path:
    """A copy of the Debian that debootstrap made."""
    subprocess.run(["cp", "-a", os.environ["WORKSPACED_DEBIAN_ROOT"], root], check=True)
    return root
