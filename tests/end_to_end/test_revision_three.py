"""Records of revision 3 of repodata (CEP 43, 44, 45, 48) locked by the command: conditions, extras, flags."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.inside import run
from tests.support.channel import file_name, record, repodata
from tests.support.tables import table


def channel(
    folder: Path, v3: list[dict[str, Any]], conda: list[dict[str, Any]] | None = None, **more: Any
) -> None:
    """A channel of one subdir with records of revision 3, and classic ones."""
    sections = {"conda": {file_name(one, ""): one for one in v3}, "tar.bz2": {}}
    place = folder / "channel" / "linux-64"
    place.mkdir(parents=True)
    (place / "repodata.json").write_text(json.dumps(repodata(conda or [], v3=sections, **more)))


def lock(folder: Path, lines: list[str], *flags: str) -> int:
    text = "\n".join(["channels: [./channel]", "dependencies:", *(f"- {json.dumps(one)}" for one in lines)])
    (folder / "environment.yml").write_text(text + "\n")
    return run("environment.yml", "--platform", "linux-64", "--glibc", "2.35", *flags, folder=folder)


def packages(folder: Path) -> dict[str, dict[str, Any]]:
    found = yaml.safe_load((folder / "conda-lock.yml").read_text())["package"]
    return {package["name"]: package for package in found}


def locked(folder: Path) -> dict[str, str]:
    return {name: package["version"] for name, package in packages(folder).items()}


RECORDS = [
    record("app", depends=['b[version=">=1",when="c or d[version=\'>=2\']"]']),
    record("b", "1.0"), record("b", "2.0"), record("c"), record("d", "1.0"), record("d", "2.0"),
    record("unix", depends=['b[when="__unix"]', 'c[when="__win"]', 'd[when="__glibc>=2.30 and __unix"]']),
    record("lib", extra_depends={"io": ['b[version="1.0"]', "loop[extras=[all]]"], "net": ["c"]}),
    record("loop", extra_depends={"all": ["d", "loop[extras=[all]]", 'lib[extras="net"]']}),
    record("user", depends=['lib[extras=[io,"absent"]]']),
    record("limits", constrains=['b[version="<2",when="c"]']),
    record("blas", "1.0", build="mkl_0", flags=["blas:mkl", "cpu"]),
    record("blas", "2.0", build="open_0", flags=["blas:open", "cpu"]),
    record("asks", depends=['blas[flags=["blas:m*"]]']),
    record("never", depends=['nowhere[when="b>=9"]']),
]  # fmt: skip

SOLVED = [
    ("what no condition asks for stays out", ["app"], {"app": "1.0"}),
    ("one alternative holds", ["app", "c"], {"app": "1.0", "c": "1.0", "b": "2.0"}),
    ("the other one holds", ["app", "d"], {"app": "1.0", "d": "2.0", "b": "2.0"}),
    ("neither holds for an older one", ["app", "d <2"], {"app": "1.0", "d": "1.0"}),
    ("facts of the machine", ["unix"], {"unix": "1.0", "b": "2.0", "d": "2.0"}),
    ("an extra nobody asks for", ["lib"], {"lib": "1.0"}),
    ("extras that name others", ["lib[extras=[io]]"],
     {"lib": "1.0", "b": "1.0", "loop": "1.0", "d": "2.0", "c": "1.0"}),
    ("extras of a dependency; one that isn't there", ["user"],
     {"user": "1.0", "lib": "1.0", "b": "1.0", "loop": "1.0", "d": "2.0", "c": "1.0"}),
    ("a limit under a condition", ["limits", "b", "c"], {"limits": "1.0", "b": "1.0", "c": "1.0"}),
    ("a limit whose condition is not met", ["limits", "b"], {"limits": "1.0", "b": "2.0"}),
    ("flags of a line", ["blas[flags=[cpu, 'blas:mkl']]"], {"blas": "1.0"}),
    ("flags of a dependency", ["asks"], {"asks": "1.0", "blas": "1.0"}),
    ("without flags", ["blas"], {"blas": "2.0"}),
    ("what nobody has, under a condition nobody meets", ["never", "b"], {"never": "1.0", "b": "2.0"}),
    ("a line's condition that holds", ['c[when="__glibc >=2.30"]'], {"c": "1.0"}),
    ("a line's condition that doesn't", ["b", 'c[when="__cuda or __win"]'], {"b": "2.0"}),
]  # fmt: skip


@table("lines, found", SOLVED)
def test_what_is_locked(tmp_path: Path, lines: list[str], found: dict[str, str]) -> None:
    channel(tmp_path, RECORDS)
    assert lock(tmp_path, lines) == 0
    assert locked(tmp_path) == found
    assert lock(tmp_path, lines, "--check") == 0
    first = (tmp_path / "conda-lock.yml").read_bytes()
    assert lock(tmp_path, lines) == 0
    assert (tmp_path / "conda-lock.yml").read_bytes() == first


def test_the_lockfile_holds_what_conditions_and_extras_come_to(tmp_path: Path) -> None:
    channel(tmp_path, RECORDS)
    assert lock(tmp_path, ["app", "c", "user"]) == 0
    needs = {name: package["dependencies"] for name, package in packages(tmp_path).items()}
    assert needs["app"] == {"b": ">=1"}
    assert needs["lib"] == {"b": "==1.0", "loop": "", "c": ""}
    assert needs["user"] == {"lib": ""}


@table(
    "lines, code, words",
    [
        ("a condition makes the conflict", ["app", "c", "b <1"], 4, "b"),
        ("an extra makes it", ["lib[extras=[io]]", "b >=2"], 4, "lib"),
        ("no build has the flag", ["blas[flags=[cuda]]"], 4, "blas"),
        ("a line's condition on a package", ['c[when="b"]'], 2, "`when` asks for `b`"),
        ("a name that no extra may have", ["lib[extras=[IO]]"], 2, "IO"),
    ],
)  # fmt: skip
def test_what_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: list[str], code: int, words: str
) -> None:
    channel(tmp_path, RECORDS)
    assert lock(tmp_path, lines) == code
    assert words in capsys.readouterr().err
    assert run("explain", "environment.yml", "--platform", "linux-64", folder=tmp_path) in (0, code)


@table(
    "more, words",
    [
        ("a later revision", {"v4": {"conda": {"a-9.0-0": {"name": "a", "version": "9.0", "build": "0"}}}},
         "`a-9.0-0.conda`: it is of revision `v4` of repodata, which isn't known here"),
        ("a wheel", {"packages.whl": {"a-9-py3-none-any.whl": {"name": "a", "version": "9", "build": "py3"}}},
         "`a-9-py3-none-any.whl`: a `.whl` isn't installed as a conda package here"),
    ],
)  # fmt: skip
def test_what_is_newer_and_cannot_be_used_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: dict[str, Any], words: str
) -> None:
    channel(tmp_path, [record("b", extra_depends={"x": "no list"})], [record("a")], **more)
    assert lock(tmp_path, ["a"]) == 0
    assert f"`a` 1.0: what may be newer is left out: {words}" in capsys.readouterr().err
    assert lock(tmp_path, ["b"]) == 4
    assert "its extra `x` is no list of match specs" in capsys.readouterr().err


def test_an_extra_that_was_added_is_locked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channel(tmp_path, RECORDS)
    assert lock(tmp_path, ["lib"]) == 0
    assert lock(tmp_path, ["lib[extras=[net]]"], "--check") == 5
    assert "lib[extras=[net]]" in capsys.readouterr().err
    assert lock(tmp_path, ["lib[extras=[net]]"]) == 0
    assert locked(tmp_path) == {"lib": "1.0", "c": "1.0"}


def test_a_fix_keeps_what_a_line_asks_for_besides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channel(tmp_path, RECORDS)
    assert lock(tmp_path, ["blas >=3[flags=['blas:*', cpu]]", 'b >=5[when="__unix"]']) == 4
    capsys.readouterr()
    run("explain", "environment.yml", "--platform", "linux-64", folder=tmp_path)
    told = capsys.readouterr().out
    assert '`blas >=2.0[flags=["blas:*","cpu"]]`' in told
    assert '`b >=2.0[when="__unix"]`' in told


@table(
    "depth, when",
    [
        ("conditions that multiply", 30, "x or y or z"),
        ("extras one in another", 2_000, "x"),
    ],
)
def test_what_a_stranger_makes_of_extras_has_an_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], depth: int, when: str
) -> None:
    chain = [
        record(f"link{n}", extra_depends={"on": [f'link{n + 1}[extras=[on],when="{when}"]']})
        for n in range(depth)
    ]
    ends = [record(name) for name in ("x", "y", "z", f"link{depth}")]
    channel(tmp_path, [*chain, *ends, record("app", depends=["link0[extras=[on]]"])])
    assert lock(tmp_path, ["app", "x", "y", "z"]) == 4
    run("explain", "environment.yml", "--platform", "linux-64", folder=tmp_path)
    assert "comes to more dependencies than any package has" in capsys.readouterr().out
    assert lock(tmp_path, ["link0[extras=[on]]", "x"]) == 4
    assert lock(tmp_path, ["link0", "x"]) == 0
