"""The bytecode of all modules that commands have loaded, in one file.

Python finds the bytecode of each module by itself: it looks into folders, opens and reads a file, more than
three hundred times, a fifth of what a small lock takes. Here one file is read, and for each module the state
of its source is compared, as Python does. The file stands among those that Python writes (``__pycache__``),
is trusted as much as they are, and is written by the same rules: never where Python is told to write no
bytecode, and nothing is said where it can't be.

::

    MAGIC  length of the table, of all that follows it (8 bytes each)  table  bytecode of each group
    table:    (Python's magic number, versions of lockstack and Python, modules, groups, patterns), marshalled
    modules:  {name: (is a package, time of its source in ns, size of its source, number of its group)}
    groups:   [(from, to)], each {name: bytecode}, marshalled
    patterns: what :mod:`lockfiles.cli.compiled_patterns` keeps

Modules are ours, those of libraries that every verb needs, and the standard library's: all that runs have
loaded, of which one reads what it needs. Modules of one value share its texts, so a group is what runs have
loaded together so far: one that loads a part of a group divides it.
"""

from __future__ import annotations

import _imp
import contextlib
import marshal
import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader, cache_from_source
from _thread import allocate_lock
from io import BytesIO
from stat import S_ISREG

from resolver.version import VERSION

TYPE_CHECKING = False  # type checkers know the name; `typing` takes 10 ms
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.util import LazyLoader
    from types import CodeType, ModuleType
    from typing import IO, Any, TypeAlias

    Facts: TypeAlias = tuple[bool, int, int]  # of a module, as the table has them
    Modules: TypeAlias = dict[str, tuple[bool, int, int, int]]
    Groups: TypeAlias = list[tuple[int, int]]
    #: of a module, its bytecode, and what tells its group from others
    Compiled: TypeAlias = tuple[Facts, CodeType | None, object]
    Patterns: TypeAlias = dict[Any, Any]

MAGIC = b"lockstack-bytecode-4\n"  # no bytecode of Python's begins so: imported as a module, it is made anew
#: Their modules are looked for where the package lies, which Python finds.
_PACKAGES = ("lockfiles.", "resolver.", "msgspec.", "packaging.")
#: The folder of the standard library's modules.
_STANDARD = os.path.dirname(getattr(os, "__file__", ""))  # none in a frozen program
#: Of files of bytecode: `.cpython-311.pyc`, say.
_SUFFIX = cache_from_source("x.py").rpartition("x")[2]
#: What the file is of: a Python mended in how it compiles patterns has another version, and the same number.
_PROGRAM = (MAGIC_NUMBER, VERSION, sys.version)
_CODE, _MODULE = type((lambda: None).__code__), type(sys)
#: Modules of libraries that make named tuples of texts, with nothing that :mod:`named_tuples` doesn't have.
_NAMED_TUPLES = frozenset({"packaging.version"})
#: Modules that others load with themselves and that few runs use: what is asked of one first loads it.
_LATER = frozenset(
    {"ipaddress", "msgspec.inspect", "msgspec.json", "msgspec.toml", "msgspec.yaml", "textwrap"}
)
#: Modules that the file may lack before it is written anew, which costs what it saves two runs.
_FEW = 8
#: Modules that a run may read for nothing before their groups are divided.
_IDLE = 16


class _Loader(SourceFileLoader):
    """Loads a module as Python does, but for where the bytecode comes from."""

    bundle: Bundle

    def get_code(self, fullname: str) -> CodeType | None:
        code = self.bundle.code(fullname)
        if code is None:  # the file is damaged
            return super().get_code(fullname)
        _imp._fix_co_filename(code, self.path)  # type: ignore[attr-defined]  # noqa: SLF001 - a moved folder
        return code

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return a module with what importlib would look for and not find."""
        module = _MODULE(spec.name)
        vars(module).update(__file__=spec.origin, __cached__=spec.cached)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Run a module; one that has plain named tuples gets ours, which compile no texts."""
        if module.__name__ not in _NAMED_TUPLES:
            return super().exec_module(module)
        import typing

        from resolver.model.named_tuples import NamedTuple

        usual, names = typing.NamedTuple, vars(typing)
        names["NamedTuple"] = NamedTuple
        try:
            return super().exec_module(module)
        finally:
            names["NamedTuple"] = usual


class Bundle:
    """Finds modules by the file; what isn't there, or has changed, Python finds."""

    def __init__(self, place: str) -> None:
        """Open the file at ``place``, and have modules and patterns found by it."""
        self._place = place
        self._known = set(sys.modules)  # what was loaded without it, or by it
        self._file, self._lock = _open(place), allocate_lock()  # several threads may load modules
        self._modules, self._groups, kept, self._start = _read_table(self._file)
        self._read: dict[int, dict[str, CodeType]] = {}  # of groups, what isn't loaded
        self._loaded: set[str] = set()
        sys.meta_path.insert(0, self)
        from lockfiles.cli.compiled_patterns import Patterns  # found here, as `re` is

        self._patterns = Patterns(kept)
        self._patterns.use()

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002 - as importlib has it
    ) -> ModuleSpec | None:
        """Return how a module is loaded; None: Python has to find it."""
        row = self._modules.get(name)
        if row is None:
            return None
        is_package, time, size, _ = row
        folder, file = _place_of(name, path, is_package=is_package)
        if _state(file) != (time, size):
            return None
        self._known.add(name)
        loader = _Loader(name, file)
        loader.bundle = self
        spec = ModuleSpec(
            name, _later(loader) if name in _LATER else loader, origin=file, is_package=is_package
        )
        spec.has_location = True
        if sys.pycache_prefix is None:  # else importlib works it out, which takes longer
            spec.cached = _beside(file)
        if is_package:
            spec.submodule_search_locations = [folder]
        return spec

    def code(self, name: str) -> CodeType | None:
        """Return the bytecode of a module that was found here; None where it can't be read."""
        group = self._modules[name][3]
        with self._lock:
            codes = self._read.get(group)
            if codes is None:
                codes = self._read[group] = _group(self._file, self._start, self._groups[group])
            code = codes.pop(name, None)
            self._loaded.add(name)
        return code if type(code) is _CODE else None

    def save(self) -> None:
        """Write the bytecode of all modules that were loaded, beside what the file has of others.

        Nothing is written where few are missing or were read for nothing, or where Python may write none.
        """
        if sys.dont_write_bytecode or not os.access(os.path.dirname(self._place), os.W_OK):
            return
        missing = [name for name in sys.modules if name not in self._known and _is_kept(name)]
        is_whole = len(missing) + self._patterns.missing <= _FEW
        if is_whole and sum(map(len, self._read.values())) <= _IDLE:
            return
        self._file.close()  # some systems replace no file that is open
        # Another process may have written it anew.
        modules, stays, patterns = _read_all(self._place, self._loaded.union(missing))
        for name, (facts, code, group) in modules.items():
            if group not in stays:
                modules[name] = facts, code, (group, name in self._loaded)
        for name in missing:
            found = _compiled(name)
            if found is not None:
                modules[name] = *found, None
        with contextlib.suppress(OSError):  # a full disk: modules are found as ever
            patterns |= self._patterns.together()
            _replace(self._place, _put_together(modules, stays, patterns))


def use_bundle() -> Bundle | None:
    """Find modules by the bundle from here on; None where the program isn't files in a folder."""
    import lockfiles

    if type(_loader_of("lockfiles")) is not SourceFileLoader or not lockfiles.__file__:
        return None
    return Bundle(cache_from_source(os.path.join(os.path.dirname(lockfiles.__file__), "bundled.py")))


def _place_of(name: str, path: Sequence[str] | None, *, is_package: bool) -> tuple[str, str]:
    """Return where a package's modules lie, and the module's file; ``path``: where the package above lies."""
    folder = f"{path[0] if path else _STANDARD}{os.sep}{name.rpartition('.')[2]}"
    return folder, f"{folder}{os.sep}__init__.py" if is_package else f"{folder}.py"


def _later(loader: _Loader) -> LazyLoader:
    from importlib.util import LazyLoader

    return LazyLoader(loader)


def _beside(file: str) -> str:
    """Return where Python keeps the bytecode of a source, as `importlib.util.cache_from_source` does."""
    folder, _, name = file.rpartition(os.sep)
    return f"{folder}{os.sep}__pycache__{os.sep}{name[:-3]}{_SUFFIX}"


def _is_kept(name: str) -> bool:
    """Tell whether a module was found by Python, where this would look for it."""
    loader, (above, _, _) = _loader_of(name), name.rpartition(".")
    is_known = name.startswith(_PACKAGES) or name.partition(".")[0] in sys.stdlib_module_names
    if not is_known or type(loader) is not SourceFileLoader:
        return False
    path = getattr(sys.modules.get(above), "__path__", None) if above else None
    if above and not path:
        return False
    return loader.path == _place_of(name, path, is_package=loader.is_package(name))[1]


def _loader_of(name: str) -> object:
    return getattr(getattr(sys.modules.get(name), "__spec__", None), "loader", None)


def _state(file: str) -> tuple[int, int] | None:
    try:
        state = os.stat(file)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def _compiled(name: str) -> tuple[Facts, CodeType] | None:
    """Return a module's row and bytecode; None where its source has changed since, or changes meanwhile."""
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
    return (loader.is_package(name), *before), code


def _open(place: str) -> IO[bytes]:
    """Return the file, of which parts are read when asked for; an empty one where it can't be opened.

    Or where no file is there: a pipe without a writer would hold up every command.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(place, flags | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return BytesIO()
    if S_ISREG(os.fstat(handle).st_mode):
        return open(handle, "rb", buffering=0)
    os.close(handle)
    return BytesIO()


def _part(file: IO[bytes], start: int, size: int) -> bytes:
    """Return a part of the file; its position stays, as copies of this process share it."""
    if hasattr(os, "pread"):
        return os.pread(file.fileno(), size, start)
    file.seek(start)
    return file.read(size)


def _read_table(file: IO[bytes]) -> tuple[Modules, Groups, Patterns, int]:
    """Return modules, groups, patterns, and where in the file the bytecode begins.

    There are none where it is of another Python or version, or not whole.
    """
    try:
        head = file.read(len(MAGIC) + 16)
        lengths = head[len(MAGIC) :]
        table, rest = int.from_bytes(lengths[:8], "little"), int.from_bytes(lengths[8:], "little")
        start = len(head) + table
        if head[: len(MAGIC)] == MAGIC and os.fstat(file.fileno()).st_size == start + rest:
            *program, modules, groups, patterns = marshal.loads(file.read(table))  # noqa: S302 - trusted
            if program == [*_PROGRAM]:
                return modules, groups, patterns, start
    except (OSError, EOFError, ValueError, TypeError):
        pass
    return {}, [], {}, 0


def _group(file: IO[bytes], start: int, part: tuple[int, int]) -> dict[str, CodeType]:
    """Return the bytecode of a group's modules; none where it can't be read."""
    try:
        codes = marshal.loads(_part(file, start + part[0], part[1] - part[0]))  # noqa: S302 - as Python's own
    except (OSError, EOFError, ValueError, TypeError):
        return {}
    return codes if type(codes) is dict else {}


def _read_all(place: str, concerned: set[str]) -> tuple[dict[str, Compiled], dict[object, bytes], Patterns]:
    """Return all modules with their groups, the groups that stay as they are, and all patterns, of the file.

    Modules of a group that holds one of the ``concerned`` have their bytecode; all others' groups stay, as
    reading and writing them would take what a small lock takes.
    """
    with _open(place) as file:
        modules, groups, patterns, start = _read_table(file)
        opened = {modules[name][3] for name in concerned if name in modules}
        codes = {number: _group(file, start, groups[number]) for number in opened}
        stays: dict[object, bytes] = {
            number: _part(file, start + first, end - first)
            for number, (first, end) in enumerate(groups)
            if number not in opened
        }
        rows: dict[str, Compiled] = {
            name: (row[:3], codes[row[3]].get(name) if row[3] in codes else None, row[3])
            for name, row in modules.items()
        }
        return rows, stays, patterns


def _put_together(modules: dict[str, Compiled], stays: dict[object, bytes], patterns: Patterns) -> bytes:
    """Return the file's content; ``stays``: groups whose bytecode is marshalled already."""
    numbers: dict[object, int] = {}
    codes: list[dict[str, CodeType | None]] = []
    rows = {}
    for name, (facts, code, key) in modules.items():
        group = numbers.setdefault(key, len(numbers))
        if group == len(codes):
            codes.append({})
        codes[group][name] = code
        rows[name] = *facts, group
    kept = {number: stays[key] for key, number in numbers.items() if key in stays}
    groups, end, texts = [], 0, []
    for number, one in enumerate(codes):
        texts.append(kept[number] if number in kept else marshal.dumps(one))
        groups.append((end, end + len(texts[-1])))
        end += len(texts[-1])
    table = marshal.dumps((*_PROGRAM, rows, groups, patterns))
    lengths = (len(table).to_bytes(8, "little"), end.to_bytes(8, "little"))
    return b"".join((MAGIC, *lengths, table, *texts))


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
