"""Freshness and closure, without solving."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from lockfiles.formats.conda_lock.restore import resolutions_of_lock
from lockfiles.formats.conda_lock.target_keys import REQUEST_HASH
from lockfiles.formats.conda_lock.text import read_conda_lock, write_conda_lock
from lockfiles.model import CondaLock, LockedChannel, LockMetadata
from lockfiles.request.request_hash import request_hashes
from lockfiles.request.satisfied import check_closed, check_satisfied
from resolver.inputs.reading import parse_inputs
from resolver.model.channels import Channel, ChannelPriority
from resolver.model.requirements import Requirements
from resolver.model.resolution import Resolution
from resolver.model.target import ResolutionMode, Target, VirtualPackage
from tests.lockfiles.make import FORGE, LINUX, MACOS, conda, pypi, resolution

FILE = """\
channels: [conda-forge]
dependencies:
- python=3.11
- numpy >=1.26,<2
- pip
- pip:
  - requests[socks]>=2.30
  - colorama; sys_platform == "win32"
"""


def pins() -> Resolution:
    return resolution(
        conda("python", "3.11.9", "h0_cpython", "__glibc >=2.17", "openssl >=3,<4"),
        conda("openssl", "3.3.1"),
        conda("numpy", "1.26.4", "py311_0", "python >=3.11,<3.12.0a0"),
        conda("pip", "24.0", "pyh_0", "python >=3.8", subdir="noarch"),
        pypi("requests", "2.32.3", {"urllib3": "<3,>=1.21", "numpy": ""}, extras=frozenset({"socks"})),
        pypi("urllib3", "2.2.2"),
        provided={"numpy": ("numpy", "1.26.4"), "pip": ("pip", "24.0")},
    )


def parsed(text: str) -> Requirements:
    return parse_inputs(["environment.yml"], lambda _: text.encode())


def locked(text: str = FILE, one: Resolution | None = None) -> CondaLock:
    one = one or pins()
    hashes = request_hashes(parsed(text), [one.target])
    metadata = LockMetadata(
        channels=(LockedChannel(url="conda-forge"),),
        custom={REQUEST_HASH + platform: value for platform, value in hashes.items()},
    )
    return read_conda_lock(write_conda_lock([one], metadata), "conda-lock.yml")


def faults(
    text: str = FILE,
    *,
    lock: CondaLock | None = None,
    targets: tuple[Target, ...] = (LINUX,),
    channels: tuple[Channel, ...] = (FORGE,),
) -> list[str]:
    lock = lock or locked()
    requirements = parsed(text)
    found = check_satisfied(
        requirements,
        targets,
        resolutions_of_lock(lock),
        channels=channels,
        custom=lock.metadata.custom,
        hashes=request_hashes(requirements, targets),
    )
    return [str(fault) for fault in found]


def test_what_was_locked_is_fresh() -> None:
    assert faults() == []


def test_it_is_fresh_without_any_hash_too() -> None:
    lock = locked()
    bare = replace(lock, metadata=replace(lock.metadata, custom={}))
    assert faults(lock=bare) == []


def test_a_package_of_another_category_is_stale() -> None:
    one = pins()
    conda_pins = tuple(
        replace(pin, categories=frozenset({"dev" if pin.record.name == "numpy" else "main"}))
        for pin in one.conda
    )
    lock = locked(one=replace(one, conda=conda_pins))
    bare = replace(lock, metadata=replace(lock.metadata, custom={}))
    assert faults(lock=bare) == [
        "environment.yml:4:3: [linux-64] `numpy >=1.26,<2` is of category `main`, not so in the lockfile"
    ]


FRESH = [
    pytest.param("# comment\n" + FILE, id="a comment"),
    pytest.param(FILE.replace("numpy >=1.26,<2", "numpy"), id="a looser line"),
    pytest.param(FILE.replace("numpy >=1.26,<2", "numpy==1.26.4"), id="a line tightened to what is there"),
    pytest.param(FILE.replace("- numpy", "- conda-forge::numpy"), id="its channel named"),
    pytest.param(FILE.replace("[socks]", ""), id="an extra less, nothing more"),
    pytest.param(FILE + "  - numpy>1\n", id="a pip line that conda meets"),
    pytest.param(FILE.replace("- pip:", "- pip:\n  - -c constraints.txt", 0), id="as it is"),
    pytest.param(FILE + '  - nothing; python_version < "3.9"\n', id="a marker that doesn't hold"),
    pytest.param(FILE + "- tk # [win]\n", id="a selector for another platform"),
]


@pytest.mark.parametrize("text", FRESH)
def test_fresh(text: str) -> None:
    assert faults(text) == []


STALE = [
    pytest.param(
        FILE.replace("<2", "<1.26.4"),
        "environment.yml:4:3: [linux-64] `numpy >=1.26,<1.26.4` is asked for, "
        "the lockfile has numpy 1.26.4 py311_0",
        id="a version",
    ),
    pytest.param(
        FILE.replace("- pip\n", "- pip\n- scipy\n"),
        "environment.yml:6:3: [linux-64] `scipy` is not in the lockfile",
        id="a new package",
    ),
    pytest.param(
        FILE.replace("- numpy", "- pytorch::numpy"),
        "environment.yml:4:3: [linux-64] `pytorch::numpy >=1.26,<2` is asked for, "
        "the lockfile has it from `conda-forge`",
        id="another channel for it",
    ),
    pytest.param(
        FILE.replace("numpy >=1.26,<2", "numpy=1.26.4=py312_0"),
        "environment.yml:4:3: [linux-64] `numpy=1.26.4=py312_0` is asked for, "
        "the lockfile has numpy 1.26.4 py311_0",
        id="a build",
    ),
    pytest.param(
        FILE.replace(">=2.30", ">=3"),
        "environment.yml:7:5: [linux-64] `requests[socks]>=3` is asked for, the lockfile has requests 2.32.3",
        id="a pip version",
    ),
    pytest.param(
        FILE.replace("[socks]", "[security,socks]"),
        "environment.yml:7:5: [linux-64] `requests[security,socks]>=2.30` is asked for, "
        "the lockfile has it without `security`",
        id="an extra more",
    ),
    pytest.param(
        FILE + "  - flask\n",
        "environment.yml:9:5: [linux-64] `flask` is not in the lockfile",
        id="a pip package",
    ),
    pytest.param(
        FILE.replace("requests[socks]>=2.30", "requests[socks] @ git+https://example.org/o/requests"),
        "environment.yml:7:5: [linux-64] `requests[socks] @ git+https://example.org/o/requests` "
        "is asked for, the lockfile has it from another place",
        id="another place",
    ),
    pytest.param(
        FILE.replace("- numpy >=1.26,<2\n", "").replace("  - requests[socks]>=2.30\n", "  - urllib3\n"),
        "[linux-64] `numpy` is needed by nothing",
        id="a package less",
    ),
]


@pytest.mark.parametrize(("text", "message"), STALE)
def test_stale(text: str, message: str) -> None:
    assert message in faults(text)


def test_a_line_less_counts_when_nothing_else_needs_it() -> None:
    assert faults(FILE.replace("  - requests[socks]>=2.30\n", "")) == [
        "[linux-64] `requests` is needed by nothing",
        "[linux-64] `urllib3` is needed by nothing",
    ]


TARGETS = [
    pytest.param(
        {"virtual_packages": (*LINUX.virtual_packages, VirtualPackage(name="__cuda", version="12.4"))},
        "[linux-64] the target's virtual packages: now has __cuda=12.4=0",
        id="cuda",
    ),
    pytest.param(
        {"channel_priority": ChannelPriority.FLEXIBLE},
        "[linux-64] channel priority was strict, now is flexible",
        id="priority",
    ),
    pytest.param(
        {"resolution_mode": ResolutionMode.LOWEST},
        "[linux-64] resolution was highest, now is lowest",
        id="versions wanted",
    ),
    pytest.param({"exclude_newer": 5}, "[linux-64] the date of `--exclude-newer` is another one", id="date"),
]


@pytest.mark.parametrize(("fields", "message"), TARGETS)
def test_another_target(fields: dict[str, Any], message: str) -> None:
    assert faults(targets=(replace(LINUX, **fields),)) == [message]


def test_platforms() -> None:
    assert faults(targets=(LINUX, MACOS)) == ["[osx-arm64] the lockfile has no such platform"]
    assert faults(targets=(MACOS,)) == [
        "[osx-arm64] the lockfile has no such platform",
        "[linux-64] the lockfile has a platform that is not asked for",
    ]


def test_a_channel_that_is_gone() -> None:
    other = Channel(name="bioconda", base_url="https://conda.anaconda.org/bioconda")
    found = faults(FILE.replace("[conda-forge]", "[bioconda]"), channels=(other,))
    told = "[linux-64] 4 packages (`numpy`, `openssl`, `pip` ...) are from `conda-forge`"
    assert [line for line in found if "`conda-forge`" in line] == [f"{told}, which is no channel now"]


def test_a_channel_that_lies_elsewhere_now_is_told_once_with_both_places() -> None:
    other = Channel(name="conda-forge", base_url="https://mirror.example.org/conda-forge")
    found = [line for line in faults(FILE.replace(",<2", ""), channels=(other,)) if "`conda-forge`" in line]
    assert found == [
        (
            "[linux-64] 4 packages (`numpy`, `openssl`, `pip` ...) are from `conda-forge` at "
            "https://conda.anaconda.org/conda-forge, which is now at https://mirror.example.org/conda-forge"
        )
    ]


TAKEN_OUT = [
    pytest.param(
        "openssl", "[linux-64] `python` needs `openssl >=3,<4`, which is not in the lockfile", id="conda"
    ),
    pytest.param(
        "urllib3", "[linux-64] `requests` needs `urllib3<3,>=1.21`, which is not in the lockfile", id="pip"
    ),
    pytest.param(
        "numpy",
        "environment.yml:4:3: [linux-64] `numpy >=1.26,<2` is not in the lockfile",
        id="one asked for",
    ),
]


@pytest.mark.parametrize(("name", "message"), TAKEN_OUT)
def test_a_package_taken_out_by_hand_is_seen_though_the_hash_agrees(name: str, message: str) -> None:
    lock = locked()
    cut = replace(lock, packages=tuple(p for p in lock.packages if p.name != name))
    assert message in faults(lock=cut)


CLOSED = [
    pytest.param([conda("a", "1", "0", "b >=2"), conda("b", "2.1")], [], id="closed"),
    pytest.param(
        [conda("a", "1", "0", "b >=2"), conda("b", "1.9")],
        ["`a` needs `b >=2`, the lockfile has b 1.9 h0_0"],
        id="a version",
    ),
    pytest.param(
        [conda("a", "1", "0", "b * cuda*"), conda("b", "1.9", "cpu_0")],
        ["`a` needs `b * cuda*`, the lockfile has b 1.9 cpu_0"],
        id="a build",
    ),
    pytest.param(
        [conda("a", "1", "0", constrains=("b <2",)), conda("b", "2")],
        ["`a` only goes with `b <2`, the lockfile has b 2 h0_0"],
        id="a constraint",
    ),
    pytest.param([conda("a", "1", "0", constrains=("b <2",))], [], id="a constraint on what isn't there"),
    pytest.param(
        [conda("a", "1", "0", "__cuda >=12")],
        ["`a` needs `__cuda >=12`, which the target lacks"],
        id="no CUDA",
    ),
    pytest.param(
        [conda("a", "1", "0", "__glibc >=2.34")],
        ["`a` needs `__glibc >=2.34`, the target has 2.28"],
        id="an old glibc",
    ),
    pytest.param([pypi("a", "1", {"b": ">=2"}), pypi("b", "2.0")], [], id="pip, closed"),
    pytest.param(
        [pypi("a", "1", {"b": ">=2"}), pypi("b", "1.0")],
        ["`a` needs `b>=2`, the lockfile has b 1.0"],
        id="pip, a version",
    ),
    pytest.param([pypi("a", "1", {"b": ">=2"}), pypi("b", "3.0rc1")], [], id="a chosen pre-release counts"),
    pytest.param(
        [conda("python", "3.11.9"), pypi("a", "1", requires_python=">=3.12")],
        ["`a` needs Python >=3.12, the lockfile has 3.11.9"],
        id="another Python",
    ),
]


@pytest.mark.parametrize(("parts", "messages"), CLOSED)
def test_closure(parts: list[Any], messages: list[str]) -> None:
    assert list(check_closed(resolution(*parts))) == messages


def test_a_conda_package_meets_a_pip_dependency() -> None:
    one = resolution(
        conda("pytorch", "2.3.1"),
        pypi("a", "1", {"torch": ">=2.4"}),
        provided={"torch": ("pytorch", "2.3.1")},
    )
    assert check_closed(one) == ("`a` needs `torch>=2.4`, the lockfile has torch 2.3.1",)
