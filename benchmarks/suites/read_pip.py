"""pip's functional tests of its resolver: test functions, run with a recorder in place of pip.

FOLDER is a clone. Every ``script.pip("install", ...)`` is a question over the wheels and sdists that the test
has made by then; what it asserts to be installed is what is expected, and stays as an earlier lockfile for
the next one. Tests of paths, user sites, hashes of files by address and the like ask no such question and are
passed over.
"""

from __future__ import annotations

import platform
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from _pytest.outcomes import Exit, Failed, Skipped

from benchmarks.suites.case import (
    Expected,
    Package,
    Passed,
    PypiCase,
    Read,
    Verdict,
    Wheel,
    canonical,
    required,
)
from benchmarks.suites.recording import Nothing, call, find_tests

SUITE = "pip"
#: tests write markers for the Python that runs them
PYTHON = platform.python_version()
FILES = ("test_new_resolver", "test_new_resolver_errors", "test_new_resolver_user")
#: options without a value that don't change what is chosen
_IDLE = frozenset(
    {"--no-index", "--no-cache-dir", "--no-build-isolation", "--disable-pip-version-check", "-v", "-vv",
     "--verbose", "--quiet", "-q", "--force-reinstall", "--no-warn-conflicts", "--no-input"}
)  # fmt: skip


class _NoQuestionError(LookupError):
    """The test does what no question says."""


@dataclass(slots=True)
class _Asked:
    """The options of one ``pip install``."""

    requirements: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    upgrade: bool = False
    eager: bool = False
    pre: bool = False
    no_build: bool = False
    no_binary: bool = False
    found: bool = False  #: a place to find files at is named
    anew: bool = False  #: what is installed doesn't count


class _Script:
    """What stands for pip's test environment: the questions in order."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.scratch_path = name, folder
        self.files: list[Wheel] = []
        self.installed: dict[str, str] = {}
        self.cases: list[PypiCase] = []

    def pip(self, *words: object, expect_error: bool = False, **_: object) -> Nothing:
        """Record a question."""
        self._infer()
        asked = _read_words([str(word) for word in words])
        locked = {} if asked.anew else self.installed
        if not asked.found:
            raise _NoQuestionError("looks at no files")
        if any(not (self.scratch_path / file.file_name).exists() for file in self.files):
            raise _NoQuestionError("renames a file")
        named = {_name(text) for text in asked.requirements}
        updated = (frozenset(locked) if asked.eager else named) if asked.upgrade else frozenset[str]()
        self.cases.append(
            PypiCase(
                suite=SUITE,
                name=f"{self.name}{len(self.cases) or ''}",
                files=tuple(self.files),
                requirements=tuple(asked.requirements),
                constraints=tuple(asked.constraints),
                expected=Expected(verdict=Verdict.NONE if expect_error else Verdict.SOLUTION),
                python=PYTHON,
                pre=asked.pre,
                no_build=asked.no_build,
                no_binary=asked.no_binary,
                locked=tuple(Package(name=n, version=v) for n, v in locked.items()),
                updated=updated & frozenset(locked),
            )
        )
        return Nothing()

    def _infer(self) -> None:
        """Take as installed what the last question pins or can't but choose, if nothing was asserted."""
        if not self.cases or self.cases[-1].expected != Expected(verdict=Verdict.SOLUTION):
            return
        for text in self.cases[-1].requirements:
            name, pinned = _name(text), re.fullmatch(r"[\w.-]+\s*==\s*([\w.]+)", text)
            versions = {file.version for file in self.cases[-1].files if _plain(file.name) == name}
            if pinned or len(versions) == 1:
                self.installed[name] = pinned.group(1) if pinned else versions.pop()

    def assert_installed(self, **versions: str) -> None:
        """Take these as what the last question's answer has."""
        named = {_plain(name): version for name, version in versions.items()}
        self.installed |= named
        present = tuple(Package(name=n, version=canonical(v)) for n, v in named.items())
        self._expect(present=present)

    def assert_not_installed(self, *names: str) -> None:
        """Take these as what the last question's answer lacks."""
        self._expect(absent=tuple(Package(name=_plain(name), version="") for name in names))

    def _expect(self, **more: tuple[Package, ...]) -> None:
        last = self.cases[-1]
        known = {key: (*getattr(last.expected, key), *value) for key, value in more.items()}
        self.cases[-1] = replace(last, expected=replace(last.expected, **known))

    def __getattr__(self, name: str) -> Any:
        raise _NoQuestionError(f"asks for `{name}`")


def read(folder: Path) -> Read:
    """Yield the questions; raises MissingSuiteError."""
    tests = required(folder / "tests" / "functional")
    with tempfile.TemporaryDirectory() as kept:
        for stem in FILES:
            for number, (name, function, parameters) in enumerate(
                find_tests(tests / f"{stem}.py", _given(), ("tests", "pip"))
            ):
                place = Path(kept) / f"{stem}{number}"
                (place / "scratch").mkdir(parents=True)
                script = _Script(name.removeprefix("test_new_resolver_"), place / "scratch")
                why = "asks no question"
                try:
                    call(function, {"script": script, "tmpdir": place, "tmp_path": place, **parameters})
                except (Exception, Failed, Skipped, Exit) as error:  # whatever a test does besides
                    why = f"{type(error).__name__}: {error}" if str(error) else why
                if not script.cases:
                    yield Passed(suite=SUITE, name=script.name, why=why)
                yield from script.cases


def _given() -> dict[str, dict[str, Any]]:
    """Return what the test files import, as recorders."""

    def wheel(
        script: _Script,
        name: str,
        version: str,
        depends: Iterable[str] | None = None,
        extras: Mapping[str, Iterable[str]] | None = None,
        requires_python: str | None = None,
        extra_files: object = None,  # noqa: ARG001
    ) -> Path:
        made = Wheel(
            name=name,
            version=version,
            requires=(*(depends or ()), *_of_extras(extras or {})),
            extras=tuple(extras or ()),
            requires_python=requires_python,
        )
        return _add(script, made)

    def sdist(
        script: _Script,
        name: str,
        version: str,
        extra_files: object = None,  # noqa: ARG001
        *,
        fails_build: bool = False,
        depends: Iterable[str] | None = None,
        setup_py_prelude: str = "",
    ) -> Path:
        if fails_build or setup_py_prelude:
            raise _NoQuestionError("an sdist that can't be built")
        return _add(script, Wheel(name=name, version=version, requires=tuple(depends or ()), is_sdist=True))

    return {
        "tests.lib": {
            "create_basic_wheel_for_package": wheel,
            "create_basic_sdist_for_package": sdist,
            "create_test_package_with_setup": _unknown,
        },
        "tests.lib.wheel": {"make_wheel": _unknown},
    }


def _unknown(*_: object, **__: object) -> None:
    raise _NoQuestionError("makes files of its own")


def _add(script: _Script, made: Wheel) -> Path:
    script.files = [one for one in script.files if one.file_name != made.file_name] + [made]
    path = script.scratch_path / made.file_name
    path.write_bytes(b"")
    return path


def _of_extras(extras: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for extra, texts in extras.items():
        for text in texts:
            base, _, marker = text.partition(";")
            condition = f"({marker.strip()}) and " if marker else ""
            yield f'{base.strip()} ; {condition}extra == "{extra}"'


def _read_words(words: list[str]) -> _Asked:
    """Return what a command line asks for; raises LookupError for what no question says."""
    if words[:1] != ["install"]:
        raise _NoQuestionError(f"`pip {words[0] if words else ''}`")
    asked, rest = _Asked(), iter(words[1:])
    switches = {
        "--upgrade": "upgrade",
        "-U": "upgrade",
        "--pre": "pre",
        "--ignore-installed": "anew",
        "-I": "anew",
    }
    for word in rest:
        option, _, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word in switches:
            setattr(asked, switches[word], True)
        elif option in ("--find-links", "-f"):
            asked.found = Path(value or next(rest)).is_dir()
        elif option in ("-r", "--requirement", "-c", "--constraint"):
            lines = _lines(Path(value or next(rest)))
            (asked.requirements if option in ("-r", "--requirement") else asked.constraints).extend(lines)
        elif option == "--upgrade-strategy":
            asked.eager = (value or next(rest)) == "eager"
        elif option in ("--only-binary", "--no-binary"):
            if (value or next(rest)) != ":all:":
                raise _NoQuestionError(f"`{option}` for some")
            setattr(asked, "no_build" if option == "--only-binary" else "no_binary", True)
        elif word not in _IDLE:
            asked.requirements.append(_requirement(word))
    return asked


def _lines(path: Path) -> list[str]:
    texts = (line.partition(" #")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [_requirement(text) for text in texts if text and not text.startswith("#")]


def _requirement(word: str) -> str:
    if word.startswith("-"):
        raise _NoQuestionError(f"the option `{word.split()[0]}`")
    if "/" in word or "--hash" in word or word.endswith((".whl", ".tar.gz", ".zip")):
        raise _NoQuestionError("a file by its path")
    return word


def _name(text: str) -> str:
    return _plain(re.split(r"[\s\[<>=!~;@(]", text, maxsplit=1)[0])


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
