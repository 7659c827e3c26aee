"""Wheels of one release that ask for different things: what is locked is what the chosen wheel asks for."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.formats.conda_lock.text import read_conda_lock
from lockfiles.model import LockedPackage
from tests.end_to_end.inside import run
from tests.support.amount import examples
from tests.support.channel import record, repodata
from tests.support.packages import index_files, make_page, make_wheel, metadata_text
from tests.support.server import LoopbackServer

#: Tags of a release's wheels -> what that wheel requires.
WHEELS = {
    "py3-none-manylinux2014_x86_64": ["everywhere"],
    "py3-none-manylinux_2_28_x86_64": ["everywhere", "newer-systems"],
    "cp311-cp311-manylinux_2_28_x86_64": ["everywhere", "one-python"],
    "py3-none-manylinux_2_28_aarch64": ["everywhere", "other-machine"],
    "py3-none-win_amd64": ["everywhere", "other-system"],
}
PYTHONS = ("3.11", "3.12", "3.13")


@pytest.mark.parametrize(
    ("flags", "tags"),
    [
        pytest.param("--python 3.12 --glibc 2.17", "py3-none-manylinux2014_x86_64", id="an old system"),
        pytest.param("--python 3.12 --glibc 2.28", "py3-none-manylinux_2_28_x86_64", id="a newer one"),
        pytest.param("--python 3.11 --glibc 2.28", "cp311-cp311-manylinux_2_28_x86_64", id="of one Python"),
        pytest.param("--python 3.11 --glibc 2.27", "py3-none-manylinux2014_x86_64", id="too new a wheel"),
        pytest.param("-p linux-aarch64 --python 3.11", "py3-none-manylinux_2_28_aarch64", id="a machine"),
        pytest.param("-p win-64 --python 3.11", "py3-none-win_amd64", id="another system"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [1, -1], ids=["as listed", "turned round"])
def test_the_chosen_wheel_is_the_one_that_was_read(flags: str, tags: str, order: int, tmp_path: Path) -> None:
    wheels = {f"x-1.0-{tags}.whl": make_wheel("x", "1.0", needs) for tags, needs in WHEELS.items()}
    others = {name for needs in WHEELS.values() for name in needs}
    pages = {"x": dict(list(wheels.items())[::order])}
    pages |= {
        name: {f"{name.replace('-', '_')}-1-py3-none-any.whl": make_wheel(name, "1")} for name in others
    }
    (tmp_path / "requirements.txt").write_text("x\n")
    with LoopbackServer() as server:
        server.files = index_files(pages)
        more = ("--index-url", f"{server.url}/simple", "-o", "lock.yml", "-q")
        code = run("requirements.txt", *flags.split(), *more, folder=tmp_path)
    assert code == 0
    found = _locked(tmp_path)
    assert found["x"].url.endswith(f"x-1.0-{tags}.whl")
    assert set(found) == {"x", *WHEELS[tags]}


def _locked(folder: Path) -> dict[str, LockedPackage]:
    packages = read_conda_lock((folder / "lock.yml").read_text(), "lock.yml").packages
    return {package.name: package for package in packages}


# -- by the Python that the search ends with ------------------------------------------------------

#: Release of x -> Python -> what the wheel for that Python requires.
Needs = Mapping[str, Mapping[str, Sequence[str]]]


def _write_world(folder: Path, lines: Sequence[str], needs: Needs, *, described: bool) -> None:
    """Write an environment and its sources: conda's Pythons; x, d 1 and 2, and `old`, not for the newest.

    ``described``: the index gives the metadata of its wheels beside them (PEP 658).
    """
    records = [record("python", f"{minor}.1") for minor in PYTHONS] + [
        record("pip", "25.0", depends=["python"])
    ]
    for subdir, content in (("linux-64", records), ("noarch", [])):
        (folder / "channel" / subdir).mkdir(parents=True)
        (folder / "channel" / subdir / "repodata.json").write_text(json.dumps(repodata(content)))
    x = {
        f"x-{version}-cp3{m[2:]}-cp3{m[2:]}-manylinux_2_17_x86_64.whl": ("x", version, list(requires), None)
        for version, of in needs.items()
        for m, requires in of.items()
    }
    d = {f"d-{version}-py3-none-any.whl": ("d", version, [], None) for version in "12"}
    old = {f"old-{n}-py3-none-any.whl": ("old", f"{n}", [], f"<3.{n}") for n in (12, 13)}
    for name, wheels in {"x": x, "d": d, "old": old}.items():
        place = folder / "simple" / name
        place.mkdir(parents=True)
        files, marks = {}, {}
        for file, (project, version, requires, python) in wheels.items():
            headers = {"requires_python": python} if python else {}
            text = metadata_text(project, version, requires, **headers).encode()
            files[file] = make_wheel(project, version, requires, **headers)
            marks[file] = f' data-requires-python="{python.replace("<", "&lt;")}"' if python else ""
            if described:
                marks[file] += f' data-core-metadata="sha256={hashlib.sha256(text).hexdigest()}"'
                (place / f"{file}.metadata").write_bytes(text)
            (place / file).write_bytes(files[file])
        (place / "index.html").write_bytes(make_page(files, attributes=marks))
    pip = "".join(f"      - {line}\n" for line in ("x", *lines))
    text = f"channels: [./channel]\ndependencies:\n  - python\n  - pip\n  - pip:\n{pip}"
    (folder / "environment.yml").write_text(text)


def _lock_world(folder: Path) -> dict[str, LockedPackage] | None:
    """Return what is locked; None where nothing fits."""
    flags = ("-p", "linux-64", "--index-url", "./simple", "-o", "lock.yml", "-q", "--cache-dir", "cache")
    code = run("environment.yml", *flags, folder=folder)
    assert code in (0, 4)
    return _locked(folder) if code == 0 else None


@pytest.mark.parametrize("described", [True, False], ids=["with hashes of metadata", "without"])
@pytest.mark.parametrize(
    ("lines", "needs", "expected"),
    [
        pytest.param(
            [],
            {"1": {"3.11": ["d<2"], "3.12": ["d<2"], "3.13": []}},
            {"x": "1", "python": "3.13.1", "d": None},
            id="the newest Python's wheel is read, and taken",
        ),
        pytest.param(
            ["old"],
            {"1": {"3.11": ["d<2"], "3.12": ["d<2"], "3.13": []}},
            {"x": "1", "python": "3.12.1", "d": "1"},
            id="an older Python's wheel needs more",
        ),
        pytest.param(
            ["old"],
            {"1": {"3.11": [], "3.12": [], "3.13": ["d<2"]}},
            {"x": "1", "python": "3.12.1", "d": None},
            id="an older Python's wheel needs less",
        ),
        pytest.param(
            ["old", "d>=2"],
            {"1": {python: ["d"] for python in PYTHONS}, "2": {"3.12": ["d<2"], "3.11": ["d<2"], "3.13": []}},
            {"x": "1", "python": "3.12.1", "d": "2"},
            id="what it needs clashes: an older release",
        ),
        pytest.param(
            ["old", "d>=2"],
            {"1": {"3.11": ["d"], "3.12": ["nowhere"], "3.13": ["d"]}},
            {"x": "1", "python": "3.11.1", "d": "2"},
            id="what it needs is nowhere: an older Python",
        ),
    ],
)  # fmt: skip
def test_the_wheel_for_the_python_that_comes_out(
    lines: Sequence[str], needs: Needs, expected: Mapping[str, str | None], described: bool, tmp_path: Path
) -> None:
    _write_world(tmp_path, lines, needs, described=described)
    found = _lock_world(tmp_path)
    assert found is not None
    assert {name: found[name].version if name in found else None for name in expected} == expected


NEEDS = st.sampled_from(([], ["d"], ["d<2"], ["d>=2"], ["nowhere"], ["d>2"]))


@settings(max_examples=examples(60), deadline=None)
@given(
    needs=st.dictionaries(
        st.sampled_from("12"), st.fixed_dictionaries(dict.fromkeys(PYTHONS, NEEDS)), min_size=1
    ),
    lines=st.lists(st.sampled_from(("old", "d>=2", "d<2")), unique=True, max_size=2),
    described=st.booleans(),
)
def test_an_answer_holds_under_its_python(needs: Needs, lines: list[str], described: bool) -> None:
    """Every lock is right; where the index tells which metadata differ, one is found if there is one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_world(folder, lines, needs, described=described)
        found = _lock_world(folder)
    right = {
        (python, version, d)
        for python in PYTHONS
        for version, of in needs.items()
        for d in (None, "1", "2")
        if _holds([*of[python], *(line for line in lines if line != "old")], d)
        and not (python == "3.13" and "old" in lines)
    }
    if found is None:
        assert not (right and described)
        return
    d = found["d"].version if "d" in found else None
    assert (found["python"].version.removesuffix(".1"), found["x"].version, d) in right


def _holds(texts: Sequence[str], d: str | None) -> bool:
    """Tell whether d in a version meets requirements, and is there only where one asks for it."""
    meets = {"d": ("1", "2"), "d<2": ("1",), "d>=2": ("2",), "d>2": (), "nowhere": ()}
    return all(d in meets[text] for text in texts) and bool(texts) == (d is not None)
