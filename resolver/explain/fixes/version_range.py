"""The nearest range of versions that leads to a solution, for one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.conda_side import channel_bits
from resolver.constraints.registry import Key, Kind
from resolver.constraints.universe import JointUniverse
from resolver.explain.empty_range import empty_range
from resolver.explain.members import Requirement
from resolver.explain.wording import Wording
from resolver.machine.variant_indexes import pinned_label
from resolver.model.match_spec import MatchSpec
from resolver.model.match_spec import version as conda_version
from resolver.model.names import CondaName
from resolver.model.requirements import CondaRequirement
from resolver.model.spec_conditions import WHEN
from resolver.model.unusable import Unusable

_CLAUSE = re.compile(r"([<>=!~]*)\s*(\d[\w.!+]*)")
_NUMBER = re.compile(r"\d+")
_PRE = re.compile(r"(?:a|b|rc|alpha|beta|dev|pre)\.?\d*$")
_LITERAL = re.compile(r"\d[\w.!+]*")
_CONDA_NAME = re.compile(r"\s*(?:(?P<channel>[^\s\[]+)::)?(?P<name>[A-Za-z0-9_][\w.\-]*)")
_PIP_NAME = re.compile(r"\s*[A-Za-z0-9][\w.\-]*\s*(?:\[[^\]]*\])?")

#: Asks whether there is a solution with the package's candidate in the set; gives its version, or None.
Ask = Callable[[int, int], str | None]


class Nearest(msgspec.Struct, frozen=True, kw_only=True):
    """A text for a line that leads to a solution.

    ``distance``: how many series (major.minor) it goes beyond what was asked.
    """

    text: str
    version: str
    distance: int
    is_up: bool = True
    is_same_series: bool = False  #: a version of the series that was asked for


class RangeFinder:
    """Widens what one line asks for, up and down, until a solution is inside."""

    def __init__(self, universe: JointUniverse, line: Requirement, ask: Ask) -> None:
        self._universe = universe
        self._line = line
        self._ask = ask
        self._wording = Wording(universe)
        is_conda = isinstance(line, CondaRequirement)
        self._is_beyond = False  # what was asked lies above all there is
        self._key = Key(Kind.CONDA if is_conda else Kind.PYPI, str(line.name))
        number = universe.registry.find(self._key)
        self.number = -1 if number is None else number
        versions = self._wording.versions(self.number) if number is not None else []
        named = {text.rstrip(".") for text in _LITERAL.findall(self._version_part())}
        self._label = None if is_conda else pinned_label(self._version_part())
        self._versions = [
            v
            for v in versions
            # another variant is another product: CUDA is no stand-in for `+cpu`
            if (not _PRE.search(v) or v in named) and (self._label is None or v.endswith(f"+{self._label}"))
        ]

    def find(self) -> Iterator[Nearest]:
        """Yield the same version in another build, then the nearest range upwards and downwards."""
        if not self._versions or self._key.name.startswith("__"):
            return
        asked, literal = self._asked()
        if not literal or (not asked and self._is_at_odds()):
            return  # no limit to widen, or one too many
        same = self._bits(asked)
        if asked and self._has_more_than_version():
            version = self._ask(self.number, same)
            if version is not None:
                yield Nearest(text=self._written(self._version_part()), version=version, distance=0)
                return
        low, high = self._places(asked, literal)
        self._is_beyond = not asked and high == len(self._versions)
        yield from self._widen(self._versions[high:], literal, up=True)
        yield from self._widen(self._versions[:low], literal, up=False)

    # -- what was asked -----------------------------------------------------------------------------

    def _version_part(self) -> str:
        if isinstance(self._line, CondaRequirement):
            return self._line.match_spec.version or ""
        return self._line.specifier

    def _has_more_than_version(self) -> bool:
        if not isinstance(self._line, CondaRequirement):
            return False
        spec = self._line.match_spec
        return bool(
            spec.build or spec.build_number or spec.channel or spec.md5 or spec.sha256 or spec.file_name
        )

    def _asked(self) -> tuple[list[str], list[str]]:
        """Return the versions that the line's version part admits, and the versions it names."""
        part = self._version_part()
        literal = [text.rstrip(".") for text in _LITERAL.findall(part.replace("*", ""))]
        if isinstance(self._line, CondaRequirement):
            made = self._universe.registry.conda(self.number)
            bits = _version_bits(made, part) if part else made.domain.all
        else:
            versions = self._line.specifier_set
            project = self._universe.registry.pypi(self.number)
            bits = 0 if isinstance(versions, Unusable) else project.domain.alone(versions)
        return self._wording.chosen(self.number, bits), literal

    def _is_at_odds(self) -> bool:
        """Tell whether the range's own bounds shut every version out, and one of them alone would not."""
        from packaging.version import Version

        part = self._version_part()
        order = conda_version if isinstance(self._line, CondaRequirement) else Version
        return empty_range(part, order) is not None and any(
            self._admits(bound, one) for bound in part.split(",") for one in self._versions
        )

    def _places(self, asked: Sequence[str], literal: Sequence[str]) -> tuple[int, int]:
        """Return the places before which, and from which on, versions lie outside of what was asked."""
        if asked:
            return self._versions.index(asked[0]), self._versions.index(asked[-1]) + 1
        at = sum(_sort_key(version) < _sort_key(literal[0]) for version in self._versions)
        return at, at

    def _bits(self, versions: Sequence[str]) -> int:
        wanted = set(versions)
        registry = self._universe.registry
        if isinstance(self._line, CondaRequirement):
            by_version = registry.conda(self.number).domain.version_bits()
            return sum(by_version[text] for text in wanted)
        releases = registry.pypi(self.number).domain.releases
        return sum(2 << n for n, r in enumerate(releases) if r.version in wanted)

    # -- widening -------------------------------------------------------------------------------------

    def _widen(self, versions: Sequence[str], literal: Sequence[str], *, up: bool) -> Iterator[Nearest]:
        """Find the nearest series with a solution: "up to the n-th series" is monotone, so it is bisected."""
        series: dict[str, list[str]] = {}
        for version in versions if up else reversed(versions):
            series.setdefault(_series(version), []).append(version)
        groups = list(series.items())
        if not groups or self._ask(self.number, self._bits(versions)) is None:
            return
        low, high = 0, len(groups) - 1
        while low < high:
            middle = (low + high) // 2
            inside = [v for _, group in groups[: middle + 1] for v in group]
            found = self._ask(self.number, self._bits(inside))
            if found is None:
                low = middle + 1
            else:
                high = min(middle, next(n for n, (_, group) in enumerate(groups) if found in group))
        found = self._ask(self.number, self._bits(groups[low][1]))
        if found is None:  # several series were only possible together; can't be
            return
        text = self._range(groups[low][0], groups[low][1], found, up=up)
        if text is not None:
            distance, own = low + 1, any(_series(name) == groups[low][0] for name in literal)
            yield Nearest(text=text, version=found, distance=distance, is_up=up, is_same_series=own)

    def _range(self, series: str, members: Sequence[str], version: str, *, up: bool) -> str | None:
        """Return the line's text widened to a series, in the line's own notation."""
        if self._key == Key(Kind.CONDA, "python"):
            return self._written(f"{series}.*")
        if self._label is not None:
            return self._written(f"=={version}")
        lower, upper = bounds_of(self._version_part())
        if up:
            ends = f"<{_next(series)}"
            texts = [f"{lower},{ends}" if lower else ends, f">={_short(version)},{ends}"]
        else:
            begins = f">={_short(series)}"
            upper = "" if self._is_beyond else upper
            texts = [f"{begins},{upper}" if upper else begins, f"{begins},<{_next(series)}"]
        texts += [f">={members[0] if up else members[-1]},<={version}", f"=={version}"]
        for text in texts:
            if self._admits(text, version):
                return self._written(text)
        return None

    def _admits(self, text: str, version: str) -> bool:
        """Tell whether a range admits the version, and a solution lies inside (its newest may differ)."""
        registry = self._universe.registry
        if isinstance(self._line, CondaRequirement):
            bits = _version_bits(registry.conda(self.number), text)
        else:
            from packaging.specifiers import InvalidSpecifier, SpecifierSet

            try:
                bits = registry.pypi(self.number).domain.alone(SpecifierSet(text))
            except InvalidSpecifier:
                return False
        return bool(bits & self._bits([version]))

    def _written(self, part: str) -> str:
        """Return the line with another version part, in its own notation."""
        if not isinstance(self._line, CondaRequirement):
            return written_pip(self._line.text, part, self._line.marker)
        found = _CONDA_NAME.match(self._line.spec)
        name = str(self._line.name) if found is None else found["name"]
        spec = self._line.match_spec
        made = self._universe.registry.package(self.number)
        prefix = ""
        if (
            spec.channel
            and isinstance(made, CondaPackage)
            and channel_bits(made.domain, spec.channel, spec.subdir)
        ):
            prefix = f"{spec.channel}{f'/{spec.subdir}' if spec.subdir else ''}::"
        spaced = found is not None and self._line.spec[found.end() : found.end() + 1].isspace()
        return f"{prefix}{self._named(name, part, spaced=spaced)}{_brackets(self._line)}"

    @staticmethod
    def _named(name: str, part: str, *, spaced: bool) -> str:
        """Return a name with a version part."""
        if part.endswith(".*") and not part.startswith((">", "<", "=")):
            return f"{name} {part}" if spaced else f"{name}={part[:-2]}"
        if part and part[0] not in "<>=!~":
            return f"{name} {part}" if spaced else f"{name}={part}"
        return f"{name} {part}".rstrip() if spaced else f"{name}{part}"


def _brackets(line: CondaRequirement) -> str:
    """Return what a line asks for besides version and build: extras, flags, and its condition."""
    spec = line.match_spec
    inside = [f"extras=[{','.join(spec.extras)}]"] if spec.extras else []
    inside += ["flags=[" + ",".join(f'"{flag}"' for flag in spec.flags) + "]"] if spec.flags else []
    if spec.when:
        found = WHEN.search(line.spec)
        inside += [found.group()] if found is not None else []
    return f"[{','.join(inside)}]" if inside else ""


def _version_bits(package: CondaPackage, version: str) -> int:
    """Return the candidates that a version spec admits."""
    return package.domain.bits_of(MatchSpec(name=CondaName(package.name), version=version))


def written_pip(text: str, part: str, marker: str | None) -> str:
    """Return a pip line with another version part."""
    found = _PIP_NAME.match(text)
    head = found.group().rstrip() if found else text
    tail = f"; {marker}" if marker else ""
    return f"{head}{part}{tail}"


def bounds_of(part: str) -> tuple[str, str]:
    """Return the lower and the upper bound that a version part sets, as clauses; empty where it sets none.

    An exact version is both; a series (``=2``, ``2.*``, ``~=2.1``) ends before the next one.
    """
    clauses = [
        (found[1] or "=", found[2].rstrip("."), part[found.end() : found.end() + 1] == "*")
        for found in _CLAUSE.finditer(part)
    ]
    lower = next((v for op, v, _ in clauses if op in (">=", ">", "~=", "=", "==", "===")), None)
    upper = next((f"{op}{v}" for op, v, _ in clauses if op in ("<", "<=")), None)
    pinned = [clause for clause in clauses if clause[0] in ("=", "==", "===", "~=")]
    if upper is None and pinned:
        upper = _end_of(*max(pinned, key=lambda clause: _sort_key(clause[1])))
    return (f">={_short(lower)}" if lower else "", upper or "")


def _end_of(operator: str, version: str, is_prefix: bool) -> str:
    """Return the upper bound of a clause that names one version or one series."""
    numbers = _NUMBER.findall(version)
    if operator == "~=" and len(numbers) > 1:
        return f"<{_next('.'.join(numbers[:-1]))}"
    # conda's `=1.26.4` is a series too, of which hardly anything but 1.26.4 is there
    if is_prefix or (operator == "=" and len(numbers) < 3):
        return f"<{_next('.'.join(numbers))}"
    return f"<={version}"


def _sort_key(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBER.findall(text)[:6])


def _series(version: str) -> str:
    """Return major.minor."""
    numbers = _NUMBER.findall(version.split("!")[-1])
    return ".".join(numbers[:2]) or version


def _next(series: str) -> str:
    """Return the series after: ``1.6`` -> ``1.7``."""
    numbers = [int(number) for number in _NUMBER.findall(series)]
    numbers[-1] += 1
    return ".".join(map(str, numbers))


def _short(version: str) -> str:
    """Return a version without zeros at the end: ``1.5.0`` -> ``1.5``."""
    while version.endswith(".0") and version.count(".") > 1:
        version = version[:-2]
    return version
