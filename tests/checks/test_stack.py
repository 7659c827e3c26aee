"""What builds say of themselves: CUDA variants, compute capabilities, versions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.checks import stack
from resolver.metadata.wheel_tags import wheel_glibc, wheel_misfit
from resolver.model.channels import Channel
from resolver.model.leading_numbers import at_least, conda_satisfies, minor, release, satisfies, within
from resolver.model.resolution import CondaPin
from tests.checks.make import wheel_pin
from tests.support.records import conda_record


def pin(build: str, depends: tuple[str, ...] = (), channel: str = "conda-forge") -> CondaPin:
    """Return a pin of a pytorch build."""
    record = conda_record("pytorch", "2.1.0", build, depends=depends)
    return CondaPin(record=record, channel=Channel(name=channel, base_url=channel), subdir="linux-64", url="")


@pytest.mark.parametrize(
    ("build", "cuda", "is_cpu"),
    [
        ("cuda129_mkl_py311_h333e2d5_303", "12.9", False),
        ("cuda112py310h51fe464_300", "11.2", False),
        ("cpu_mkl_py311_h_103", None, True),
        ("py3.11_cuda12.1_cudnn8.9.2_0", "12.1", False),
        ("py3.11_cpu_0", None, True),
        ("cuda100py37he554f03_0", "10.0", False),
        ("cuda92py36h65efead_0", "9.2", False),
        ("cpu_py39h_0", None, True),
        ("gpu_cuda118py39h_0", "11.8", False),
        ("py39h1234_0", None, False),
        ("py311_cpu", None, True),
    ],
)
def test_variant_of_a_build_string(build: str, cuda: str | None, is_cpu: bool) -> None:
    assert stack.variant_of_record(pin(build)) == (cuda, is_cpu)


def test_variant_of_a_dependency() -> None:
    assert stack.variant_of_record(pin("py311_cu121", ("pytorch-cuda 12.1.*",))) == ("12.1", False)


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("torch==2.6.0+cu124", ("12.4", False)),
        ("torch==2.6.0+cpu", (None, True)),
        ("torch==2.6.0", (None, False)),
        ("torch-2.6.0+cu118-cp311-cp311-linux_x86_64.whl", ("11.8", False)),
        ("torch==2.6.0+rocm6.2", (None, False)),
    ],
)
def test_variant_of_a_wheel(text: str, variant: tuple[str | None, bool]) -> None:
    assert stack.variant_of_wheel(wheel_pin(text)) == variant


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("conda-forge", "conda-forge"),
        ("conda-forge/label/rc", "conda-forge"),
        ("https://conda.anaconda.org/conda-forge", "conda-forge"),
        ("https://repo.anaconda.com/pkgs/main", "pkgs/main"),
        ("https://mirror.example.org/channels/pytorch/", "pytorch"),
        ("pkgs/main", "pkgs/main"),
    ],
)
def test_channel_names(channel: str, name: str) -> None:
    assert stack.channel_name(pin("0", channel=channel)) == name


@pytest.mark.parametrize(
    ("code", "device", "runs"),
    [
        ("8.0", "8.6", True),
        ("8.6", "8.0", False),
        ("7.5", "8.0", False),
        ("8.0", "8.7", False),
        ("8.7", "8.7", True),
        ("10.0", "12.0", False),
        ("12.0", "12.1", True),
        ("7.0", "7.5", True),
        ("7.0", "7.2", False),
        ("9.0", "9.0", True),
    ],
)
def test_machine_code_runs_within_its_major(code: str, device: str, runs: bool) -> None:
    assert stack.runs_on(code, device) is runs


@pytest.mark.parametrize(
    ("version", "cxx11"),
    [
        ("1.13.1", False),
        ("2.5.1+cu121", False),
        ("2.5.1+cpu.cxx11.abi", True),
        ("2.6.0", False),
        ("2.6.0+cu124", False),
        ("2.6.0+cu126", True),
        ("2.6.0+rocm6.2", None),
        ("2.7.0+cu118", True),
        ("2.15.0", True),
        ("99.0.0", None),
    ],
)
def test_cxx_abi_of_torch(version: str, cxx11: bool | None) -> None:
    row = stack.torch_abi(version)
    assert (row.cxx11 if row else None) is cxx11


@pytest.mark.parametrize(
    ("file_name", "glibc"),
    [
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", (2, 28)),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", (2, 17)),
        ("a-1-cp311-cp311-manylinux1_x86_64.whl", (2, 5)),
        ("a-1-py3-none-any.whl", None),
        ("a-1-cp311-cp311-win_amd64.whl", None),
        ("a-1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl", (2, 27)),
    ],
)
def test_glibc_of_wheel_tags(file_name: str, glibc: tuple[int, int] | None) -> None:
    assert wheel_glibc(file_name) == glibc


@pytest.mark.parametrize(
    ("file_name", "python", "subdir", "fault"),
    [
        ("a-1-py2.py3-none-any.whl", (3, 11), "linux-64", None),
        ("a-1-cp39-abi3-manylinux_2_28_x86_64.whl", (3, 12), "linux-64", None),
        ("a-1-cp39-abi3-manylinux_2_28_x86_64.whl", (3, 8), "linux-64", "Python cp39"),
        ("a-1-3-cp311-cp311-manylinux_2_28_x86_64.whl", (3, 11), "linux-64", None),
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", (3, 12), "linux-64", "Python cp311"),
        ("a-1-cp311-cp311-manylinux_2_28_aarch64.whl", (3, 11), "linux-64", "manylinux_2_28_aarch64"),
        ("a-1-cp311-cp311-win_amd64.whl", (3, 11), "linux-64", "win_amd64"),
        ("a-1-cp311-cp311-win_amd64.whl", (3, 11), "win-64", None),
        ("a-1-cp311-cp311-macosx_11_0_universal2.whl", (3, 11), "osx-arm64", None),
        ("a-1-py39-none-manylinux_2_28_x86_64.whl", (3, 12), "linux-64", None),
        ("no wheel name.whl", (3, 12), "linux-64", None),
        ("a-1-cp313-cp313t-manylinux_2_28_x86_64.whl", (3, 13), "linux-64", None),
        ("a-1-pp39-pypy39_pp73-manylinux_2_28_x86_64.whl", (3, 9), "linux-64", None),
        ("a-1-cp311-cp311-musllinux_1_2_x86_64.whl", (3, 11), "linux-64", "musllinux_1_2_x86_64"),
        ("a-1-cp311-cp311-macosx_11_0_arm64.whl", (3, 11), "osx-64", "macosx_11_0_arm64"),
        ("a-1-cp311-none-any.whl", (3, 11), "osx-64", None),
    ],
)
def test_tags_of_locked_wheels(
    file_name: str, python: tuple[int, int], subdir: str, fault: str | None
) -> None:
    assert wheel_misfit(file_name, python, subdir) == fault


def test_versions() -> None:
    assert release("2.6.0+cu124") == (2, 6, 0)
    assert release("newest") == ()
    assert minor("12.4.127") == "12.4"
    assert within("2.5.1", "2.4", "2.5")
    assert not within("2.6.0", "2.4", "2.5")
    assert satisfies("2.6.0+cu124", "==2.6.0")
    assert satisfies("unreadable!", "==1")
    assert conda_satisfies("2.10.0", ">=2.10,<2.11.0a0")
    assert conda_satisfies("2.1.0", "2.1.0")
    assert not conda_satisfies("2.3.1", "2.1.0")
    assert conda_satisfies("11.8", "11.8.*")


NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


@settings(deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS)
def test_at_least_is_a_total_order(one: str, two: str, three: str) -> None:
    assert at_least(one, one)
    assert at_least(one, two) or at_least(two, one)
    if at_least(one, two) and at_least(two, three):
        assert at_least(one, three)
