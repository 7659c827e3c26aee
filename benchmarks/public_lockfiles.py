"""Lockfiles of other tools through every verb: how many are read, and why the others aren't.

::

    python -m benchmarks.public_lockfiles FOLDER [--json FILE] [--channels CHANNELS] [--only VERB]

Every lockfile below FOLDER (of any format; what is none is passed over) is read, compared with itself,
checked, drawn as a tree and as a page, hashed, written in each format, asked why a package is there,
what of it would be installed, and which tests it gives. With CHANNELS, a folder of channels, `outdated`
and `verify` look at them, and at an index without a project; no other server answers. A *refusal* is an
error that names a fault; anything else that is raised is a *crash*, and the exit code is 5.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from lockfiles import (
    checking,
    comparing,
    drawing,
    exporting,
    hashing,
    installing,
    outdating,
    tracing,
    validating,
    verifying_sources,
)
from lockfiles.formats.names import FORMATS
from lockfiles.locked_file import LockfileRequest
from lockfiles.surroundings import Surroundings
from resolver.errors import InputError, InputErrors, SourceError
from resolver.inputs.file_kinds import is_lockfile, kind_of

#: Where the channels of public lockfiles lie.
_HOSTS = ("https://conda.anaconda.org", "https://repo.prefix.dev", "https://prefix.dev")
#: What GitHub's snapshot wants to know of a run.
_WORKFLOW = Surroundings(
    environ={
        "GITHUB_SHA": "0" * 40,
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_RUN_ID": "1",
        "GITHUB_WORKFLOW": "lock",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "o/n",
    },
    today=lambda: "2026-01-31",
)


def _check(path: str) -> None:
    checking.check(checking.CheckRequest(files=(path,), try_fixes=False))


def _diff(path: str) -> None:
    if comparing.diff(comparing.DiffRequest(old=path, new=path)):
        raise AssertionError("differs from itself")


def _tree(path: str) -> None:
    tracing.tree(tracing.TreeRequest(lockfile=path))


def _why(path: str) -> None:
    """Ask for the last package in the tree: any will do that is there."""
    rows = [row for one in tracing.tree(tracing.TreeRequest(lockfile=path)).trees for row in one.rows]
    if rows:
        name = rows[-1].node
        if not tracing.why(tracing.WhyRequest(lockfile=path, package=name)).reasons:
            raise AssertionError(f"{name} is there for no reason")


def _graph(path: str) -> None:
    drawn = drawing.graph(drawing.GraphRequest(files=(path,)))
    for name in ("html", "graphml", "dot", "json"):
        drawing.drawing_text(drawn, name)


def _of_sources(channels: Path, index: Path) -> dict[str, Callable[[str], None]]:
    """Return the verbs that ask sources: channels in a folder, an index in another one, no other answers."""
    settings = {
        "mirrors": {host: [str(channels)] for host in _HOSTS},
        "index_url": str(index),
        "channel_alias": str(channels),
        "retries": 0,
        "timeout": 5.0,
    }

    def outdated(path: str) -> None:
        outdating.outdated(outdating.OutdatedRequest(lockfile=path, settings=settings, transitive=True))

    def verify(path: str) -> None:
        verifying_sources.verify_sources(
            verifying_sources.SourcesRequest(files=(path,), settings=settings, surroundings=_WORKFLOW)
        )

    return {"outdated": outdated, "verify": verify}


def _install(path: str) -> None:
    with tempfile.TemporaryDirectory() as prefix:
        installing.install(installing.InstallRequest(files=(path,), prefix=f"{prefix}/env", dry_run=True))


def _validate(path: str) -> None:
    validating.init_suite(LockfileRequest(lockfile=path))


def _hash(path: str) -> None:
    hashing.hash(hashing.HashRequest(files=(path,), kind="lockfile", image="ubuntu:22.04", lint=False))


def _export(name: str) -> Callable[[str], None]:
    def write(path: str) -> None:
        request = exporting.ExportFileRequest(lockfile=path, format=name, surroundings=_WORKFLOW)
        exporting.export_file(request)

    return write


VERBS: dict[str, Callable[[str], None]] = {
    "diff": _diff,
    "check": _check,
    "tree": _tree,
    "why": _why,
    "graph": _graph,
    "hash": _hash,
    "install": _install,
    "validate": _validate,
    **{f"export {name}": _export(name) for name in FORMATS},
}


def find(folder: Path) -> list[tuple[str, Path]]:
    """Return kind and path of every lockfile below a folder, sorted by kind."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        kind = kind_of(text, path.name)
        if kind is not None and (is_lockfile(text, path.name) or kind.id == "requirements"):
            found.append((kind.id, path))
    return sorted(found)


#: Names in a message, which many files share otherwise.
_NAMES = re.compile(r"`[^`]*`(?:, `[^`]*`)*(?: and \d+ more)?|/\S+|\[\d+\]")


def reason_of(error: InputError | InputErrors | SourceError) -> str:
    """Return the message of the first fault, without its place and names."""
    first = error.errors[0] if isinstance(error, InputErrors) else error
    return _NAMES.sub("...", str(first if isinstance(first, SourceError) else first.message))


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write every refusal there")
    parser.add_argument("--channels", type=Path, help="channels for `outdated` and `verify`")
    parser.add_argument("--only", help="this verb alone")
    arguments = parser.parse_args()
    verbs = dict(VERBS)
    if arguments.channels is not None:
        index = Path(tempfile.mkdtemp())
        (index / "index.html").write_text("<html></html>")
        verbs |= _of_sources(arguments.channels.resolve(), index)
    verbs = {name: run for name, run in verbs.items() if arguments.only in (None, name)}
    taken: Counter[tuple[str, str]] = Counter()
    files = find(arguments.folder)
    refusals: dict[tuple[str, str], list[str]] = defaultdict(list)
    crashes: list[str] = []
    for kind, path in files:
        for verb, run in verbs.items():
            try:
                run(str(path))
            except (InputError, InputErrors, SourceError) as error:
                refusals[kind, reason_of(error)].append(f"{verb}: {path}")
            except Exception as error:
                crashes.append(f"{verb}: {path}: {type(error).__name__}: {error}")
            else:
                taken[kind, verb] += 1
    _print(files, taken, refusals, crashes, tuple(verbs))
    if arguments.json:
        rows = [{"kind": kind, "reason": why, "files": named} for (kind, why), named in refusals.items()]
        arguments.json.write_text(
            json.dumps({"refusals": rows, "crashes": crashes}, indent=2), encoding="utf-8"
        )
    return 5 if crashes else 0


def _print(
    files: list[tuple[str, Path]],
    taken: Counter[tuple[str, str]],
    refusals: dict[tuple[str, str], list[str]],
    crashes: list[str],
    verbs: tuple[str, ...],
) -> None:
    kinds = Counter(kind for kind, _ in files)
    for kind, count in kinds.items():
        figures = ", ".join(f"{verb} {taken[kind, verb]}" for verb in verbs)
        print(f"{kind}: {count} files; {figures}")
    print("\nrefusals:")
    for (kind, why), named in sorted(refusals.items()):
        print(f"  {kind}: {len({one.partition(': ')[2] for one in named})} files, {len(named)} times: {why}")
    print(f"\ncrashes: {len(crashes)}")
    for line in crashes[:20]:
        print(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
