"""The tables of facts are compared with an index: what differs is said, what is new is proposed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from resolver.checks import facts
from resolver.model.indexes import Index
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher, HttpSettings
from resolver.sources.pypi.indexes import IndexSet
from scripts.index_facts import Reader
from scripts.index_subjects import SUBJECTS
from scripts.propose_facts import compare_table
from tests.support.packages import make_page, make_wheel
from tests.support.server import LoopbackServer

TODAY = "2030-01-31"
CITED = {"source": "PyPI project x, wheel METADATA", "date": "2029-01-01", "certainty": "published"}
#: How far a row holds, by table, where a case doesn't say it.
SCOPE: Mapping[str, Mapping[str, Any]] = {
    "package_needs": {"last": "1.0"},
    "torch_releases": {"platforms": ["linux-64"]},
}
LINUX = "platform_system == 'Linux' and platform_machine == 'x86_64'"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One release on an index, one row, and what differs."""

    why: str
    table: str
    row: Mapping[str, Any]
    requires: tuple[str, ...] = ()
    project: str
    tags: tuple[str, ...] = ("py3-none-any",)
    without: tuple[str, ...] = ()  #: those of them that require nothing
    headers: Mapping[str, str] = field(default_factory=dict)
    differs: tuple[str, ...] = ()  #: parts of the lines, one each


CASES = [
    Case(
        why="specifiers in another order are the same",
        table="package_needs", project="numba",
        row={"project": "numba", "version": "1.0", "requires": {"numpy": "<3,>=2"}},
        requires=("numpy>=2,<3",),
    ),
    Case(
        why="a bound that the wheel doesn't have",
        table="package_needs", project="numba",
        row={"project": "numba", "version": "1.0", "requires": {"numpy": "<3,>=2"}},
        requires=("numpy>=2",),
        differs=('numba 1.0: requires.numpy: the table says "<3,>=2", the index ">=2"',),
    ),
    Case(
        why="what holds on Windows isn't what holds on Linux",
        table="package_needs", project="paddle",
        row={"project": "paddle", "version": "1.0", "requires": {"protobuf": "<=3.20.2"}},
        requires=(
            "protobuf<=3.20.2; platform_system == 'Windows'",
            "protobuf>=3.20.2; platform_system != 'Windows'",
        ),
        differs=(
            'requires.protobuf: the table says "<=3.20.2", the index ">=3.20.2"',
            'requires_on.win.protobuf: the table says nothing else, the index "<=3.20.2"',
        ),
    ),
    Case(
        why="each platform's requirement stands under its own key",
        table="package_needs", project="paddle",
        row={
            "project": "paddle", "version": "1.0", "requires": {"protobuf": ">=3.20.2"},
            "requires_on": {"win": {"protobuf": "<=3.20.2"}},
        },
        requires=(
            "protobuf<=3.20.2; platform_system == 'Windows'",
            "protobuf>=3.20.2; platform_system != 'Windows'",
        ),
    ),
    Case(
        why="what isn't asked for on another platform is said",
        table="package_needs", project="sglang",
        row={"project": "sglang", "version": "1.0", "requires": {"torchcodec": "==0.9", "numpy": ""}},
        requires=(
            "torchcodec==0.9; platform_machine != 'aarch64'", "numpy", "other; platform_system == 'Linux'",
        ),
        differs=('requires_on.linux-aarch64.torchcodec: the table says nothing else, the index null',),
    ),
    Case(
        why="a requirement of none isn't one of any version",
        table="package_needs", project="sglang",
        row={
            "project": "sglang", "version": "1.0", "requires": {"nccl": ">=2"},
            "requires_on": {"win": {"nccl": ""}, "osx": {"nccl": None}},
        },
        requires=("nccl>=2; platform_system == 'Linux'",),
        differs=('requires_on.win.nccl: the table says "", the index null',),
    ),
    Case(
        why="a platform's own requirement that the index doesn't know",
        table="package_needs", project="sglang",
        row={
            "project": "sglang", "version": "1.0", "requires": {"nccl": ">=2"},
            "requires_on": {"win": {"nccl": "<2"}},
        },
        requires=("nccl>=2",),
        differs=('requires_on.win.nccl: the table says "<2", the index nothing else',),
    ),
    Case(
        why="triton for some Pythons alone",
        table="torch_releases", project="torch",
        tags=("cp312-cp312-manylinux_2_28_x86_64", "cp313-cp313t-manylinux_2_28_x86_64"),
        row={"version": "1.0", "pythons": ["3.12", "3.13t"], "glibc": "2.28", "triton": "==3.1.0"},
        requires=(f"triton==3.1.0; {LINUX} and python_version < '3.13'",),
        differs=('triton_pythons: the table says nothing, the index ["3.12"]',),
    ),
    Case(
        why="triton for all Pythons needs no list",
        table="torch_releases", project="torch", tags=("cp312-cp312-manylinux_2_28_x86_64",),
        row={"version": "1.0", "pythons": ["3.12"], "glibc": "2.28", "triton": "==3.1.0"},
        requires=(f"triton==3.1.0; {LINUX} and python_version < '3.16'",),
    ),
    Case(
        why="a requirement for an old Python isn't one of this wheel's Python",
        table="package_needs", project="triton", tags=("cp311-cp311-manylinux_2_28_x86_64",),
        row={"project": "triton", "version": "1.0", "requires": {"importlib-metadata": ""}},
        requires=("importlib-metadata; python_version < '3.10'",),
        differs=('requires.importlib-metadata: the table says "", the index nothing',),
    ),
    Case(
        why="NVIDIA's packages are facts wherever they stand",
        table="package_needs", project="tensorrt",
        row={"project": "tensorrt", "version": "1.0"},
        requires=("nvidia-cudnn-cu12", "certifi"),
        differs=('requires.nvidia-cudnn-cu12: the table says nothing, the index ""',),
    ),
    Case(
        why="an extra's pin is no requirement of the plain package",
        table="package_needs", project="tensorflow-like",
        row={"project": "tensorflow-like", "version": "1.0", "requires": {}},
        requires=("nvidia-nccl-cu12==2.21.5; extra == 'and-cuda'",),
    ),
    Case(
        why="the pins of an extra are compared as the extra's",
        table="onnxruntime_releases", project="onnxruntime-gpu", tags=("cp311-cp311-manylinux_2_28_x86_64",),
        row={
            "version": "1.0", "cuda": "12", "pythons": ["3.11"], "glibc": "2.28",
            "extras": {"cuda": {"nvidia-cufft-cu12": "~=11.0"}},
        },
        requires=("nvidia-cufft-cu12~=10.0; extra == 'cuda'",),
        differs=('extras.cuda: the table says {"nvidia-cufft-cu12": "~=11.0"}',),
    ),
    Case(
        why="Pythons, glibc and Requires-Python come from the files",
        table="onnxruntime_releases", project="onnxruntime-gpu", headers={"requires_python": ">=3.12"},
        tags=(
            "cp312-cp312-manylinux_2_28_x86_64", "cp313-cp313t-manylinux_2_28_x86_64",
            "cp311-cp311-win_amd64", "cp39-cp39-manylinux_2_17_aarch64",
        ),
        row={
            "version": "1.0", "cuda": "12", "pythons": ["3.11", "3.12"], "glibc": "2.27",
            "requires_python": ">=3.11",
        },
        differs=(
            'requires_python: the table says ">=3.11", the index ">=3.12"',
            'pythons: the table says ["3.11", "3.12"], the index ["3.12", "3.13t"]',
            'glibc: the table says "2.27", the index "2.28"',
        ),
    ),
    Case(
        why="CUDA and cuDNN of torch follow from its pins",
        table="torch_releases", project="torch", tags=("cp312-cp312-manylinux_2_28_x86_64",),
        row={
            "version": "1.0", "pythons": ["3.12"], "glibc": "2.28", "cuda": "13.0", "cudnn": "9.26.0.51",
            "pins": {"cuda-toolkit": "==13.2.2", "nvidia-cudnn-cu13": "==9.26.0.51"},
        },
        requires=(f"cuda-toolkit[cufft]==13.2.2; {LINUX}", f"nvidia-cudnn-cu13==9.26.0.51; {LINUX}"),
        differs=('cuda: the table says "13.0", the index "13.2"',),
    ),
    Case(
        why="components of a toolkit are its exact pins, of any platform",
        table="cuda_components", project="cuda-toolkit",
        row={"cuda": "1.0", "components": {"nvidia-cufft": "12.1", "nvidia-cudla": "13.1"}},
        requires=(
            "nvidia-cufft==12.1.*; extra == 'all'", "nvidia-nvjitlink>=13; extra == 'all'",
            "nvidia-cudla==13.1.*; platform_machine == 'aarch64' and extra == 'all'",
        ),
    ),
    Case(
        why="what vllm asks of torch's family stands in its row, with the platforms that it asks for",
        table="torch_pins", project="vllm",
        row={"project": "vllm", "version": "1.0", "torch": "==2.0", "requires": {"torchaudio": "==2.1"}},
        requires=(
            "torch==2.0", "torchaudio==2.0", "numpy",
            "xformers==0.1; platform_system == 'Linux' and platform_machine == 'x86_64'",
        ),
        differs=(
            'requires.torchaudio: the table says "==2.1", the index "==2.0"',
            'requires.xformers: the table says nothing, the index "==0.1"',
        ),
    ),
    Case(
        why="a requirement of x86_64 alone",
        table="torch_pins", project="vllm",
        row={"project": "vllm", "version": "1.0", "torch": "==2.0", "requires": {"xformers": "==0.1"}},
        requires=("torch==2.0", "xformers==0.1; platform_machine == 'x86_64' or sys_platform != 'linux'"),
        differs=("requires_on.linux-aarch64.xformers: the table says nothing else, the index null",),
    ),
    Case(
        why="what a wheel for an older glibc asks for stands under its tag",
        table="package_needs", project="xgboost",
        tags=("py3-none-manylinux_2_28_x86_64", "py3-none-manylinux2014_x86_64"),
        row={"project": "xgboost", "version": "1.0", "requires": {"nccl": ""}},
        requires=("nccl",), without=("py3-none-manylinux2014_x86_64",),
        differs=("requires_on.manylinux2014_x86_64.nccl: the table says nothing else, the index null",),
    ),
    Case(
        why="a row that was read from the wrong wheel differs, whichever its source names",
        table="package_needs", project="xgboost",
        tags=("py3-none-manylinux_2_28_x86_64", "py3-none-manylinux2014_x86_64"),
        row={
            "project": "xgboost", "version": "1.0", "requires": {},
            "source": "PyPI project xgboost 1.0 (xgboost-1.0-py3-none-manylinux2014_x86_64.whl)",
        },
        requires=("nvidia-nccl-cu12",), without=("py3-none-manylinux2014_x86_64",),
        differs=('requires.nvidia-nccl-cu12: the table says nothing, the index ""',),
    ),
    Case(
        why="a wheel for a newer Python asks for another torch",
        table="torch_pins", project="torchtext",
        tags=("cp311-cp311-win_amd64", "cp312-cp312-manylinux1_x86_64", "cp312-cp312-win_amd64"),
        row={"project": "torchtext", "version": "1.0", "torch": "==2.2"},
        requires=("torch==2.2",), without=("cp311-cp311-win_amd64",),
        differs=("requires_on.cp311.torch: the table says nothing else, the index null",),
    ),
    Case(
        why="in a wheel for any Python a marker tells them apart",
        table="package_needs", project="numba", headers={"requires_python": ">=3.11,<3.13"},
        row={
            "project": "numba", "version": "1.0", "requires_python": ">=3.11,<3.13",
            "requires": {"numpy": ">=1.26"},
        },
        requires=("numpy>=1.26; python_version >= '3.12'", "numpy>=1.23; python_version < '3.12'"),
        differs=('requires_on.cp311.numpy: the table says nothing else, the index ">=1.23"',),
    ),
    Case(
        why="a platform whose wheels pin nothing isn't among a release's",
        table="torch_releases", project="torch",
        tags=("cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-manylinux_2_28_aarch64"),
        row={
            "version": "1.0", "platforms": ["linux-64"], "pythons": ["3.12"], "glibc": "2.28",
            "cuda": "", "cudnn": "9.1", "pins": {"nvidia-cudnn-cu12": "==9.1"},
        },
        requires=("nvidia-cudnn-cu12==9.1; platform_system == 'Linux'",),
        differs=('platforms: the table says ["linux-64"], the index ["linux-64", "linux-aarch64"]',),
    ),
    Case(
        why="wheels of one release that no row can hold",
        table="onnxruntime_releases", project="onnxruntime-gpu",
        tags=("cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-win_amd64"),
        row={
            "version": "1.0", "pythons": ["3.12"], "glibc": "2.28",
            "extras": {"cuda": {"nvidia-cufft-cu12": "~=11.0"}},
        },
        requires=("nvidia-cufft-cu12~=11.0; extra == 'cuda'",), without=("cp312-cp312-win_amd64",),
        differs=("otherwise: the table says nothing, the index [",),
    ),
    Case(
        why="a release that the index lacks",
        table="torch_pins", project="xformers",
        row={"project": "xformers", "version": "0.9", "torch": "==2.0"},
        differs=("xformers 0.9",),
    ),
    Case(
        why="a row that a person settled is left alone",
        table="torch_pins", project="xformers", requires=("torch==2.1",),
        row={"project": "xformers", "version": "1.0", "torch": "==2.0", "certainty": "agreed"},
    ),
]  # fmt: skip


def _files(
    project: str, version: str, tags: tuple[str, ...], requires: tuple[str, ...], **headers: str
) -> dict[str, bytes]:
    wheel = make_wheel(project, version, requires, **headers)
    return {f"{project.replace('-', '_')}-{version}-{tag}.whl": wheel for tag in tags}


def _serve(pages: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    served = {f"simple/{name}/index.html": make_page(files) for name, files in pages.items()}
    for name, files in pages.items():
        served |= {f"simple/{name}/{file}": data for file, data in files.items()}
    return served


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer({}) as running:
        yield running


def _compare(server: LoopbackServer, table: str, rows: list[Mapping[str, Any]]) -> Any:
    with Fetcher(HttpSettings(), environ={}) as fetcher:
        index = Index(name="default", url=f"{server.url}/simple")
        reader = Reader(IndexSet([index], fetcher=fetcher, cache=Cache(None)))
        return compare_table(reader, SUBJECTS[table], rows, TODAY)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_what_differs_is_said(case: Case, server: LoopbackServer) -> None:
    files = _files(case.project, "1.0", case.tags, case.requires, **case.headers)
    files |= _files(case.project, "1.0", case.without, (), **case.headers)
    server.files.update(_serve({case.project: files}))
    outcome = _compare(server, case.table, [{**CITED, **SCOPE.get(case.table, {}), **case.row}])
    said = [*outcome.differences, *outcome.unread]
    assert len(said) == len(case.differs), said
    for line, part in zip(said, case.differs, strict=True):
        assert part in line
    assert outcome.by_hand == (case.row.get("certainty") == "agreed")


def test_a_newer_release_is_proposed_with_its_wheel(server: LoopbackServer) -> None:
    pages = {
        "vllm": {
            **_files("vllm", "1.0", ("py3-none-any",), ("torch==2.0",)),
            **_files("vllm", "2.0", ("cp38-abi3-manylinux_2_28_x86_64",), ("torch==3.0",)),
            **_files("vllm", "3.0rc1", ("py3-none-any",), ("torch==4.0",)),
        }
    }
    server.files.update(_serve(pages))
    outcome = _compare(
        server, "torch_pins", [{**CITED, "project": "vllm", "version": "1.0", "torch": "==2.0"}]
    )
    assert outcome.differences == ()
    wheel = "vllm-2.0-cp38-abi3-manylinux_2_28_x86_64.whl"
    source = f"PyPI project vllm 2.0 wheel METADATA ({wheel})"
    row = {
        "project": "vllm",
        "version": "2.0",
        "torch": "==3.0",
        "source": source,
        "date": TODAY,
        "certainty": "published",
    }
    assert list(outcome.proposed) == [row]
    msgspec.convert(row, facts.TorchPin)  # it can be pasted as it stands


def test_needs_are_proposed_only_where_they_change(server: LoopbackServer) -> None:
    pages = {
        "numba": {
            **_files("numba", "1.0", ("py3-none-any",), ("numpy<2", "pyyaml")),
            **_files("numba", "1.1", ("py3-none-any",), ("numpy<2", "pyyaml>=6")),
            **_files("numba", "1.2", ("py3-none-any",), ("numpy<3",)),
            **_files("numba", "1.3", ("py3-none-any",), ("numpy<3",)),
        }
    }
    server.files.update(_serve(pages))
    row = {**CITED, "project": "numba", "version": "1.0", "last": "1.0", "requires": {"numpy": "<2"}}
    outcome = _compare(server, "package_needs", [row])
    [proposed] = outcome.proposed
    assert (proposed["version"], proposed["last"], proposed["requires"]) == ("1.2", "1.3", {"numpy": "<3"})
    assert outcome.differences == ("numba 1.0: last: the table says 1.0, the index 1.1",)


def test_releases_behind_the_last_row_are_read_too(server: LoopbackServer) -> None:
    """A row holds up to the newest release that was read, not for ever."""
    pages = {
        "tensorrt": {
            **_files("tensorrt", "8.5", ("py3-none-any",), ("nvidia-cudnn-cu11",)),
            **_files("tensorrt", "8.6", ("py3-none-any",), ()),
        }
    }
    server.files.update(_serve(pages))
    row = {**CITED, "project": "tensorrt", "version": "8.5", "last": "8.6"}
    outcome = _compare(server, "package_needs", [{**row, "requires": {"nvidia-cudnn-cu11": ""}}])
    assert [(row["version"], row.get("requires")) for row in outcome.proposed] == [("8.6", None)]
    assert outcome.differences == ("tensorrt 8.5: last: the table says 8.6, the index 8.5",)


# ---------------------------------------------------------------- as a process


def _run(root: Path, server: LoopbackServer, table: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(root / "scripts" / "propose_facts.py"),
        "--index-url",
        f"{server.url}/simple",
    ]
    return subprocess.run(
        [*command, "--only", table], capture_output=True, text=True, check=False, timeout=120
    )


def _index_of_jax() -> dict[str, dict[str, bytes]]:
    """Return the files of an index that says what the table of JAX's plugins says."""
    pages: dict[str, dict[str, bytes]] = {}
    for row in facts.table(facts.JaxPlugin).rows:
        requires = tuple(f"{name}{given}" for name, given in row.requires.items())
        headers = {"requires_python": row.requires_python} if row.requires_python else {}
        files = _files(row.project, row.version, ("py3-none-any",), requires, **headers)
        pages.setdefault(row.project, {}).update(files)
    return pages


def test_exit_codes_tell_equal_from_different(root: Path, server: LoopbackServer) -> None:
    pages = _index_of_jax()
    server.files.update(_serve(pages))
    equal = _run(root, server, "jax_plugins")
    assert (equal.returncode, equal.stderr) == (0, "")
    rows = len(facts.table(facts.JaxPlugin).rows)
    assert (
        equal.stdout
        == f"jax_plugins: {rows} rows compared, 0 settled by hand, 0 differences, 0 rows proposed\n"
    )
    pages["jax-cuda13-plugin"].update(
        _files(
            "jax-cuda13-plugin", "99.0", ("py3-none-any",), ("nvidia-cudnn-cu14>=9; extra == 'with-cuda'",)
        )
    )
    server.files.update(_serve(pages))
    newer = _run(root, server, "jax_plugins")
    assert newer.returncode == 5
    proposed = json.loads(newer.stdout.partition("\n")[2])
    assert (proposed["version"], proposed["requires"]) == ("99.0", {"nvidia-cudnn-cu14": ">=9"})


def test_an_index_that_fails_is_no_agreement(root: Path, server: LoopbackServer) -> None:
    server.fail("/simple/", status=403, times=None)
    done = _run(root, server, "jax_plugins")
    assert done.returncode == 3
    assert done.stderr.startswith("error: jax_plugins: ")
    assert "Traceback" not in done.stderr
