"""``lock graph``: what it writes and where, of lockfiles, of two, of inputs with and without a solution."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
import pytest

from lockfiles.formats.conda_lock.text import write_conda_lock
from lockfiles.model import LockedChannel, LockMetadata
from tests.cli.here import lock
from tests.cli.process import Done, make_project
from tests.lockfiles.make import MACOS, conda, pypi, resolution

METADATA = LockMetadata(channels=(LockedChannel(url="conda-forge"),), sources=("environment.yml",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two lockfiles, of one platform and of two, and the input of the newer one."""
    old = resolution(conda("python", "3.11.8", "h0", "zlib"), conda("zlib"))
    new = resolution(
        conda("python", "3.11.9", "h0", "openssl >=3"), conda("openssl", "3.3"), pypi("requests")
    )
    mac = resolution(conda("python", "3.11.9", subdir="osx-arm64"), target=MACOS)
    (tmp_path / "old.yml").write_text(write_conda_lock([old], METADATA))
    (tmp_path / "conda-lock.yml").write_text(write_conda_lock([new, mac], METADATA))
    (tmp_path / "environment.yml").write_text("dependencies: [python, {pip: [requests]}]\n")
    return tmp_path


def drawn(path: Path) -> dict[str, object]:
    html = path.read_text(encoding="utf-8")
    start = html.index('id="data">') + len('id="data">')
    value: dict[str, object] = json.loads(html[start : html.index("</script>", start)])
    return value


def test_a_page_beside_the_lockfile(folder: Path) -> None:
    done = lock("graph", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "Wrote `conda-lock.html`.\n")
    data = drawn(folder / "conda-lock.html")
    assert [graph["platform"] for graph in data["graphs"]] == ["linux-64", "osx-arm64"]  # type: ignore[attr-defined]
    (python,) = [n for n in data["graphs"][0]["nodes"] if n["id"] == "python"]  # type: ignore[index]
    assert python["asked"] == ["environment.yml:1:16: python"]
    again = lock("graph", folder=folder)
    assert again.err == "Nothing to change in `conda-lock.html`.\n"


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (["-o", "g.graphml"], '<?xml version="1.0" encoding="UTF-8"?>\n<graphml'),
        (["-o", "g.gv"], 'digraph "conda-lock.yml" {'),
        (["-o", "g.json"], "{\n"),
        (["-o", "g.txt"], "<!DOCTYPE html>"),
        (["-o", "g.txt", "--format", "dot"], 'digraph "conda-lock.yml" {'),
    ],
)
def test_the_format_is_what_is_asked_for_or_the_name_ends_in(
    folder: Path, arguments: list[str], begins: str
) -> None:
    done = lock("graph", "conda-lock.yml", *arguments, "-q", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (folder / arguments[1]).read_text(encoding="utf-8").startswith(begins)


def test_standard_output_and_one_platform(folder: Path) -> None:
    done = lock("graph", "-p", "linux-64", "--format", "json", "-o", "-", folder=folder)
    view = nx.node_link_graph(json.loads(done.out), edges="links")
    assert set(view) == {"python", "openssl", "pypi:requests"}
    assert view.edges["python", "openssl"] == {"requirement": "openssl >=3"}
    assert done.err == ""


def test_json_says_what_was_written(folder: Path) -> None:
    done = lock("graph", "--json", "-q", "-o", "x.html", folder=folder)
    assert done.json == {
        "schema_version": 1,
        "format": "html",
        "output": "x.html",
        "platforms": ["linux-64", "osx-arm64"],
        "unsolvable": [],
        "remarks": [],
    }


def test_two_lockfiles(folder: Path) -> None:
    done = lock("graph", "old.yml", "conda-lock.yml", "-o", "both.html", folder=folder)
    assert done.code == 0, done.err
    assert "note: only `conda-lock.yml` has osx-arm64\n" in done.err
    data = drawn(folder / "both.html")
    assert data["old"] == "old.yml"
    (graph,) = data["graphs"]  # type: ignore[misc]
    assert {node["id"]: node.get("change", "") for node in graph["nodes"]} == {
        "openssl": "added",
        "python": "upgraded",
        "pypi:requests": "added",
        "zlib": "removed",
    }


FAULTS = [
    pytest.param(["none.yml"], "none.yml: no such file", id="missing"),
    pytest.param(["conda-lock.yml", "environment.yml"], "environment.yml: one lockfile is drawn", id="mixed"),
    pytest.param(["old.yml", "old.yml", "conda-lock.yml"], "one lockfile is drawn, or two", id="three"),
    pytest.param(["conda-lock.yml", "-p", "win-64"], "holds no platform `win-64`", id="platform"),
    pytest.param(["conda-lock.yml", "--format", "svg"], "invalid choice: 'svg'", id="format"),
    pytest.param(["conda-lock.yml", "-o", "no/such/x.html"], "can't write `no/such/x.html`", id="no folder"),
]


@pytest.mark.parametrize(("arguments", "message"), FAULTS)
def test_faults_leave_what_is_there(folder: Path, arguments: list[str], message: str) -> None:
    (folder / "conda-lock.html").write_text("mine")
    done = lock("graph", *arguments, folder=folder)
    assert done.code in (2, 6)
    assert message in done.err
    assert "Traceback" not in done.err
    assert (folder / "conda-lock.html").read_text() == "mine"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the training example and one that has no solution."""
    folder = tmp_path_factory.mktemp("sample")
    make_project(folder)
    (folder / "conflict.yml").write_text(
        "channels: [conda-forge]\ndependencies: [python=3.11, numpy>=2, shap=0.45.1]\n"
    )
    return folder


def test_an_input_is_solved_and_its_findings_are_drawn(sample: Path) -> None:
    done = lock("graph", "environment.yml", "--library-path", "/usr/local/cuda/lib64", folder=sample)
    assert done.code == 0, done.err
    (graph,) = drawn(sample / "environment.html")["graphs"]  # type: ignore[misc]
    assert all(node["size"] for node in graph["nodes"] if node["manager"] == "conda")
    assert not (sample / "conda-lock.yml").exists()
    checked = lock(
        "check", "environment.yml", "--library-path", "/usr/local/cuda/lib64", "--json", folder=sample
    )
    (found,) = checked.json["checked"]
    assert [one["message"] for one in graph["findings"]] == [one["message"] for one in found["findings"]]
    without = lock("graph", "environment.yml", "--no-check", "-o", "plain.html", folder=sample)
    assert without.code == 0
    (plain,) = drawn(sample / "plain.html")["graphs"]  # type: ignore[misc]
    assert plain["findings"] == []


def run_conflict(sample: Path, *arguments: str) -> Done:
    return lock("graph", "conflict.yml", *arguments, folder=sample)


def test_the_conflict_of_an_input_without_a_solution(sample: Path) -> None:
    done = run_conflict(sample)
    assert done.code == 4
    assert "linux-64: no solution; the conflict is drawn\n" in done.err
    data = drawn(sample / "conflict.html")
    (conflict,) = data["conflicts"]  # type: ignore[misc]
    assert data["graphs"] == []
    parts = {part["label"]: (part["part"], part["column"]) for part in conflict["parts"]}
    assert parts["numpy"][0] == "dead"
    assert parts["conflict.yml:2:29\nnumpy>=2"][0] == "line"
    for source, target, _ in conflict["edges"]:
        assert conflict["parts"][source]["column"] < conflict["parts"][target]["column"]
    assert "these 2 lines can't hold together" in conflict["text"]
    explained = lock("explain", "conflict.yml", folder=sample)
    assert conflict["text"].splitlines()[0] in explained.out


def test_the_conflict_for_other_tools(sample: Path) -> None:
    done = run_conflict(sample, "-o", "-", "--format", "graphml")
    assert done.code == 4
    view = nx.parse_graphml(done.out)
    assert {data["part"] for _, data in view.nodes(data=True)} == {"line", "package", "dead"}
