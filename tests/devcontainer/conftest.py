"""Tests of devcontainer/: what it says, what it builds, and the feature in roots of several distributions."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def feature(tmp_path_factory):
    """The feature as people get it: packaged with the release build."""
    directory = tmp_path_factory.mktemp("feature") / "workspaced"
    package(directory, ROOT / "build/release/workspaced")
    return directory


def package(directory, *programs):
    return subprocess.run(
        [ROOT / "devcontainer/feature/package.sh", directory, *programs], capture_output=True, text=True, check=True
    )
