"""Tables of facts keep their schema: columns, sources, dates, and values that can be compared."""

from __future__ import annotations

import json
import re
from datetime import date

import msgspec
import pytest

from resolver.checks import facts
from resolver.machine import facts as machine_facts
from resolver.model.leading_numbers import release

FOLDERS = (facts.TABLES, machine_facts.TABLES)
NAMES = sorted(name for tables in FOLDERS for name in tables.rows)


@pytest.mark.parametrize("name", NAMES)
def test_table_has_the_columns_of_its_rows(name: str) -> None:
    table, _ = facts.table_named(name)
    assert table.columns == tuple(field.name for field in msgspec.structs.fields(table.rows[0]))
    assert table.columns[-1] == "source"
    assert table.rows
    assert table.about.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source_with_a_date(name: str) -> None:
    table, _ = facts.table_named(name)
    used = set()
    for row in table.rows:
        for column in table.columns:
            if column.endswith("source"):
                index = getattr(row, column)
                assert 0 <= index < len(table.sources)
                used.add(index)
    assert used == set(range(len(table.sources))), "a source that no row cites"
    for source, day in table.sources:
        assert source == source.strip()
        assert len(source) > 8
        assert date.fromisoformat(day) <= date.fromisoformat(table.read)


@pytest.mark.parametrize("name", NAMES)
def test_file_is_one_row_a_line(name: str) -> None:
    table, path = facts.table_named(name)
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) >= len(table.rows)
    json.loads(text)
    assert not re.search(r"/(work|home|tmp)/|\bbrief\b", text)


def test_no_table_stands_outside_the_schema() -> None:
    for tables in FOLDERS:
        assert {path.stem for path in tables.folder.glob("*.json")} == set(tables.rows)


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
        "torch_arch": lambda row: (row.channel, row.first, row.cuda),
        "channel_families": lambda row: row.channel,
    }
    for name, key in keys.items():
        found = [key(row) for row in facts.table_named(name)[0].rows]
        assert len(found) == len(set(found)), name


def test_versions_can_be_compared() -> None:
    for row in facts.table(facts.TorchRelease).rows:
        assert release(row.version)
        assert release(row.cuda)
        assert release(row.cudnn)
        assert all(
            release(text) for text in (*row.vision, *row.audio, *(row.variants or ()), *row.matrix_cudnn)
        )
    for arch in facts.table(facts.TorchArch).rows:
        assert release(arch.first) <= release(arch.last)
        assert all(len(release(code)) == 2 for code in (*(arch.sass or ()), *arch.ptx))
    for size in machine_facts.table(machine_facts.VmSize).rows:
        assert (size.capability is None) == (size.vendor == "amd")
        assert size.size is None or size.size.startswith("Standard_")


def test_statements_are_all_quoted() -> None:
    """A sentence that no rule quotes is a rule forgotten."""
    folder = facts.TABLES.folder.parent / "rules"
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    unused = [row.key for row in facts.table(facts.Statement).rows if f'"{row.key}"' not in code]
    assert unused == []
