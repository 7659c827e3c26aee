"""What loaders of libraries say when they fail: one grammar for the sentences of all of them.

The same fault reads differently from glibc, musl, macOS and Windows, and from TensorFlow, ONNX Runtime,
cuDNN or CuPy, which open libraries themselves. What stays is the library, the symbol and its version;
a signature names these, whoever says it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import msgspec

from resolver.model.choices import StrEnum
from resolver.model.patterns import pattern


class LoaderState(StrEnum):
    """How loading failed."""

    MISSING = "missing"  #: no such file where the loader looks
    UNLOADABLE = "unloadable"  #: it, or something that it needs, can't be loaded
    UNDEFINED = "undefined"  #: a symbol that no loaded library has
    VERSION = "version"  #: the library is there, and lacks a symbol version


class LoaderFailure(msgspec.Struct, frozen=True, kw_only=True):
    """One failure to load; names without folders, empty where the sentence doesn't say.

    ``by`` is the file that asked, as it is written.
    """

    state: LoaderState
    library: str = ""
    symbol: str = ""
    version: str = ""
    by: str = ""
    start: int = 0
    end: int = 0


_S = LoaderState
#: State and sentence; groups are the fields of :class:`LoaderFailure`. One that may begin with any number of
#: characters begins where they do: tried at each of them a line without blanks would take a minute.
_FORMS: tuple[tuple[LoaderState, str], ...] = (
    # glibc (Python, C++ programs, and `dlerror` inside TensorFlow's and ONNX Runtime's own lines)
    (_S.MISSING, r"(?<![\w.+-])(?P<library>[\w.+-]+\.so(?:\.\d+)*): cannot open shared object file"),
    (
        _S.VERSION,
        (r"(?<!\S)(?P<library>\S+?\.so[.\d]*): version `?'?(?P<version>[A-Z]\w*?_[\w.]+)'? not found"
        r"(?: \(required by (?P<by>\S+?)\))?"),
    ),
    (
        _S.UNDEFINED,
        (r"(?<!\S)(?P<by>\S+?\.(?:so[.\d]*|node)): undefined symbol: (?P<symbol>\w+)"
        r"(?:,? version (?P<version>[\w.]*\w))?"),
    ),
    (
        _S.UNDEFINED,
        (r"(?<!\S)(?P<by>\S+): symbol (?P<symbol>\w+),? version (?P<version>\S+?),? not defined in file "
        r"(?P<library>\S+) with link time reference"),
    ),
    # musl
    (_S.MISSING, r"Error loading shared library (?P<library>[\w.+-]+): No such file"),
    (_S.UNDEFINED, r"Error relocating (?P<by>\S+): (?P<symbol>\w+): symbol not found"),
    # macOS
    (_S.MISSING, r"Library not loaded: '?(?P<library>[^\s']+)"),
    (_S.UNDEFINED, r"[Ss]ymbol not found(?: in flat namespace)?:? \(?'?_?(?P<symbol>\w+)"),
    # Windows
    # (1455 is memory that is short, whichever library was next)
    (
        _S.UNLOADABLE,
        (r"\[WinError (?!1455\])\d+\][^\"]{0,200}Error loading \"(?P<library>[^\"]+)\""
        r" or one of its dependencies"),
    ),
    (_S.UNLOADABLE, r"Could not find module '(?P<library>[^']+)' \(or one of its dependencies\)"),
    (_S.UNLOADABLE, r"LoadLibrary failed with error \d+ \"\S*\" when trying to load \"(?P<library>[^\"]+)"),
    (_S.UNLOADABLE, r"Could not load library (?P<library>[\w.-]+\.dll)\. Error code \d+"),
    (_S.MISSING, r"because (?P<library>[\w.-]+\.dll) was not found"),
    # TensorFlow; cuDNN 9 and cuDNN on Windows; ONNX Runtime, llama.cpp; CuPy
    (_S.MISSING, r"Could not (?:load|dlopen|open) dynamic library '(?P<library>[^']+)'"),
    (_S.MISSING, r"Could not locate (?P<library>[\w.-]+\.dll)"),
    (_S.MISSING, r"Unable to load any of \{(?P<library>[\w.-]+)"),
    (_S.UNDEFINED, r"(?:Cannot|Could not) load symbol (?P<symbol>\w+)"),
    (_S.UNLOADABLE, r"[Ff]ailed to load (?:shared )?library '?(?P<library>[\w./\\:-]+?)'?(?: with error)?: "),
    (_S.MISSING, r"CuPy failed to load (?P<library>[\w.-]+)"),
)  # fmt: skip

#: A word of each sentence: most lines of a log have none of them.
_HINT = pattern(
    r"cannot open shared|not found|undefined symbol|not defined in file|Error loading|No such file"
    r"|not loaded|Could not|LoadLibrary|Unable to load|load symbol|ailed to load"
)


def find_failures(text: str) -> Iterator[LoaderFailure]:
    """Yield what a text says of failed loading, form by form; a blank stands for any white space."""
    if not _HINT.search(text):
        return
    for state, form in _forms():
        for hit in form.finditer(text):
            found = {name: value or "" for name, value in hit.groupdict().items()}
            yield LoaderFailure(
                state=state,
                library=base_name(found.get("library", "")),
                symbol=found.get("symbol", ""),
                version=found.get("version", ""),
                by=found.get("by", ""),
                start=hit.start(),
                end=hit.end(),
            )


def base_name(path: str) -> str:
    """Return the last part of a path of any system."""
    return re.split(r"[/\\]", path)[-1]


@functools.cache
def _forms() -> tuple[tuple[LoaderState, re.Pattern[str]], ...]:
    return tuple((state, re.compile(form.replace(" ", r"\s+"))) for state, form in _FORMS)
