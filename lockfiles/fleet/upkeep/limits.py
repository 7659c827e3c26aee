"""What must move as constraints that hold for one run: of each platform's candidates those that may stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from lockfiles.fleet.upkeep.rules import Must, Package
from lockfiles.listener import Listener
from resolver.model.names import CondaName, PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements
from resolver.model.resolution import CondaPin, PypiPin, Resolution

if TYPE_CHECKING:
    from lockfiles.session import Session
    from resolver.constraints.pypi_domain import Release
    from resolver.constraints.universe import JointUniverse

#: What stands as a limit's file, before its package: reasons are told of it as of any update.
MARK = "--update "


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A package's limit on one platform; ``spec`` None: no version that sources have may stay."""

    package: Package
    platform: str
    spec: str | None

    @property
    def origin(self) -> Origin:
        """The place that a conflict names: no file has this line."""
        return Origin(file=f"{MARK}{':'.join(self.package)}")


def package_of(origin: Origin | None) -> Package | None:
    """Return the package whose limit stands at a conflict's place; None for lines of files."""
    if origin is None or not origin.file.startswith(MARK):
        return None
    kind, _, name = origin.file.removeprefix(MARK).partition(":")
    return kind, name


def requirements_of(limits: Iterable[Limit]) -> Requirements:
    """Return limits as constraints; a package that goes meets each."""
    conda: list[CondaRequirement] = []
    pypi: list[PypiRequirement] = []
    for one in limits:
        kind, name = one.package
        if one.spec is None:
            continue
        platforms = frozenset({one.platform})
        if kind == "conda":
            conda.append(
                CondaRequirement(
                    name=CondaName(name), spec=f"{name} {one.spec}", origin=one.origin,
                    platforms=platforms, is_constraint=True,
                )
            )  # fmt: skip
        else:
            pypi.append(
                PypiRequirement(
                    name=PypiName(name), text=f"{name}{one.spec}", origin=one.origin,
                    specifier=one.spec, platforms=platforms, is_constraint=True,
                )
            )  # fmt: skip
    return Requirements(conda=tuple(conda), pypi=tuple(pypi))


class Sources:
    """What the sources of a session have of the packages that must move; used as a context."""

    def __init__(self, session: Session, listener: Listener) -> None:
        self._session, self._listener = session, listener
        self._universes: dict[str, JointUniverse] = {}

    def __enter__(self) -> Sources:
        from lockfiles.solving import resolve_options
        from resolver.pipeline import Reporter, Resolver

        options = resolve_options(self._session, preferred={})
        self._told = self._listener.solving(self._session.settings)
        self._bench = Resolver(self._session.requirements, options, self._told.__enter__() or Reporter())
        return self

    def __exit__(self, *_: object) -> None:
        self._bench.__exit__()
        self._told.__exit__(None, None, None)

    def universe(self, platform: str) -> JointUniverse | None:
        """Return the packages of a platform; None for one that the session doesn't lock."""
        target = next((one for one in self._session.targets if one.subdir == platform), None)
        if target is None:
            return None
        if platform not in self._universes:
            self._universes[platform] = self._bench.universe(target)
        return self._universes[platform]

    def limits(self, musts: Iterable[Must]) -> list[Limit]:
        """Return a limit for each package and platform; none for platforms that the session doesn't lock."""
        found = []
        for must in musts:
            for platform in sorted(must.versions):
                universe = self.universe(platform)
                if universe is not None:
                    versions = versions_of(universe, must.package)
                    spec = limit_of([(text, must.forbids(text)) for text in versions])
                    found.append(Limit(package=must.package, platform=platform, spec=spec))
        return found

    def newest(self, platform: str, package: Package) -> str | None:
        """Return the newest version of a package; None where the sources have none."""
        universe = self.universe(platform)
        versions = versions_of(universe, package) if universe is not None else ()
        return versions[-1] if versions else None

    def date(self, platform: str, pin: CondaPin | PypiPin) -> int | None:
        """Return when a locked package was published, in seconds since 1970; None where nobody says."""
        universe = self.universe(platform)
        if universe is None:
            return None
        if isinstance(pin, CondaPin):
            records = universe.conda.domain(pin.record.name).records
            same = (one for one in records if one.file_name == pin.record.file_name)
            stamp = next((one.timestamp for one in same), pin.record.timestamp)
            return stamp // 1000 or None
        return _upload_time(universe, pin)


def versions_of(universe: JointUniverse, package: Package) -> Sequence[str]:
    """Return the versions that are candidates, oldest first; pre-releases before all others of PyPI."""
    kind, name = package
    if kind == "conda":
        from resolver.model.match_spec import version

        held = {record.version for record in universe.conda.domain(CondaName(name)).records}
        return sorted(held, key=lambda text: (version(text), text))
    from packaging.version import Version

    return sorted(
        {release.version for release in _releases(universe, PypiName(name)) if not release.is_provided},
        key=lambda text: (not Version(text).is_prerelease, Version(text)),
    )


def _releases(universe: JointUniverse, name: PypiName) -> Sequence[Release]:
    from resolver.constraints.registry import Key, Kind

    if universe.pypi is None:
        return ()
    return universe.registry.pypi(universe.registry.number(Key(Kind.PYPI, name))).domain.releases


def _upload_time(universe: JointUniverse, pin: PypiPin) -> int | None:
    """Return when the first file of a locked version came up; None where the index doesn't say."""
    files = [f for r in _releases(universe, pin.name) if r.version == pin.version for f in r.files]
    return min((file.upload_time for file in files if file.upload_time is not None), default=None)


def limit_of(versions: Sequence[tuple[str, bool]]) -> str | None:
    """Return what leaves the versions that may stay, oldest first; None where none may.

    Where all that are forbidden are older, as after a fix, that is a lower bound.
    """
    allowed = [text for text, is_forbidden in versions if not is_forbidden]
    forbidden = [text for text, is_forbidden in versions if is_forbidden]
    if not allowed:
        return None
    if [text for text, _ in versions[: len(forbidden)]] == forbidden:
        return f">={allowed[0]}"
    return ",".join(f"!={text}" for text in forbidden)


def dated(sources: Sources, resolution: Resolution, names: Iterable[str], limit: int) -> list[str]:
    """Return those of the names whose locked package was published before a moment; undated ones stay."""
    asked, platform = set(names), resolution.target.subdir
    pins: tuple[CondaPin | PypiPin, ...] = (*resolution.conda, *resolution.pypi)
    found = []
    for pin in pins:
        date = sources.date(platform, pin) if str(pin.name) in asked else None
        if date is not None and date < limit:
            found.append(str(pin.name))
    return sorted(found)
