"""Tests of terraform/, and of the bed that they run in. `./dev` names the programs in the environment."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import bed  # noqa: E402


def pytest_configure(config):
    if "WORKSPACED_TERRAFORM" not in os.environ:
        raise pytest.UsageError("these tests need Terraform and its providers: run them by ./dev test")


def small(directory, settings):
    template = bed.Template(directory, source=Path(__file__).parent / "specimen", settings=settings)
    template.variables = directory / "none.tfvars"
    template.variables.write_text("")
    return template


@pytest.fixture
def specimen(tmp_path):
    """A small configuration with something of every provider, to be judged."""
    return small(tmp_path, "judge")


@pytest.fixture
def playing_specimen(tmp_path):
    """The same, to be planned and applied."""
    return small(tmp_path, "play")


@pytest.fixture
def template(tmp_path):
    """The template itself, to be planned and applied."""
    return bed.Template(tmp_path)


@pytest.fixture
def judged_template(tmp_path):
    """The template, to be judged by every real provider that is to be had."""
    return bed.Template(tmp_path, settings="judge")
