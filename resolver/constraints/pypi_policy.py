"""The user's rules on files of the index, and why a file may not be selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from resolver.constraints.version_order import VersionOrder
from resolver.model.choices import StrEnum
from resolver.model.exemptions import Exemptions
from resolver.model.names import PypiName
from resolver.model.records import DistFile
from resolver.model.requirements import PypiRequirement
from resolver.model.unusable import Unusable
from resolver.model.version_forms import one_form


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of the user's that decide which files are candidates."""

    exclude_newer: int | None = None  #: seconds since 1970, UTC
    exempt: Exemptions = Exemptions()  #: what ``exclude_newer`` does not hold for
    admit_undated: bool = False  #: ``exclude_newer`` leaves files without a date in
    pre: bool = False
    pre_projects: frozenset[PypiName] = frozenset()  #: named with a pre-release by the user
    #: ``==`` pins of the user's: a yanked one stays possible, as does one of ``preferred``
    pinned: Mapping[PypiName, frozenset[str]] | None = None
    no_build: bool = False
    build_python: tuple[int, int] | None = None  #: what an sdist would be built with here; None: any
    by_hand: frozenset[str] = frozenset()  #: projects of which the user says what a release requires
    #: ``algorithm:hex`` of which a file must have one
    hashes: Mapping[PypiName, frozenset[str]] | None = None
    require_hashes: bool = False  #: projects without ``hashes`` have no candidates on an index
    prefer_binary: bool = False  #: releases with wheels before newer ones without
    order: VersionOrder = VersionOrder()  #: of which projects the lowest version is the best
    preferred: Mapping[PypiName, str] | None = None  #: of an earlier lockfile: to try first

    @classmethod
    def from_requirements(cls, requirements: Sequence[PypiRequirement], **rest: object) -> Policy:
        """Read out of the user's requirements what they permit."""
        pre: set[PypiName] = set()
        pinned: dict[PypiName, set[str]] = {}
        hashes: dict[PypiName, set[str]] = {}
        for requirement in requirements:
            if requirement.name is None:
                continue
            parsed = requirement.specifier_set
            if not isinstance(parsed, Unusable):
                if parsed.prereleases:
                    pre.add(requirement.name)
                exact = {
                    c.version for c in parsed if c.operator in ("==", "===") and not c.version.endswith(".*")
                }
                pinned.setdefault(requirement.name, set()).update(exact)
            if requirement.hashes:
                hashes.setdefault(requirement.name, set()).update(requirement.hashes)
        return cls(
            pre_projects=frozenset(pre),
            pinned={name: frozenset(versions) for name, versions in pinned.items()},
            hashes={name: frozenset(values) for name, values in hashes.items()},
            **rest,  # type: ignore[arg-type]
        )

    def admits_pre_releases(self, name: PypiName) -> bool:
        """Tell whether pre-releases of a project are candidates like any other."""
        return self.pre or name in self.pre_projects

    def preferred_version(self, name: PypiName) -> str | None:
        """Return the version of a project that is tried first, if any."""
        return (self.preferred or {}).get(name)

    def judges_hashes_of(self, name: PypiName) -> bool:
        """Tell whether files of a project are taken by their hashes, so that each is looked at."""
        return self.require_hashes or bool((self.hashes or {}).get(name))

    def pins(self, name: PypiName) -> frozenset[str]:
        """Return the versions that may be yanked, each in its one form (``1`` for 1.0)."""
        found = {*(self.pinned or {}).get(name, ())}
        preferred = self.preferred_version(name)
        if preferred is not None:
            found.add(preferred)
        return frozenset(map(one_form, found))


class FileFault(StrEnum):
    """Why a file may not be selected."""

    YANKED = "yanked"
    HASH = "its hash is not among those given"
    NO_HASH = "no hash is given for it, and `--require-hashes` asks for one"
    BUILD_FORBIDDEN = "an sdist, and building is forbidden"
    PLATFORM = "no wheel tag fits the platform"
    PYTHON = "no Python that is available fits"


class LeftOutFile(msgspec.Struct, frozen=True, gc=False):
    """A file that may not be selected, and why."""

    file: DistFile
    fault: FileFault

    @property
    def words(self) -> str:
        """The reason for people; a yanked file's with what its owners say."""
        said = self.file.yanked if self.fault is FileFault.YANKED else None
        return f"{self.fault}: {said}" if said else str(self.fault)


class FileRules(msgspec.Struct, frozen=True):
    """What the user's policy says of the files of one project."""

    pinned: frozenset[str]  #: see :meth:`Policy.pins`
    hashes: frozenset[str] | None  #: a file must have one of them; empty: no file is wanted
    no_build: bool

    @classmethod
    def of(cls, policy: Policy, name: PypiName) -> FileRules:
        """Return the rules for a project."""
        hashes = (policy.hashes or {}).get(name) or (frozenset() if policy.require_hashes else None)
        return cls(policy.pins(name), hashes, policy.no_build)

    def against(self, file: DistFile) -> FileFault | None:
        """Return why a file is left out under every Python; None: it is not."""
        if file.yanked is not None and one_form(file.version) not in self.pinned:
            return FileFault.YANKED
        given = self.hashes
        if given is not None and not any(f"{kind}:{value}" in given for kind, value in file.hashes.items()):
            return FileFault.HASH if given else FileFault.NO_HASH
        if not file.is_wheel and self.no_build:
            return FileFault.BUILD_FORBIDDEN
        return None
