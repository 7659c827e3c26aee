"""Tables of facts keep their schema: keys, sources, dates, and values that can be compared."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from resolver.checks import facts
from resolver.machine import facts as machine_facts
from resolver.machine.tables import Cited, FactTables, Row
from resolver.model.leading_numbers import release
from scripts.format_facts import layout

FOLDERS = (facts.TABLES, machine_facts.TABLES)
NAMES = sorted(name for tables in FOLDERS for rows in tables.families.values() for name in rows)
FILES = sorted(path for tables in FOLDERS for path in tables.folder.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_every_table_meets_its_schema(name: str) -> None:
    """Reading refuses unknown and missing keys; a table says what it is about and up to which day."""
    table, _ = facts.table_named(name)
    assert table.rows
    assert table.about.endswith(".")
    assert date.fromisoformat(table.read)


def cited(row: Row) -> Iterator[Cited]:
    """Yield a row and what it cites beside its own source."""
    yield row
    for field in msgspec.structs.fields(row):
        if isinstance(value := getattr(row, field.name), Cited):
            yield value


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source_with_a_date(name: str) -> None:
    table, _ = facts.table_named(name)
    for item in (item for row in table.rows for item in cited(row)):
        assert item.source == " ".join(item.source.split())
        assert len(item.source) > 8
        assert date.fromisoformat(item.date)
        assert not re.search(r"/(work|home|tmp)/|\bbrief\b", item.source)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_laid_out_as_the_formatter_does(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == layout(json.loads(text)), "run scripts/format_facts.py"


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=20),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=130),
            lambda inner: (
                st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5)
            ),
            max_leaves=12,
        ),
        max_size=5,
    )
)
def test_the_formatter_keeps_every_value(row: dict[str, Any]) -> None:
    family = {"table": {"about": "a", "read": "2026-01-01", "rows": [row, {"b": 1}]}}
    assert json.loads(layout(family)) == family


CITED = {"source": "a source", "date": "2026-11-20"}
BROKEN = {
    "a misspelt key": {"ubuntu": "26.04", "glibc": "2.43", "sorce": "x", **CITED},
    "no source": {"ubuntu": "26.04", "glibc": "2.43", "date": "2026-11-20"},
    "no date": {"ubuntu": "26.04", "glibc": "2.43", "source": "a source"},
    "no value": {"ubuntu": "26.04", **CITED},
    "a number for text": {"ubuntu": 26.04, "glibc": "2.43", **CITED},
    "a certainty that isn't one": {"ubuntu": "26.04", "glibc": "2.43", "certainty": "sure", **CITED},
}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_a_row_that_breaks_the_schema_is_refused(row: dict[str, Any], tmp_path: Path) -> None:
    table = {"about": "glibc.", "read": "2026-11-20", "rows": [row]}
    (tmp_path / "images.json").write_text(json.dumps({"ubuntu_glibc": table}), encoding="utf-8")
    tables = FactTables(tmp_path, {"images": {"ubuntu_glibc": machine_facts.UbuntuGlibc}})
    with pytest.raises(msgspec.ValidationError):
        tables.table(machine_facts.UbuntuGlibc)


def test_no_table_stands_outside_the_schema() -> None:
    for tables in FOLDERS:
        assert {path.stem for path in tables.folder.glob("*.json")} == set(tables.families)
        for family, rows in tables.families.items():
            text = (tables.folder / f"{family}.json").read_text(encoding="utf-8")
            assert list(json.loads(text)) == list(rows)


def test_no_key_stands_twice() -> None:
    keys = {
        "torch_releases": lambda row: row.version,
        "tensorflow_releases": lambda row: row.version,
        "vm_sizes": lambda row: (row.size, row.series),
        "base_images": lambda row: row.image,
        "gpus": lambda row: row.model,
        "signatures": lambda row: row.id,
        "statements": lambda row: row.key,
        "jax_plugins": lambda row: (row.project, row.version),
        "torch_pins": lambda row: (row.project, row.version),
        "curated_environments": lambda row: (row.name, row.current),
        "cuda_families": lambda row: row.major,
        "torch_arch": lambda row: (row.channel, row.platform, row.first, row.cuda),
        "channel_families": lambda row: row.channel,
        "cuda_binaries": lambda row: (row.project, row.version, row.platforms),
        "cudnn_loads": lambda row: (row.project, row.version, row.platforms),
        "package_needs": lambda row: (row.project, row.version),
        "vm_drivers": lambda row: row.series,
    }
    for name, key in keys.items():
        found = [key(row) for row in facts.table_named(name)[0].rows]
        assert len(found) == len(set(found)), name


@pytest.mark.parametrize(
    ("key", "versions", "held"),
    [
        ("mkl-2024-1", {"mkl": "2024.1.0", "pytorch": "2.5.1"}, True),
        ("mkl-2024-1", {"mkl": "2024.0.0", "pytorch": "2.5.1"}, False),
        ("mkl-2024-1", {"mkl": "2025.3.0", "pytorch": "2.6.0"}, False),
        ("tf-2.16.1", {"tensorflow": "2.16.1"}, True),
        ("tf-2.16.1", {"tensorflow": "2.16.2"}, False),
        ("flash-attention-2", {"flash_attn": "2.8.3.post1", "capability": "7.5"}, True),
        ("flash-attention-2", {"flash_attn": "2.8.3", "capability": "12.0"}, False),
        ("tegra-code", {"capability": "8.7"}, True),
        ("tegra-code", {"capability": "8.9"}, False),
        ("defaults-gcc", {"libgcc": "9.3.0"}, False),
    ],
)
def test_sentences_speak_of_versions(key: str, versions: dict[str, str], held: bool) -> None:
    assert facts.holds(key, **versions) is held


def test_what_a_sentence_does_not_name_is_no_version_of_it() -> None:
    with pytest.raises(KeyError):
        facts.holds("tf-windows", torch="2.6.0")


def test_versions_can_be_compared() -> None:
    for row in facts.table(facts.TorchRelease).rows:
        assert release(row.version)
        assert release(row.cuda)
        assert release(row.cudnn)
        assert all(release(text) for text in (*(row.matrix.variants or ()), *row.matrix.cudnn))
    for arch in facts.table(facts.TorchArch).rows:
        assert release(arch.first) <= release(arch.last)
        assert all(len(release(code)) == 2 for code in (*(arch.sass or ()), *arch.ptx))
    for size in machine_facts.table(machine_facts.VmSize).rows:
        assert (size.capability is None) == (size.vendor == "amd")
        assert size.size is None or size.size.startswith("Standard_")


def test_statements_are_all_quoted() -> None:
    """A sentence that no rule quotes or asks is a rule forgotten."""
    folder = facts.TABLES.folder.parent
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))
    unused = [row.key for row in facts.table(facts.Statement).rows if f'"{row.key}"' not in code]
    assert unused == []


def test_no_row_contradicts_itself() -> None:
    """What one key of a row says, another of the same row must not deny."""
    for image in machine_facts.table(machine_facts.BaseImage).rows:
        assert image.deprecated == (image.status != "supported"), image.image
    for size in machine_facts.table(machine_facts.VmSize).rows:
        assert size.retired is None or size.retired in size.status, size
    for environment in machine_facts.table(machine_facts.CuratedEnvironment).rows:
        pinned = environment.pins.get("torch", "").removeprefix("==")
        if environment.actual is not None and release(pinned) and "torch" in environment.actual:
            assert pinned.split("+")[0] in environment.actual, environment.name
    for arch in facts.table(facts.TorchArch).rows:
        assert set(arch.ptx) <= set(arch.sass or ()), arch


def test_ranges_of_architectures_do_not_overlap() -> None:
    rows = facts.table(facts.TorchArch).rows
    for left, right in itertools.combinations(rows, 2):
        if (left.channel, left.platform, left.cuda) == (right.channel, right.platform, right.cuda):
            assert release(left.last) < release(right.first) or release(right.last) < release(left.first)


def test_rows_of_a_project_hold_for_releases_of_their_own() -> None:
    """A release has one row: spans neither overlap nor end before they begin."""
    for name in ("package_needs", "cudnn_loads", "cuda_binaries"):
        rows = facts.table_named(name)[0].rows
        for left, right in itertools.combinations(rows, 2):
            assert Version(left.version) <= Version(left.last)
            apart = {*getattr(left, "platforms", ("any",))}.isdisjoint(getattr(right, "platforms", ("any",)))
            if left.project == right.project and not apart:
                spans = sorted((Version(row.version), Version(row.last)) for row in (left, right))
                assert spans[0][1] < spans[1][0], (left, right)


#: Tables whose certainty isn't assessed row by row: each row names the threads that show the text.
NOT_ASSESSED = {"signatures"}


@pytest.mark.parametrize("name", NAMES)
def test_every_row_says_how_sure_it_is_and_where_it_stands(name: str) -> None:
    """A source is words that a reader can follow: they begin with one, brackets and quotes close."""
    for row in facts.table_named(name)[0].rows:
        assert row.certainty is not None or name in NOT_ASSESSED, row
        for item in cited(row):
            text = item.source
            assert text[:1].isalnum(), row
            assert text == text.strip(), row
            assert all(text.count(a) == text.count(b) for a, b in ("()", "[]")), row
            assert not any(text.count(mark) % 2 for mark in '"`'), row
