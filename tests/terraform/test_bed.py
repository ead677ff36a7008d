"""The bed judges as the real providers do: what is right passes, one wrong letter does not."""

import pytest

import bed


def values(report, kind):
    return [r["values"] for r in bed.resources(report, kind)]


def test_a_right_configuration_has_no_problem(specimen):
    assert specimen.init().validate() == []


MISSPELT = [
    ("coder", 'os   = "linux"', 'oss  = "linux"'),
    ("coder parameter", "mutable = true", "mutabel = true"),
    ("envbuilder", "builder_image =", "builder_imgae ="),
    ("kubernetes resource", "wait_until_bound =", "wait_until_bond ="),
    ("kubernetes block, deep inside", "persistent_volume_claim {", "persistent_volume_clam {"),
    ("kubernetes attribute, deep inside", "mount_path =", "mount_pth ="),
    (
        "kubernetes data source",
        'data "kubernetes_config_map_v1" "shared" {\n',
        'data "kubernetes_config_map_v1" "shared" {\n  nmae = 1\n',
    ),
    ("onepassword", "title =", "titel ="),
    ("onepassword, a value that it does not have", "token.credential", "token.credentials"),
    ("random", "length  =", "lenght  ="),
    ("an input of a registry module", "workdir  =", "workdri  ="),
]


@pytest.mark.parametrize(("old", "new"), [m[1:] for m in MISSPELT], ids=[m[0] for m in MISSPELT])
def test_a_misspelling_is_found(specimen, old, new):
    specimen.replace(old, new)
    problems = specimen.init().validate()
    assert any(p.startswith("error: Unsupported") or p.startswith("error: Insufficient") for p in problems), problems


def test_a_module_version_without_a_stub_is_named(specimen):
    specimen.replace('version = "4.9.2"', 'version = "4.9.3"')
    with pytest.raises(bed.Failed, match=r"module claude-code: no stub of .*4\.9\.3; write tests/terraform/modules/"):
        specimen.init()


def test_a_missing_required_argument_is_found(specimen):
    specimen.replace("  length  = 48\n", "")
    assert any("length" in p for p in specimen.init().validate())


def test_a_value_of_the_wrong_type_is_found(specimen):
    specimen.replace("replicas = 1", "replicas = [1]")
    assert any("Incorrect attribute value type" in p for p in specimen.init().validate())


# ---------------------------------------------------------------- plan and apply


def test_a_start_makes_everything_and_a_stop_leaves_the_volume(playing_specimen):
    playing_specimen.init()
    started = playing_specimen.apply("start")
    (deployment,) = values(started, "kubernetes_deployment_v1")
    (container,) = deployment["spec"][0]["template"][0]["spec"][0]["container"]
    environment = {e["name"]: e["value"] for e in container["env"]}
    assert all(environment.values()) and len(set(environment.values())) == 2
    assert container["resources"][0]["limits"] == {"cpu": "2"}
    assert {e["name"] for e in values(started, "coder_env")} >= {"SPECIMEN_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"}

    stopped = playing_specimen.apply("stop")
    assert values(stopped, "kubernetes_deployment_v1") == []
    assert values(stopped, "kubernetes_persistent_volume_claim_v1") == values(
        started, "kubernetes_persistent_volume_claim_v1"
    )

    playing_specimen.destroy()
    assert "root_module" not in playing_specimen.terraform("show", "-json").ok().output


def test_a_parameter_reaches_the_plan_and_is_judged_by_the_real_provider(playing_specimen):
    playing_specimen.init().parameter("cpu", 4)
    assert '"cpu": "4"' in str(playing_specimen.plan()).replace("'", '"')
    playing_specimen.parameter("cpu", 9)
    with pytest.raises(bed.Failed, match="9 is more than the maximum"):
        playing_specimen.plan()


def test_data_that_does_not_exist(playing_specimen):
    playing_specimen.replace('title = "claude-code"', 'title = "nothing"')
    with pytest.raises(bed.Failed, match="onepassword_item: there is no such object"):
        playing_specimen.init().plan()


def test_a_config_map_that_does_not_exist_is_empty_as_the_real_provider_has_it(playing_specimen, tmp_path):
    playing_specimen.data = tmp_path / "data.json"
    playing_specimen.data.write_text("{}")
    assert playing_specimen.init().terraform("plan", "-no-color").code == 0
    playing_specimen.replace("count         = 0", "count         = 1")
    answer = playing_specimen.terraform("plan", "-no-color")
    assert answer.code != 0 and "null" in answer.output
