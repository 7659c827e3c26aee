"""What stands inside a wheel on an index: what its modules were built for: numpy, libstdc++, GPUs, CUDA.

Only the parts of a wheel that are asked for are fetched, by byte ranges.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from enum import Enum

from resolver.errors import SourceError
from resolver.model.records import DistFile
from resolver.sources.http.fetching import Fetcher
from resolver.sources.limits import ResourceKind

#: Bytes that are fetched at least; a wheel's directory and its small modules come in one piece.
_PIECE = 1 << 18
_MODULE = re.compile(r"\.(so(\.\d+)*|pyd|dll)$")
_CODE = re.compile(rb"sm_\d+[af]?(?: (?:sm|compute)_\d+[af]?)+")
_GLIBCXX = re.compile(rb"GLIBCXX_(\d+)\.(\d+)(?:\.(\d+))?\0")


class NumpyApi(Enum):
    """The C interface of numpy that a wheel's modules ask for when they are loaded."""

    NONE = "none"
    ONE = "numpy 1"  #: headers of numpy 1: refused by numpy 2 (ABI version 0x1000009)
    TWO = "numpy 2"  #: headers of numpy 2, which serve both


class RemoteFile(io.RawIOBase):
    """A file on a server, read by ranges; the last piece is kept."""

    def __init__(self, fetcher: Fetcher, file: DistFile) -> None:
        """Ask for the end of the file, which tells its size; raises SourceError without ranges."""
        self._fetcher, self._url, self._at = fetcher, file.url, 0
        tail = fetcher.get(file.url, byte_range=(-_PIECE, None), kind=ResourceKind.ARCHIVE)
        size = tail.total_size
        if tail.status != 206 or size is None:
            raise SourceError("isn't served in parts", file.url)
        self.size = size
        self._start, self._piece = size - len(tail.body), tail.body

    def seekable(self) -> bool:
        """Say that it is."""
        return True

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read what fits; the piece around it is fetched where it isn't at hand."""
        wanted = min(len(buffer), self.size - self._at)
        if wanted <= 0:
            return 0
        if not self._start <= self._at < self._start + len(self._piece):
            last = min(self._at + max(wanted, _PIECE), self.size) - 1
            answer = self._fetcher.get(self._url, byte_range=(self._at, last), kind=ResourceKind.ARCHIVE)
            if answer.status != 206:
                raise SourceError("isn't served in parts", self._url)
            self._start, self._piece = self._at, answer.body
        first = self._at - self._start
        part = self._piece[first : first + wanted]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


def iter_modules(fetcher: Fetcher, file: DistFile) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the shared objects of a wheel, small ones first."""
    with zipfile.ZipFile(io.BufferedReader(RemoteFile(fetcher, file), _PIECE)) as archive:
        members = [item for item in archive.infolist() if _MODULE.search(item.filename)]
        for item in sorted(members, key=lambda item: (item.file_size, item.filename)):
            yield item.filename, archive.read(item)


def numpy_api(fetcher: Fetcher, file: DistFile) -> NumpyApi:
    """Return the newest numpy C interface that a module of a wheel was compiled with.

    ``import_array`` of numpy's headers names the module that it asks for its table of functions:
    ``numpy.core._multiarray_umath`` up to numpy 1.26, ``numpy._core._multiarray_umath`` from 2.0 on.
    """
    found = NumpyApi.NONE
    for _, data in iter_modules(fetcher, file):
        if b"numpy._core._multiarray_umath" in data:
            return NumpyApi.TWO
        if b"numpy.core._multiarray_umath" in data:
            found = NumpyApi.ONE
    return found


def newest_glibcxx(fetcher: Fetcher, file: DistFile) -> tuple[int, ...]:
    """Return the newest ``GLIBCXX_`` that a wheel asks of libstdc++; empty: none, or it brings its own."""
    found: tuple[int, ...] = ()
    for name, data in iter_modules(fetcher, file):
        if re.search(r"libstdc\+\+[-.\w]*\.so", name):
            return ()
        for match in _GLIBCXX.finditer(data):
            found = max(found, tuple(int(part) for part in match.groups() if part))
    return found


def torch_code(fetcher: Fetcher, file: DistFile) -> tuple[str, tuple[str, ...]] | None:
    """Return the CUDA of a wheel of torch and the capabilities that it holds machine code for.

    ``torch.cuda.get_arch_list()`` prints a line that stands in ``libtorch_python.so``. None: a CPU build, or
    no such line.
    """
    with zipfile.ZipFile(io.BufferedReader(RemoteFile(fetcher, file), _PIECE)) as archive:
        names = set(archive.namelist())
        if not {"torch/version.py", "torch/lib/libtorch_python.so"} <= names:
            return None
        version = archive.read("torch/version.py").decode()
        cuda = re.search(r"(?m)^cuda\b[^=\n]*= *'([\d.]+)'", version)
        line = _CODE.search(archive.read("torch/lib/libtorch_python.so")) if cuda else None
    if cuda is None or line is None:
        return None
    codes = {int(number) for number in re.findall(rb"sm_(\d+)", line[0])}
    return cuda[1], tuple(f"{code // 10}.{code % 10}" for code in sorted(codes))


def newest_cuda(fetcher: Fetcher, file: DistFile) -> str | None:
    """Return the newest CUDA (``12.4``) that a wheel holds a library for, ``libNAME_cuda124.so``."""
    with zipfile.ZipFile(io.BufferedReader(RemoteFile(fetcher, file), _PIECE)) as archive:
        names = archive.namelist()
    found = [match for name in names for match in re.findall(r"_cuda(\d+)(\d)\D*\.(?:so|dll)$", name)]
    numbers = sorted((int(major), int(minor)) for major, minor in found)
    return f"{numbers[-1][0]}.{numbers[-1][1]}" if numbers else None


def torch_cxx11(fetcher: Fetcher, file: DistFile) -> bool | None:
    """Tell whether a wheel of torch has the new C++ ABI; None where it doesn't say.

    Up to 2.7 a flag in its CMake configuration says so, later ones return a constant.
    """
    with zipfile.ZipFile(io.BufferedReader(RemoteFile(fetcher, file), _PIECE)) as archive:
        names = [name for name in archive.namelist() if name.endswith("/TorchConfig.cmake")]
        flag = re.search(rb"_GLIBCXX_USE_CXX11_ABI=(\d)", archive.read(names[0])) if names else None
        if flag is not None:
            return flag[1] == b"1"
        text = archive.read("torch/__init__.py") if "torch/__init__.py" in archive.namelist() else b""
    constant = re.search(rb"def compiled_with_cxx11_abi\(.*?\breturn (True|False)\b", text, re.DOTALL)
    return constant[1] == b"True" if constant else None


def cudnn_major(fetcher: Fetcher, file: DistFile) -> int | None:
    """Return the major of the cuDNN library that a wheel holds; None where it holds none."""
    with zipfile.ZipFile(io.BufferedReader(RemoteFile(fetcher, file), _PIECE)) as archive:
        names = archive.namelist()
    found = [
        match
        for name in names
        if (match := re.search(r"/libcudnn[-\w]*\.so\.(\d+)|/cudnn64_(\d+)\.dll$", name))
    ]
    return int(found[0][1] or found[0][2]) if found else None
