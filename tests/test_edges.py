"""Only named places reach the disk, the network, the clock, the environment or the machine.

Everything else takes what it needs as an argument, so that equal questions have
equal answers. A place is a module (or a folder of them) with the kinds of access
that it may have and the reason; a new one has to be written down here.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.support.trees import dotted, trees

#: Modules that are nothing but access to something outside.
MODULES = {
    "time": "clock", "random": "chance", "secrets": "chance", "uuid": "chance", "socket": "network",
    "ssl": "network", "http": "network", "urllib.request": "network", "httpx": "network",
    "subprocess": "processes", "multiprocessing": "processes", "signal": "processes", "shutil": "disk",
    "tempfile": "disk", "glob": "disk", "mmap": "disk", "fcntl": "disk", "msvcrt": "disk",
    "platform": "machine", "locale": "machine", "getpass": "machine", "platformdirs": "machine",
    "netrc": "disk", "keyring": "machine", "sqlite3": "disk",
}  # fmt: skip
#: Methods of paths. Those of other values that have such a name take arguments; a path's take none.
METHODS = dict.fromkeys(
    (
        "read_text", "read_bytes", "iterdir", "is_file", "is_dir", "exists", "stat", "lstat", "mkdir",
        "unlink", "rmdir", "touch", "resolve", "expanduser", "is_symlink", "readlink", "absolute",
    ),
    "disk",
)  # fmt: skip
#: Methods of paths that take an argument.
WRITING = dict.fromkeys(
    ("write_text", "write_bytes", "rglob", "rename", "symlink_to", "samefile", "hardlink_to"), "disk"
)
#: Dotted names.
NAMES = {
    "os.environ": "environment", "os.getenv": "environment", "os.environb": "environment",
    "os.getcwd": "machine", "Path.cwd": "machine", "Path.home": "machine", "os.getpid": "machine",
    "os.cpu_count": "machine", "sys.version_info": "machine", "sys.platform": "machine",
    "sys.executable": "machine", "sys.argv": "streams",
    "sys.stdin": "streams", "sys.stdout": "streams", "sys.stderr": "streams",
    "datetime.now": "clock", "datetime.utcnow": "clock", "datetime.today": "clock", "date.today": "clock",
    "datetime.datetime.now": "clock", "gc.disable": "process", "gc.enable": "process", "gc.freeze": "process",
    "os.urandom": "chance",
}  # fmt: skip
#: Functions of ``os`` that only work on text and constants.
PURE_OS = {
    "path",
    "pathsep",
    "fspath",
    "sep",
    "linesep",
    "PathLike",
    "fsdecode",
    "fsencode",
    "devnull",
    "name",
}
BUILTINS = {"open": "disk", "input": "streams", "print": "streams"}


class Use(NamedTuple):
    """One access: where, what kind, by which name."""

    module: str
    line: int
    kind: str
    name: str


def uses_of(tree: ast.AST, module: str) -> Iterator[Use]:
    """Yield every access in a module, type-checking imports left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                kind = MODULES.get(alias.name) or MODULES.get(alias.name.split(".")[0])
                if kind:
                    yield Use(module, node.lineno, kind, alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            kind = MODULES.get(node.module) or MODULES.get(node.module.split(".")[0])
            if node.module == "os":
                kind = "disk" if any(a.name not in PURE_OS for a in node.names) else None
            if kind:
                yield Use(module, node.lineno, kind, node.module)
        elif isinstance(node, ast.Attribute):
            name = dotted(node)
            if name in NAMES:
                yield Use(module, node.lineno, NAMES[name], name)
            elif name.startswith("os.") and name.count(".") == 1 and node.attr not in PURE_OS:
                yield Use(module, node.lineno, "disk", name)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in BUILTINS:
                yield Use(module, node.lineno, BUILTINS[node.func.id], node.func.id)
            elif isinstance(node.func, ast.Attribute) and node.func.attr in METHODS and not node.args:
                yield Use(module, node.lineno, METHODS[node.func.attr], f".{node.func.attr}()")
            elif isinstance(node.func, ast.Attribute) and node.func.attr in WRITING:
                yield Use(module, node.lineno, WRITING[node.func.attr], f".{node.func.attr}()")


@functools.cache
def all_uses() -> list[Use]:
    """Return every access in both packages."""
    found: list[Use] = []
    for path, tree in trees().items():
        found.extend(uses_of(tree, ".".join(path.with_suffix("").parts).removesuffix(".__init__")))
    return found


class Place(NamedTuple):
    """A module, or a folder of modules, that may reach outside; and why."""

    module: str
    kinds: str  #: separated by spaces
    why: str


PLACES = [
    Place("resolver.sources", "disk network clock processes machine chance",
          "channels, indexes, the cache, builds: what this folder is for"),
    Place("resolver.sources.pypi.build_child", "disk streams processes environment clock machine",
          "the process that builds, which answers on its standard streams and ends with its parent"),
    Place("resolver.constraints.name_map", "disk", "its own table, a file of the package"),
    Place("resolver.constraints.known_projects", "disk", "its own table, a file of the package"),
    Place("resolver.machine.tables", "disk", "its own tables, files of the package"),
    Place("resolver.inputs.channels", "disk machine",
          "a channel that is a folder is named by its absolute address, links followed"),
    Place("resolver.model.choices", "machine", "the Python whose classes it makes"),
    Place("resolver.options", "machine", "the default of `build_python`: the Python that would build"),
    Place("resolver.metadata.name_table", "disk", "the type of a file that its caller has mapped"),
    Place("lockfiles.files", "disk", "reads and writes files, and tells whether they are there"),
    Place("lockfiles.regular_files", "disk clock chance", "opens and makes files; waits for a pipe's reader"),
    Place("lockfiles.surroundings", "disk environment machine clock streams",
          "the one value that holds what a run finds around it: what this module is for"),
    Place("lockfiles.this_machine", "disk machine", "facts of the machine that locks, where asked for"),
    Place("lockfiles.settings", "disk machine", "settings files of the project, of conda and of pip"),
    Place("lockfiles.drawings.self_contained", "disk",
          "a page's style, scripts and template, files of the package"),
    Place("lockfiles.suite", "disk environment machine processes",
          "tests of an environment, which run there; here their texts are read"),
    Place("lockfiles.revisions", "processes", "git, asked for a file of a revision"),
    Place("lockfiles.environments", "disk processes machine clock",
          "environments are made by child processes and put in their place; conda's history has times"),
    Place("lockfiles.environments.link_child", "disk streams",
          "the process that links, which answers on its standard streams"),
    Place("lockfiles.fleet", "disk", "inputs are looked for in folders, and their bytes are compared"),
    Place("lockfiles.fleet.running", "clock", "sources that failed are waited for"),
    Place("lockfiles.fleet.journal", "disk clock", "a file that takes records, flushed once a second"),
    Place("lockfiles.fleet.leftovers", "chance", "a word of a run's own in names of temporary files"),
    Place("lockfiles.fleet.snapshot", "disk", "answers by content hash, inputs, a run's folder"),
    Place("lockfiles.fleet.snapshot.remote", "disk machine", "the number of the worker's process"),
    Place("lockfiles.fleet.snapshot.service", "chance", "a run's own name, among those of a worker"),
    Place("lockfiles.fleet.git", "processes", "the user's own git"),
    Place("lockfiles.fleet.revision", "disk processes", "git, asked for the files of a revision"),
    Place("lockfiles.fleet.stages", "clock", "how long each stage of a job took"),
    Place("lockfiles.fleet.engines", "disk clock machine process processes",
          "worker processes: started, ended, given so long and so much memory"),
    Place("lockfiles.recording", "disk",
          "a recording is a file; what it holds is unpacked to be solved again"),
    Place("lockfiles.subjects.prefix", "disk", "the folders of an installed environment"),
    Place("lockfiles.identity.read", "disk", "definitions name files and folders, which are looked for"),
    Place("lockfiles.identity.docker", "disk",
          "the bytes of a build context are hashed; templates stand in the user's configuration"),
    Place("lockfiles.identity.secret_scan", "disk", "looks through a build context for credentials"),
    Place("lockfiles.cli", "disk environment clock streams process processes machine",
          "the command: it hands in everything that the rest takes as arguments"),
]  # fmt: skip


def place_of(module: str) -> Place | None:
    """Return the narrowest place that a module belongs to."""
    inside = [p for p in PLACES if module == p.module or module.startswith(f"{p.module}.")]
    return max(inside, key=lambda place: len(place.module), default=None)


def test_only_named_places_reach_outside() -> None:
    wrong = []
    for use in all_uses():
        place = place_of(use.module)
        if place is None or use.kind not in place.kinds.split():
            wrong.append(f"{use.module.replace('.', '/')}.py:{use.line}: {use.kind} ({use.name})")
    assert wrong == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.module)
def test_a_place_has_only_the_kinds_that_it_uses(place: Place) -> None:
    used = {use.kind for use in all_uses() if place_of(use.module) == place}
    assert used == set(place.kinds.split())


SEEN = [
    ("import time", "clock"),
    ("from time import monotonic", "clock"),
    ("import os\nos.environ['HOME']", "environment"),
    ("import os\nos.replace('a', 'b')", "disk"),
    ("from os import replace", "disk"),
    ("open('x')", "disk"),
    ("from pathlib import Path\nPath('x').read_text(encoding='utf-8')", "disk"),
    ("from datetime import datetime, UTC\ndatetime.now(UTC)", "clock"),
    ("import sys\nsys.stdin.read()", "streams"),
    ("import urllib.request", "network"),
    ("import random", "chance"),
    ("import gc\ngc.disable()", "process"),
    ("import os\nos.path.join('a', os.sep)", None),
    ("draft.read_text(path, None)", None),
    ("session.resolve(target)", None),
]


@pytest.mark.parametrize(("text", "kind"), SEEN, ids=lambda value: str(value).replace("\n", "; "))
def test_an_access_is_seen(text: str, kind: str | None) -> None:
    assert {use.kind for use in uses_of(ast.parse(text), "x")} == ({kind} if kind else set())
