"""The links of conflicts as a graph of plain texts: what is written as DOT, and drawn on a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from resolver.explain.members import line_text
from resolver.explain.telling.sentences import unheld_text
from resolver.explain.telling.story import Story, story_links
from resolver.explain.telling.told import ToldConflict
from resolver.explain.telling.tree import demands_of, link_text
from resolver.explain.wording import join_words
from resolver.model.choices import StrEnum

#: So many demands are written beside an edge.
_MOST = 3


class ConflictPart(StrEnum):
    """What a node of a conflict is."""

    LINE = "line"  #: a line of the user's, or a setting of the target
    PACKAGE = "package"
    DEAD = "dead"  #: the package that nothing is left of
    UNHELD = "unheld"  #: that no conda line may bring a package in


class ConflictNode(msgspec.Struct, frozen=True):
    """One node; ``label`` may have two lines: a line's place, and its text."""

    id: str
    label: str
    part: ConflictPart


class ConflictEdge(msgspec.Struct, frozen=True):
    """What one node asks of another one; empty for a line that names the package."""

    source: str
    target: str
    label: str = ""


class ConflictGraph(msgspec.Struct, frozen=True, kw_only=True):
    """Nodes and edges in the order of telling; every edge's ends are nodes."""

    nodes: tuple[ConflictNode, ...]
    edges: tuple[ConflictEdge, ...]


def graph_of_conflicts(conflicts: Sequence[ToldConflict]) -> ConflictGraph:
    """Return the links of all conflicts; one without a story is its members alone."""
    nodes: list[ConflictNode] = []
    edges: list[ConflictEdge] = []
    for number, told in enumerate(conflicts):
        if told.story is not None:
            nodes += _nodes(told.story, f"c{number}")
            edges += _edges(told.story, f"c{number}")
        for place, member in enumerate(told.conflict.members):
            if told.story is None or not told.story.steps:
                nodes.append(ConflictNode(f"c{number}m{place}", member.text, ConflictPart.LINE))
    return ConflictGraph(nodes=tuple(nodes), edges=tuple(edges))


def _nodes(story: Story, prefix: str) -> Iterator[ConflictNode]:
    links = (p for link in story_links(story) for p in (link.owner, link.other))
    for package in dict.fromkeys([*story.lines, *links, *sorted(story.unheld)]):
        part = ConflictPart.DEAD if package == story.dead else ConflictPart.PACKAGE
        yield ConflictNode(f"{prefix}p{package}", story.wording.name(package), part)
    for package, lines in story.lines.items():
        for place, line in enumerate(lines):
            label = f"{line.origin}\n{line_text(line)}"
            yield ConflictNode(f"{prefix}l{package}_{place}", label, ConflictPart.LINE)
    for package in sorted(story.unheld):
        yield ConflictNode(f"{prefix}u{package}", unheld_text("it"), ConflictPart.UNHELD)


def _edges(story: Story, prefix: str) -> Iterator[ConflictEdge]:
    for package, lines in story.lines.items():
        for place in range(len(lines)):
            yield ConflictEdge(f"{prefix}l{package}_{place}", f"{prefix}p{package}")
    for link in story_links(story):
        said = [text for _, text in demands_of(story, link)]
        label = join_words(said[:_MOST], "or") + (" ..." if len(said) > _MOST else "")
        yield ConflictEdge(
            f"{prefix}p{link.owner}", f"{prefix}p{link.other}", label or link_text(story, link)
        )
    for package in sorted(story.unheld):
        yield ConflictEdge(f"{prefix}u{package}", f"{prefix}p{package}")
