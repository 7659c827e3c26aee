"""What a file is, told from its text and name: one row a kind.

This is the only place that knows lockfiles, other tools' files and Dockerfiles
apart. `lock` refuses them with the row's words; the verbs that read lockfiles
take the reader of ``lockfiles.formats.ID.reading`` for a row with ``is_read``.

==============  =========================================================
row             known by
==============  =========================================================
``conda_lock``  keys ``metadata`` and ``package``
``pixi``        the name; or key ``environments`` with ``packages`` or a first ``version``
``pylock``      the name ``pylock.toml``, ``pylock.NAME.toml``; or key ``lock-version``
``explicit``    a line ``@EXPLICIT``
``requirements``  a line that begins with ``name==version`` or ``name @ address``
others          the name
==============  =========================================================
"""

from __future__ import annotations

import re
from pathlib import PurePath

import msgspec

from resolver.errors import InputError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern

#: What to do about a lockfile with the marks of an unfinished merge.
CONFLICT_HINT = "Take either side of the file, and run `lock` again."

_LOCK_THE_SOURCE = "lock the file it was made from"
_LOCK_THE_ENVIRONMENT = "lock the environment file it was made from"

_FROM_HISTORY = "`conda env export --from-history` writes what was asked for, as an environment file"
_INSTALL_IT = "lock a requirements file with the line `-e .`: the project's metadata says what it needs"
_PIPENV = "`pipenv requirements` writes it as a requirements file, which can be locked"
_PYPROJECT = "lock the pyproject.toml it was made from"
#: Files of other tools: name, what it is, and what to lock instead.
_OTHER_TOOLS = (
    ("Pipfile", "pipenv's list of requirements", _PIPENV),
    ("Pipfile.lock", "pipenv's lockfile", _PIPENV),
    ("setup.py", "a program that builds a project", _INSTALL_IT),
    ("setup.cfg", "a project's metadata for setuptools", _INSTALL_IT),
    ("poetry.lock", "Poetry's lockfile", _PYPROJECT),
    ("pdm.lock", "PDM's lockfile", _PYPROJECT),
    (
        "uv.lock",
        "uv's lockfile",
        f"{_PYPROJECT}; `uv export --format pylock.toml` writes it in a form that `check` and `diff` read",
    ),
)
#: What conda prints of an environment: id, title, a mark, and a pattern of the text.
_CONDA_LISTS = (
    (
        "conda_export",
        "the output of `conda list --export`",
        "=",
        r"\A(?:[ \t]*(?:#.*)?\n)*[A-Za-z0-9_][\w.-]*=[^=\s]+=[^=\s]+[ \t]*(?:\n|\Z)",
    ),
    (
        "conda_list",
        "the output of `conda list`",
        "#",
        r"(?m)^# packages in environment at |^#[ \t]+Name[ \t]+Version[ \t]+Build",
    ),
    ("conda_history", "conda's `history` file", "==>", r"(?m)\A==> \d{4}-\d\d-\d\d \d\d:\d\d:\d\d <==$"),
)

_DOCKERFILE_NAME = pattern(r"(?:.*\.)?(?:dockerfile|containerfile)(?:\..*)?\Z|dockerfile.*\Z", re.IGNORECASE)
#: What has no such line is none, and isn't looked at further.
_FROM = pattern(r"^[ \t]*FROM[ \t]", re.IGNORECASE | re.MULTILINE)
_CONFLICT = pattern(r"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)


class FileKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file, and what `lock` says of it.

    It is of this kind where its name is one of ``names``, or where its text
    has every one of ``keys`` at the top, ``mark`` somewhere and a match for ``pattern``.
    """

    id: str
    title: str  #: in words, with its article
    names: str = ""  #: pattern of the whole file name, in lower case
    keys: tuple[str, ...] = ()
    mark: str = ""  #: looked for before ``pattern``: a lockfile of megabytes is passed over quickly
    pattern: str = ""
    is_lockfile: bool = True
    is_read: bool = True  #: ``lockfiles.formats.ID.reading`` reads it
    refusal: tuple[str, str] | None = None  #: message and hint where `lock` gets it; None: an input as well

    def fits(self, text: str, name: str) -> bool:
        """Tell whether a file of this text and (lower-case) name is of this kind."""
        if self.names and re.fullmatch(self.names, name):
            return True
        if not self.keys and not self.pattern:
            return False
        return (
            self.mark in text
            and all(has_key(text, key) for key in self.keys)
            and re.search(self.pattern, text) is not None
        )


#: Rows in the order in which they are tried.
KINDS: tuple[FileKind, ...] = (
    FileKind(
        id="explicit",
        title="an explicit list of packages",
        mark="@EXPLICIT",
        pattern=r"(?m)^@EXPLICIT[ \t]*$",
        refusal=("an explicit list of packages is a lockfile already", _LOCK_THE_ENVIRONMENT),
    ),
    FileKind(
        id="pylock",
        title="a pylock.toml",
        names=r"pylock\.(?:[^.]+\.)?toml",
        mark="lock-version",
        pattern=r"(?m)\A[^\[]*^lock-version\s*=",  # before the first table: poetry.lock has one further down
        refusal=("pylock.toml is a lockfile already", _LOCK_THE_SOURCE),
    ),
    FileKind(
        id="conda_lock",
        title="a conda-lock.yml",
        keys=("metadata", "package"),
        refusal=("a conda-lock.yml is a lockfile already", _LOCK_THE_ENVIRONMENT),
    ),
    FileKind(
        id="pixi",
        title="a pixi.lock",
        names=r"pixi\.lock",
        keys=("environments",),
        pattern=r"(?m)\A\s*(?:#.*\n|\s)*version:\s*\d|^packages\s*:|[{,]\s*\"?packages\"?\s*:",
        refusal=("a pixi.lock is a lockfile already", _LOCK_THE_SOURCE),
    ),
    *(
        FileKind(
            id=name.lower(),
            title=f"`{name}`",
            names=re.escape(name.lower()),
            is_lockfile=name.endswith(".lock"),
            is_read=False,
            refusal=(f"`{name}` is {what}, which isn't read", way),
        )
        for name, what, way in _OTHER_TOOLS
    ),
    *(
        FileKind(
            id=name,
            title=title,
            mark=mark,
            pattern=pattern,
            is_lockfile=False,
            is_read=False,
            refusal=(f"{title} says what was installed, and not what was asked for", _FROM_HISTORY),
        )
        for name, title, mark, pattern in _CONDA_LISTS
    ),
    FileKind(
        id="requirements",
        title="requirements with pins",
        pattern=r"(?m)^(?:-e[ \t]|[A-Za-z0-9][\w.-]*[ \t]*(?:\[[^\]\n]*\])?[ \t]*(?:==|@[ \t]))",
    ),
)  # fmt: skip


def kind_of(text: str, name: str) -> FileKind | None:
    """Return the row for a file; None for what is none of them (an environment file, say)."""
    base = PurePath(name.replace("\\", "/")).name.lower()
    return next((kind for kind in KINDS if kind.fits(text, base)), None)


def is_lockfile(text: str, name: str) -> bool:
    """Tell whether a file holds a resolution and no requirements: what `lock` refuses, and others read."""
    kind = kind_of(text, name)
    return kind is not None and kind.is_lockfile and kind.is_read and kind.refusal is not None


def is_dockerfile(text: str, name: str) -> bool:
    """Tell whether a file is a Dockerfile, by its name or its first instruction."""
    base = PurePath(name.replace("\\", "/")).name
    if _DOCKERFILE_NAME.match(base) is not None:
        return True
    if _FROM.search(text) is None:
        return False
    from resolver.inputs.dockerfile import iter_instructions

    first = next((found for found in iter_instructions(text) if found.word != "ARG"), None)
    return first is not None and first.word == "FROM" and bool(first.arguments)


def conflict_line(text: str) -> int | None:
    """Return the line of the first mark of an unfinished merge, from 1; None where there is none."""
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return None
    found = _CONFLICT.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None


def conflict_error(text: str, file: str, hint: str = "Settle it first.") -> InputError | None:
    """Return the error for a file with the marks of an unfinished merge; None where there are none."""
    line = conflict_line(text)
    if line is None:
        return None
    return InputError("holds the marks of an unfinished merge", Origin(file=file, line=line), hint)


def has_key(text: str, key: str) -> bool:
    """Tell whether a YAML or JSON mapping has a key at the top, as far as its text shows without parsing."""
    for spelling in (f"{key}:", f'"{key}":', f"'{key}':"):
        if text.startswith(spelling) or f"\n{spelling}" in text:
            return True
    return text.lstrip().startswith("{") and key in _flow_keys(text)


def _flow_keys(text: str) -> frozenset[str]:
    """Return the top keys of a document between braces; empty where it can't be read."""
    import yaml

    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return frozenset()
    if not isinstance(node, yaml.MappingNode):
        return frozenset()
    return frozenset(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
