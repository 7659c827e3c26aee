"""The pages of the rules are what their docstrings, facts and cases say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_pages_are_up_to_date(root: Path) -> None:
    command = [sys.executable, str(root / "scripts" / "build_rule_pages.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
