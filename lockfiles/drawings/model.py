"""What is drawn, as plain values: all texts have been made visible, all references are numbers."""

from __future__ import annotations

import msgspec

#: Version of the JSON that a page holds and node-link files are made of.
SCHEMA_VERSION = 1


class DrawnNode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One package of one platform; numbers are places in the lists of its graph."""

    id: str  #: name, of a PyPI project with ``pypi:`` before it
    name: str
    manager: str  #: ``conda`` or ``pip``
    version: str
    source: str  #: channel or index
    build: str = ""
    size: int | None = None  #: bytes of the archive; None: unknown
    license: str | None = None
    asked: tuple[str, ...] = ()  #: lines that ask for it, with their places
    ways: tuple[tuple[int, ...], ...] = ()  #: nodes from one that was asked for to this one, shortest first
    more_ways: int = 0  #: so many shortest ways are left out
    findings: tuple[int, ...] = ()
    change: str = ""  #: of two lockfiles: how it differs (:class:`ChangeKind`)
    old: str = ""  #: its version in the older lockfile, where that differs


class DrawnEdge(msgspec.Struct, frozen=True, array_like=True):
    """One package needs another one."""

    source: int
    target: int
    requirement: str


class DrawnGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Packages that stand together, by name; the groups of a graph hold each node once."""

    title: str
    kind: str  #: a :class:`lockfiles.drawings.groups.GroupKind`
    nodes: tuple[int, ...]


class DrawnFinding(msgspec.Struct, frozen=True, kw_only=True):
    """What `lock check` says of the platform."""

    rule: str
    severity: str
    message: str
    evidence: tuple[str, ...] = ()
    fix: str | None = None


class DrawnGraph(msgspec.Struct, frozen=True, kw_only=True):
    """One platform."""

    platform: str
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    groups: tuple[DrawnGroup, ...]
    findings: tuple[DrawnFinding, ...] = ()
    knows_asked: bool = True  #: False: roots are what nothing else needs


class DrawnPart(msgspec.Struct, frozen=True, kw_only=True):
    """A line, a package or a remark of a conflict."""

    id: str
    label: str
    part: str  #: a :class:`resolver.explain.showing.conflict_graph.ConflictPart`
    column: int  #: nothing leads from it to one of a lower column


class DrawnConflict(msgspec.Struct, frozen=True, kw_only=True):
    """Why one platform has no solution: what clashes as a graph, and the whole explanation in words."""

    platform: str
    text: str
    parts: tuple[DrawnPart, ...]
    edges: tuple[DrawnEdge, ...]


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one page. ``old`` is the name of the older lockfile where two are compared."""

    title: str
    old: str | None = None
    graphs: tuple[DrawnGraph, ...] = ()
    conflicts: tuple[DrawnConflict, ...] = ()
    remarks: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION
