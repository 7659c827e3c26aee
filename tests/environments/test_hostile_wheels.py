"""Wheels that are made to do harm: refused before any installer gets them, and by every route."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockfiles.environments.projects import find_uv
from lockfiles.environments.wheel_members import check_wheel
from lockfiles.this_machine import platform_here
from tests.environments.sample_environment import Project, make_small_project
from tests.support.amount import IS_WHOLE
from tests.support.packages import make_wheel

INFO, DATA, SITE = "own_tool-2.0.dist-info", "own_tool-2.0.data", "lib/python3.11/site-packages"
EVIL = b"evil"
#: Members beside those of a good wheel -> what is said.
PATHS = {
    "../evil.py": "has a path that leads out of it: `../evil.py`",
    "own/../../evil.py": "has a path that leads out",
    "/evil.py": "has a path that leads out",
    "C:/evil.py": "has a path that leads out",
    "own\\..\\..\\evil.py": "has a path that leads out",
    "own//evil.py": "has a path that isn't plain",
    "./evil.py": "has a path that isn't plain",
    "own/\x1b[2J.py": "has a path that isn't plain",
    "own/a\0.py": "has a path that isn't plain",
    "own/" + "a" * 300: "has a path that is too long",
    "a/" * 3000 + "a": "has a path that is too long",
    f"{DATA}/data/../../evil": "has a path that leads out",
    f"{DATA}/scripts/../../evil": "has a path that leads out",
    f"{DATA}/scripts/sub/evil": "has a command in a folder",
    f"{DATA}/elsewhere/evil": "has a file for no place that there is",
    f"{DATA}/evil": "has a file for no place that there is",
    "other-1.0.data/data/evil": "has a file for no place that there is",
    "OWN_TOOL-2.0.DATA/data/evil": "has a file for no place that there is",
    f"{DATA}/data/conda-meta/x.json": "has a file for the environment's own records",
    f"{DATA}/data/conda-meta/history": "has a file for the environment's own records",
    f"{DATA}/data/pyvenv.cfg": "has a file for the environment's own records",
    "other-1.0.dist-info/METADATA": "has 2 folders of metadata",
    "Own_Tool-2.0.dist-info/METADATA": "has 2 folders of metadata",
    f"{INFO}/METADATA/x": "as a file and as a folder",
}
SCRIPTS = ("../../evil", "/evil", "sub/evil", "..", "a\\..\\evil")
ROWS = ("../../../../evil", "/etc/passwd", "C:/evil", "a/../../evil")


def wheel(files: dict[str, bytes] | None = None, name: str = "own-tool", version: str = "2.0") -> bytes:
    return make_wheel(name, version, files={"own_tool.py": b"def main():\n    pass\n", **(files or {})})


def changed(data: bytes, **members: bytes | None) -> bytes:
    """Return a wheel with members of its metadata replaced, None: left out; RECORD stays as it was."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for info in old.infolist():
            part = info.filename.rpartition("/")[2]
            content = members.get(part, old.read(info)) if info.filename.startswith(INFO) else old.read(info)
            if content is not None:
                new.writestr(info, content)
    return packed.getvalue()


def with_member(info: zipfile.ZipInfo, content: bytes = EVIL) -> bytes:
    """Return a wheel with one more member."""
    packed = io.BytesIO(wheel())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a name that is there twice
        with zipfile.ZipFile(packed, "a") as archive:
            archive.writestr(info, content)
    return packed.getvalue()


def link(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def fault(data: bytes, folder: Path, name: str = "own-tool", version: str = "2.0") -> str | None:
    place = folder / "own_tool-2.0-py3-none-any.whl"
    place.write_bytes(data)
    (folder / "env" / SITE).mkdir(parents=True, exist_ok=True)
    try:
        check_wheel(place, name, version, folder / "env", SITE)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_paths_that_are_refused(path: str, tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = path
    assert PATHS[path] in (fault(with_member(info), tmp_path) or "")


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("kind", ["console_scripts", "gui_scripts", " console_scripts "])
def test_entry_points_that_are_paths(name: str, kind: str, tmp_path: Path) -> None:
    text = f"[other]\na/b = x:y\n[{kind}]\ngood = own_tool:main\n {name} = own_tool:main\n".encode()
    said = fault(wheel({f"{INFO}/entry_points.txt": text}), tmp_path)
    assert said == f"has an entry point whose name is a path: `{name}`"


@pytest.mark.parametrize("row", ROWS)
def test_rows_of_record_that_lead_out(row: str, tmp_path: Path) -> None:
    said = fault(changed(wheel(), RECORD=f"own_tool.py,,\n{row},,\n".encode()), tmp_path)
    assert said == f"has a row in RECORD that leads out of it: `{row}`"


@pytest.mark.parametrize("part", ["RECORD", "WHEEL", "METADATA"])
def test_what_every_wheel_has(part: str, tmp_path: Path) -> None:
    assert fault(changed(wheel(), **{part: None}), tmp_path) == f"has no `{part}`"


def test_members_of_other_kinds(tmp_path: Path) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        said = fault(with_member(link("own/out", kind), b"/etc"), tmp_path) or ""
        assert "a link or a device" in said
    assert "two files in one place" in (fault(with_member(zipfile.ZipInfo("own_tool.py")), tmp_path) or "")


def test_another_project_s_wheel(tmp_path: Path) -> None:
    assert "of another project or version than other 2.0" in (fault(wheel(), tmp_path, "other") or "")
    assert "of another project or version" in (fault(wheel(), tmp_path, version="2.1") or "")
    assert fault(wheel(), tmp_path, version="2.0.0") is None
    local = wheel(name="Own.Tool", version="2.0+cu118.ubuntu_1")
    assert fault(local, tmp_path, version="2.0+cu118.ubuntu.1") is None


def test_a_link_of_the_environment_that_leads_out(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "env" / SITE / "within").mkdir(parents=True)
    (tmp_path / "env" / SITE / "own").symlink_to(tmp_path / "outside")
    (tmp_path / "env" / SITE / "near").symlink_to("within")
    assert fault(wheel({"near/x.py": b""}), tmp_path) is None
    assert "through a link" in (fault(wheel({"own/x.py": b""}), tmp_path) or "")


def test_what_is_as_it_should_be(tmp_path: Path) -> None:
    files = {
        "own/a b.py": b"", "own/..x.py": b"", "own/caf\u00e9.py": b"", "Own/a b.py": b"",
        "own/x.dist-info/y": b"",
        f"{DATA}/scripts/run": b"#!python\n", f"{DATA}/data/share/x": b"", f"{DATA}/headers/a/x.h": b"",
        f"{INFO}/licenses/LICENSE": b"",
        f"{INFO}/entry_points.txt": b"[console_scripts]\nown-tool = own_tool:main\n",
    }  # fmt: skip
    if platform_here().startswith("osx"):
        del files["Own/a b.py"]
    assert fault(wheel(files), tmp_path) is None


@given(st.data())
def test_any_bytes(data: st.DataObject) -> None:
    import tempfile

    good = wheel()
    start = data.draw(st.integers(0, len(good) - 1))
    noise = data.draw(st.binary(max_size=40))
    with tempfile.TemporaryDirectory() as folder:
        said = fault(good[:start] + noise + good[start + len(noise) :], Path(folder))
        assert said is None or said.startswith(
            ("has ", "can't be read", "is of ", "is too ", "'utf-8' codec")
        )


# -- the routes ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    if platform_here() != "linux-64":
        pytest.skip("the sample's packages are linux-64's")
    project = make_small_project(tmp_path_factory.mktemp("small"))
    prefix = project.folder / "env"
    done = project.run("install", "-p", prefix)
    assert done.code == 0, done.err
    for place in (*(prefix / SITE).glob("own_tool*"), prefix / "bin" / "own-tool"):  # so that it comes anew
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    return project


def lying() -> bytes:
    """Return a wheel whose RECORD gives another hash for its module."""
    return changed(wheel(), RECORD=f"own_tool.py,sha256={'A' * 43},5\n{INFO}/RECORD,,\n".encode())


def broken() -> bytes:
    """Return a wheel whose module isn't what its checksum says."""
    data = bytearray(with_member(zipfile.ZipInfo("own/stored.bin"), b"0123456789abcdef"))
    place = data.index(b"0123456789abcdef")
    data[place] ^= 1
    return bytes(data)


HOSTILE = {
    "a path that leads out": with_member(zipfile.ZipInfo("../../../../outside/evil.py")),
    "a RECORD that lies": lying(),
    "a file that is damaged": broken(),
}


def state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(
    ("why", "installer"),
    [
        (why, installer)
        for installer in ("uv", "pip", "wheels")
        for why in HOSTILE
        # what refuses them comes before every installer
        if IS_WHOLE or installer == "wheels" or why == "a RECORD that lies"
    ],
)
def test_no_route_takes_them(why: str, installer: str, small: Project, tmp_path: Path) -> None:
    if installer == "uv" and find_uv(os.environ) is None:
        pytest.skip("no uv")
    code, said = give(HOSTILE[why], installer, small, tmp_path)
    assert code == 3, said
    assert said.count("error: ") == 1
    assert "own_tool-2.0" in said


@pytest.mark.parametrize("installer", ["uv", "pip", "wheels"])
def test_a_file_of_another_package_is_not_written_to_in_place(
    installer: str, small: Project, tmp_path: Path
) -> None:
    """What stands in the copy is the old environment's file by another name."""
    code, said = give(wheel({"zipp.py": EVIL}), installer, small, tmp_path)
    assert code == 0, said
    assert "[prefix/overwritten]" in said
    assert (tmp_path / "env" / SITE / "zipp.py").read_bytes() == EVIL


def give(data: bytes, installer: str, small: Project, folder: Path) -> tuple[int, str]:
    """Lock a wheel as it is, and install it over the environment, which stays; return code and message."""
    place = folder / "own_tool-2.0-py3-none-any.whl"
    place.write_bytes(data)
    (entry,) = [entry for entry in small.packages() if entry["name"] == "own-tool"]
    text = (small.folder / "conda-lock.yml").read_text()
    hashes = entry["hash"]
    assert isinstance(hashes, dict)
    changes = {str(entry["url"]): str(place), str(hashes["sha256"]): hashlib.sha256(data).hexdigest()}
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    lockfile = small.folder / "hostile.conda-lock.yml"
    lockfile.write_text(text)
    prefix = folder / "env"
    shutil.copytree(small.folder / "env", prefix, symlinks=True)
    os.link(prefix / SITE / "zipp.py", folder / "other-name")
    before, kept = state(prefix), (folder / "other-name").read_bytes()
    done = small.run("install", lockfile.name, "-p", prefix, "--installer", installer)
    assert "unexpected" not in done.err
    assert not list(folder.rglob("evil.py"))
    assert not list(folder.glob(".env*"))
    assert (folder / "other-name").read_bytes() == kept
    if done.code:
        assert state(prefix) == before
    return done.code, done.err
