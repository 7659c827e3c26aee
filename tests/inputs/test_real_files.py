"""Environment files as public projects keep them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from packaging.requirements import InvalidRequirement

from resolver.errors import InputErrors
from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements

pytestmark = pytest.mark.shared
PLATFORMS = ("linux-64", "osx-arm64", "win-64")


def files_of(shared: Path) -> list[Path]:
    return sorted(path for path in (shared / "envs").rglob("*") if path.suffix in (".yml", ".yaml"))


def parse(path: Path, *, includes: bool) -> Requirements | InputErrors:
    def read(name: str) -> bytes:
        if name == path.name or not includes:
            return (
                (path.parent / name).read_bytes() if "://" not in name else Path("/nonexistent").read_bytes()
            )
        return b""

    try:
        return parse_inputs([path.name], read)
    except InputErrors as errors:
        return errors


def outcome(found: Requirements | InputErrors) -> str:
    if isinstance(found, Requirements):
        return "read"
    assert all(error.origin and error.origin.line and error.origin.column for error in found.errors)
    if any("is a template placeholder" in error.message for error in found.errors):
        return "template"
    if all(error.message.startswith("can't read `") for error in found.errors):
        return "names a file that is absent"
    return f"other: {found}"


def test_each_file_is_read_or_refused_for_a_good_reason(shared: Path) -> None:
    counts = Counter(outcome(parse(path, includes=False)) for path in files_of(shared))
    assert counts == {"read": 237, "template": 52, "names a file that is absent": 40}


def test_all_but_the_templates_are_read_where_the_files_they_include_are_there(shared: Path) -> None:
    counts = Counter(outcome(parse(path, includes=True)) for path in files_of(shared))
    assert counts == {"read": 277, "template": 52}


def test_each_requirement_stands_at_its_place(shared: Path) -> None:
    checked = 0
    for path in files_of(shared):
        found = parse(path, includes=True)
        if isinstance(found, InputErrors):
            continue
        lines = path.read_text().splitlines()
        for requirement in found.conda:
            assert requirement.origin.line is not None
            assert requirement.origin.column is not None
            rest = lines[requirement.origin.line - 1][requirement.origin.column - 1 :]
            assert rest.lstrip("'\"").startswith(requirement.spec)
            checked += 1
    assert checked > 2700


def test_each_placeholder_is_reported_once_and_named(shared: Path) -> None:
    for path in files_of(shared):
        found = parse(path, includes=True)
        if isinstance(found, InputErrors):
            text = path.read_text()
            named = [error.message.split("`")[1] for error in found.errors if "placeholder" in error.message]
            assert all(name in text for name in named)
            assert len({error.origin for error in found.errors}) == len(found.errors)


def conda_lock_names(path: Path, mapping_url: str) -> dict[str, set[tuple[str, str]]]:
    """Return (name, manager) per platform as conda-lock reads the file; empty where it refuses it."""
    from conda_lock.src_parser.environment_yaml import parse_environment_file

    try:
        found = parse_environment_file(path, list(PLATFORMS), mapping_url=mapping_url)
    except InvalidRequirement:  # it knows no options among pip's lines
        return {}
    return {
        platform: {(dependency.name, dependency.manager) for dependency in dependencies}
        for platform, dependencies in found.dependencies.items()
    }


def our_names(found: Requirements, platform: str) -> set[tuple[str, str]]:
    names = {(str(r.name), "conda") for r in found.conda if r.platforms is None or platform in r.platforms}
    return names | {(str(r.name), "pip") for r in found.pypi if r.direct is None}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_names_agree_with_conda_lock(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text("{}")
    """A third of the files in every run, all of them where LOCKSTACK_ALL is set."""
    whole, compared = bool(os.environ.get("LOCKSTACK_ALL")), 0
    for path in files_of(shared)[:: 1 if whole else 3]:
        found, text = parse(path, includes=True), path.read_text()
        if isinstance(found, InputErrors) or path.name == "python_env.yaml" or "sel(" in text:
            continue  # it reads neither MLflow's files nor `sel(...)`
        direct = {str(r.name) for r in found.pypi if r.direct is not None}
        for platform, theirs in conda_lock_names(path, (tmp_path / "mapping.yaml").as_uri()).items():
            ours = our_names(found, platform)
            extra = theirs - ours - {("pip", "conda")}  # it adds pip where pip has lines
            assert ours <= theirs, path
            assert len(extra) <= len(direct), path  # it guesses the names of some addresses
            compared += 1
    assert compared == 3 * 227 if whole else compared > 200
