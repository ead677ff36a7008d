"""Tests of deploy/flux without a cluster; tests/cluster has those against an API server. `./dev` names the programs in
the environment."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_configure(config):
    if "WORKSPACED_KUSTOMIZE" not in os.environ:
        raise pytest.UsageError("these tests need kustomize and kubeconform: run them by ./dev test")
