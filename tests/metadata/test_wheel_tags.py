"""Which wheels fit a target."""

from __future__ import annotations

import platform
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging import tags as packaging_tags

from resolver.metadata.wheel_tags import PythonMinor, PythonMinors, WheelTags, platform_tags, wheel_tag_text
from resolver.model.target import Target, VirtualPackage
from tests.support.amount import examples
from tests.support.tables import table


def target(subdir: str, **virtual: str) -> Target:
    packages = (VirtualPackage(name=f"__{name}", version=version) for name, version in virtual.items())
    return Target(subdir=subdir, virtual_packages=tuple(sorted(packages)))


LINUX = target("linux-64", glibc="2.28")
ARM = target("linux-aarch64", glibc="2.34")
MAC = target("osx-arm64", osx="14.2")
INTEL_MAC = target("osx-64", osx="10.15")
WINDOWS = target("win-64", win="10")

FITS = [
    ("pure wheel", LINUX, "py3-none-any", (3, 8), True),
    ("universal wheel", LINUX, "py2.py3-none-any", (3, 13), True),
    ("pure wheel of Python 2", LINUX, "py2-none-any", (3, 13), False),
    ("pure wheel that starts at 3.9", LINUX, "py39-none-any", (3, 8), False),
    ("exact build", LINUX, "cp311-cp311-manylinux_2_28_x86_64", (3, 11), True),
    ("build of another minor", LINUX, "cp311-cp311-manylinux_2_28_x86_64", (3, 12), False),
    ("newer glibc than the target's", LINUX, "cp311-cp311-manylinux_2_31_x86_64", (3, 11), False),
    ("legacy alias beside the new name", LINUX,
     "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", (3, 11), True),
    ("manylinux1", LINUX, "cp36-cp36m-manylinux1_x86_64", (3, 6), True),
    ("plain linux, as local builds have it", LINUX, "cp311-cp311-linux_x86_64", (3, 11), True),
    ("musl", LINUX, "cp311-cp311-musllinux_1_2_x86_64", (3, 11), False),
    ("stable ABI of an older minor", LINUX, "cp38-abi3-manylinux_2_17_x86_64", (3, 12), True),
    ("stable ABI of a newer minor", LINUX, "cp312-abi3-manylinux_2_17_x86_64", (3, 11), False),
    ("free-threaded build", LINUX, "cp313-cp313t-manylinux_2_17_x86_64", (3, 13), False),
    ("PyPy", LINUX, "pp310-pypy310_pp73-manylinux_2_17_x86_64", (3, 10), False),
    ("any ABI, built for the platform", LINUX, "py3-none-manylinux2010_x86_64", (3, 12), True),
    ("another processor", LINUX, "py3-none-manylinux2014_aarch64", (3, 12), False),
    ("aarch64", ARM, "cp312-cp312-manylinux_2_34_aarch64", (3, 12), True),
    ("aarch64 has no manylinux1", ARM, "cp312-cp312-manylinux1_aarch64", (3, 12), False),
    ("arm64 Mac", MAC, "cp312-cp312-macosx_14_0_arm64", (3, 12), True),
    ("newer macOS", MAC, "cp312-cp312-macosx_15_0_arm64", (3, 12), False),
    ("universal2", MAC, "cp312-cp312-macosx_10_9_universal2", (3, 12), True),
    ("intel wheel on an arm64 Mac", MAC, "cp312-cp312-macosx_11_0_x86_64", (3, 12), False),
    ("intel Mac", INTEL_MAC, "cp38-cp38-macosx_10_9_intel", (3, 8), True),
    ("newer macOS than 10.15", INTEL_MAC, "cp38-cp38-macosx_11_0_x86_64", (3, 8), False),
    ("Windows", WINDOWS, "cp312-cp312-win_amd64", (3, 12), True),
    ("32-bit Windows", WINDOWS, "cp312-cp312-win32", (3, 12), False),
    ("no glibc known: nothing but plain linux", target("linux-64"),
     "cp312-cp312-manylinux2014_x86_64", (3, 12), False),
    ("no platform known: pure wheels fit", target("emscripten-wasm32"), "py3-none-any", (3, 12), True),
    ("no platform known: built wheels don't", target("emscripten-wasm32"),
     "cp312-cp312-manylinux2014_x86_64", (3, 12), False),
    ("Python 2.7", LINUX, "cp27-cp27mu-manylinux1_x86_64", (2, 7), True),
]  # fmt: skip


@table("where, tags, python, fits", FITS)
def test_wheel_fits(where: Target, tags: str, python: tuple[int, int], fits: bool) -> None:
    wheel_tags = WheelTags(where)
    assert (wheel_tags.rank(tags, python) is not None) is fits
    assert (python in wheel_tags.supported_minors(tags)) is fits


def test_platform_is_judged_apart_from_python() -> None:
    wheel_tags = WheelTags(LINUX)
    assert wheel_tags.fits_platform("cp27-cp27mu-manylinux2014_x86_64")
    assert wheel_tags.fits_platform("py3-none-any")
    assert not wheel_tags.fits_platform("cp312-cp312-win_amd64")


@pytest.mark.skipif(sys.platform != "linux", reason="the expected order is that of a Linux interpreter")
def test_order_is_that_of_packaging_for_the_running_interpreter() -> None:
    libc, glibc = platform.libc_ver()
    if libc != "glibc" or platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("only glibc machines")
    here = target(f"linux-{platform.machine().replace('x86_64', '64')}", glibc=glibc)
    assert list(platform_tags(here)) == list(packaging_tags.platform_tags())
    wheel_tags = WheelTags(here)
    order = dict.fromkeys(str(tag) for tag in packaging_tags.sys_tags())
    for place, tag in enumerate(order):
        assert wheel_tags.rank(tag, sys.version_info[:2]) == place


def test_mac_order_is_that_of_packaging() -> None:
    assert list(platform_tags(MAC)) == list(packaging_tags.mac_platforms((14, 2), "arm64"))


def test_closer_platform_ranks_better() -> None:
    wheel_tags = WheelTags(LINUX)
    texts = ["cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-manylinux2014_x86_64",
             "cp38-abi3-manylinux2014_x86_64", "py3-none-manylinux1_x86_64", "py3-none-any",
             "py2.py3-none-any"]  # fmt: skip
    ranks = [wheel_tags.rank(text, (3, 11)) for text in texts]
    assert None not in ranks
    assert ranks == sorted(ranks)  # type: ignore[type-var]


INTERPRETERS = st.sampled_from(
    [
        "cp27",
        "cp35",
        "cp36",
        "cp37",
        "cp38",
        "cp310",
        "cp313",
        "cp3",
        "cp",
        "py2",
        "py3",
        "py27",
        "py37",
        "py310",
        "py4",
        "pp39",
        "jy27",
        "py2.py3",
        "cp38.cp39",
    ]
)
ABIS = st.sampled_from(
    [
        "none",
        "abi3",
        "cp36m",
        "cp37m",
        "cp38",
        "cp310",
        "cp313",
        "cp313t",
        "cp27mu",
        "cp27m",
        "cp27",
        "cp36",
        "cp38.abi3",
        "pypy39_pp73",
        "abi3.abi3t",
    ]
)
PLATFORMS = st.sampled_from(
    [
        "any",
        "linux_x86_64",
        "manylinux1_x86_64",
        "manylinux_2_35_x86_64",
        "win_amd64",
        "macosx_11_0_arm64",
        "musllinux_1_1_x86_64",
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
    ]
)


@settings(deadline=None, max_examples=examples(400))
@given(st.tuples(INTERPRETERS, ABIS, PLATFORMS), st.sampled_from([LINUX, MAC, WINDOWS]))
def test_supported_minors_agree_with_rank(parts: tuple[str, str, str], where: Target) -> None:
    wheel_tags = WheelTags(where)
    text = "-".join(parts)
    supported = wheel_tags.supported_minors(text)
    for python in [(2, 7), *((3, minor) for minor in range(4, 16))]:
        assert (python in supported) is (wheel_tags.rank(text, python) is not None), python
    if not wheel_tags.fits_platform(text):
        assert not supported


def test_tag_text_of_a_file_name() -> None:
    assert wheel_tag_text("a_b-1.0-2-cp311-cp311-Linux_x86_64.whl") == "cp311-cp311-linux_x86_64"


def test_sets_of_minors_unite() -> None:
    both = PythonMinors(named=frozenset({(2, 7)})) | PythonMinors(lowest3=8) | PythonMinors(lowest3=6)
    inside = [minor for minor in [(2, 7), (3, 5), (3, 6), (3, 99), (4, 0)] if minor in both]
    assert inside == [(2, 7), (3, 6), (3, 99)]


@pytest.mark.parametrize(
    "python", [(2, 7), (3, 1), (3, 2), (3, 3), (3, 6), (3, 7), (3, 8), (3, 9), (3, 14), (3, 20)]
)
@pytest.mark.parametrize("subdir", ["linux-64", "linux-aarch64", "osx-arm64", "win-64"])
def test_the_order_is_packagings(subdir: str, python: PythonMinor) -> None:
    virtual = (VirtualPackage(name="__glibc", version="2.35"), VirtualPackage(name="__osx", version="14.0"))
    wheel_tags = WheelTags(Target(subdir=subdir, virtual_packages=virtual))
    interpreter = f"cp{python[0]}{python[1]}"
    flags = "" if python >= (3, 8) else "m" if python[0] == 3 or subdir.startswith(("win", "osx")) else "mu"
    theirs = [
        *packaging_tags.cpython_tags(python, [f"{interpreter}{flags}"], wheel_tags.platforms),
        *packaging_tags.compatible_tags(python, interpreter, wheel_tags.platforms),
    ]
    assert [wheel_tags.rank(str(tag), python) for tag in theirs] == list(range(len(theirs)))
