"""The measurement over lockfiles of other tools, on one of each kind and on two that are damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.formats.universal.specimens import SPECIMENS


def test_every_verb_reads_every_kind_and_refusals_have_a_reason(root: Path, tmp_path: Path) -> None:
    for name, text in SPECIMENS.items():
        (tmp_path / "whole" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "whole" / name).write_text(text)
    (tmp_path / "uv.lock").write_text("version = 9\n")
    (tmp_path / "pixi.lock").write_text("version: 6\nenvironments: [\n")
    (tmp_path / "README.md").write_text("no lockfile\n")
    output = tmp_path / "out.json"
    command = [sys.executable, "-m", "benchmarks.public_lockfiles", str(tmp_path), "--json", str(output)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(output.read_text())
    assert found["crashes"] == []
    assert (
        "pdm: 1 files; diff 1, check 1, tree 1, why 1, graph 1, hash 1, install 1, validate 1, export"
        in done.stdout
    )
    reasons = {(row["kind"], row["reason"]) for row in found["refusals"]}
    assert ("uv", "uv.lock version 9 is unknown; 1 is read") in reasons
    assert any(kind == "poetry" and "gives no address of ..." in why for kind, why in reasons)
    assert any(kind == "pixi" and "not YAML" in why for kind, why in reasons)
