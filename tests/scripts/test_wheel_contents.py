"""What a wheel's modules were compiled with is read by ranges, without the rest of it."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import pytest

from resolver.errors import SourceError
from resolver.model.records import DistFile
from resolver.sources.http.fetching import Fetcher, HttpSettings
from scripts.index_facts import Reader
from scripts.propose_facts import compare_contents, compare_torch_code
from scripts.wheel_contents import (
    NumpyApi,
    iter_modules,
    newest_glibcxx,
    numpy_api,
    torch_code,
    torch_cxx11,
)
from scripts.wheel_facts import abi_differences, binary_differences, cudnn_differences
from tests.support.server import LoopbackServer

ONE, TWO = b"\0numpy.core._multiarray_umath\0", b"\0numpy._core._multiarray_umath\0"
NOISE = random.Random(1).randbytes(3_000_000)  # noqa: S311  # bytes that no packing makes small


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer({}) as running:
        yield running


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(HttpSettings(), environ={}) as found:
        yield found


def wheel(server: LoopbackServer, **modules: bytes) -> DistFile:
    """Serve a wheel with these modules beside a large file that nobody needs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.bin", NOISE)
        for name, data in modules.items():
            archive.writestr(f"a/{name}.cpython-311-x86_64-linux-gnu.so", data)
        archive.writestr("a/more.bin", NOISE)
    server.files["a-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"] = buffer.getvalue()
    url = f"{server.url}/a-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    return DistFile(file_name=url.rsplit("/", 1)[1], version="1.0", is_wheel=True, url=url, hashes={})


@pytest.mark.parametrize(
    ("modules", "api"),
    [
        ({"m": b"nothing of it"}, NumpyApi.NONE),
        ({"m": ONE}, NumpyApi.ONE),
        ({"m": ONE, "n": TWO}, NumpyApi.TWO),
        ({"m": TWO + ONE}, NumpyApi.TWO),
    ],
)
def test_numpy_of_a_wheel(
    server: LoopbackServer, fetcher: Fetcher, modules: dict[str, bytes], api: NumpyApi
) -> None:
    assert numpy_api(fetcher, wheel(server, **modules)) is api


def test_the_newest_symbol_of_the_runtime(server: LoopbackServer, fetcher: Fetcher) -> None:
    modules = {"m": b"\0GLIBCXX_3.4.9\0GLIBCXX_3.4.30\0", "n": b"\0GLIBCXX_3.4.22\0GLIBCXX_3.4\0"}
    assert newest_glibcxx(fetcher, wheel(server, **modules)) == (3, 4, 30)


def test_modules_come_small_ones_first(server: LoopbackServer, fetcher: Fetcher) -> None:
    names = [name for name, _ in iter_modules(fetcher, wheel(server, big=NOISE, small=b"x"))]
    assert [name.split(".")[0] for name in names] == ["a/small", "a/big"]


def test_a_server_without_ranges_is_told(server: LoopbackServer, fetcher: Fetcher) -> None:
    file = wheel(server, m=ONE)
    server.ranges = False
    with pytest.raises(SourceError, match="isn't served in parts"):
        numpy_api(fetcher, file)


CODE = b"\0sm_50 sm_75 sm_90a compute_90\0"


@pytest.mark.parametrize(
    ("version", "library", "code"),
    [
        ("cuda: Optional[str] = '12.6'", CODE, ("12.6", ("5.0", "7.5", "9.0"))),
        ("cuda = '13.0'", b"\0sm_120 sm_75\0", ("13.0", ("7.5", "12.0"))),
        ("cuda: Optional[str] = None", CODE, None),
        ("cuda = '12.6'", b"no line", None),
        ("cuda = '12.6'", None, None),
    ],
)
def test_the_gpus_of_torch(
    server: LoopbackServer, fetcher: Fetcher, version: str, library: bytes | None, code: object
) -> None:
    assert torch_code(fetcher, torch_wheel(server, "2.99.0", version, library)) == code


def torch_wheel(server: LoopbackServer, release: str, version: str, library: bytes | None) -> DistFile:
    """Serve a wheel of torch that says this of its CUDA and holds this library."""
    name = f"torch-{release}-cp311-cp311-manylinux_2_28_x86_64.whl"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("torch/version.py", f"debug = False\n{version}\nhip = None\n")
        if library is not None:
            archive.writestr("torch/lib/libtorch_python.so", library)
    server.files[name] = buffer.getvalue()
    url = f"{server.url}/{name}"
    return DistFile(file_name=name, version=release, is_wheel=True, url=url, hashes={})


@dataclass(frozen=True)
class Files:
    """An index of torch with these wheels, newest first."""

    files: tuple[DistFile, ...]

    def versions(self, project: str, *, yanked: bool = False) -> list[str]:
        files = self.files if project == "torch" else ()
        return [file.version for file in files if yanked or file.yanked is None]

    def wheel(self, project: str, version: str, platform: str = "linux-64") -> DistFile | None:
        found = (file for file in self.files if file.version == version and platform == "linux-64")
        return next(found, None) if project == "torch" else None


def test_architectures_are_compared_with_the_wheel_of_each_release(
    server: LoopbackServer, fetcher: Fetcher
) -> None:
    cuda = "cuda = '12.6'"
    old, new = b"\0sm_50 sm_75\0", b"\0sm_50 sm_80\0"
    texts = {"2.3.1": old, "2.3.0": b"no line", "2.2.1": old, "2.2.0": new, "2.1.0": CODE, "1.9": new}
    index = Files(tuple(torch_wheel(server, release, cuda, text) for release, text in texts.items()))
    row = {"channel": "pypi", "first": "2.2", "last": "2.3", "cuda": "12.6", "sass": ["5.0", "7.5"]}
    older = {"channel": "pypi", "first": "2.1", "last": "2.1", "cuda": "11.8", "sass": ["5.0"]}
    other = {"channel": "pytorch", "first": "2.1", "last": "2.3", "cuda": "12.6", "sass": ["5.0"]}
    outcome = compare_torch_code(cast("Reader", index), fetcher, [row, older, other])
    assert (outcome.compared, outcome.by_hand) == (4, 1)
    assert [line.split(",")[0] for line in outcome.differences] == ["torch 2.2.0", "torch 2.1.0"]
    assert "the table says nothing, the wheel 5.0 7.5 9.0" in outcome.differences[1]


@pytest.mark.parametrize(
    ("last", "before", "said"),
    [
        ("1.1", "2.0", []),
        pytest.param(
            "1.0", "2.0", ["last: the table says 1.0, for numpy 1 is the wheel of 1.1"], id="yanked"
        ),
        pytest.param(
            "1.1", "2.1", ["before: the table says 2.1, for numpy 2 is the wheel of 2.0"], id="yanked, newer"
        ),
        ("1.0", "2.1", ["last: the table says 1.0", "before: the table says 2.1"]),
        ("1.0", "1.1", ["last: the table says 1.0, for numpy 1 is the wheel of 1.1"]),
        ("2.0", "2.1", ["before: the table says 2.1, for numpy 2 is the wheel of 2.0"]),
    ],
)
def test_the_turning_point_lies_between_two_releases_yanked_or_not(
    server: LoopbackServer, fetcher: Fetcher, last: str, before: str, said: list[str]
) -> None:
    api = {"2.1": TWO, "2.0": TWO, "1.5": b"none", "1.1": ONE, "1.0": ONE}
    index = Files(tuple(_module_wheel(server, release, data) for release, data in api.items()))
    row = {"project": "torch", "last": last, "before": before, "platforms": ["linux-64", "win-64"]}
    outcome = compare_contents(cast("Reader", index), fetcher, [row])
    assert len(outcome.differences) == len(said)
    assert all(expected in line for expected, line in zip(said, outcome.differences, strict=True))


def test_a_row_of_releases_without_wheels_was_not_read(server: LoopbackServer, fetcher: Fetcher) -> None:
    index = Files((_module_wheel(server, "2.0", TWO), _module_wheel(server, "1.0", ONE)))
    rows = [
        {"project": "torch", "last": "1.0", "before": "1.9", "platforms": ["linux-64"]},
        {"project": "torch", "before": "2.0", "platforms": ["linux-64"]},
    ]
    outcome = compare_contents(cast("Reader", index), fetcher, rows)
    assert (outcome.unread, outcome.by_hand, outcome.differences) == (("torch 1.9",), 1, ())


def _module_wheel(server: LoopbackServer, release: str, data: bytes) -> DistFile:
    """Serve a wheel with one module; those of 1.1 and 2.0 are yanked."""
    name = f"torch-{release}-cp311-cp311-manylinux_2_28_x86_64.whl"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("torch/m.so", data)
    server.files[name] = buffer.getvalue()
    yanked = "broken" if release in {"1.1", "2.0"} else None
    url = f"{server.url}/{name}"
    return DistFile(file_name=name, version=release, is_wheel=True, url=url, hashes={}, yanked=yanked)


@pytest.mark.parametrize(
    ("path", "text", "cxx11"),
    [
        ("torch/share/cmake/Torch/TorchConfig.cmake", 'set(F "-D_GLIBCXX_USE_CXX11_ABI=0")', False),
        ("torch/share/cmake/Torch/TorchConfig.cmake", 'set(F "-D_GLIBCXX_USE_CXX11_ABI=1")', True),
        ("torch/__init__.py", "def compiled_with_cxx11_abi() -> bool:\n    return True\n", True),
        ("torch/__init__.py", "def compiled_with_cxx11_abi() -> bool:\n    return _C._ABI\n", None),
        ("torch/version.py", "cuda = None", None),
    ],
)
def test_cxx_abi_of_a_wheel_of_torch(
    server: LoopbackServer, fetcher: Fetcher, path: str, text: str, cxx11: bool | None
) -> None:
    assert torch_cxx11(fetcher, _served(server, "2.6.0", {path: text})) is cxx11


def test_a_wheel_of_each_minor_is_compared_with_the_row_of_its_abi(
    server: LoopbackServer, fetcher: Fetcher
) -> None:
    flags = {"2.7.0": 1, "2.6.1": 1, "2.6.0": 1, "2.5.1": 0}
    config = "torch/share/cmake/Torch/TorchConfig.cmake"
    texts = {version: f"_GLIBCXX_USE_CXX11_ABI={flag}" for version, flag in flags.items()}
    index = Files(tuple(_served(server, version, {config: text}) for version, text in texts.items()))
    rows = [
        {"first": "2.0", "last": "2.5", "cxx11": False},
        {"first": "2.6", "last": "2.6", "variants": ["cu126"], "cxx11": True},
        {"first": "2.6", "last": "2.6", "variants": ["", "cu118"], "cxx11": False},
    ]
    assert list(abi_differences(cast("Reader", index), fetcher, rows)) == [
        "torch 2.7.0: C++11 ABI: the table says nothing, the wheel True",
        "torch 2.6.1: C++11 ABI: the table says False, the wheel True",
    ]


def test_the_newest_binary_of_each_release_is_compared(server: LoopbackServer, fetcher: Fetcher) -> None:
    held = {"1.4": "cuda130", "1.3": "cuda128", "1.2": "cuda128", "1.1": "cpu", "0.9": "cuda90"}
    index = Files(
        tuple(
            _served(server, version, {"b/libb_cuda118.so": "", f"b/libb_{name}_nocublaslt.so": ""})
            for version, name in held.items()
        )
    )
    rows = [
        {"project": "torch", "version": "1.1", "last": "1.2", "cuda": "11.8", "platforms": ["linux-64"]},
        {"project": "torch", "version": "1.3", "last": "1.3", "cuda": "12.8", "platforms": ["linux-64"]},
    ]
    assert list(binary_differences(cast("Reader", index), fetcher, rows)) == [
        "torch 1.4, linux-64: binaries up to: the table says nothing, the wheel 13.0",
        "torch 1.2, linux-64: binaries up to: the table says 11.8, the wheel 12.8",
    ]


def test_the_cudnn_that_a_wheel_brings_is_compared(server: LoopbackServer, fetcher: Fetcher) -> None:
    held = {"1.3": "a/x.so", "1.2": "a.libs/libcudnn-74a4c495.so.9.1.0", "1.1": "a.libs/libcudnn.so.8"}
    index = Files(tuple(_served(server, version, {name: ""}) for version, name in held.items()))
    rows = [
        {"project": "torch", "version": "1.1", "last": "1.2", "cudnn": 8, "platforms": ["linux-64"]},
        {"project": "torch", "version": "1.3", "last": "1.3", "cudnn": 9, "platforms": ["linux-64"]},
    ]
    assert list(cudnn_differences(cast("Reader", index), fetcher, rows)) == [
        "torch 1.3, linux-64: cuDNN: the table says 9, the wheel none",
        "torch 1.2, linux-64: cuDNN: the table says 8, the wheel 9",
    ]


def _served(server: LoopbackServer, version: str, members: dict[str, str]) -> DistFile:
    """Serve a wheel of torch with these files."""
    name = f"torch-{version}-cp311-cp311-manylinux_2_28_x86_64.whl"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in members.items():
            archive.writestr(path, text)
    server.files[name] = buffer.getvalue()
    url = f"{server.url}/{name}"
    return DistFile(file_name=name, version=version, is_wheel=True, url=url, hashes={})
