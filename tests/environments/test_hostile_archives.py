"""conda archives that are made to do harm, both forms: what is refused, and that nothing lies elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import zstandard

from lockfiles.cli.main import main
from lockfiles.this_machine import platform_here

pytestmark = pytest.mark.skipif(platform_here() != "linux-64", reason="the packages are linux-64's")
Member = tuple[str, bytes | tuple[bytes, str]]  # a file's bytes, or a kind of member and where it leads
OUTSIDE = "OUTSIDE"  # stands for a folder of the test
EVIL = b"evil"


def listed(path: str, data: bytes = EVIL, kind: str = "hardlink", **fields: str) -> dict[str, Any]:
    """Return a row of `info/paths.json` (CEP 32)."""
    digest = hashlib.sha256(data).hexdigest()
    return {"_path": path, "path_type": kind, "sha256": digest, "size_in_bytes": len(data), **fields}


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Member:
    return name, (kind, target)


#: Members beside `share/NAME.txt`, and the paths that are listed beside it.
REFUSED: dict[str, tuple[list[Member], list[dict[str, Any]]]] = {
    "a file through a link that leads out": (
        [link("share/out", OUTSIDE), ("share/out/evil", EVIL)],
        [listed("share/out", kind="softlink"), listed("share/out/evil")],
    ),
    "a path through a link that leads out": (
        [link("share/out", OUTSIDE)],
        [listed("share/out", kind="softlink"), listed("share/out/evil")],
    ),
    "a hard link to a file of the system": (
        [link("share/passwd", "/etc/passwd", tarfile.LNKTYPE)],
        [listed("share/passwd")],
    ),
    "a pipe": ([link("share/pipe", "", tarfile.FIFOTYPE)], [listed("share/pipe")]),
    "a file that isn't there": ([], [listed("share/absent")]),
    "a member that leads out, listed within": ([("share/../../evil", EVIL)], [listed("evil")]),
    "a member twice": ([("share/thing.txt", EVIL)], []),
    "a file as a folder": ([("share/thing.txt/x", EVIL)], [listed("share/thing.txt/x")]),
    "a record of its own": ([("conda-meta/thing-1.0-0.json", b"{")], [listed("conda-meta/thing-1.0-0.json")]),
    "a record of another": ([("conda-meta/x.json", b"{")], [listed("conda-meta/x.json")]),
    "a history": ([("conda-meta/history", b"\xff")], [listed("conda-meta/history")]),
    "another file than listed": ([("share/x", b"other")], [listed("share/x")]),
}
#: What is not listed is put nowhere.
HARMLESS: dict[str, list[Member]] = {
    "up": [("../evil", EVIL)],
    "far up": [("../../../../../../evil", EVIL)],
    "absolute": [(f"{OUTSIDE}/evil", EVIL)],
    "a device": [link("share/zero", "", tarfile.CHRTYPE)],
}
BROKEN_INDEX = {
    "none": None,
    "no JSON": b"{",
    "no object": b"[]",
    "no name": b'{"version": "1.0"}',
    "bytes": b"\xff\0",
}


def tar(members: Iterable[Member], mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            if isinstance(data, tuple):
                info.type, info.linkname = data
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def write_package(
    folder: Path,
    form: str,
    members: Sequence[Member] = (),
    paths: Sequence[dict[str, Any]] = (),
    *,
    name: str = "thing",
    index: bytes | None = b"",
    outer: Sequence[tuple[str, bytes]] = (),
) -> Path:
    """Write an archive; ``index`` empty: a good one; None: none. ``outer``: more members of a `.conda`."""
    facts = {
        "name": name,
        "version": "1.0",
        "build": "0",
        "build_number": 0,
        "depends": [],
        "subdir": "linux-64",
    }
    rows = [listed(f"share/{name}.txt", b"good"), *paths]
    info: list[Member] = [("info/paths.json", json.dumps({"paths_version": 1, "paths": rows}).encode())]
    if index is not None:
        info.insert(0, ("info/index.json", index or json.dumps(facts).encode()))
    body: list[Member] = [(f"share/{name}.txt", b"good")]
    for member, data in members:
        target = (
            (data[0], data[1].replace(OUTSIDE, str(folder / "outside"))) if isinstance(data, tuple) else data
        )
        body.append((member.replace(OUTSIDE, str(folder / "outside")), target))
    path = folder / f"{name}-1.0-0{form}"
    if form == ".tar.bz2":
        path.write_bytes(tar([*info, *body], "w:bz2"))
        return path
    with zipfile.ZipFile(path, "w") as archive:
        parts = {
            "metadata.json": b'{"conda_pkg_format_version": 2}',
            f"pkg-{name}-1.0-0.tar.zst": zstandard.compress(tar(body)),
            f"info-{name}-1.0-0.tar.zst": zstandard.compress(tar(info)),
        }
        for part, data in {**parts, **dict(outer)}.items():
            archive.writestr(part, data)
    return path


def install(folder: Path, *archives: Path) -> int:
    """Lock the archives as they are, and install them; return the exit code."""
    packages = [
        {
            "name": path.name.partition("-")[0], "version": "1.0", "manager": "conda", "platform": "linux-64",
            "dependencies": {}, "url": path.as_uri(), "category": "main", "optional": False,
            "hash": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
        }
        for path in archives
    ]  # fmt: skip
    metadata = {
        "content_hash": {"linux-64": "0" * 64},
        "channels": [],
        "platforms": ["linux-64"],
        "sources": [],
    }
    text = json.dumps({"version": 1, "metadata": metadata, "package": packages})
    (folder / "conda-lock.yml").write_text(text)
    return main(["install", "-p", "env", "-q"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def state(prefix: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(prefix.rglob("*")) if path.is_file()}


def assert_untouched(folder: Path) -> None:
    """Nothing was written beside the environment, and no work folder is left."""
    assert list((folder / "outside").iterdir()) == []
    assert not list(folder.glob(".env*"))
    assert not list(folder.parent.glob("evil"))


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of one package, to be copied."""
    folder = tmp_path_factory.mktemp("old")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(folder / "home"))
        patch.chdir(folder)
        assert install(folder, write_package(folder, ".conda", name="old")) == 0
    return folder / "env"


def refused(folder: Path, old: Path, capsys: pytest.CaptureFixture[str], *archives: Path) -> str:
    """Install over an old environment, which stays; return the one message."""
    shutil.copytree(old, folder / "env", symlinks=True)
    before = state(folder / "env")
    capsys.readouterr()
    assert install(folder, *archives) == 3
    said = capsys.readouterr().err
    assert said.count("error: ") == 1
    assert "unexpected" not in said
    assert state(folder / "env") == before
    assert_untouched(folder)
    return said


@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
@pytest.mark.parametrize("why", REFUSED)
def test_what_is_refused(
    why: str, form: str, folder: Path, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(folder, old, capsys, write_package(folder, form, *REFUSED[why]))
    assert f"thing-1.0-0{form}: " in said


@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
@pytest.mark.parametrize("why", BROKEN_INDEX)
def test_an_index_that_is_none(
    why: str, form: str, folder: Path, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(folder, old, capsys, write_package(folder, form, index=BROKEN_INDEX[why]))
    assert "the archive of thing can't be linked: " in said


@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
@pytest.mark.parametrize("why", HARMLESS)
def test_members_that_are_not_listed(why: str, form: str, folder: Path) -> None:
    assert install(folder, write_package(folder, form, HARMLESS[why])) == 0
    assert [path.name for path in (folder / "env" / "share").iterdir()] == ["thing.txt"]
    assert_untouched(folder)


@pytest.mark.parametrize(
    "outer",
    [
        {"pkg-thing-1.0-0.tar.zst": b"no zstd"},
        {"pkg-thing-1.0-0.tar.zst": zstandard.compress(b"no tar" * 1000)},
        {"info-thing-1.0-0.tar.zst": b""},
        {"info-thing-1.0-0.tar.zst": zstandard.compress(tar([("info/paths.json", b"{")]))},
    ],
    ids=["no zstd", "no tar", "an empty info", "no list"],
)
def test_damaged_parts(
    outer: dict[str, bytes], folder: Path, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(folder, old, capsys, write_package(folder, ".conda", outer=[*outer.items()]))
    assert "thing" in said


def test_more_members_of_the_zip_are_put_nowhere(folder: Path) -> None:
    more = [("../evil", EVIL), (f"{folder}/outside/evil", EVIL), ("pkg-../../evil.tar.zst", EVIL)]
    assert install(folder, write_package(folder, ".conda", outer=more)) in (0, 3)
    assert_untouched(folder)


@pytest.mark.parametrize("form", [".tar.bz2", ".conda"])
def test_a_link_of_one_package_carries_no_file_of_another_out(form: str, folder: Path) -> None:
    """The first brings a link that leads out, the second a path through it."""
    first = write_package(
        folder, form, [link("lib/out", OUTSIDE)], [listed("lib/out", kind="softlink")], name="first"
    )
    second = write_package(folder, form, [("lib/out/evil", EVIL)], [listed("lib/out/evil")], name="second")
    assert install(folder, first, second) in (0, 3)
    assert_untouched(folder)
    assert install(folder, first) == 0
    assert install(folder, first, second) in (0, 3)
    assert_untouched(folder)
