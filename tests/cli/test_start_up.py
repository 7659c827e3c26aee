"""What a run loads: modules are counted, as milliseconds depend on the machine.

A budget holds for this project's own modules, the same under every Python; what is
costly and not needed is named.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.process import environ, lock, make_project

#: Libraries that none of these runs needs.
_NEVER = frozenset(
    {
        "conda_lock", "httpx", "keyring", "networkx", "rattler", "rich", "ruamel", "ssl",
        # of the standard library: what brings much along
        "dataclasses", "decimal", "hashlib", "inspect", "locale", "logging", "subprocess",
        "typing_extensions", "uuid",
        # packaging's grammar of requirements, and what it looks up of this machine
        "packaging.markers", "packaging.requirements", "packaging.tags", "packaging.utils",
        # elsewhere the user's folders are platformdirs' to find
        *(("platformdirs", "shutil", "tempfile") if sys.platform == "linux" else ()),
    }
)  # fmt: skip
_SCRIPT = """\
import json, sys
from lockfiles.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A run over the locked example, and what it may load."""

    why: str
    arguments: tuple[str, ...]
    most: int  # modules of this project
    never: frozenset[str] = _NEVER  # modules and packages


CASES = (
    Case(
        why="a lock that nothing has changed for",
        arguments=("environment.yml", "-q", "--offline"),
        most=267,
        never=_NEVER
        | {"argparse", "resolver.sources.pypi.direct", "resolver.sources.overlay", "resolver.explain"}
        | {"resolver.checks.facts"},
    ),
    Case(
        why="conda packages alone, searched for: nothing of PyPI",
        arguments=("conda.yml", "-o", "conda.lock.yml", "-q", "--offline"),
        most=214,
        never=_NEVER
        | {"packaging", "difflib"}
        | {"resolver.sources.pypi.indexes", "resolver.constraints.pypi_side", "resolver.solving.pypi_pins"}
        | {"resolver.solving.relock", "resolver.explain"},
    ),
    Case(
        why="whether a lockfile is fresh",
        arguments=("environment.yml", "--check", "-q"),
        most=121,
        never=_NEVER | {"resolver.solving", "resolver.sources", "resolver.pipeline", "packaging.tags"},
    ),
    Case(
        why="a check of a lockfile reads no inputs and no settings of conda's and pip's",
        arguments=("check", "conda-lock.yml", "-q"),
        most=128,
        never=_NEVER
        | {"lockfiles.session_sources", "lockfiles.settings.conda", "lockfiles.settings.model"}
        | {"resolver.inputs.reading", "resolver.solving", "csv", "yaml"},
        # packaging is loaded: the example has mlflow, whose requirement on protobuf is judged
    ),
    Case(
        why="the ways to a package: the input is read, and no graph library",
        arguments=("why", "openssl", "-q"),
        most=87,
        never=_NEVER
        | {"lockfiles.settings.model", "resolver.solving", "resolver.sources", "resolver.checks"},
    ),
)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the training example, locked once: caches are warm, bytecode is written."""
    folder = tmp_path_factory.mktemp("start-up")
    make_project(folder)
    (folder / "conda.yml").write_text("channels: [conda-forge]\ndependencies: [python=3.11, numpy]\n")
    done = lock("environment.yml", "-q", folder=folder)
    assert done.code == 0, done.err
    return folder


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_a_run_loads_what_it_needs(case: Case, locked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *case.arguments],
        cwd=locked,
        env=environ(locked),
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    assert sorted(case.never & set(loaded)) == []
    own = [name for name in loaded if name.partition(".")[0] in ("lockfiles", "resolver")]
    assert len(own) <= case.most, own
