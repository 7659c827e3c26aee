"""The whole derivation as a tree: from each line, what its candidates need, down to where nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from resolver.constraints.bits import ABSENT
from resolver.constraints.facts import (
    Assumption,
    DependencyFact,
    ImplicitFact,
    KeptLevelFact,
    MovesFact,
    PipOnlyFact,
    PreReleaseFact,
    ProvidesFact,
    PythonFact,
    RequirementFact,
    SameReleaseFact,
    SupportFact,
    UnusableFact,
)
from resolver.constraints.registry import Kind
from resolver.explain.derivation import Link
from resolver.explain.members import SettingKind, line_text
from resolver.explain.settings import hidden_channels
from resolver.explain.telling.sentences import place_of, unheld_text
from resolver.explain.telling.story import Story, demand_of, story_links
from resolver.explain.telling.told import ToldConflict
from resolver.explain.wording import clean_requirement, join_words


def tree_lines(told: ToldConflict) -> list[str]:
    """Return a conflict's links as a tree, each package's once; the packages that clash are marked."""
    story = told.story
    if story is None:
        return [absence.message for absence in told.absences]
    shown: set[int] = set()
    result: list[str] = []
    for package, lines in story.lines.items():
        result.extend(f"{place_of(line)}: {line_text(line)}" for line in lines)
        result.extend(_children(story, package, "", shown))
    left = [link for link in story_links(story) if link.owner not in shown]
    for owner in dict.fromkeys(link.owner for link in left):
        result.append(story.wording.name(owner))
        result.extend(_children(story, owner, "", shown))
    result += [absence.message for absence in told.absences] or hidden_lines(told)
    keys = story.wording.universe.registry.keys
    result.extend(f"conda's {keys[package].name}: {unheld_text('it')}" for package in sorted(story.unheld))
    return result


def hidden_lines(told: ToldConflict) -> list[str]:
    """Return which packages strict priority takes from one channel though others have them."""
    if told.story is None or not any(s.kind is SettingKind.PRIORITY for s in told.conflict.settings):
        return []
    universe = told.conflict.universe
    links = story_links(told.story)
    numbers = [*told.story.lines, *(n for link in links for n in (link.owner, link.other))]
    result = []
    for number in dict.fromkeys(numbers):
        key = universe.registry.keys[number]
        hidden = hidden_channels(universe, key.name) if key.kind is Kind.CONDA else ()
        if hidden:
            first = next(source.channel.name for source, s in universe.conda.subdirs if s.records(key.name))
            others = join_words(list(hidden))
            result.append(f"strict channel priority takes {key.name} from {first} alone, not from {others}")
    return result


def _children(story: Story, package: int, indent: str, shown: set[int]) -> Iterator[str]:
    if package in shown:
        return
    shown.add(package)
    links = [link for link in story_links(story) if link.owner == package and link.other != package]
    for number, link in enumerate(links):
        is_last = number == len(links) - 1
        again = " (shown above)" if link.other in shown and _has_links(story, link.other) else ""
        clash = "  <- nothing is left" if link.other == story.dead else ""
        yield f"{indent}{'└─ ' if is_last else '├─ '}{link_text(story, link)}{clash}{again}"
        for owners, text in demands_of(story, link):
            yield f"{indent}{'   ' if is_last else '│  '}     {owners}: {text}"
        yield from _children(story, link.other, indent + ("   " if is_last else "│  "), shown)


def _has_links(story: Story, package: int) -> bool:
    return any(link.owner == package for link in story_links(story))


def link_text(story: Story, link: Link) -> str:
    """Return what a link is about: ``needs numpy``."""
    fact = link.fact
    name = story.wording.name(link.other)
    match fact:
        case PythonFact():
            return "has files for some Python versions only"
        case ProvidesFact():
            return f"is the {story.wording.universe.registry.keys[link.other]} that pip's packages get"
        case UnusableFact():
            return f"can't be used: {link.reasons}"
        case SupportFact():
            return f"is there only if {name} needs it"
        case PreReleaseFact():
            return "has a final release that would do, so no pre-release counts"
        case DependencyFact():
            return f"limits {name}" if fact.constrains else f"needs {name}"
        case SameReleaseFact() | KeptLevelFact() | MovesFact() | Assumption() | None:
            return f"goes with {name} of the same release"
        case RequirementFact() | ImplicitFact() | PipOnlyFact():
            return f"is about {name}"
        case _:
            assert_never(fact)


def demands_of(story: Story, link: Link) -> list[tuple[str, str]]:
    """Return (owner's versions, what they ask) of a link, equal demands together."""
    wording = story.wording
    if isinstance(link.fact, ProvidesFact | SupportFact | PreReleaseFact):
        return []  # of the same version, each; any version
    everything = (1 << (wording.universe.size(link.owner) + 1)) - 1
    rows: dict[tuple[int, tuple[str, ...]], int] = {}
    for clause in link.clauses:
        terms = dict(zip(clause.packages, clause.sets, strict=True))
        owners = terms.get(link.owner, everything) & ~ABSENT
        text = demand_of(clause)
        full = (1 << (wording.universe.size(link.other) + 1)) - 1
        admitted = full & ~terms.get(link.other, 0) & ~ABSENT
        key = admitted, (clean_requirement(text),) if text else ()
        rows[key] = rows.get(key, 0) | owners
    result = []
    for (admitted, texts), owners in rows.items():
        said = join_words(texts) or wording.package(link.other, admitted)
        result.append((wording.package(link.owner, owners), said))
    return result
