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


@pytest.fixture
def specimen(tmp_path):
    """A small configuration with something of every provider."""
    template = bed.Template(tmp_path, source=Path(__file__).parent / "specimen")
    template.variables = tmp_path / "none.tfvars"
    template.variables.write_text("")
    return template


@pytest.fixture
def template(tmp_path):
    """The template itself."""
    return bed.Template(tmp_path)
