"""Pipes, devices and folders where a fleet reads or writes; cells that a spreadsheet would evaluate."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import threading
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from lockfiles import regular_files
from lockfiles.cli.fleet.outputs import CsvTable, _finding
from lockfiles.cli.main import main
from lockfiles.cli.sarif import SarifSubject, sarif
from lockfiles.cli.terminal import Terminal
from lockfiles.files import write_text
from lockfiles.fleet.causes import Failure
from lockfiles.fleet.records import FindingRow, FleetRecord, HeldRow, UpkeepRow
from lockfiles.fleet.running import _digest_of
from lockfiles.fleet.snapshot.store import AnswerStore
from lockfiles.fleet.upkeep.groups import _held_lines
from resolver.errors import InputError, OutputError
from resolver.model.rules import RuleReport
from resolver.sources.http.response import Response
from tests.fleet.world import make_fleet

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names there")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(regular_files, "PATIENCE", 0.05)
    make_fleet(tmp_path, {"one/environment.yml": ["a"]})
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("resume", [(), ("--resume",)], ids=["anew", "resumed"])
@pytest.mark.parametrize(
    ("place", "told"),
    [("pipe", "is a pipe or a device"), ("/dev/zero", "is a pipe or a device"), ("one", "is a directory"),
     ("/dev/null", "isn't a fleet's journal")],
)  # fmt: skip
def test_a_journal_is_a_file(
    place: str, told: str, resume: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fleet", "one", "--workers", "0", "--journal", place, *resume]) == 2
    said = capsys.readouterr().err
    assert f"error: {place}: " in said
    assert told in said


@pytest.mark.parametrize("flag", ["--csv", "--html", "--sarif"])
def test_outputs_into_a_pipe(flag: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = "error: can't write `pipe`: "
    assert main(["fleet", "one", "--workers", "0", flag, "pipe"]) == 6
    assert f"{told}a pipe that nobody has read from for 0.05 s" in capsys.readouterr().err
    assert main(["fleet", "one", "--workers", "0", flag, "absent/file"]) == 6
    assert "its folder does not exist" in capsys.readouterr().err
    assert (folder / "pipe").is_fifo()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", [("--files-from", "pipe"), ("pipe",), ("/dev/zero",)], ids=" ".join)
def test_inputs_that_are_pipes(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fleet", *arguments, "--workers", "0"]) == 2
    said = capsys.readouterr()
    assert "is a pipe or a device" in said.err + said.out


@pytest.mark.usefixtures("folder")
def test_what_a_journal_names_is_a_file() -> None:
    assert _digest_of("pipe") is None


def test_a_pipe_whose_reader_comes_gets_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular_files, "PATIENCE", 60.0)
    text, read = "0123456789" * 100_000, list[str]()
    reader = threading.Thread(target=lambda: read.append((folder / "pipe").read_text()))
    reader.start()
    assert write_text("pipe", text)
    reader.join()
    assert read == [text]


def test_what_a_shell_hands_over_is_written_to() -> None:
    reading, writing = os.pipe()
    write_text(f"/dev/fd/{writing}", "text")
    assert os.read(reading, 10) == b"text"
    os.close(reading)
    os.close(writing)


def test_a_pipe_is_no_place_for_a_lockfile(folder: Path) -> None:
    with pytest.raises(OutputError, match="nobody has read from"):
        write_text(folder / "pipe", "text")


@pytest.mark.parametrize(
    ("name", "put", "told"),
    [
        ("snapshot.json", "pipe", "is a pipe or a device"),
        ("snapshot.json", "device", "is a pipe or a device"),
        ("snapshot.json", "folder", "is a directory"),
        ("snapshot.json", "deep", "nested too deep"),
        ("answers.jsonl", "pipe", "is a pipe or a device"),
        ("answers.jsonl", "endless", "has no end"),
        ("answers.jsonl", "deep", "nested too deep"),
        ("blobs", "pipe", "file exists"),
    ],
)
def test_a_snapshot_whose_files_are_none(name: str, put: str, told: str, tmp_path: Path) -> None:
    if name != "snapshot.json":
        (tmp_path / "snapshot.json").write_text('{"snapshot": 1, "made": "2026-11-30T05:00:00Z"}')
    place = tmp_path / name
    if put == "pipe":
        os.mkfifo(place)
    elif put == "device":
        place.symlink_to("/dev/zero")
    elif put == "folder":
        place.mkdir()
    elif put == "deep":
        place.write_text('{"x":' * 100_000 + "\n")
    else:
        with place.open("wb") as file:
            file.truncate(1 << 34)  # of which no disk holds more than a block
    with pytest.raises(InputError, match=told):
        AnswerStore(tmp_path, _asks_nobody, "2026-11-30T05:00:00Z")


def _asks_nobody(*_: object) -> Response:
    raise AssertionError("nothing is asked")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20"])
@pytest.mark.parametrize("parted", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_no_cell_begins_as_a_formula(sign: str, parted: str) -> None:
    name = f"{sign}1+cmd|' /C calc'!A0"
    failure = Failure(kind="bad-input", cause=f"a;{name}\t{name}\n{name}", message="m")
    record = FleetRecord(
        file=name, code=2, outcome=f'"{name}', output=name, failures=(failure,), digest=f"x;{name}"
    )
    table, out = CsvTable(), io.StringIO()
    table.take(record)
    table.write("-", Terminal(stdout=out, stderr=io.StringIO()))
    for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=parted):
        assert not [
            cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff20"))
        ]


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("workers", ["0", "1"])
def test_names_that_are_no_text(workers: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each file has its record, and the outputs are UTF-8, in lines of their own."""
    names = ["\udcff\udcfe.yml", "\udcff/environment.yml", "new\nline.yml", "\x1b[31mred.yml", 'c,"q.yml']
    for name in names:
        Path("one", name).parent.mkdir(exist_ok=True)
        Path("one", name).write_bytes(Path("one/environment.yml").read_bytes())
    outputs = ["--csv", "t.csv", "--sarif", "t.sarif", "--html", "t.html", "--with", "check"]
    assert main(["fleet", "one", "--workers", workers, "--json", *outputs]) == 2
    said = capsys.readouterr()
    rows = {row["file"]: row for row in map(json.loads, said.out.splitlines())}
    assert sorted(rows) == sorted(["one/environment.yml", *(f"one/{name}" for name in names)])
    bad = {name: row["failures"][0]["message"] for name, row in rows.items() if row["code"]}
    assert bad == {"one/\udcff\udcfe.yml": "its name isn't UTF-8, and a lockfile names its inputs in UTF-8"}
    assert Path("one/\udcff/conda-lock.yml").is_file()
    table = list(csv.DictReader(Path("t.csv").read_text("utf-8").splitlines(keepends=True)))
    assert [row["file"] for row in table] == [ascii_name(name) for name in rows]
    for name in ("t.sarif", "t.html"):
        assert "red.yml" in Path(name).read_text("utf-8") or name == "t.sarif"
    assert main(["fleet", "one", "--workers", workers, "--with", "check", "--resume"]) == 2
    said = capsys.readouterr()
    assert "6 were done before" in said.err
    assert "one/new\\nline.yml" in said.out
    assert main(["fleet", "why", "a", "one", "--json"]) == 0
    holders = [json.loads(line)["file"] for line in capsys.readouterr().out.splitlines()]
    assert "one/\udcff/conda-lock.yml" in holders
    assert main(["one/\udcff\udcfe.yml"]) == 2
    assert not list(Path("one").glob("\udcff*.conda-lock.yml"))


def ascii_name(name: str) -> str:
    """Return a name as a table shows it: what acts on a screen as an escape, ends of lines as they are."""
    return re.sub("[\x1b\udc80-\udcff]", lambda found: ascii(found[0])[1:-1], name)


def test_a_place_in_findings_is_an_address_of_bytes() -> None:
    row = FindingRow(rule="azureml/conda-ignored", severity="error", message="m")
    report = RuleReport(findings=(_finding(row, "a b/\udcff%.yml"),))
    (found,) = sarif([SarifSubject(file="x", report=report)])["runs"]  # type: ignore[misc]
    place = found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]  # type: ignore[index]
    assert place == {"uri": "a%20b/%FF%25.yml"}


def test_what_a_source_says_is_no_markup() -> None:
    told = "<img src=x> @all [a](http://b) | ``"
    row = HeldRow(ecosystem="conda", name="a", version="1", platforms=(), reasons=(), told=told)
    (line,) = _held_lines([FleetRecord(file="`e", code=0, outcome="done", upkeep=UpkeepRow(held=(row,)))])
    html = MarkdownIt("commonmark").render(line)
    assert "<img" not in html
    assert "<a " not in html
    assert "@all" in html.partition("a 1</code>")[2].partition("<code>")[2].partition("</code>")[0]


def test_no_finding_becomes_a_link() -> None:
    row = FindingRow(
        rule="azureml/conda-ignored", severity="error", message="[a](http://b)", evidence=("[c](1)",)
    )
    record = FleetRecord(file="e.yml", code=5, outcome="findings", findings=(row,))
    report = RuleReport(findings=(_finding(row, record.file),))
    (found,) = sarif([SarifSubject(file=record.file, report=report)])["runs"]  # type: ignore[misc]
    assert found["results"][0]["message"]["text"] == "[a] (http://b)\n[c] (1)"  # type: ignore[index]
