"""The steps of a story as sentences, at most a screenful."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.constraints.bits import ABSENT
from resolver.constraints.facts import PreReleaseFact
from resolver.explain.absence.values import nearest_words
from resolver.explain.members import Requirement, line_text
from resolver.explain.telling.left_out import left_out
from resolver.explain.telling.story import Step, Story, demand_of, kinds, story_links
from resolver.explain.wording import clean_requirement, hull, join_words
from resolver.model.requirements import CondaRequirement

#: What virtual packages stand for, in words.
MEANINGS = {
    "__cuda": "the CUDA version of the machine's NVIDIA driver",
    "__glibc": "the C library of the machine",
    "__osx": "the version of macOS",
    "__linux": "the Linux kernel",
    "__win": "Windows",
    "__archspec": "the processor",
}
#: So many sentences are told; the rest is counted.
MOST_SENTENCES = 7
#: So many demands of one package on another are spelled out.
_MOST_TEXTS = 3
_NEITHER = "conda's own build doesn't fit either: "


def sentences(story: Story, most: int = MOST_SENTENCES) -> list[str]:
    """Return the chain of reasons, one sentence each, the contradiction last."""
    if story.cases:
        return _sentences_of_cases(story.cases, most)
    told = _needs(story) if story.dead is None else [text for _, text in _chains(story)]
    if len(told) > most:
        hidden = len(told) - most + 1
        told = [*told[: most - 2], f"... {hidden} more steps (`--tree` shows them) ...", told[-1]]
    end = _ending(story)
    beside = [text for text in _beside(story) if text.removeprefix(_NEITHER) not in told]
    return [*told, *([end] if end else []), *beside]


def _sentences_of_cases(cases: Sequence[Story], most: int) -> list[str]:
    """Return the chains of all cases: each says what it is about, and where it ends."""
    each = max(1, (most + 1) // len(cases) - 1)
    result: list[str] = []
    said: set[str] = set()
    for number, case in enumerate(cases):
        if len(result) > most:
            return [*result, f"... {len(cases) - number} more (`--tree` shows them)"]
        chains = _joined(case)
        told = [text for text in chains if text not in said] or chains[-1:]
        said.update(chains)
        if len(told) > each:
            told = [*told[: each - 1], f"{told[each - 1]} ... (`--tree` shows more)"]
        subjects = [case.wording.package(package, bits) for package, bits in case.about.items()]
        if not any(told and told[0].startswith(subject) for subject in subjects):
            told.insert(0, f"with {join_words([_about(case, p, bits) for p, bits in case.about.items()])}:")
        end = _ending(case)
        result += [*told, *([end] if end else [])]
    return result


def _needs(story: Story) -> list[str]:
    """Return what packages need where neither one chain nor a few cases show the conflict."""
    result = []
    for link in story_links(story):
        texts = dict.fromkeys(clean_requirement(t) for c in link.clauses if (t := demand_of(c)))
        if texts and not story.wording.is_python(link.other):
            said = (
                list(texts)
                if len(texts) <= _MOST_TEXTS
                else [f"one of {len(texts)} ranges of {story.wording.name(link.other)}"]
            )
            result.append(f"{story.wording.name(link.owner)} needs {join_words(sorted(said), 'or')}")
    return sorted(result)


def _about(case: Story, package: int, bits: int) -> str:
    if bits == ABSENT:
        return f"no {case.wording.name(package)}"
    return case.wording.package(package, bits)


def _joined(case: Story) -> list[str]:
    """Return a case's chains; what the same versions need of several packages in one sentence."""
    result: list[str] = []
    before: tuple[int, int] | None = None
    for step, text in _chains(case):
        owner = step.link.owner, step.owners
        is_plain = kinds(step) == "needs" and not step.backward and ", which " not in text
        if is_plain and owner == before:
            result[-1] += f" and {_say_demand(case, step).removeprefix('needs ')}"
        else:
            result.append(text)
        before = owner if is_plain else None
    return result


def _chains(story: Story) -> list[tuple[Step, str]]:
    """Return sentences, each with its first step; steps that only lead on are joined."""
    told: list[tuple[Step, str]] = []
    steps = _useful(story)
    chained: set[int] = set()
    for number, step in enumerate(steps):
        if number in chained:
            continue
        text = _say(story, step)
        at = step
        while (
            not step.backward
            and (following := _continues(story, steps, at)) is not None
            and following not in chained
        ):
            chained.add(following)
            at = steps[following]
            text += f", which {_say_demand(story, at)}"
        told.append((step, text))
    return told


def _beside(story: Story) -> list[str]:
    """Return what rules conda's build of a pip line out, in one sentence."""
    if story.beside is None:
        return []
    if story.beside.dead in story.beside.unheld:
        name = story.wording.universe.registry.keys[story.beside.dead].name
        return [f"conda's {name} is no way out: {unheld_text('it')}"]
    steps = [s for s in story.beside.steps if kinds(s) in ("needs", "limits") and not s.backward]
    return [f"{_NEITHER}{_say(story.beside, steps[-1])}"] if steps else []


def unheld_text(name: str) -> str:
    """Return why a conda package may not be there."""
    return f"no conda line, and no conda package that can be there, needs {name}"


def _useful(story: Story) -> list[Step]:
    """Leave out what people take for granted: that python comes with its own ABI."""
    wording = story.wording
    result: list[Step] = []
    for step in story.steps:
        if wording.is_python(step.link.owner) and wording.is_python(step.link.other):
            continue
        twin = next(
            (
                n
                for n, known in enumerate(result)
                if known.link.owner == step.link.owner
                and wording.is_python(step.link.other)
                and wording.is_python(known.link.other)
                and not known.backward
                and not step.backward
            ),
            None,
        )
        if twin is None:
            result.append(step)
        else:
            result[twin] = step
    return result


def _continues(story: Story, steps: list[Step], step: Step) -> int | None:
    """Return the step that goes on from this one's package, if that package only passes the conflict on."""
    package = step.link.other
    if package in story.lines or story.wording.is_python(package):
        return None
    out = [n for n, other in enumerate(steps) if other.link.owner == package]
    into = [n for n, other in enumerate(steps) if other.link.other == package]
    if len(out) != 1 or len(into) != 1 or steps[out[0]].backward or steps[out[0]] is step:
        return None
    return out[0]


def _say(story: Story, step: Step) -> str:
    wording, link = story.wording, step.link
    owners = step.owners & ~ABSENT
    source = wording.source(link.owner, owners)
    subject = wording.package(link.owner, owners)
    if source and not subject.startswith("pip's "):
        subject += f" ({source})"
    if kinds(step) == "pre-release":
        return _say_pre_release(story, step)
    if step.backward:
        if kinds(step) == "ships" and not step.after and link.owner in story.unheld:
            name = wording.universe.registry.keys[link.owner].name
            return f"{_object(story, link.other, step.others)} could only be conda's {name}"
        return _say_backward(story, step)
    return f"{subject} {_say_demand(story, step)}"


def _say_pre_release(story: Story, step: Step) -> str:
    fact, wording = step.link.fact, story.wording
    late = wording.package(step.link.owner, step.before & ~step.after & ~ABSENT)
    if not isinstance(fact, PreReleaseFact):
        return f"{late} doesn't count"
    final = wording.package(step.link.owner, 2 << fact.final)
    return f"{final} is a final release that meets all that is asked of it, so {late} doesn't count"


def _say_backward(story: Story, step: Step) -> str:
    wording, link = story.wording, step.link
    cause = _object(story, link.other, step.others)
    left = step.after & ~ABSENT
    if not step.others & ~ABSENT:
        what = f"only {wording.package(link.owner, left)}" if left else f"no {wording.name(link.owner)}"
        return f"without {wording.name(link.other)} {what} is left"
    if not left:
        return f"{cause} leaves no {wording.package(link.owner, step.owners)}"
    return f"{cause} leaves only {wording.package(link.owner, left)}"


def _object(story: Story, package: int, bits: int) -> str:
    said = story.wording.package(package, bits & ~ABSENT)
    where = story.lines.get(package)
    return f"{said} ({place_of(where[0])})" if where else said


def _say_demand(story: Story, step: Step) -> str:
    wording, link = story.wording, step.link
    allowed = 0
    for demand in step.demands:
        allowed |= demand.admitted
    kind = kinds(step)
    if kind == "unusable":
        return f"can't be used: {link.reasons}" if link.reasons else "can't be used"
    if kind == "ships":
        return _say_ships(story, step, allowed)
    if kind == "held":
        return f"is there only if {wording.package(link.other, allowed & ~ABSENT)} needs it"
    if kind == "extra":
        return f"comes with {wording.name(link.other)} of the same version"
    if wording.is_python(link.other):
        verb = "has files for" if kind == "files" else "is built for"
        if not allowed & ~ABSENT:
            return f"needs {_texts(step) or 'another Python'}"
        return f"{verb} {wording.pythons(link.other, allowed)} only"
    verb = "goes only with" if kind == "limits" else "needs"
    return f"{verb} {_other(story, step, allowed)}"


def _texts(step: Step) -> str:
    texts = [clean_requirement(t) for d in step.demands for t in d.texts]
    return join_words(list(dict.fromkeys(texts))[:2], "or")


def _other(story: Story, step: Step, allowed: int) -> str:
    """Return the other package as it is needed: the spec itself where there is only one."""
    wording, other = story.wording, step.link.other
    texts = list(dict.fromkeys(clean_requirement(t) for d in step.demands for t in d.texts))
    name = wording.name(other)
    if len(texts) == 1 or not allowed & ~ABSENT:
        said = join_words(texts[:2], "or") if texts else name
        if not allowed & ~ABSENT:
            have = wording.versions(other)
            if wording.is_virtual(other):
                meaning = MEANINGS.get(name)
                said += f" ({meaning})" if meaning else ""
                return f"{said}; the target has {have[0]}" if have else f"{said}; the target has none"
            out = left_out(wording.universe, other, [t for d in step.demands for t in d.texts])
            if have:
                lack = f"there is only {have[-1] if len(have) == 1 else f'{have[0]} to {have[-1]}'}"
                lack += nearest_words(have, texts[0].removeprefix(name)) if texts else ""
                lack += f"; {out}" if out else ""
            else:
                lack = out or "no channel given here has it"
            said += f" ({lack})"
    else:
        said = hull(texts) or wording.package(other, allowed & ~ABSENT)
    return said


def _say_ships(story: Story, step: Step, allowed: int) -> str:
    wording, link = story.wording, step.link
    del allowed
    return f"is the {wording.universe.registry.keys[link.other]} that pip's packages get"


def _ending(story: Story) -> str | None:
    wording = story.wording
    if story.dead is None:
        if not story.live:
            return None
        return "and no choice among what is left avoids all of these"
    lines = story.lines.get(story.dead)
    if story.dead in story.unheld:
        return unheld_text(wording.universe.registry.keys[story.dead].name)
    if story.wording.is_virtual(story.dead):
        return None
    if not lines:
        return _clash(story, story.dead) if story.steps else None
    if not story.steps:
        if len(lines) > 1:
            name = "Python" if wording.is_python(story.dead) else wording.name(story.dead)
            return f"no {name} is in both ranges"
        return None
    asked = join_words([f"{place_of(r)} asks for {demand_text(r)}" for r in lines])
    return f"but {asked}"


def _clash(story: Story, dead: int) -> str:
    name = "Python" if story.wording.is_python(dead) else str(story.wording.universe.registry.keys[dead])
    owners = {step.link.owner for step in story.steps if step.link.other == dead}
    return f"so no {name} suits {'both' if len(owners) == 2 else 'all of them' if owners else 'them'}"


def place_of(requirement: Requirement) -> str:
    """Return ``line 8`` of a requirement, or its whole place where it has no line."""
    origin = requirement.origin
    return f"line {origin.line}" if origin.line is not None else str(origin)


def demand_text(requirement: Requirement) -> str:
    """Return what a line asks for, as it stands there."""
    return (
        f"`{line_text(requirement)}`"
        if isinstance(requirement, CondaRequirement)
        else f"`{line_text(requirement)}` (pip)"
    )
