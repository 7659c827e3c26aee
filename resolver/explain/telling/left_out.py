"""What a need would be met by, were it not left out: yanked, of another date, for another platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packaging.version import Version

from resolver.constraints.registry import Kind
from resolver.constraints.universe import JointUniverse
from resolver.model.match_spec import parse_match_spec, version
from resolver.model.names import PypiName
from resolver.model.pep508 import parse_requirement
from resolver.model.unusable import Unusable


def left_out(universe: JointUniverse, package: int, texts: Sequence[str]) -> str:
    """Return the newest version that all of some dependency strings admit and that was left out, and why.

    Empty where there is none.
    """
    key = universe.registry.keys[package]
    if key.kind is Kind.CONDA:
        conda = max(_conda(universe, key.name, texts), key=lambda one: version(one[0]), default=None)
        return _words(conda)
    held = _held(universe, key.name)
    if held:
        return held
    return _words(max(_files(universe, key.name, texts), key=lambda one: Version(one[0]), default=None))


def _held(universe: JointUniverse, name: str) -> str:
    """Return that an index holds a project in quarantine; empty where none does."""
    page = universe.pypi.pages.get(PypiName(name)) if universe.pypi is not None else None
    if page is None or not page.status.is_quarantined or page.files:
        return ""
    return f"`{page.index}` holds it in quarantine{page.status.reason_words}"


def _words(found: tuple[str, str] | None) -> str:
    return "" if found is None else f"{found[0]} is left out: {found[1]}"


def _conda(universe: JointUniverse, name: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    try:
        specs = [parse_match_spec(text) for text in texts]
    except ValueError:
        return
    for out in universe.conda.left_out.get(name, ()):
        if all(spec.matches(out.record) for spec in specs):
            yield out.record.version, str(out.fault)


def _files(universe: JointUniverse, name: str, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    found = [parse_requirement(text) for text in texts]
    asked = [one.specifier for one in found if not isinstance(one, Unusable)]
    if universe.pypi is None or len(asked) < len(found):
        return
    for out in universe.pypi.left_out(PypiName(name)):
        if all(specifier.contains(out.file.version, prereleases=True) for specifier in asked):
            yield out.file.version, out.words
