"""Our content hash is conda-lock's wherever both can read the input."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.request.content_hash import content_hashes
from lockfiles.request.content_hash_pip import hashed_requirement, marker_applies
from lockfiles.request.content_hash_specs import hashed_spec
from resolver.errors import InputError
from resolver.inputs.reading import parse_inputs
from resolver.model.requirements import Requirements
from resolver.model.target import VirtualPackage
from tests.lockfiles import oracle
from tests.support.amount import IS_WHOLE, examples, sampled

PLATFORMS = ["linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"]


@pytest.fixture(scope="module")
def name_map(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty table of names: conda-lock would fetch one to learn what `pip` is called."""
    path = tmp_path_factory.mktemp("names") / "map.json"
    path.write_text("{}")
    return str(path)


def theirs(
    path: Path, name_map: str, platforms: list[str], virtual: Path | None = None
) -> dict[str, str] | None:
    """Return conda-lock's hashes; None where it can't read the file."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            spec = oracle.make_lock_spec(src_files=[path], platform_overrides=platforms, mapping_url=name_map)
        except Exception:
            return None
        repository = (
            oracle.virtual_package_repo_from_specification(virtual)
            if virtual
            else oracle.default_virtual_package_repodata()
        )
        found: dict[str, str] = oracle.compute_content_hashes(spec, repository)
        return found


def requirements_of(path: Path) -> Requirements | None:
    try:
        return parse_inputs([str(path)], lambda name: Path(name).read_bytes())
    except InputError:
        return None


@pytest.mark.shared
def test_real_files(shared: Path, name_map: str) -> None:
    """A fourth of the files in every run, of those that both read.

    conda-lock leaves out `sel(linux):` blocks in silence, so three of all differ.
    """
    outcome: Counter[str] = Counter()
    different = []
    paths = sampled(sorted((shared / "envs").rglob("*.y*ml")), 4)
    for path in paths:
        ours, wanted = requirements_of(path), theirs(path, name_map, PLATFORMS[::2])
        if ours is None or wanted is None:
            outcome["read by one or none"] += 1
            continue
        equal = content_hashes(ours, PLATFORMS[::2]) == wanted
        outcome["equal" if equal else "different"] += 1
        if not equal:
            different.append(path)
    assert all("sel(" in path.read_text() for path in different)
    assert outcome["equal"] >= 0.6 * len(paths), outcome
    assert len(different) == 3 or (not IS_WHOLE and len(different) < 3), outcome


FILES = [
    pytest.param("dependencies: [python=3.11]\n", id="no channels"),
    pytest.param(
        "channels: [conda-forge, nodefaults]\ndependencies: [numpy]\n", id="nodefaults is no channel"
    ),
    pytest.param("channels: [a]\ncategory: dev\ndependencies: [numpy, {pip: [x]}]\n", id="a category"),
    pytest.param("channels: [a]\ndependencies: [pip=23, {pip: [x]}]\n", id="the user's pip is overridden"),
    pytest.param("channels: [a]\ndependencies: [numpy=1, numpy=2]\n", id="the last of two lines"),
    pytest.param(
        "channels: [a]\ndependencies:\n- a # [linux64]\n- b # [win]\n- c # [unix]\n", id="selectors"
    ),
    pytest.param(
        "channels: [a]\ndependencies:\n- pip:\n"
        "  - x; sys_platform == 'win32'\n  - y[b,a]>=1,<2 ; python_version < '3.9'\n  - Zope.Interface\n",
        id="markers and extras",
    ),
    pytest.param(
        "channels: [a]\ndependencies:\n- pip:\n  - git+https://example.org/o/n.git@v1#subdirectory=s\n"
        "  - m @ https://example.org/m-1.0.tar.gz#sha256=" + "ab" * 32 + "\n",
        id="direct references",
    ),
    pytest.param("channels: [a]\ndependencies:\n- pip:\n  - -e .\n", id="an editable folder is left out"),
    pytest.param(
        "channels: ['https://${U}:${P}@example.org/c']\ndependencies: [a]\n", id="variables in a channel"
    ),
    pytest.param(
        "channels: ['https://example.org/t/$TOKEN/c']\ndependencies: [a]\n", id="a token's variable"
    ),
    pytest.param("channels: [a]\ndependencies: []\n", id="nothing"),
    pytest.param("channels: [é]\ndependencies: ['conda-forge::a']\n", id="not ASCII"),
]


@pytest.mark.parametrize("text", FILES)
def test_small_files(text: str, tmp_path: Path, name_map: str) -> None:
    path = tmp_path / "environment.yml"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "setup.py").write_text("")
    wanted, ours = theirs(path, name_map, PLATFORMS), requirements_of(path)
    assert wanted is not None
    assert ours is not None
    assert content_hashes(ours, PLATFORMS) == wanted


def test_declared_virtual_packages(tmp_path: Path, name_map: str) -> None:
    path, virtual = tmp_path / "environment.yml", tmp_path / "virtual-packages.yml"
    path.write_text("channels: [a]\ndependencies: [python]\n")
    virtual.write_text(
        "subdirs:\n  linux-64:\n    packages:\n      __glibc: '2.35'\n"
        "      __archspec: '1 zen4'\n      __unix: '0'\n"
    )
    wanted, ours = theirs(path, name_map, ["linux-64", "osx-64"], virtual), requirements_of(path)
    assert ours is not None
    declared = {
        "linux-64": (
            VirtualPackage(name="__archspec", version="1", build="zen4"),
            VirtualPackage(name="__glibc", version="2.35"),
            VirtualPackage(name="__unix"),
        )
    }
    assert content_hashes(ours, ["osx-64", "linux-64"], virtual_packages=declared) == wanted


VERSIONS = st.sampled_from(
    [
        *(
            "1",
            "1.2",
            "1.2.3",
            "=1.2",
            "==1.2",
            ">=1.2",
            "<2",
            "!=1.5",
            "~=1.4",
            "1.*",
            "1.2*",
            "*",
            "=1.*",
            "=",
        ),
        *(
            "==1.*",
            "=*",
            ">= 1.2",
            ", <2",
            "|2.*",
            "1.2|1.3",
            ">=1,<2",
            ">=1.2,<2.0a0",
            "(1|2)",
            " ",
            "|",
            "@",
        ),
    ]
)
BUILDS = st.sampled_from(["", " py_0", "=py_0", "=*cuda*", " *_cpython", " = x", "=0"])
CHANNELS = st.sampled_from(
    [
        *(
            "",
            "conda-forge::",
            "pkgs/main::",
            "conda-forge/linux-64::",
            "https://example.org/c::",
            ":",
            "./a::",
        ),
        *("https://conda.anaconda.org/pytorch::", "https://example.org::", "defaults::", "file:///a/b::"),
        "a/label/b::",
    ]
)
TAILS = st.sampled_from(
    [
        *("", "[build=x]", "[version='>=1,<2']", '[version="1.*",build="y"]', "[channel=c]", "[md5=aa]"),
        *("[version='(>=1|<0.5),!=3']", "[version='(1.*|(2|^3.*$))']", " # note", " if x"),
    ]
)
SPECS = st.builds(
    lambda c, n, vs, b, t: f"{c}{n}{''.join(vs)}{b}{t}",
    CHANNELS,
    st.sampled_from(["numpy", "Py-Thon", "lib.x", "a "]),
    st.lists(VERSIONS, max_size=2) | st.just(["^1.*$"]),
    BUILDS,
    TAILS,
)


@settings(deadline=None, max_examples=examples(1500))
@given(SPECS)
def test_any_match_spec_is_hashed_as_by_conda_lock(text: str) -> None:
    try:
        wanted = oracle.conda_spec_to_versioned_dep(text, "main")
    except Exception:
        return  # refused there: no hash to compare with
    if wanted.name == "*":
        return  # a pattern for names: no input of ours has one
    found = hashed_spec(text)
    assert (found.name, found.version, found.build, found.channel) == (
        wanted.name,
        wanted.version,
        wanted.build,
        wanted.conda_channel,
    )


ADDRESSES = [
    "https://conda.anaconda.org/conda-forge/linux-64/foo-1.0-py_0.tar.bz2",
    "https://example.org/c/noarch/foo-bar-1.0-py_0.conda",
    "https://repo.anaconda.com/pkgs/main/linux-64/foo-1.0-h_0.conda",
]


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_of_a_package(text: str) -> None:
    wanted, found = oracle.conda_spec_to_versioned_dep(text, "main"), hashed_spec(text)
    assert (found.name, found.version, found.build, found.channel) == (
        wanted.name,
        wanted.version,
        wanted.build,
        wanted.conda_channel,
    )


REQUIREMENTS = st.builds(
    lambda n, s, m, h: f"{n}{s}{m}{h}",
    st.sampled_from(["requests", "Zope.Interface", "a_b[x,C]", "a [z]"]),
    st.sampled_from(["", "==1.0", " >= 1.0, <2", "~=1.4", "===1.0", "!=1.0,>=0.9", "==1.*", ">1,<=3,!=2"]),
    st.just(""),
    st.sampled_from(["", " --hash=sha256:" + "ab" * 32]),
) | st.sampled_from(
    [
        "git+https://example.org/o/n.git",
        "git+https://example.org/o/n@main",
        "git+ssh://git@example.org/o/n.git@0123abc#subdirectory=x",
        "n @ git+https://example.org/o/n.git@v1.0",
        "https://example.org/dist/n-1.0.tar.gz",
        "n @ https://example.org/n-1.0-py3-none-any.whl#sha256=" + "00" * 32,
        "n ; sys_platform == 'linux'",
        "n>=1; python_version < '3.9' and extra == 'x'",
    ]
)


@settings(deadline=None, max_examples=examples(200))
@given(REQUIREMENTS)
def test_any_requirement_is_hashed_as_by_conda_lock(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wanted = oracle.parse_python_requirement(text, manager="pip", mapping_url="").model_dump()
        except Exception:
            return
    content = "dependencies:\n- pip:\n  - " + repr(text).replace('\\"', '"') + "\n"
    if "'" in text:
        content = f'dependencies:\n- pip:\n  - "{text}"\n'
    try:
        requirements = parse_inputs(["e.yml"], lambda _: content.encode())
    except InputError:
        return
    found = hashed_requirement(requirements.pypi[0])
    without_nulls = {
        key: value for key, value in wanted.items() if key not in ("markers", "subdirectory") or value
    }
    assert found == without_nulls


MARKERS = [
    "sys_platform == 'win32'",
    "sys_platform != 'win32' and python_version < '3.9'",
    "python_version < '3.9' or os_name == 'nt'",
    "(os_name == 'nt' or platform_system == 'Darwin') and platform_machine == 'arm64'",
    "'linux' in sys_platform",
    "sys_platform not in 'linux darwin'",
    "platform_system=='Linux' and (python_full_version<'3' or sys_platform=='linux')",
    'platform_system == "Windows" or (sys_platform == "darwin" and (extra == "x" or os_name == "posix"))',
]


@pytest.mark.parametrize("marker", MARKERS)
def test_markers_hold_where_conda_lock_says_so(marker: str) -> None:
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = {platform: oracle.evaluate_marker(marker, platform) for platform in PLATFORMS}
    assert {platform: marker_applies(marker, platform) for platform in PLATFORMS} == wanted


def test_conda_lock_is_not_needed() -> None:
    script = (
        "import sys\nimport lockfiles.request.content_hash as c\n"
        "from resolver.model.requirements import Requirements\n"
        "c.content_hashes(Requirements(), ['linux-64'])\n"
        "heavy = ('conda_lock', 'conda', 'pydantic', 'rattler')\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240
    )
    assert done.stdout == "[]\n"


def test_a_secret_does_not_enter() -> None:
    def hashes(channel: str) -> Any:
        text = f"channels: ['{channel}']\ndependencies: [a]\n"
        return content_hashes(parse_inputs(["e.yml"], lambda _: text.encode()), ["linux-64"])

    secret = "sesame" + "-open"
    assert hashes(f"https://u:{secret}@example.org/c") == hashes("https://example.org/c")
    assert hashes(f"https://example.org/t/{secret}/c") == hashes("https://example.org/c")
