"""Fixtures of the identity tests: the command in this process, and a configuration folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lockfiles import surroundings
from lockfiles.cli.main import main


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "configuration"
    monkeypatch.setattr(surroundings, "_user_config", lambda: folder)
    return folder


@pytest.fixture
def lock_hash(config: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Return a function that runs ``lock hash ARGUMENTS --json`` and gives the document."""
    assert not config.exists()  # nothing of the user's own is read

    def run(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
        capsys.readouterr()
        found = main(["hash", *map(str, arguments), "--json"])
        output = capsys.readouterr()
        assert found == code, output.err
        return dict(json.loads(output.out))

    return run


def values_of(entry: dict[str, Any], kind: str) -> list[str]:
    return [identity["value"] for identity in entry["identities"] if identity["kind"] == kind]
