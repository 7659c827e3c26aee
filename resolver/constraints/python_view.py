"""The python candidates as others see them: markers, requires-python and wheel tags as bitsets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import Version

from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.pypi_domain import VersionLine
from resolver.metadata.wheel_tags import PythonMinor, PythonMinors
from resolver.model.plain_markers import PlainMarker
from resolver.model.specifiers import parse_specifier
from resolver.model.unusable import Unusable

if TYPE_CHECKING:
    from packaging.markers import Marker


class PythonView:
    """Answers, for conditions on Python, which candidates of ``python`` meet them (bit 0 never set)."""

    def __init__(self, domain: CondaDomain, number: int, environment: Mapping[str, str]) -> None:
        self.number = number
        self.all = domain.all
        self._environment = dict(environment)
        self._versions = tuple(domain.version_bits().items())
        self._minors: dict[PythonMinor, int] = {}
        for text, bits in self._versions:
            minor = _minor(text)
            self._minors[minor] = self._minors.get(minor, 0) | bits
        self._markers: dict[tuple[str, str], int] = {}
        self._required: dict[str | None, int] = {None: self.all, "": self.all}
        self._tags: dict[PythonMinors, int] = {}
        self._minors_of: dict[int, tuple[PythonMinor, ...]] = {}
        self._line: VersionLine | None = None
        self._below: list[int] = []

    @property
    def versions(self) -> tuple[tuple[str, int], ...]:
        """Each version with its candidates, in order: all that wheel tags and Requires-Python depend on."""
        return self._versions

    def with_minors(self, minors: PythonMinors) -> int:
        """Return the candidates whose major.minor is in the set."""
        known = self._tags.get(minors)
        if known is None:
            known = self._tags[minors] = sum(bits for minor, bits in self._minors.items() if minor in minors)
        return known

    def minor(self, minor: PythonMinor) -> int:
        """Return the candidates of one major.minor."""
        return self._minors.get(minor, 0)

    def minors_of(self, candidates: int) -> tuple[PythonMinor, ...]:
        """Return the major.minors of some candidates, newest first."""
        known = self._minors_of.get(candidates)
        if known is None:
            found = (minor for minor, bits in self._minors.items() if bits & candidates)
            known = self._minors_of[candidates] = tuple(sorted(found, reverse=True))
        return known

    def required(self, specifier: str | None) -> int:
        """Return the candidates that a Requires-Python admits; all for one that nobody can read."""
        known = self._required.get(specifier)
        if known is None:
            parsed = parse_specifier(specifier or "")
            known = self.all
            if not isinstance(parsed, Unusable):
                known = self._contained(parsed)
            self._required[specifier] = known
        return known

    def _contained(self, specifier: SpecifierSet) -> int:
        """Return the candidates in a set: every clause but ``!=`` and ``===`` is a run of versions."""
        if self._line is None:
            ordered = sorted(self._versions, key=lambda pair: Version(pair[0]))
            total, self._below = 0, [0]
            for _, bits in ordered:
                total |= bits
                self._below.append(total)
            self._line = VersionLine([text for text, _ in ordered])
        known = self.all
        for clause in specifier:
            if clause.operator == "===":
                known &= sum(b for text, b in self._versions if clause.contains(text, prereleases=True))
                continue
            negated = clause.operator == "!="
            start, stop = self._line.run(Specifier("==" + clause.version) if negated else clause)
            run = self._below[stop] ^ self._below[start] if stop > start else 0
            known &= ~run if negated else run
        return known

    def where(self, marker: PlainMarker | Marker | None, extra: str = "") -> int:
        """Return the candidates under which a marker is true."""
        if marker is None:
            return self.all
        text = marker.text if isinstance(marker, PlainMarker) else str(marker)
        known = self._markers.get((text, extra))
        if known is None:
            if "python_full_version" in text or "implementation_version" in text:
                known = sum(bits for version, bits in self._versions if self._holds(marker, version, extra))
            elif "python_version" in text:
                known = sum(
                    bits
                    for (major, minor), bits in self._minors.items()
                    if self._holds(marker, f"{major}.{minor}.0", extra)
                )
            else:
                known = self.all if self._holds(marker, "3.0.0", extra) else 0
            self._markers[text, extra] = known
        return known

    def _holds(self, marker: PlainMarker | Marker, version: str, extra: str) -> bool:
        minor = _minor(version)
        environment = {
            **self._environment,
            "python_version": f"{minor[0]}.{minor[1]}",
            "python_full_version": version,
            "implementation_version": version,
            "extra": extra,
        }
        try:
            return marker.evaluate(environment)
        except ValueError as error:
            from packaging.markers import UndefinedEnvironmentName

            if isinstance(error, UndefinedEnvironmentName):
                return False
            raise


def _minor(text: str) -> PythonMinor:
    parts = [int(part) if part.isdigit() else 0 for part in f"{text}.0".split(".")[:2]]
    return parts[0], parts[1]
