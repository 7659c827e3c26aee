"""The members of uv's workspaces, read beside the files that a run names.

Of a root all members come in, as uv locks them together; of a file that is a member itself those that it
asks for, and those that they ask for. Extras that a member is asked for with come in as parts of what asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from resolver.errors import InputError
from resolver.inputs.draft import Draft
from resolver.inputs.workspace import Folders, Workspace, members_of
from resolver.model.findings import Severity
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin

#: Reads a file as a member of a workspace: its name, the workspace, extras that come in (None: unreadable).
ReadMember = Callable[[str, Workspace, frozenset[str]], Draft | None]
#: Each round takes in members, or extras of them, that the one before asks for.
_MOST_ROUNDS = 50


def add_members(drafts: list[Draft], folders: Folders, read_member: ReadMember) -> None:
    """Add a draft for each member that comes in; what its extras are asked for makes it be read again."""
    known: dict[str, dict[PypiName, str]] = {}
    for draft in list(drafts):
        if draft.workspace is not None:
            every = _members(draft.workspace, draft, folders, known)
            _take(drafts, draft.workspace, list(every.values()), read_member)
    for _ in range(_MOST_ROUNDS):
        if not _take_asked(drafts, folders, known, read_member):
            break
    _name_members(drafts)


def _members(
    workspace: Workspace, draft: Draft, folders: Folders, known: dict[str, dict[PypiName, str]]
) -> dict[PypiName, str]:
    """Return project -> file, read once for each root."""
    if workspace.file not in known:
        try:
            known[workspace.file] = members_of(workspace, draft.read, folders)
        except InputError as error:
            draft.faults.add(error.message, Origin(file=workspace.file))
            known[workspace.file] = {}
    return known[workspace.file]


def _take(drafts: list[Draft], workspace: Workspace, files: Sequence[str], read_member: ReadMember) -> bool:
    """Read those files that aren't read; tell whether there was one."""
    read = {name for draft in drafts for name in draft.files[:1]}
    new = [
        draft for file in files if file not in read and (draft := read_member(file, workspace, frozenset()))
    ]
    for draft in new:
        draft.member_of = workspace
    drafts.extend(new)
    return bool(new)


def _take_asked(
    drafts: list[Draft],
    folders: Folders,
    known: dict[str, dict[PypiName, str]],
    read_member: ReadMember,
) -> bool:
    """Take in the members, and extras of members, that drafts ask for; tell whether there were any."""
    has_new = False
    for draft in list(drafts):
        workspace = draft.workspace or draft.member_of
        if workspace is None:
            continue
        every = _members(workspace, draft, folders, known)
        asked = [every[name] for name in draft.members if name in every]
        has_new |= _take(drafts, workspace, asked, read_member)
        for name in draft.members:
            lines = [line for line in draft.pypi if line.name == name]
            has_new |= _take_extras(
                drafts, name, {str(pypi_name(extra)) for line in lines for extra in line.extras}, read_member
            )
    return has_new


def _take_extras(drafts: list[Draft], name: PypiName, extras: set[str], read_member: ReadMember) -> bool:
    """Read a member again with the extras that are asked of it; tell whether there were new ones."""
    for at, draft in enumerate(drafts):
        if draft.project == name and draft.member_of is not None and extras - draft.brought:
            wanted = frozenset(extras | draft.brought)
            again = read_member(draft.files[0], draft.member_of, wanted)
            if again is None:
                return False
            again.brought = wanted
            again.pypi = [
                replace(line, category="main") if pypi_name(line.category) in wanted else line
                for line in again.pypi
            ]
            drafts[at] = again
            return True
    return False


def _name_members(drafts: Sequence[Draft]) -> None:
    """Say which members came in, one line a workspace."""
    roots: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.member_of is not None and not draft.is_named:
            roots.setdefault(draft.member_of.file, []).append(draft)
    for root, members in roots.items():
        names = ", ".join(f"`{draft.project or draft.files[0]}`" for draft in members)
        verb = "comes" if len(members) == 1 else "come"
        text = (
            f"{root}: of its workspace {names} {verb} in ({', '.join(draft.files[0] for draft in members)})"
        )
        members[0].say("workspace-members", text, severity=Severity.NOTE, file=root)
