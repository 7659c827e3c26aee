"""Overrides: what stands in place of every requirement on a project.

uv's ``override-dependencies`` and ``exclude-dependencies``, pixi's ``dependency-overrides`` and PDM's
``resolution.overrides`` are read as :class:`~resolver.model.requirements.Override`. Here they take the
place of the user's own lines; what releases require is put as they say by
:mod:`resolver.constraints.overrides`. Constraints stay: they hold beside an override.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from resolver.model.names import PypiName
from resolver.model.notices import EXCLUDED_LINE, Notice
from resolver.model.requirements import Override, PypiRequirement, Requirements


def with_overrides(requirements: Requirements, more: Sequence[Override] = ()) -> Requirements:
    """Return the requirements with their own and ``more`` overrides in place of lines; twice is as once."""
    overrides = tuple(dict.fromkeys((*requirements.overrides, *more)))
    if not overrides:
        return requirements
    by_name: dict[PypiName, list[Override]] = {}
    for override in overrides:
        by_name.setdefault(override.name, []).append(override)
    lines: dict[PypiRequirement, None] = {}
    notices: list[Notice] = []
    for line in requirements.pypi:
        if line.name is None or line.is_constraint or line.name not in by_name:
            lines[line] = None
            continue
        stand_in = tuple(_in_place_of(line, by_name[line.name]))
        lines.update(dict.fromkeys(stand_in))
        if not stand_in:
            notices.append(_left_out(line, by_name[line.name][0]))
    return replace(
        requirements,
        pypi=tuple(lines),
        overrides=overrides,
        notices=(*requirements.notices, *notices),
    )


def _left_out(line: PypiRequirement, by: Override) -> Notice:
    return Notice(
        code=EXCLUDED_LINE,
        text=f"{line.origin}: `{line.text}` is left out: excluded by {by.origin}",
        package=line.name,
    )


def _in_place_of(line: PypiRequirement, overrides: Sequence[Override]) -> Iterator[PypiRequirement]:
    """Yield what overrides make of a line: it comes in where the line did, from the line's index."""
    for override in overrides:
        new = override.requirement
        if new is None:
            continue
        if override.only_versions:
            new = replace(new, extras=line.extras, marker=line.marker, text=_text(new, line))
        yield replace(new, index=new.index or line.index, category=line.category, platforms=line.platforms)


def _text(new: PypiRequirement, line: PypiRequirement) -> str:
    """Return a requirement's text with the extras and the marker of the line that it stands for."""
    extras = f"[{','.join(sorted(line.extras))}]" if line.extras else ""
    _, at, place = new.text.partition("@") if new.direct is not None else ("", "", "")
    marker = f" ; {line.marker}" if line.marker else ""
    return f"{new.name}{extras}{f' {at} {place.strip()}' if at else new.specifier}{marker}"
