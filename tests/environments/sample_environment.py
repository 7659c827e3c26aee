"""A small environment of the sample: conda's Python, pip and numpy, a pip part with a command of its own."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.cli.here import lock
from tests.cli.process import Done, make_project
from tests.support.packages import make_wheel

#: The sample's Python is a launcher: it needs one of this minor version on the machine.
MINOR = "3.11"
ENVIRONMENT = """\
name: small
channels: [conda-forge]
platforms: [linux-64]
dependencies:
  - python=3.11
  - pip
  - numpy=1.26
  - pip:
      - zipp
      - own-tool
variables:
  GREETING: good morning
"""
_TOOL = b'import sys\n\n\ndef main() -> None:\n    print("own tool of", sys.prefix)\n'


def python_behind() -> str:
    """Return the Python that the sample's launcher may use; skip where the machine has none."""
    found = sys.executable if sys.version.startswith(f"{MINOR}.") else shutil.which(f"python{MINOR}")
    if found is None:
        pytest.skip(f"the sample's Python needs a Python {MINOR} on PATH")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with an input, its settings and its lockfile, which is the home of what runs there."""

    folder: Path

    def run(self, *arguments: str | Path, **variables: str) -> Done:
        """Run ``lock`` in the folder."""
        return lock(*arguments, folder=self.folder, LOCKSTACK_SAMPLE_PYTHON=python_behind(), **variables)

    def packages(self, name: str = "conda-lock.yml") -> list[dict[str, object]]:
        """Return the entries of the lockfile."""
        found: list[dict[str, object]] = yaml.safe_load((self.folder / name).read_text())["package"]
        return found

    def change(self, old: str, new: str, name: str = "conda-lock.yml") -> None:
        """Change the text of a file."""
        path = self.folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def make_small_project(folder: Path, environment: str = ENVIRONMENT) -> Project:
    """Write the project, and lock it."""
    make_project(folder)
    (folder / "environment.yml").write_text(environment)
    wheels = folder / "wheels"
    wheels.mkdir()
    for version in ("1.0", "2.0"):
        entry = f"own_tool-{version}.dist-info/entry_points.txt"
        files = {"own_tool.py": _TOOL, entry: b"[console_scripts]\nown-tool = own_tool:main\n"}
        (wheels / f"own_tool-{version}-py3-none-any.whl").write_bytes(
            make_wheel("own-tool", version, files=files)
        )
    settings = folder / "lockstack.toml"
    settings.write_text(settings.read_text().replace("find-links = []", f'find-links = ["{wheels}"]'))
    project = Project(folder=folder)
    done = project.run("environment.yml", "-q")
    assert done.code == 0, done.err
    return project
