"""Killed at any point, or with files that a crash has damaged: nothing needed is lost, and the next run is whole."""

import fcntl
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

import pod as pods
from conftest import both_versions
from images import OCI, Client, image, index, layer


@pytest.fixture(scope="session")
def kill_at(tmp_path_factory):
    library = tmp_path_factory.mktemp("kill") / "kill_at.so"
    source = Path(__file__).with_name("kill_at.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source, "-ldl"], check=True)
    return library


def a_bit_of_everything(pod, cache):
    """What must go, in all its forms, and what must stay."""
    base = layer("base")
    go = [cache.push(image("old", [base, layer("old")]), "latest"),
          cache.push(index(image("old-amd64", kind=OCI), image("old-arm64", kind=OCI)), "both")]
    cache.http.post("/blobs/uploads/")
    pod.pass_days(40)
    aged = cache.push(image("aged", [base, layer("aged")]), "aged")
    pod.pass_days(35)
    stay = [aged, cache.push(image("young", [base, layer("young")]), "latest"),
            cache.push(index(image("young-amd64")), "index")]
    pod.stop()
    return stay, go


def test_killed_before_any_of_its_removals(pod, cache, kill_at):
    """What stays is whole at each point, what goes is whole or gone, and the next run brings it to the same end."""
    stay, go = a_bit_of_everything(pod, cache)
    start = pod.data.with_name("start")
    pod.data.rename(start)

    def prune(**settings):
        shutil.rmtree(pod.data, ignore_errors=True)
        shutil.copytree(start, pod.data)
        return pod.prune(**settings)[0]

    assert prune() == 0
    undisturbed, state, points = pod.files(), None, 0
    while True:
        counter = pod.data.with_name(f"counter-{points + 1}")
        code = prune(LD_PRELOAD=str(kill_at), KILL_COUNTER=str(counter), KILL_AT=str(points + 1))
        if code != -signal.SIGKILL:
            break
        points += 1
        if state != pod.files():
            state = pod.files()
            pod.serve()
            for one in stay:
                cache.assert_whole(one)
            for one in go:
                if cache.manifest(one.digest).status_code != 404:
                    cache.assert_whole(one)
            pod.stop()
            pod.prune()
            assert pod.files() == undisturbed, f"after a kill before removal {points}"
    assert code == 0 and points > 20
    pod.start()
    for one in stay:
        cache.assert_whole(one)
    assert pod.blobs() == set.union(*(one.on_disk() for one in stay))


@both_versions
def test_killed_while_it_frees_blobs(pod, cache):
    for i in range(30):
        cache.push(image(f"old-{i}"), "latest")
    pod.pass_days(61)
    stay = cache.push(image("young"), "latest")
    pod.stop()
    before = len(pod.blobs())
    seen = set()
    for lines in (1, 20, 20):
        # A small pipe that is read up to a line: what writes to it cannot get far ahead.
        process = pod.run("prune")
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        for line in process.stdout:
            lines -= line.startswith("blob eligible for deletion")
            if lines == 0:
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        seen.add(len(pod.blobs()))
        assert stay.on_disk() < pod.blobs()
    assert any(len(stay.on_disk()) < left < before for left in seen), "it was never killed half-way"
    pod.start()
    assert pod.blobs() == stay.on_disk()
    cache.assert_whole(stay, "latest")
    back = cache.push(image("old-0"))
    cache.assert_whole(back)


def storage(pod, pattern):
    return sorted(pod.data.glob(f"docker/registry/v2/{pattern}"))


def in_cache(pod, pattern):
    return storage(pod, f"repositories/workspaces/{pattern}")


def manifest_file(pod, image):
    return storage(pod, f"blobs/sha256/*/{image.digest.removeprefix('sha256:')}/data")[0]


def revision_link(pod, image):
    return in_cache(pod, f"_manifests/revisions/sha256/{image.digest.removeprefix('sha256:')}/link")[0]


DAMAGE = {
    "a manifest cut off": lambda pod, image: os.truncate(manifest_file(pod, image), 10),
    "an empty manifest": lambda pod, image: os.truncate(manifest_file(pod, image), 0),
    "no manifest": lambda pod, image: manifest_file(pod, image).unlink(),
    "an empty link to it": lambda pod, image: os.truncate(revision_link(pod, image), 0),
    "no link to it": lambda pod, image: revision_link(pod, image).unlink(),
    "an empty tag": lambda pod, image: os.truncate(in_cache(pod, "_manifests/tags/broken/current/link")[0], 0),
    "an empty link to a layer": lambda pod, image: os.truncate(in_cache(pod, "_layers/sha256/*/link")[0], 0),
}


@both_versions
@pytest.mark.parametrize("damage", list(DAMAGE))
def test_damage_does_not_stop_it_and_is_healed_by_a_push(pod, cache, damage):
    """garbage-collect alone would stop at most of these, for ever."""
    broken = cache.push(image("broken"), "broken")
    part = image("part")
    both = cache.push(index(part), "index")
    whole = cache.push(image("whole"), "latest")
    pod.stop()
    DAMAGE[damage](pod, broken)
    DAMAGE[damage](pod, part)
    output = pod.start()
    assert "failed" not in output
    for one, tag in ((broken, "broken"), (both, "index"), (whole, "latest")):
        cache.push(one, tag)
    cache.assert_whole(broken, "broken")
    cache.assert_whole(both, "index")
    cache.assert_whole(whole, "latest")


@pytest.mark.parametrize("find", [revision_link, manifest_file])
def test_what_cannot_be_read_is_not_taken_for_damaged(pod, cache, find):
    """Nothing is removed then, and the registry starts."""
    old = cache.push(image("old"), "old")
    pod.pass_days(61)
    young = cache.push(image("young"), "latest")
    pod.stop()
    before = pod.files()
    find(pod, young).chmod(0)
    if os.getuid() == 0:  # who may read everything, as long as he keeps that right
        pod.containers["prune"][:0] = [shutil.which("setpriv"), "--bounding-set", "-all", "--inh-caps", "-all"]
    output = pod.start()
    find(pod, young).chmod(0o644)
    assert "prune.sh failed" in output
    assert {name: seen for name, seen in pod.files().items() if name in before} == before
    cache.assert_whole(old)
    cache.assert_whole(young, "latest")


def test_uploads_that_nobody_can_finish_go(pod, cache):
    stay = cache.push(image("young"), "latest")
    upload = cache.http.post("/blobs/uploads/")
    assert cache.http.patch(upload.headers["Location"], content=b"x" * 100_000).status_code == 202
    assert in_cache(pod, "_uploads/*")
    pod.restart()
    assert not in_cache(pod, "_uploads/*")
    assert cache.http.patch(upload.headers["Location"], content=b"y").status_code >= 400
    cache.assert_whole(stay, "latest")


def test_a_full_volume_is_emptied(pod, cache):
    """In a mount namespace of its own, on a volume of 2 MB without a byte left."""
    old = cache.push(image("old", [layer("old", 600_000)]), "old")
    pod.pass_days(61)
    young = cache.push(image("young", [layer("young", 600_000)]), "latest")
    pod.stop()
    script = """
        cp -a "$1" "$1.copy" && mount -t tmpfs -o size=2m tmpfs "$1" && cp -a "$1.copy/." "$1"
        cat /dev/zero >"$1/filler" 2>/dev/null
        [ "$(stat -f -c %a "$1")" = 0 ] || exit 9
        shift
        "$@" && find "$0" -type f -name data
    """
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, pod.data, pod.data]
    environment = pod.environment | {"PATH": f"{pod.environment['PATH']}:{os.environ['PATH']}"}
    done = subprocess.run([*command, *pod.containers["prune"]], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    left = {f"sha256:{Path(line).parent.name}" for line in done.stdout.splitlines() if line.endswith("/data")}
    assert left == young.on_disk()
    assert not left & old.on_disk()


def test_the_tools_of_debian_decide_as_those_of_the_image_do(pod, cache, tmp_path):
    """So it may be tried out on anybody's machine: dash, mawk, GNU findutils and coreutils."""
    stay, _ = a_bit_of_everything(pod, cache)
    shutil.copytree(pod.data, tmp_path / "other/data")
    other = pods.Pod(tmp_path / "other", os.environ["WORKSPACED_REGISTRY"], "/usr/bin:/bin")
    results = [one.prune(registry_storage_size="0.5Gi")[0] for one in (pod, other)]
    assert results == [0, 0]
    assert other.files() == pod.files()
    other.serve()
    for one in stay:
        Client(other.address, "workspaces").assert_whole(one)
    other.stop()
