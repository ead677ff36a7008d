"""What stays and what goes when the registry is restarted."""

import os
import shutil
import time

import pytest

from conftest import both_versions
from images import DOCKER, INDEX, OCI, Client, image, index, layer

KINDS = {
    "docker": lambda name: image(name, kind=DOCKER),
    "oci": lambda name: image(name, kind=OCI),
    "index": lambda name: index(image(f"{name}-amd64", kind=OCI), image(f"{name}-arm64", kind=OCI)),
}


@both_versions
def test_every_digest_of_a_tag_that_moved_can_be_pulled(pod, cache):
    builds = [cache.push(image(f"build-{i}"), "latest") for i in range(5)]
    pod.restart()
    for build in builds:
        cache.assert_whole(build)
    cache.assert_whole(builds[-1], "latest")


@both_versions
@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_too_old_goes_whole_and_can_come_back(pod, cache, kind):
    old = cache.push(KINDS[kind]("old"), "latest")
    pod.pass_days(35)
    young = cache.push(KINDS[kind]("young"), "latest")
    pod.pass_days(27)
    pod.restart()
    cache.assert_gone(old.digest)
    assert cache.http.get(f"/blobs/{min(old.on_disk())}").status_code == 404
    assert pod.blobs() == young.on_disk()
    assert not list(pod.data.rglob(old.digest.removeprefix("sha256:"))), "a trace of it would stay for ever"
    cache.assert_whole(young, "latest")
    cache.push(old, "latest")
    cache.assert_whole(old, "latest")
    cache.assert_whole(young)


@both_versions
def test_a_tag_goes_before_the_manifest_that_it_named(pod, cache):
    """So the builder stops finding a layer long before an image that was made of it goes."""
    build = cache.push(image("build"), "latest")
    pod.pass_days(31)
    pod.restart()
    cache.assert_gone("latest")
    cache.assert_whole(build)
    pod.pass_days(28)
    pod.restart()
    cache.assert_whole(build)
    pod.pass_days(2)
    pod.restart()
    cache.assert_gone(build.digest)
    assert pod.blobs() == set()


def test_layers_that_a_younger_image_shares_stay(pod, cache):
    base = layer("base")
    cache.push(image("old", [base, layer("old")]), "latest")
    pod.pass_days(50)
    young = cache.push(image("young", [base, layer("young")]), "latest")
    pod.pass_days(15)
    pod.restart()
    assert pod.blobs() == young.on_disk()
    cache.assert_whole(young, "latest")


def test_pushing_again_starts_the_time_anew(pod, cache):
    build = cache.push(image("build"), "latest")
    pod.pass_days(50)
    cache.push(build, "latest")
    pod.pass_days(20)
    pod.restart()
    cache.assert_whole(build, "latest")


def test_what_an_index_is_made_of_stays_as_long_as_the_index(pod, cache):
    children = [cache.push(image(name, kind=OCI)) for name in ("amd64", "arm64")]
    pod.pass_days(70)
    both = index(*children)
    done = cache.http.put("/manifests/latest", content=both.manifest, headers={"Content-Type": INDEX})
    assert done.status_code == 201
    pod.restart()
    cache.assert_whole(both, "latest")
    pod.pass_days(61)
    pod.restart()
    assert pod.blobs() == set()


def test_repositories_do_not_keep_each_others_images(pod, cache):
    """But the blobs that they share stay while one of them needs them."""
    build = image("build")
    other = Client(pod.address, "team/other.cache")
    other.push(build, "latest")
    pod.pass_days(61)
    cache.push(build, "latest")
    pod.restart()
    other.assert_gone(build.digest)
    cache.assert_whole(build, "latest")
    assert pod.blobs() == build.on_disk()


def test_the_oldest_goes_when_the_volume_is_too_full(pod, cache):
    builds = []
    for i in range(6):
        builds.append(cache.push(image(f"build-{i}", [layer(f"build-{i}", 100_000)]), f"tag-{i}"))
        pod.pass_days(1)
    pod.restart(registry_storage_size="400k", registry_fill_percent="90")
    for i, build in enumerate(builds):
        if i < 3:
            cache.assert_gone(build.digest)
            cache.assert_gone(f"tag-{i}")
        else:
            cache.assert_whole(build, f"tag-{i}")
    assert pod.blobs() == set.union(*(build.on_disk() for build in builds[3:]))


def test_shared_layers_are_counted_once(pod, cache):
    base = layer("base", 300_000)
    builds = []
    for i in range(3):
        builds.append(cache.push(image(f"build-{i}", [base, layer(f"build-{i}", 10_000)]), "latest"))
        pod.pass_days(1)
    pod.restart(registry_storage_size="350k", registry_fill_percent="100")
    for build in builds:
        cache.assert_whole(build)


def test_an_image_never_goes_before_the_layers_that_lead_to_it(pod, cache):
    """Pushed in one second, as a fast build does it, and the room ends between them, in whatever order they come."""
    one, two = layer("one", 100_000), layer("two", 100_000)
    build = image("build", [one, two])
    pushes = [(image("cache-of-one", [one]), "1"), (image("cache-of-two", [two]), "3"), (build, "2")]
    for each, tag in pushes:
        cache.push(each, tag)
    pod.stop()
    second = int(time.time())
    for path in pod.data.rglob("link"):
        os.utime(path, (second, second))
    start = pod.data.rename(pod.data.with_name("start"))
    for kilobytes in range(90, 310, 30):
        shutil.rmtree(pod.data, ignore_errors=True)
        shutil.copytree(start, pod.data)
        pod.start(registry_storage_size=f"{kilobytes}k", registry_fill_percent="100")
        if any(cache.manifest(tag).status_code == 200 for tag in ("1", "3")):
            cache.assert_whole(build)
        pod.stop()
    assert kilobytes > 201 and pod.blobs() == set.union(*(each.on_disk() for each, _ in pushes))


@pytest.mark.parametrize("days", ["30", "29"])
def test_manifests_that_would_go_before_their_layers_are_refused(pod, cache, days):
    cache.push(image("build"), "latest")
    pod.stop()
    pod.pass_days(100)
    before = pod.files()
    code, output = pod.prune(registry_layer_days="30", registry_manifest_days=days)
    assert code != 0
    assert "--manifest-days" in output
    assert pod.files() == before


@pytest.mark.parametrize(("variable", "value"), [
    ("registry_layer_days", "a month"), ("registry_layer_days", "0"), ("registry_manifest_days", "-1"),
    ("registry_fill_percent", "80%"), ("registry_storage_size", "much"), ("registry_storage_size", "10GiB"),
])
def test_settings_that_make_no_sense_are_refused(pod, cache, variable, value):
    cache.push(image("build"), "latest")
    pod.stop()
    before = pod.files()
    code, output = pod.prune(**{variable: value})
    assert code != 0 and "prune.sh:" in output
    assert pod.files() == before
