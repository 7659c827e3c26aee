"""CUDA builds before CPU builds where the target has `__cuda`; what stays a CPU build is said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from lockfiles.formats.conda_lock.text import read_conda_lock
from tests.end_to_end.inside import run
from tests.end_to_end.said_world import PYTHON, World
from tests.support.channel import record

DAY = 24 * 3600 * 1000
NOW = 1_700_000_000_000


def build(name: str, version: str, kind: str, *depends: str, day: int = 0, **fields: Any) -> dict[str, Any]:
    """A build of the kind that its name says; a CUDA build of no dependency of its own needs the driver."""
    needs = list(depends) or (["__cuda"] if kind.startswith("cuda") else [])
    return record(name, version, f"{kind}_0", depends=needs, timestamp=NOW + day * DAY, **fields)


RUNTIME = (record("cuda-version", "12.9", constrains=["__cuda >=12"]), record("cudatoolkit", "11.8"))
TORCH = (
    build("torch", "2.0", "cpu"), build("torch", "2.0", "cuda"),
    build("torch", "2.1", "cpu"), build("torch", "2.1", "cuda"),
    build("torch", "2.2", "cpu"),
)  # fmt: skip

#: why, records, lines, what is selected with `__cuda 12.8`
CASES: list[tuple[str, tuple[dict[str, Any], ...], list[str], set[str]]] = [
    ("a version without a CUDA build is passed over", TORCH, ["torch"], {"torch 2.1 cuda_0"}),
    ("a line that asks for the CPU build", TORCH, ["torch=*=cpu*"], {"torch 2.2 cpu_0"}),
    ("a line that asks for that version", TORCH, ["torch=2.2"], {"torch 2.2 cpu_0"}),
    ("a CUDA build by cuda-version",
     (build("x", "1", "g", "cuda-version >=12"), build("x", "2", "c")), ["x"],
     {"x 1 g_0", "cuda-version 12.9 0"}),
    ("a CUDA build by cudatoolkit",
     (build("x", "1", "g", "cudatoolkit >=11"), build("x", "2", "c")), ["x"],
     {"x 1 g_0", "cudatoolkit 11.8 0"}),
    ("a CUDA build by the build of what it needs",
     (*TORCH, build("vision", "1", "g", "torch * cuda*"), build("vision", "2", "c", "torch * cpu*")),
     ["vision"], {"vision 1 g_0", "torch 2.1 cuda_0"}),
    ("a build that will do with either kind is none of the two",
     (*TORCH, build("vision", "1", "g", "torch * c*"), build("vision", "2", "c", "torch")),
     ["vision"], {"vision 2 c_0", "torch 2.1 cuda_0"}),
    ("two packages that need each other's builds",
     (build("a", "1", "cuda", "__cuda", "b * cuda*"), build("a", "2", "cpu", "b * cpu*"),
      build("b", "1", "cuda", "a * cuda*"), build("b", "2", "cpu", "a * cpu*")),
     ["a", "b"], {"a 1 cuda_0", "b 1 cuda_0"}),
    ("within one version the CUDA build, whatever the build number",
     (build("x", "1", "cuda"), {**build("x", "1", "cpu"), "build_number": 9}), ["x"], {"x 1 cuda_0"}),
    ("a CUDA build of a year ago is gone back for",
     (build("x", "1", "cuda"), build("x", "2", "cpu", day=365)), ["x"], {"x 1 cuda_0"}),
    ("a CUDA build over a year older is not",
     (build("x", "1", "cuda"), build("x", "2", "cpu", day=366)), ["x"], {"x 2 cpu_0"}),
    ("such a one still comes before the CPU build of its version",
     (build("x", "1", "cuda"), build("x", "1", "cpu"), build("x", "2", "cpu", day=366)), ["x=1"],
     {"x 1 cuda_0"}),
    ("what comes in besides", (*TORCH, build("app", "1", "0", "torch")), ["app"],
     {"app 1 0_0", "torch 2.1 cuda_0"}),
]  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return World(tmp_path, capsys)


def selected(world: World) -> set[str]:
    text = (world.folder / "conda-lock.yml").read_text()
    packages = read_conda_lock(text, "conda-lock.yml").packages
    return {f"{p.name} {p.version} {p.build}" for p in packages if p.manager == "conda"}


GPU = ("--virtual-package", "__cuda=12.8")


@pytest.mark.parametrize(("records", "lines", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_which_build(
    records: tuple[dict[str, Any], ...], lines: list[str], expected: set[str], world: World
) -> None:
    world.channel(*records, *RUNTIME)
    said = world.lock(world.environment(*lines), *GPU)
    assert said.code == 0, said.out
    assert selected(world) == expected
    again = (world.folder / "conda-lock.yml").read_bytes()
    assert world.lock("environment.yml", *GPU).code == 0
    assert (world.folder / "conda-lock.yml").read_bytes() == again


def test_without_a_gpu_the_newest_counts(world: World) -> None:
    world.channel(*TORCH, *RUNTIME)
    said = world.lock(world.environment("torch"))
    assert selected(world) == {"torch 2.2 cpu_0"}
    assert said.of("cpu-build") == []
    assert said.of("target") == []


THOUGH = "though the target has `__cuda` 12.8"
TOO_OLD = f"`x`: CPU build (1 cpu_0), {THOUGH}: its CUDA builds need `__cuda >=13`, which 12.8 is not"
A_YEAR = (
    f"`x`: CPU build (2 cpu_0), {THOUGH}: its newest CUDA build (1 cuda_0) is over a year older than the "
    "newest CPU build"
)
BESIDE = (
    f"`torch`: CPU build (2.2 cpu_0), {THOUGH}: no CUDA build fits beside the rest (the newest is 2.1 cuda_0)"
)

#: why, records, lines, driver, what is said
TOLD = [
    ("over a year older", (build("x", "1", "cuda"), build("x", "2", "cpu", day=366)), ["x"], "12.8",
     [A_YEAR]),
    ("another line is against it",
     (*TORCH, build("app", "1", "0", "torch >=2.2")), ["app", "torch"], "12.8",
     [BESIDE]),
    ("the driver is too old",
     (build("x", "1", "cuda", "__cuda >=13"), build("x", "1", "cpu")), ["x"], "12.8",
     [TOO_OLD]),
    ("a line pins that version", TORCH, ["torch=2.2"], "12.8", [BESIDE]),
    ("a line wants it", TORCH, ["torch=*=cpu*"], "12.8", []),
    ("a package without kinds wants it", (*TORCH, record("torch-cpu", depends=["torch * cpu*"])),
     ["torch-cpu"], "12.8", []),
    ("CUDA's own library, of which newer builds name the driver",
     (build("libcublas", "12", "0"), build("libcublas", "13", "cuda", "cuda-version >=13"),
      record("cuda-version", "12.1")),
     ["libcublas=12"], "12.8", []),
    ("told once, of the one that is asked for",
     (build("lib", "1", "cuda"), build("lib", "1", "cpu"),
      build("x", "1", "cuda", "__cuda >=13", "lib * cuda*"),
      build("x", "1", "cpu", "lib * cpu*")), ["x"], "12.8",
     [TOO_OLD]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "lines", "driver", "words"), [c[1:] for c in TOLD], ids=[c[0] for c in TOLD]
)
def test_a_cpu_build_is_said(
    records: tuple[dict[str, Any], ...], lines: list[str], driver: str, words: list[str], world: World
) -> None:
    world.channel(*records, *RUNTIME)
    said = world.lock(world.environment(*lines), "--virtual-package", f"__cuda={driver}")
    assert said.code == 0, said.out
    assert said.of("cpu-build") == words


IMAGE = "nvidia/cuda:12.4.1-runtime-ubuntu22.04"
TARGETS = [
    (["--virtual-package", "__cuda=12.8"], "locked for `__cuda` 12.8 (--virtual-package)", 0),
    (["--gpu", "a100", "--glibc", "2.31"],
     "locked for `__cuda` 12.2 (`--gpu`), `__cuda_arch` 8.0 (`--gpu`), `__glibc` 2.31 (`--glibc`)", 0),
    (["--image", IMAGE, "--driver", "550"],
     "locked for `__cuda` 12.4 (`--driver`), `__glibc` 2.35 (`--image`)", 0),
    (["--image", IMAGE], "locked for `__glibc` 2.35 (`--image`)", 1),
    (["--image", IMAGE, "--gpu", "none"], "locked for `__glibc` 2.35 (`--image`)", 0),
    (["--virtual-package", "__glibc="], "locked for no `__glibc` (--virtual-package)", 0),
]  # fmt: skip


@pytest.mark.parametrize(("flags", "words", "missing"), TARGETS, ids=[" ".join(c[0]) for c in TARGETS])
def test_the_target_is_said(flags: list[str], words: str, missing: int, world: World) -> None:
    world.channel(*TORCH, *RUNTIME)
    said = world.lock(world.environment("torch"), *flags)
    assert said.code == 0, said.out
    assert said.of("target") == [f"{words}; the rest is the default profile's"]
    told = said.of("gpu-not-named")
    assert len(told) == missing
    assert all(f"`{IMAGE}` brings CUDA 12.4.1" in text for text in told)


def test_a_variable_is_named(world: World) -> None:
    world.channel(*TORCH, *RUNTIME)
    said = world.lock(world.environment("torch"), CONDA_OVERRIDE_CUDA="12.1")
    assert said.of("target") == [
        "locked for `__cuda` 12.1 ($CONDA_OVERRIDE_CUDA); the rest is the default profile's"
    ]


def test_an_image_of_an_environment_file_counts(world: World) -> None:
    world.channel(*TORCH, *RUNTIME, *PYTHON)
    world.environment("torch")
    world.write("aml.yml", f"name: x\nimage: {IMAGE}\nconda_file: environment.yml\n")
    assert len(world.lock("aml.yml").of("gpu-not-named")) == 1
    assert world.lock("aml.yml", "--gpu", "t4").of("gpu-not-named") == []


@pytest.mark.shared
def test_the_collected_case(shared: Path, world: World) -> None:
    shutil.copy(shared / "cases" / "lock" / "cpu-build-with-cuda" / "environment.yml", world.folder)
    flags = ("-p", "linux-64", "--virtual-package", "__cuda=12.8", "--virtual-package", "__glibc=2.35")
    channels = ("--channel-alias", str(shared / "channels"))
    assert run("environment.yml", *flags, *channels, folder=world.folder) == 0
    asked = {one.split()[0]: one.split()[2] for one in selected(world)}
    assert asked["pytorch"].startswith("cuda")
    assert asked["torchvision"].startswith("cuda")
