"""The bytecode of all modules that commands have loaded, in one file.

Python finds the bytecode of each module by itself: it looks into folders, opens and reads a file, more than
two hundred times, a fifth of what a small lock takes. Here one file is read, and for each module the state
of its source is compared, as Python does. The file stands among those that Python writes (``__pycache__``),
is trusted as much as they are, and is written by the same rules: never where Python is told to write no
bytecode, and nothing is said where it can't be.

::

    MAGIC  length of the table, of all that follows it (8 bytes each)  table  parts
    table: (Python's magic number, version of lockstack, {part: (from, to)}), marshalled
    part:  {module: (is a package, time of its source in ns, size of its source, bytecode)}, marshalled

A part is a verb's, as verbs load different modules.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader, cache_from_source

from resolver.version import VERSION

TYPE_CHECKING = False  # type checkers know the name; `typing` takes 10 ms
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType
    from typing import BinaryIO, TypeAlias

    Row: TypeAlias = tuple[bool, int, int, CodeType]

MAGIC = b"lockstack-bytecode-1\n"  # no bytecode of Python's begins so: imported as a module, it is made anew
_PACKAGES = ("lockfiles.", "resolver.")
#: Modules that the file may lack before it is written anew, which costs what it saves two runs.
_FEW = 8


class _Loader(SourceFileLoader):
    """Loads a module as Python does, but for where the bytecode comes from."""

    code: CodeType

    def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002 - as importlib has it
        _imp._fix_co_filename(self.code, self.path)  # type: ignore[attr-defined]  # noqa: SLF001 - a moved folder
        return self.code


class Bundle:
    """Finds modules by one part of the file; what isn't there, or has changed, Python finds."""

    def __init__(self, place: str, part: str) -> None:
        """Read what the file at ``place`` has of ``part``: nothing, where it is of another Python."""
        self._place, self._part = place, part
        self._earlier = frozenset(sys.modules)  # loaded without it
        self._modules: dict[str, Row] = {}
        try:
            with open(place, "rb") as file:
                start, end = _read_table(file).get(part, (0, 0))
                if end:
                    file.seek(start, os.SEEK_CUR)
                    self._modules = marshal.loads(file.read(end - start))  # noqa: S302 - as Python trusts its own
        except (OSError, EOFError, ValueError, TypeError):
            return

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002 - as importlib has it
    ) -> ModuleSpec | None:
        """Return how a module is loaded; None: Python has to find it."""
        row = self._modules.get(name)
        if row is None or not path:
            return None
        is_package, time, size, code = row
        folder = f"{path[0]}{os.sep}{name.rpartition('.')[2]}"
        file = f"{folder}{os.sep}__init__.py" if is_package else f"{folder}.py"
        if _state(file) != (time, size):
            return None
        loader = _Loader(name, file)
        loader.code = code
        spec = ModuleSpec(name, loader, origin=file, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [folder]
        return spec

    def save(self) -> None:
        """Write the bytecode of all modules that were loaded, beside what the file has of others.

        Nothing is written where few are missing, or where Python may write none.
        """
        if sys.dont_write_bytecode or not os.access(os.path.dirname(self._place), os.W_OK):
            return
        own = [name for name in sys.modules if name.startswith(_PACKAGES) and name not in self._earlier]
        missing = [name for name in own if type(_loader_of(name)) is SourceFileLoader]
        if len(missing) <= _FEW:
            return
        modules = dict(self._modules)
        for name in missing:
            found = _compiled(name)
            if found is not None:
                modules[name] = found
        try:
            parts = {**_read_parts(self._place), self._part: marshal.dumps(modules)}
            _replace(self._place, _put_together(parts))
        except OSError:  # a full disk: modules are found as ever
            return


def use_bundle(part: str) -> Bundle | None:
    """Find modules by the bundle from here on; None where the program isn't files in a folder.

    ``part``: the verb.
    """
    import lockfiles

    if type(_loader_of("lockfiles")) is not SourceFileLoader or not lockfiles.__file__:
        return None
    bundle = Bundle(cache_from_source(os.path.join(os.path.dirname(lockfiles.__file__), "bundled.py")), part)
    sys.meta_path.insert(0, bundle)
    return bundle


def _loader_of(name: str) -> object:
    return getattr(getattr(sys.modules.get(name), "__spec__", None), "loader", None)


def _state(file: str) -> tuple[int, int] | None:
    try:
        state = os.stat(file)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def _compiled(name: str) -> Row | None:
    """Return a module's row; None where its source has changed since, or changes meanwhile."""
    loader = _loader_of(name)
    if not isinstance(loader, SourceFileLoader):
        return None
    before = _state(loader.path)
    try:
        code = loader.get_code(name)
    except (OSError, SyntaxError, ImportError):
        return None
    if before is None or code is None or before != _state(loader.path):
        return None
    return (loader.is_package(name), *before, code)


def _read_table(file: BinaryIO) -> dict[str, tuple[int, int]]:
    """Return start and end of each part, counted from where the file stands then.

    There is none where it is of another Python or version, or not whole.
    """
    head = file.read(len(MAGIC) + 16)
    lengths = head[len(MAGIC) :]
    table, rest = int.from_bytes(lengths[:8], "little"), int.from_bytes(lengths[8:], "little")
    if head[: len(MAGIC)] != MAGIC or os.fstat(file.fileno()).st_size != len(head) + table + rest:
        return {}
    number, version, parts = marshal.loads(file.read(table))  # noqa: S302 - as above
    return parts if (number, version) == (MAGIC_NUMBER, VERSION) else {}


def _read_parts(place: str) -> dict[str, bytes]:
    """Return all parts of the file that is there."""
    try:
        with open(place, "rb") as file:
            table = _read_table(file)
            content = file.read()
        return {part: content[start:end] for part, (start, end) in table.items()}
    except (OSError, EOFError, ValueError, TypeError):
        return {}


def _put_together(parts: dict[str, bytes]) -> bytes:
    places, end = {}, 0
    for part, content in parts.items():
        places[part] = end, end + len(content)
        end += len(content)
    table = marshal.dumps((MAGIC_NUMBER, VERSION, places))
    return b"".join(
        (MAGIC, len(table).to_bytes(8, "little"), end.to_bytes(8, "little"), table, *parts.values())
    )


def _replace(place: str, content: bytes) -> None:
    """Write a file whole or not at all; raises OSError."""
    temporary = f"{place}.{os.getpid()}"
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        os.replace(temporary, place)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
