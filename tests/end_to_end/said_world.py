"""A channel and indexes as folders, for tests of what ``lock`` says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.end_to_end.inside import run
from tests.support.channel import as_file, record, repodata
from tests.support.packages import make_wheel

PYTHON = (record("python", "3.11.9", "0_cpython"), record("pip", "24.0", depends=["python"]))


class Said(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def notices(self) -> list[dict[str, Any]]:
        """What ``--json`` lists."""
        return list(json.loads(self.out)["notices"])

    def of(self, code: str) -> list[str]:
        """Return the texts of one code."""
        return [notice["text"] for notice in self.notices if notice["code"] == code]


class World:
    """Files below one folder; ``lock`` sees nothing else."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys

    def channel(
        self, *records: Mapping[str, Any], tar: Sequence[Mapping[str, Any]] = (), name: str = "channel"
    ) -> None:
        """Make a channel; ``tar``: records of the older form."""
        for subdir, contents in (("linux-64", repodata(records, tar)), ("noarch", repodata())):
            (self.folder / name / subdir).mkdir(parents=True, exist_ok=True)
            (self.folder / name / subdir / "repodata.json").write_bytes(as_file(contents, "repodata.json"))

    def index(self, name: str, projects: Mapping[str, Mapping[str, Sequence[str]]], **headers: str) -> str:
        """Make an index: project -> version -> what it requires; return its name for flags."""
        (self.folder / name).mkdir(exist_ok=True)
        for project, versions in projects.items():
            (self.folder / name / project).mkdir()
            for version, requires in versions.items():
                wheel = make_wheel(project, version, requires, **headers)
                escaped = project.replace("-", "_")
                (self.folder / name / project / f"{escaped}-{version}-py3-none-any.whl").write_bytes(wheel)
        return name

    def write(self, name: str, text: str) -> str:
        """Write a file; return its name."""
        (self.folder / name).write_text(text)
        return name

    def environment(self, *conda: str, pip: Sequence[str] = ()) -> str:
        """Write an environment file; return its name."""
        lines = ["channels: [./channel]", "dependencies:", *(f"- {spec}" for spec in conda)]
        lines += ["- pip:", *(f"  - {text}" for text in pip)] if pip else []
        return self.write("environment.yml", "\n".join(lines) + "\n")

    def lock(self, *arguments: str, **variables: str) -> Said:
        """Lock for linux-64 with ``--json``."""
        self._capsys.readouterr()
        code = run(*arguments, "-p", "linux-64", "--json", folder=self.folder, **variables)
        said = self._capsys.readouterr()
        return Said(code=code, out=said.out, err=said.err)
