"""Files of the pip part: the path in them corrected, and taken out again by what their RECORD lists."""

from __future__ import annotations

import base64
import csv
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockfiles.environments.installed import read_present
from lockfiles.environments.relocation import relocate_file, relocate_projects
from lockfiles.environments.removal import take_out

SITE = "lib/python3.12/site-packages"
OLD, NEW = Path("/srv/.env.lockstack/new"), Path("/srv/env")


def _install(prefix: Path, files: dict[str, bytes], name: str = "tool", record: bool = True) -> None:
    """Put files there (paths from site-packages) with a RECORD as installers write it."""
    site, folder = prefix / SITE, f"{name}-1.dist-info"
    rows = []
    for relative, content in {**files, f"{folder}/METADATA": b"Name: tool\nVersion: 1\n"}.items():
        path = site / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append((relative, f"sha256={digest}", str(len(content))))
    if record:
        with (site / folder / "RECORD").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([*rows, (f"{folder}/RECORD", "", "")])


def test_commands_name_the_final_interpreter_and_record_agrees(tmp_path: Path) -> None:
    prefix, final = tmp_path / ".env.lockstack" / "new", tmp_path / "env"
    script = f"#!{prefix}/bin/python\nimport tool\n".encode()
    _install(prefix, {"tool.py": b"x = 1\n", "../../../bin/tool": script})
    (prefix / "bin" / "tool").chmod(0o755)
    relocate_projects(prefix, final, [f"{SITE}/tool-1.dist-info"])
    found = (prefix / "bin" / "tool").read_bytes()
    assert found == f"#!{final}/bin/python\nimport tool\n".encode()
    assert (prefix / "bin" / "tool").stat().st_mode & 0o111
    with (prefix / SITE / "tool-1.dist-info" / "RECORD").open(newline="") as file:
        rows = {row[0]: row[1:] for row in csv.reader(file)}
    digest = base64.urlsafe_b64encode(hashlib.sha256(found).digest()).rstrip(b"=").decode()
    assert rows["../../../bin/tool"] == [f"sha256={digest}", str(len(found))]


@given(
    before=st.binary(max_size=20),
    after=st.binary(max_size=20),
    rest=st.from_regex(rb"[a-z/]{0,9}", fullmatch=True),
    more=st.booleans(),
)
def test_binary_files_keep_their_length_and_their_texts(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, after: bytes, rest: bytes, more: bool
) -> None:
    path = tmp_path_factory.mktemp("binary") / "lib.so"
    old, new = str(OLD).encode(), str(NEW).encode()
    text = old + rest + (b":" + old + b"/lib" if more else b"")
    data = before + b"\0" + text + b"\0" + after
    path.write_bytes(data)
    made = relocate_file(path, OLD, NEW)
    assert made is not None
    assert path.read_bytes() == made
    assert len(made) == len(data)
    wanted = text.replace(old, new)
    assert made == before + b"\0" + wanted + b"\0" * (len(text) - len(wanted)) + b"\0" + after


def test_other_files_stay_the_very_file(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"/srv/env elsewhere")
    other.hardlink_to(path)
    assert relocate_file(path, OLD, NEW) is None
    assert path.samefile(other)
    path.write_bytes(f"{OLD}/bin".encode())
    assert relocate_file(path, OLD, NEW) == f"{NEW}/bin".encode()
    assert other.read_bytes() == f"{OLD}/bin".encode()  # the old environment's name of it


def test_what_record_lists_goes_and_nothing_else(tmp_path: Path) -> None:
    _install(tmp_path, {"tool/__init__.py": b"", "tool/data.txt": b"", "../../../bin/tool": b""})
    cache = tmp_path / SITE / "tool" / "__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-312.pyc").touch()
    (tmp_path / SITE / "other.py").touch()
    (tmp_path / "bin" / "mine").touch()
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.touch()
    record = tmp_path / SITE / "tool-1.dist-info" / "RECORD"
    record.write_text(record.read_text() + f"../../../../{outside.name},,\nnot-there.py,,\n")
    (project,) = read_present(tmp_path).projects
    assert take_out(tmp_path, [project], frozenset({f"{SITE}/tool/data.txt"})) == []
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["bin/mine", f"{SITE}/other.py", f"{SITE}/tool/data.txt"]  # the last is conda's
    assert outside.exists()


def test_a_project_that_lists_no_files_stays_and_is_named(tmp_path: Path) -> None:
    _install(tmp_path, {"tool.py": b""}, record=False)
    (project,) = read_present(tmp_path).projects
    assert take_out(tmp_path, [project], frozenset()) == ["tool"]
    assert (tmp_path / SITE / "tool.py").exists()
