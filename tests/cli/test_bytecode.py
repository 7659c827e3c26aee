"""The bytecode of all modules in one file: a command finds its modules by it, and never other ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import packaging.version
import pytest

from lockfiles.cli.bytecode import MAGIC, Bundle, _Loader, _part, _put_together, _read_all
from tests.cli.process import environ

if TYPE_CHECKING:
    from lockfiles.cli.bytecode import Compiled, Patterns

ROOT = Path(__file__).parents[2]
#: Runs the command, and prints how many modules came of the bundle, and how many of files of their own.
_SCRIPT = """\
import atexit, os, sys
from lockfiles.cli.main import tell_or_run
code = tell_or_run(sys.argv[1:], is_alone=True)
kinds = [type(m.__spec__.loader).__name__ for n, m in sys.modules.items()
         if n.startswith(("lockfiles.", "resolver.")) and m.__spec__]
atexit._run_exitfuncs()
compiler = sys.modules["re._compiler"].compile.__self__
print(kinds.count("_Loader"), kinds.count("SourceFileLoader"), compiler.missing, file=sys.stderr)
os._exit(code)
"""


@dataclass(frozen=True, slots=True)
class Program:
    """A copy of the program that nothing else runs."""

    folder: Path

    @property
    def bundle(self) -> Path:
        """Where it keeps the bytecode."""
        return self.folder / f"lockfiles/__pycache__/bundled.{sys.implementation.cache_tag}.pyc"

    def rules(self, **variables: str) -> tuple[str, int, int]:
        """Return what ``lock check --rules`` prints, and our modules of the bundle and of files."""
        return self.run(**variables)[:3]

    def run(self, **variables: str) -> tuple[str, int, int, int]:
        """Return as :meth:`rules`, and how many patterns were compiled."""
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, "check", "--rules"],
            cwd=self.folder,
            env={
                **{k: v for k, v in environ(self.folder).items() if k != "PYTHONDONTWRITEBYTECODE"},
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        bundled, found, compiled = done.stderr.splitlines()[-1].split()
        return done.stdout, int(bundled), int(found), int(compiled)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A program that has run once."""
    program = Program(tmp_path_factory.mktemp("program"))
    for package in ("lockfiles", "resolver"):
        shutil.copytree(
            ROOT / package,
            program.folder / package,
            ignore=lambda _, names: [n for n in names if n == "__pycache__"],
        )
    _, bundled, found = program.rules()
    assert bundled == 0
    assert found > 30
    return program


@pytest.fixture
def program(written: Program, tmp_path: Path) -> Program:
    """A copy of it, bundle and times of the sources included."""
    shutil.copytree(written.folder, tmp_path / "moved", symlinks=True)
    return Program(tmp_path / "moved")


def test_the_second_run_finds_its_modules_there(program: Program, written: Program) -> None:
    text, bundled, found = program.rules()
    assert bundled > 30
    assert found <= 10  # what is loaded before the verb is known
    assert text == written.rules()[0]


def test_the_second_run_finds_its_patterns_and_the_standard_library_there(program: Program) -> None:
    assert program.run()[3] <= 3
    modules, patterns = whole_of(program.bundle)
    assert {"argparse", "re._parser", "msgspec.structs"} <= modules.keys()
    assert not {"msgspec", "packaging", "__main__"} & modules.keys()  # of several, Python finds the first
    assert len(patterns) > 10


def test_a_library_gets_named_tuples_that_compile_nothing() -> None:
    usual, place = typing.NamedTuple, packaging.version.__file__
    loader = _Loader("packaging.version", place)
    loader.bundle = SimpleNamespace(code=lambda _: None)  # type: ignore[assignment]  # then as Python does
    spec = ModuleSpec("packaging.version", loader, origin=place)
    spec.has_location = True
    module = module_from_spec(spec)
    loader.exec_module(module)
    assert typing.NamedTuple is usual
    assert module._Version.__bases__[0].__name__ == "_Fields"
    assert (module.__file__, module.__cached__) == (place, spec.cached)
    for text in ("1!2.0rc1.post3.dev4+ab.1", "1.0", "0.1a0"):
        ours, theirs = module.Version(text), packaging.version.Version(text)
        assert str(ours) == str(theirs)
        assert ours._key == theirs._key


def test_what_others_load_with_themselves_is_read_once_something_is_asked_of_it(program: Program) -> None:
    script = """\
import contextlib, sys
from lockfiles.cli.bytecode import use_bundle
use_bundle()
import urllib.parse
module = sys.modules["ipaddress"]
print(object.__getattribute__(module, "__class__").__name__)
print(urllib.parse.urlsplit("http://[::1]/").hostname)
print(object.__getattribute__(module, "__class__").__name__, type(module.__spec__.loader).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=program.folder, env=environ(program.folder), capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["_LazyModule", "::1", "module", "_Loader"]


def test_bytecode_that_can_not_be_read_is_python_s_to_find(program: Program) -> None:
    modules, patterns = whole_of(program.bundle)
    facts, _, group = modules["lockfiles.cli.check.command"]
    modules["lockfiles.cli.check.command"] = facts, None, group
    program.bundle.write_bytes(_put_together(modules, {}, patterns))
    assert "vm/retired" in program.rules()[0]


def test_a_group_that_can_not_be_read_is_python_s_to_find(program: Program) -> None:
    modules, patterns = whole_of(program.bundle)
    whole = _put_together(modules, {}, patterns)
    *_, last = modules.values()
    assert last[1] is not None
    program.bundle.write_bytes(whole[:-3] + b"???")
    assert "vm/retired" in program.rules()[0]


def test_what_was_loaded_together_stands_together(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that loads a part of a group divides it; another one over the same parts leaves all as it is."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    place = tmp_path / "bundle"
    modules, patterns = whole_of(program.bundle)
    assert len({group for _, _, group in modules.values()}) == 1
    place.write_bytes(_put_together(modules, {}, patterns))
    names = sorted(modules)
    for loaded, groups in ((names[::2], 2), (names[::2], 2), (names[1::4], 3), (names, 3), (names[8:], 3)):
        _use(place, loaded)
        after, _ = whole_of(place)
        assert {name: row[:2] for name, row in after.items()} == {n: row[:2] for n, row in modules.items()}
        assert len({group for _, _, group in after.values()}) == groups
    whole = {name: group for name, (_, _, group) in after.items()}
    assert len({whole[name] for name in names[::2]}) == len({whole[name] for name in names[1::4]}) == 1


def test_groups_of_which_nothing_was_loaded_stay_byte_for_byte(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither read nor marshalled again: that would take what a small lock takes."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    place = tmp_path / "bundle"
    modules, patterns = whole_of(program.bundle)
    names = sorted(modules)
    halves = {name: (*modules[name][:2], n % 2) for n, name in enumerate(names)}
    place.write_bytes(_put_together(halves, {}, patterns))
    before = place.read_bytes()
    _, stays, _ = _read_all(str(place), {names[0]})
    assert len(stays) == 1
    _use(place, names[:40:2])
    (left,) = stays.values()
    assert place.read_bytes() != before
    assert place.read_bytes().count(left) == 1


def whole_of(place: Path) -> tuple[dict[str, Compiled], Patterns]:
    """Return all modules with their bytecode and groups, and all patterns."""
    modules, *_ = _read_all(str(place), set())
    modules, stays, patterns = _read_all(str(place), set(modules))
    assert not stays
    return modules, patterns


def _use(place: Path, names: Sequence[str]) -> None:
    """Load bytecode by a bundle, as a command that loads these modules does, and save it."""
    patterns, path = sys.modules["re._compiler"].compile, [*sys.meta_path]
    try:
        bundle = Bundle(str(place))
        for name in names:
            assert bundle.code(name) is not None
        bundle._known.update(sys.modules)  # of this process
        bundle.save()
        bundle._file.close()
    finally:
        sys.modules["re._compiler"].compile = patterns
        sys.meta_path[:] = path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes that lie among files are POSIX's")
def test_a_pipe_in_the_file_s_place_holds_nothing_up(program: Program) -> None:
    program.bundle.unlink()
    os.mkfifo(program.bundle)
    text, bundled, _ = program.rules()
    assert "vm/retired" in text
    assert bundled == 0
    assert program.rules()[1] > 30  # a file took its place


def test_a_changed_source_is_read(program: Program) -> None:
    before = program.rules()[0]
    rules = program.folder / "lockfiles/cli/check/command.py"
    rules.write_text(rules.read_text() + '\nprint("changed")\n')
    assert program.rules()[0] == f"changed\n{before}"


def test_a_module_that_is_gone_is_missed(program: Program) -> None:
    (program.folder / "lockfiles/cli/check/command.py").unlink()
    with pytest.raises(AssertionError, match=r"lockfiles\.cli\.check\.command"):
        program.rules()


def _with(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda place: place.write_bytes(change(place.read_bytes()))


_LATER = sys.version.encode()[1:]
_BROKEN: dict[str, Callable[[Path], object]] = {
    "empty": _with(lambda _: b""),
    "cut off": _with(lambda data: data[:-1]),
    "cut off in its head": _with(lambda data: data[: len(MAGIC) + 3]),
    "longer": _with(lambda data: data + b"x"),
    "a table that is no value": _with(lambda data: data[: len(MAGIC) + 16] + b"?" + data[len(MAGIC) + 17 :]),
    "bytecode of Python's own": _with(lambda data: b"\xa7\r\r\n" + data[4:]),
    "of another version": _with(lambda data: data.replace(b"0.1.0", b"0.0.9", 1)),
    "of a mended Python": _with(lambda data: data.replace(sys.version.encode(), b"4" + _LATER, 1)),
    "not there": Path.unlink,
    "a folder": lambda place: (place.unlink(), place.mkdir()),
}


@pytest.mark.parametrize("change", _BROKEN.values(), ids=_BROKEN)
def test_a_file_that_says_nothing_is_written_anew(change: Callable[[Path], object], program: Program) -> None:
    change(program.bundle)
    text, bundled, _ = program.rules()
    assert "vm/retired" in text
    assert bundled == 0
    assert not program.bundle.is_file() or program.bundle.read_bytes().startswith(MAGIC)
    assert list(program.bundle.parent.glob("bundled*")) == [program.bundle]  # nothing half written


def test_the_module_whose_place_it_is_can_be_loaded(program: Program) -> None:
    subprocess.run(
        [sys.executable, "-c", "import lockfiles.bundled"],
        cwd=program.folder, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""}, check=True, timeout=60,
    )  # fmt: skip
    assert not program.bundle.read_bytes().startswith(MAGIC)
    program.rules()
    assert program.bundle.read_bytes().startswith(MAGIC)


def test_it_is_not_written_where_python_may_write_no_bytecode(program: Program) -> None:
    program.bundle.unlink()
    program.rules(PYTHONDONTWRITEBYTECODE="1")
    assert not program.bundle.exists()


def test_another_verb_keeps_what_the_first_one_has(program: Program) -> None:
    (program.folder / "environment.yml").write_text("dependencies: [python=3.11]\n")
    done = subprocess.run(
        [sys.executable, "-m", "lockfiles.cli", "hash", "environment.yml"],
        cwd=program.folder, env=environ(program.folder), capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert program.rules()[2] <= 10


@pytest.mark.skipif(not hasattr(os, "pread"), reason="processes are copied on Linux alone")
def test_a_part_is_read_without_a_position_that_copies_of_the_process_share(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with (tmp_path / "file").open("rb", buffering=0) as file:
        assert _part(file, 3, 4) == b"3456"
        assert file.tell() == 0
