"""What the documents say is looked at here without running it; tests/e2e/test_guide.py runs what docs/workspace.md shows."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
