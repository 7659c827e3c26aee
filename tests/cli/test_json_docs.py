"""docs/json.md names every key that the command prints."""

from __future__ import annotations

import re
from pathlib import Path

from lockfiles.cli.failures import error_to_json
from lockfiles.cli.lock.freshness import freshness_to_json
from lockfiles.cli.summary import lock_to_json
from lockfiles.difference import diff_resolutions
from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.model import LockMetadata
from lockfiles.outdating import Outdated, VersionStanding
from lockfiles.request.satisfied import Fault
from lockfiles.tracing import TreeRequest, WhyRequest, tree, why
from resolver.errors import InputError, NoSolutionError
from resolver.model.notices import Notice
from tests.lockfiles.make import conda, pypi, resolution


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys(item)}
    if isinstance(value, list):
        return {key for item in value for key in keys(item)}
    return set()


def test_every_key_is_described(root: Path, tmp_path: Path) -> None:
    described = set(re.findall(r"`([a-z_]+)`", (root / "docs" / "json.md").read_text(encoding="utf-8")))
    one = resolution(conda("a"), pypi("b"), provided={"c": ("a", "1.0")})
    difference = diff_resolutions([one], [resolution(conda("a", "2"))])
    place = tmp_path / "conda-lock.yml"
    place.write_text(
        write_conda_lock([resolution(pypi("a", dependencies={"b": ""}), pypi("b"))], LockMetadata())
    )
    documents = [
        why(WhyRequest(package="b", lockfile=str(place))).to_json(),
        tree(TreeRequest(lockfile=str(place))).to_json(),
        Outdated(
            packages=(
                VersionStanding(
                    platform="p", name="n", manager="m", locked="1", fits="2", newest="3", is_asked=True
                ),
            )
        ).to_json(),
        lock_to_json(
            [one],
            output="x",
            written=True,
            difference=difference,
            notices=[Notice(code="c", text="t")],
            seconds=1.0,
        ),
        difference.to_json(),
        freshness_to_json(Path("x"), (Fault(message="m"),)),
        error_to_json(InputError("m")),
        error_to_json(NoSolutionError("m", [(None, "t")])),
    ]
    data = {"c", "md5", "sha256"}  # names of packages and algorithms are values, not keys of the schema
    assert {key for document in documents for key in keys(document)} - data - described == set()
