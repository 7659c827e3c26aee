"""A branch for each group, one commit behind a base; the working tree, its index and the current branch stay.

::

    base ── read-tree ──> an index of its own ── lockfiles of one group ──> tree ── commit-tree ──> commit
                                                                                                    │
                             all branches in one transaction (`update-ref --stdin`), at the end  <──┘

What is interrupted before leaves objects that no branch names, which git clears away. Nothing is pushed. A
branch of an earlier run moves on where its last commit is one of these; any other one stays, and is told.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from lockfiles.fleet.git import run_git
from resolver.errors import InputError
from resolver.model.origin import Origin

#: The line of a commit by which a later run knows it.
_TRAILER = "Lockstack-Group"
_FLAG = "--branches"


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The commit that branches start from, and who commits."""

    revision: str  #: as the user names it
    commit: str  #: its full name
    environ: Mapping[str, str]


class NewBranch(msgspec.Struct, frozen=True, kw_only=True):
    """What a branch is to hold: ``files`` are paths from the repository's root."""

    name: str  #: without ``refs/heads/``
    group: str  #: its digits
    message: str
    files: Mapping[str, bytes]


class WrittenBranch(msgspec.Struct, frozen=True, kw_only=True):
    """A branch that was asked for; ``state``: ``new``, ``moved on``, ``there already`` or why it stays."""

    name: str
    state: str
    is_held: bool = False  #: another's work stands there: it was left as it is


def find_base(revision: str, prefix: str, environ: Mapping[str, str]) -> Base:
    """Return the commit of a revision.

    Raises InputError where there is no repository or commit, for a prefix that no branch may have, and where
    git doesn't know who commits: before anything is done.
    """
    commit = run_git(["rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"], environ, f"{revision}:")
    run_git(["var", "GIT_COMMITTER_IDENT"], environ, _FLAG)
    run_git(["var", "GIT_AUTHOR_IDENT"], environ, _FLAG)
    try:
        run_git(["check-ref-format", f"refs/heads/{prefix}x"], environ, _FLAG)
    except InputError:
        hint = "It stands before a group's name: `--branches lock/`."
        raise InputError(f"`{prefix}` begins no name of a branch", Origin(file=_FLAG), hint) from None
    return Base(revision=revision, commit=commit.decode().strip(), environ=environ)


def paths_in_repository(paths: Iterable[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return paths of the current folder as the repository's root has them; raises InputError for others."""
    top = Path(run_git(["rev-parse", "--show-toplevel"], environ, _FLAG).decode().rstrip("\n"))
    here = PurePosixPath(run_git(["rev-parse", "--show-prefix"], environ, _FLAG).decode().rstrip("\n"))
    found = []
    for path in paths:
        parts: list[str] = []
        whole = _below(Path(path), top) if Path(path).is_absolute() else here / path
        for part in whole.parts if whole is not None else ("..",):
            if part == ".." and parts:
                parts.pop()
            else:
                parts.append(part)
        if parts[:1] == [".."]:
            raise InputError("isn't in the repository of this folder", Origin(file=path))
        found.append("/".join(parts) or ".")
    return tuple(found)


def _below(path: Path, top: Path) -> PurePosixPath | None:
    try:
        return PurePosixPath(path.relative_to(top).as_posix())
    except ValueError:
        return None


def write_branches(branches: Sequence[NewBranch], base: Base) -> tuple[WrittenBranch, ...]:
    """Make the branches, all or none; raises InputError with what git says."""
    there = _existing(base)
    changes: list[str] = []
    written: list[WrittenBranch] = []
    with tempfile.TemporaryDirectory(prefix="lockstack-") as folder:
        for branch in branches:
            state, change = _prepare(branch, base, there, Path(folder) / "index")
            changes += [change] if change else []
            written.append(state)
    if changes:
        lines = "".join(f"{line}\n" for line in ("start", *changes, "prepare", "commit"))
        run_git(["update-ref", "--create-reflog", "-m", "lock fleet", "--stdin"], base.environ, _FLAG,
                lines.encode())  # fmt: skip
    return tuple(written)


class _There(msgspec.Struct, frozen=True):
    commit: str
    worktree: str  #: where it is checked out; empty: nowhere
    group: str  #: of the last commit's trailer; empty: it is none of ours


def _existing(base: Base) -> dict[str, _There]:
    shape = f"%(refname)%00%(objectname)%00%(worktreepath)%00%(trailers:key={_TRAILER},valueonly,separator=)"
    told = run_git(["for-each-ref", f"--format={shape}%00%00", "refs/heads"], base.environ, _FLAG).decode()
    found = {}
    for row in told.split("\0\0\n"):
        name, commit, worktree, group = (*row.split("\0"), "", "", "", "")[:4]
        if commit:
            found[name.removeprefix("refs/heads/")] = _There(commit, worktree, group.strip())
    return found


def _prepare(
    branch: NewBranch, base: Base, there: Mapping[str, _There], index: Path
) -> tuple[WrittenBranch, str | None]:
    """Make a branch's commit; return what becomes of the branch, and the line that brings it about."""
    old = there.get(branch.name)
    tree = _tree(branch, base, index)
    if old is not None:
        facts = (
            run_git(["show", "-s", "--no-show-signature", "--format=%T %P", old.commit], base.environ, _FLAG)
            .decode()
            .split()
        )
        if facts == [tree, base.commit]:
            return WrittenBranch(name=branch.name, state="there already"), None
        if old.worktree:
            state = f"checked out in {old.worktree}, and left as it is"
            return WrittenBranch(name=branch.name, state=state, is_held=True), None
        if old.group != branch.group:
            state = "holds commits of others, and is left as it is"
            return WrittenBranch(name=branch.name, state=state, is_held=True), None
    message = f"{branch.message.rstrip()}\n\n{_TRAILER}: {branch.group}\n".encode()
    arguments = ["commit-tree", tree, "-p", base.commit, "-F", "-"]
    commit = run_git(arguments, base.environ, _FLAG, message).decode().strip()
    ref = f"refs/heads/{branch.name}"
    if old is None:
        return WrittenBranch(name=branch.name, state="new"), f"create {ref} {commit}"
    return WrittenBranch(name=branch.name, state="moved on"), f"update {ref} {commit} {old.commit}"


def _tree(branch: NewBranch, base: Base, index: Path) -> str:
    """Return the tree of the base with the branch's files; the index that it takes is of this run alone."""
    environ = {**base.environ, "GIT_INDEX_FILE": str(index)}
    run_git(["read-tree", base.commit], environ, _FLAG)
    modes = _modes(environ)
    rows = []
    for path, data in sorted(branch.files.items()):
        digest = run_git(["hash-object", "-w", "--stdin"], environ, _FLAG, data).decode().strip()
        rows.append(f"{modes.get(path, '100644')} {digest}\t{path}\0".encode("utf-8", "surrogateescape"))
    run_git(["update-index", "-z", "--index-info"], environ, _FLAG, b"".join(rows))
    return run_git(["write-tree"], environ, _FLAG).decode().strip()


def _modes(environ: Mapping[str, str]) -> dict[str, str]:
    listed = run_git(["ls-files", "-s", "-z", "--full-name", ":/"], environ, _FLAG)
    rows = (row.partition(b"\t") for row in listed.split(b"\0") if row)
    return {path.decode("utf-8", "surrogateescape"): facts.split()[0].decode() for facts, _, path in rows}
