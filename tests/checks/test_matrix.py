"""Version matrices say what the facts say, cell by cell, with both sides of a disagreement."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from resolver.checks import facts
from resolver.checks.matrix import Matrix, matrix, names

#: torch and CUDA -> cuDNN that the METADATA of its wheel pins, where the compiled facts follow RELEASE.md
CUDNN_OF_WHEELS = {("2.11.0", "12.8"): ["9.19.0.56"], ("2.11.0", "13.0"): ["9.19.0.56"]}


def rows_of(table: Matrix) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Return (release, CUDA) -> column -> what is said."""
    found = {}
    for row in table.rows:
        cells = {
            column: [fact.text for fact in cell.said] for column, cell in zip(table.columns, row, strict=True)
        }
        found[(row[0].text, row[2].text.split(" ")[0])] = cells
    return found


@pytest.mark.parametrize("name", names())
def test_every_cell_has_a_source(name: str) -> None:
    table = matrix(name)
    assert table.rows
    for row in table.rows:
        assert len(row) == len(table.columns)
        for cell in row:
            for fact in cell.said:
                assert fact.source
                assert fact.date


def test_releases_that_users_ask_for() -> None:
    torch = {row[0].text for row in matrix("pytorch").rows}
    assert {"1.13.0", "2.0.1", "2.6.0", "2.11.0", "2.14.1", "2.15.0"} <= torch
    tensorflow = {row[0].text for row in matrix("tensorflow").rows}
    assert {"2.11.0", "2.15.1", "2.16.1", "2.21.0"} <= tensorflow


def test_both_sides_of_a_disagreement_are_shown() -> None:
    cells = rows_of(matrix("pytorch"))[("2.11.0", "13.0")]
    assert cells["cuDNN"] == ["9.19.0.56"], "what a maker's page says against the wheel is told as disputed"
    assert any(
        text.startswith("disputed:")
        for text in rows_of(matrix("pytorch"))[("2.11.0", "12.8")]["architectures"]
    )
    assert rows_of(matrix("tensorflow"))[("2.11.1", "11.2")]["Python"] == ["3.8-3.10", "3.7-3.10 (tested)"]


def load(shared: Path, name: str) -> dict[str, Any]:
    """Return a table of the facts as they were compiled."""
    data: dict[str, Any] = yaml.safe_load((shared / "gpu" / f"{name}.yaml").read_text(encoding="utf-8"))
    return data


@pytest.mark.shared
def test_pytorch_matrix_equals_the_compiled_facts(shared: Path) -> None:
    data = load(shared, "pytorch")
    drivers = {
        row["major"]: row.get("linux_min") for row in load(shared, "cuda_driver")["minor_version_floor"]
    }
    cells = rows_of(matrix("pytorch"))
    expected = set()
    for release in data["releases"]:
        variants = release["index_cuda_variants"]
        for cuda in variants if isinstance(variants, list) else [release["pypi_default_cuda"]]:
            expected.add((release["torch"], cuda))
            row = cells[(release["torch"], cuda)]
            tags = [tag for tag in release["pypi_wheel_python_tags"] if not tag.endswith("t")]
            assert row["Python"] == [f"{tags[0][2]}.{tags[0][3:]}-{tags[-1][2]}.{tags[-1][3:]}"]
            is_default = cuda == release["pypi_default_cuda"]
            assert row["CUDA"] == [f"{cuda} (PyPI)" if is_default else cuda]
            said = [release["pypi_default_cudnn"]] if is_default else []
            said += [
                text for text in [release.get("cudnn_by_cuda", {}).get(cuda)] if text and text not in said
            ]
            assert row["cuDNN"] == CUDNN_OF_WHEELS.get((release["torch"], cuda), said)
            assert row["driver"][0].removeprefix(">=") in str(drivers[int(cuda.split(".")[0])])
            assert row["architectures"][:1] == arch_text(data, release["torch"], cuda)
    assert set(cells) == expected | {(version, "12.9") for version in FOR_CUDA_12_9}


#: Releases whose builds for CUDA 12.9, on Linux alone, the compiled facts lack: their matrix names them
#: outside its table.
FOR_CUDA_12_9 = {"2.9.0", "2.9.1", "2.10.0", "2.11.0", "2.12.1", "2.13.0"}
#: Releases whose variants are cited from elsewhere than the compiled facts name.
CITED_ANEW = {"1.13.0", "2.14.0", "2.14.1"}


#: Where the compiled facts were found wrong: first and last minor, CUDA -> what is right.
MENDED = {
    ((2, 6), (2, 7), "11.8"): "3.7 5.0 6.0 7.0 7.5 8.0 8.6 9.0",
    ((2, 7), (2, 7), "12.8"): "7.5 8.0 8.6 9.0 10.0 12.0+PTX",
    ((2, 10), (2, 10), "12.6"): "5.0 6.0 7.0 7.5 8.0 8.6 9.0",
    ((2, 10), (2, 10), "13.0"): "7.5 8.0 8.6 9.0 10.0 12.0+PTX",
    ((2, 10), (2, 10), "12.8"): "7.0 7.5 8.0 8.6 9.0 10.0 12.0",
    ((2, 11), (2, 14), "13.0"): "7.5 8.0 8.6 9.0 10.0 12.0",
    ((2, 15), (2, 15), "13.2"): "7.5 8.0 8.6 9.0 10.0 12.0",
    ((2, 12), (2, 14), "13.2"): "7.5 8.0 8.6 9.0 10.0 12.0",
}
#: Releases that the compiled facts lack.
ADDED = {"2.9.0", "2.9.1", "2.9.2", "2.10.0"}


def arch_text(data: dict[str, Any], version: str, cuda: str) -> list[str]:
    """Return what the compiled facts give for a release, as the matrix words it; empty: nothing."""
    minor = tuple(int(part) for part in version.split(".")[:2])
    for (first, last, mended), text in MENDED.items():
        if mended == cuda and first <= minor <= last:
            return [text]
    for row in data["arch_lists_pytorch_wheels"]:
        ends = [tuple(int(part) for part in end.split(".")) for end in row["torch"].split("-")]
        if cuda in row["cuda"] and ends[0] <= minor <= ends[-1]:
            return [" ".join(row["arch"].split(";")) if row["arch"] else f"unknown ({row['note']})"]
    return []


@pytest.mark.shared
def test_tensorflow_matrix_equals_the_compiled_facts(shared: Path) -> None:
    data = load(shared, "tensorflow")
    cells = rows_of(matrix("tensorflow"))
    assert {key[0] for key in cells} == {row["tensorflow"] for row in data["releases"]} | ADDED
    for release in data["releases"]:
        tested = release["tested_build"]
        row = cells[(release["tensorflow"], tested["cuda"])]
        assert row["CUDA"][0] == f"{tested['cuda']} (tested)"
        assert row["cuDNN"][0] == f"{tested['cudnn']} (tested)"
        for column, stem in (("CUDA", "nvidia-cuda-runtime"), ("cuDNN", "nvidia-cudnn")):
            pins = [text for text in release["and_cuda_extra"] or () if text.startswith(stem)]
            wanted = [re.sub(r"^[a-z0-9-]+", "", text) + " [and-cuda]" for text in pins]
            assert row[column][1:] == wanted
        tags = release["wheel_python_tags"]
        assert row["Python"][0] == f"{tags[0][2]}.{tags[0][3:]}-{tags[-1][2]}.{tags[-1][3:]}"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "file", "key", "listed"),
    [
        ("pytorch", "pytorch", "torch", "index_source"),
        ("tensorflow", "tensorflow", "tensorflow", "tested_source"),
    ],
)
def test_cells_cite_the_sources_of_the_compiled_facts(
    shared: Path, name: str, file: str, key: str, listed: str
) -> None:
    releases = {row[key]: row for row in load(shared, file)["releases"]}
    cudnn = {row.matrix.cudnn_source for row in facts.table(facts.TorchRelease).rows}
    for row in (row for row in matrix(name).rows if row[0].text not in ADDED | CITED_ANEW):
        release = releases[row[0].text]
        sources = (" ".join(release["source"].split()), " ".join(release[listed].split()), *cudnn)
        for fact in (fact for cell in row[:4] for fact in cell.said):
            assert fact.source.startswith(sources)


@pytest.mark.shared
def test_toolkit_drivers_equal_the_compiled_facts(shared: Path) -> None:
    data = load(shared, "cuda_driver")
    said = {fact.text for row in matrix("cuda").rows for fact in row[1].said}
    for row in data["toolkit_driver"]:
        number = re.search(r"\d[\d.]+", row["toolkit_driver_linux_x86_64"])
        assert number
        assert f">={number[0]}" in said
