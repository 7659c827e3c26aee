"""The pip judge itself: each rule, and its agreement with pip on this very environment."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from dataclasses import dataclass

import pytest
from packaging.markers import default_environment
from packaging.tags import sys_tags

from resolver.model.names import CondaName, PypiName
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.resolution import PypiPin, Resolution
from resolver.model.target import Target, VirtualPackage
from tests.oracles.pip_check import Installed, Machine, check_resolution, machine_of, pip_check, platform_tags

LINUX = Target(subdir="linux-64", virtual_packages=(VirtualPackage(name="__glibc", version="2.28"),))
MACHINE = machine_of(LINUX, "3.11.9")
LIB = Installed(name="lib", version="2.1")


def app(*requires: str, file_name: str | None = None, python: str | None = None) -> Installed:
    return Installed(
        name="App_One", version="1.0", requires_dist=requires, file_name=file_name, requires_python=python
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    why: str
    installed: list[Installed]
    expected: list[str]
    roots: tuple[str, ...] = ("app.one",)
    constraints: tuple[str, ...] = ()


CASES = [
    Case(why="names are normalised", installed=[app()], expected=[]),
    Case(why="a root is missing", installed=[], expected=["root"]),
    Case(why="a root of another version", installed=[app()], roots=("app-one>1",), expected=["root"]),
    Case(
        why="a root whose marker is false", installed=[], roots=("x ; sys_platform == 'win32'",), expected=[]
    ),
    Case(why="a requirement is met", installed=[app("lib>=2"), LIB], expected=[]),
    Case(why="a requirement is not met", installed=[app("lib>=3"), LIB], expected=["requires"]),
    Case(why="a requirement is missing", installed=[app("lib")], expected=["requires"]),
    Case(
        why="a marker on python is true",
        installed=[app("lib ; python_version < '3.12'")],
        expected=["requires"],
    ),
    Case(why="a marker on python is false", installed=[app("lib ; python_version < '3.11'")], expected=[]),
    Case(
        why="a pre-release meets a specifier that admits it",
        installed=[app("lib>=2.0"), Installed(name="lib", version="2.1rc1")],
        expected=[],
    ),
    Case(why="an extra that nobody asks for", installed=[app("lib ; extra == 'fast'")], expected=[]),
    Case(
        why="an extra of a root",
        installed=[app("lib ; extra == 'fast'")],
        roots=("app-one[Fast]",),
        expected=["requires"],
    ),
    Case(
        why="an extra that an extra asks for",
        installed=[
            app("lib[deep] ; extra == 'fast'"),
            Installed(name="lib", version="1", requires_dist=("more>1 ; extra == 'deep'",)),
        ],
        roots=("app-one[fast]",),
        expected=["requires"],
    ),
    Case(
        why="a project that refers to its own extras",
        installed=[app("app-one[a] ; extra == 'all'", "lib ; extra == 'a'")],
        roots=("app-one[all]",),
        expected=["requires"],
    ),
    Case(
        why="conda ships the requirement",
        installed=[app("lib>=2"), Installed(name="lib", version="2", from_conda=True)],
        expected=[],
    ),
    Case(
        why="conda ships a version that does not fit",
        installed=[app("lib>=3"), Installed(name="lib", version="2", from_conda=True)],
        expected=["requires"],
    ),
    Case(
        why="pip overwrites conda",
        installed=[app("lib"), LIB, Installed(name="Lib", version="2.1", from_conda=True)],
        expected=["overwrite"],
    ),
    Case(why="twice from the index", installed=[app("lib"), LIB, LIB], expected=["duplicate"]),
    Case(
        why="conda's projects need no reason",
        installed=[app(), Installed(name="lib", version="2", from_conda=True)],
        expected=[],
    ),
    Case(why="a wheel that nothing needs", installed=[app(), LIB], expected=["extra"]),
    Case(why="Requires-Python fits", installed=[app(python=">=3.8,<3.12")], expected=[]),
    Case(why="Requires-Python does not fit", installed=[app(python="<3.11")], expected=["python"]),
    Case(
        why="Requires-Python looks at the full version",
        installed=[app(python="!=3.11.9")],
        expected=["python"],
    ),
    Case(
        why="old specifiers with a prefix in an order",
        installed=[app("lib>=2.*", python=">=3.6.*"), LIB],
        expected=[],
    ),
    Case(
        why="a constraint is broken", installed=[app()], constraints=("app-one<1",), expected=["constraint"]
    ),
    Case(why="a constraint on what is absent", installed=[app()], constraints=("lib<1",), expected=[]),
    Case(why="a pure wheel", installed=[app(file_name="app_one-1.0-py3-none-any.whl")], expected=[]),
    Case(
        why="a wheel for this glibc",
        installed=[app(file_name="app_one-1.0-cp311-cp311-manylinux_2_28_x86_64.whl")],
        expected=[],
    ),
    Case(
        why="a wheel for a newer glibc",
        installed=[app(file_name="app_one-1.0-cp311-cp311-manylinux_2_31_x86_64.whl")],
        expected=["tags"],
    ),
    Case(
        why="an abi3 wheel of an older Python",
        installed=[app(file_name="app_one-1.0-cp38-abi3-manylinux2014_x86_64.whl")],
        expected=[],
    ),
    Case(
        why="a wheel of another Python",
        installed=[app(file_name="app_one-1.0-cp312-cp312-manylinux2014_x86_64.whl")],
        expected=["tags"],
    ),
    Case(
        why="a wheel of another system",
        installed=[app(file_name="app_one-1.0-py3-none-win_amd64.whl")],
        expected=["tags"],
    ),
    Case(
        why="a wheel of another version",
        installed=[app(file_name="app_one-1.1-py3-none-any.whl")],
        expected=["tags"],
    ),
    Case(why="an sdist has no tags", installed=[app(file_name="app_one-1.0.tar.gz")], expected=[]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_verdicts(case: Case) -> None:
    found = pip_check(case.installed, MACHINE, roots=case.roots, constraints=case.constraints)
    assert [violation.kind for violation in found] == case.expected, found


@pytest.mark.parametrize(
    ("subdir", "virtual", "first", "has", "lacks"),
    [
        ("linux-64", ("__glibc", "2.17"), "linux_x86_64", "manylinux1_x86_64", "manylinux_2_18_x86_64"),
        (
            "linux-aarch64",
            ("__glibc", "2.28"),
            "linux_aarch64",
            "manylinux2014_aarch64",
            "manylinux2010_aarch64",
        ),
        ("osx-arm64", ("__osx", "13.0"), "macosx_13_0_arm64", "macosx_11_0_universal2", "macosx_14_0_arm64"),
        ("osx-64", ("__osx", "10.15"), "macosx_10_15_x86_64", "macosx_10_9_x86_64", "macosx_11_0_x86_64"),
        ("win-64", ("__win", "0"), "win_amd64", "win_amd64", "win32"),
    ],
)
def test_platform_tags(subdir: str, virtual: tuple[str, str], first: str, has: str, lacks: str) -> None:
    name, version = virtual
    tags = platform_tags(
        Target(subdir=subdir, virtual_packages=(VirtualPackage(name=name, version=version),))
    )
    assert tags[0] == first
    assert has in tags
    assert lacks not in tags


def test_a_resolution_is_judged_as_a_whole() -> None:
    """A wheel's requirement is met by a conda package, and broken by an older one."""
    file = DistFile(
        file_name="app-1.0-py3-none-any.whl",
        version="1.0",
        is_wheel=True,
        url="https://example.org/a",
        hashes={},
    )
    said = CoreMetadata(name="app", version="1.0", requires_dist=("numpy<2",))

    def resolution(numpy: str) -> Resolution:
        return Resolution(
            target=LINUX,
            python="3.11.9",
            conda=(),
            pypi=(PypiPin(name=PypiName("app"), version="1.0", file=file),),
            provided={PypiName("numpy"): (CondaName("numpy"), numpy)},
        )

    assert check_resolution(resolution("1.26.4"), lambda _: said, roots=["app"]) == []
    assert [v.kind for v in check_resolution(resolution("2.0"), lambda _: said, roots=["app"])] == [
        "requires"
    ]


def test_agrees_with_pip_on_this_environment() -> None:
    """What is installed here, against ``pip check``: both are content, or neither."""
    distributions: dict[str, importlib.metadata.Distribution] = {}
    for one in importlib.metadata.distributions():
        distributions.setdefault(one.metadata["Name"], one)
    installed = [
        Installed(
            name=name,
            version=one.version,
            requires_dist=tuple(one.requires or ()),
            requires_python=one.metadata.json.get("requires_python"),  # type: ignore[arg-type]
        )
        for name, one in distributions.items()
    ]
    here = dict(default_environment())
    machine = Machine(python=here["python_full_version"], environment=here, tags=frozenset(sys_tags()))  # type: ignore[arg-type]
    ours = [v for v in pip_check(installed, machine) if v.kind == "requires"]
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False, timeout=240
    )
    if "No module named pip" in pip.stderr:
        pytest.skip("pip is not installed here")
    assert (pip.returncode == 0) == (ours == []), (pip.stdout, ours)
    broken = [*installed, Installed(name="needy", version="1", requires_dist=("packaging<1",))]
    assert [v for v in pip_check(broken, machine) if v.text == "needy 1: packaging<1"]
