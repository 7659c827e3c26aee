"""What a wheel's modules were compiled with is read by ranges, without the rest of it."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator

import pytest

from resolver.errors import SourceError
from resolver.model.records import DistFile
from resolver.sources.http.fetching import Fetcher, HttpSettings
from scripts.wheel_contents import NumpyApi, iter_modules, newest_glibcxx, numpy_api
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
