"""The links of a conflict as a Graphviz graph."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.explain.members import line_text
from resolver.explain.telling.sentences import unheld_text
from resolver.explain.telling.story import Story, story_links
from resolver.explain.telling.told import ToldConflict
from resolver.explain.telling.tree import demands_of, link_text
from resolver.explain.wording import join_words

#: So many demands are written beside an edge.
_MOST = 3


def conflicts_to_dot(conflicts: Sequence[ToldConflict]) -> str:
    """Return a digraph: boxes are lines, ellipses packages, the doubled ones what nothing is left of."""
    lines = ["digraph conflict {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for number, told in enumerate(conflicts):
        if told.story is not None:
            lines.extend(_conflict(told.story, f"c{number}"))
        for place, member in enumerate(told.conflict.members):
            if told.story is None or not told.story.steps:
                lines.append(f'  "c{number}m{place}" [shape=box, label={_quoted(member.text)}];')
    return "\n".join([*lines, "}"]) + "\n"


def _conflict(story: Story, prefix: str) -> list[str]:
    wording = story.wording
    links = story_links(story)
    unheld = sorted(story.unheld)
    packages = dict.fromkeys(
        [*story.lines, *(p for link in links for p in (link.owner, link.other)), *unheld]
    )
    result = []
    for package in packages:
        shape = ", peripheries=2" if package == story.dead else ""
        result.append(f'  "{prefix}p{package}" [label={_quoted(wording.name(package))}{shape}];')
    for package, lines in story.lines.items():
        for place, line in enumerate(lines):
            node = f"{prefix}l{package}_{place}"
            label = _quoted(f"{line.origin}\\n{line_text(line)}")
            result.append(f'  "{node}" [shape=box, label={label}];')
            result.append(f'  "{node}" -> "{prefix}p{package}";')
    for link in links:
        said = [text for _, text in demands_of(story, link)]
        label = join_words(said[:_MOST], "or") + (" ..." if len(said) > _MOST else "")
        text = _quoted(label or link_text(story, link))
        result.append(f'  "{prefix}p{link.owner}" -> "{prefix}p{link.other}" [label={text}];')
    for package in unheld:
        node = f"{prefix}u{package}"
        result.append(f'  "{node}" [shape=note, label={_quoted(unheld_text("it"))}];')
        result.append(f'  "{node}" -> "{prefix}p{package}";')
    return result


def _quoted(text: str) -> str:
    return '"' + text.replace('"', r"\"") + '"'
