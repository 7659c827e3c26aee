"""What releases require, as the user's overrides put it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import msgspec

from resolver.model.names import PypiName, pypi_name
from resolver.model.pep508 import parse_requirement
from resolver.model.records import CoreMetadata
from resolver.model.redaction import strip
from resolver.model.requirements import Override, PypiRequirement
from resolver.model.unusable import Unusable

#: `extra == "test"` as one part of a marker's conjunction, and what may make it something else
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_BEYOND = re.compile(r"""\bor\b|\bextra\s*(?:!=|in\b|[<>~])|["']\s*==\s*extra\b""")


class Overrides:
    """Puts requirements of releases as overrides say.

    A requirement on an overridden project goes as a whole, its marker too, and the overrides stand in
    its place, under the extra that it stood under: uv's rule. PDM's keep its extras and marker.
    """

    def __init__(self, overrides: Sequence[Override]) -> None:
        self._by_name: dict[PypiName, list[Override]] = {}
        for override in overrides:
            self._by_name.setdefault(override.name, []).append(override)
        self._texts: dict[str, tuple[str, ...]] = {}
        self._behind: dict[str, Override] = {}
        self.met: set[PypiName] = set()  #: projects on which a release that was read has a requirement

    def apply(self, metadata: CoreMetadata) -> CoreMetadata:
        """Return metadata with its requirements as the overrides put them."""
        name = pypi_name(metadata.name)
        own = name in self._by_name
        texts = [
            new
            for text in metadata.requires_dist
            for new in ((text,) if own and _is_on(text, name) else self._in_place_of(text))
        ]
        return msgspec.structs.replace(metadata, requires_dist=tuple(dict.fromkeys(texts)))

    def behind(self, text: str) -> Override | None:
        """Return the override that made a requirement; None for one that is as its release has it."""
        return self._behind.get(text)

    def _in_place_of(self, text: str) -> tuple[str, ...]:
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = tuple(self._put(text))
        return known

    def _put(self, text: str) -> Iterator[str]:
        old = parse_requirement(text)
        overrides = None if isinstance(old, Unusable) else self._by_name.get(pypi_name(old.name))
        if isinstance(old, Unusable) or overrides is None:
            yield text
            return
        self.met.add(pypi_name(old.name))
        for override in overrides:
            new = override.requirement
            if new is None:
                continue
            if override.only_versions:
                extras, marker = set(old.extras), str(old.marker or "")
            else:
                extras, marker = set(new.extras), _conjunction(_extra_of(text), new.marker)
            made = f"{_head(new, extras)}{f' ; {marker}' if marker else ''}"
            self._behind[made] = override
            yield made


def _is_on(text: str, name: PypiName) -> bool:
    """Tell whether a requirement is on a project: a release's on itself says which extras are in another."""
    found = parse_requirement(text)
    return not isinstance(found, Unusable) and pypi_name(found.name) == name


def _head(requirement: PypiRequirement, extras: set[str]) -> str:
    name = f"{requirement.name}[{','.join(sorted(extras))}]" if extras else str(requirement.name)
    direct = requirement.direct
    if direct is None:
        return f"{name}{requirement.specifier}"
    place = strip(direct.url) if direct.url else f"file:{quote(direct.path or '.')}"
    return f"{name} @ {place}"


def _conjunction(extra: str | None, marker: str | None) -> str:
    if extra is None:
        return marker or ""
    own = f'extra == "{extra}"'
    return f"({marker}) and {own}" if marker else own


def _extra_of(text: str) -> str | None:
    """Return the extra under which a requirement stands; None for one without, or with a choice of them."""
    marker = text.partition(";")[2]
    names = _EXTRA.findall(marker)
    return names[0] if len(names) == 1 and not _BEYOND.search(marker) else None
