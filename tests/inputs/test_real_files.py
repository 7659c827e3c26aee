"""Environment files as public projects keep them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from resolver.errors import InputErrors
from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements

pytestmark = pytest.mark.shared


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
