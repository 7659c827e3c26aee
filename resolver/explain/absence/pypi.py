"""Why no file of the package index satisfies a pip line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resolver.constraints.pypi_policy import FileFault, LeftOutFile
from resolver.constraints.universe import JointUniverse
from resolver.explain.absence.known_names import likely_projects
from resolver.explain.absence.likely_names import PROJECTS, meant
from resolver.explain.absence.values import (
    PLATFORMS,
    Absence,
    AbsenceKind,
    index_has,
    lacking_words,
    nearest_words,
    range_words,
)
from resolver.explain.budget import Meter
from resolver.explain.empty_range import empty_range
from resolver.explain.members import Bench
from resolver.explain.wording import Wording
from resolver.machine.variant_indexes import index_of_label, pinned_label
from resolver.metadata.wheel_tags import wheel_tag_text
from resolver.model.names import PypiName, pypi_name
from resolver.model.records import DistFile, SkipCause
from resolver.model.requirements import PypiRequirement
from resolver.model.unusable import Unusable

#: Causes that a limit in time has.
_BY_DATE = (SkipCause.DATE, SkipCause.UNDATED)


class PypiReasons:
    """Looks through what the index has of a project, and what was left out of it."""

    def __init__(self, bench: Bench, universe: JointUniverse, line: PypiRequirement, meter: Meter) -> None:
        self.bench, self.universe, self.line, self.meter = bench, universe, line, meter
        self.name = PypiName(line.name or "")

    def all(self) -> Iterator[Absence]:
        """Yield reasons."""
        side = self.universe.pypi
        if side is None:
            return
        domain, _ = side.domain(self.name)
        page = side.pages.get(self.name)
        specifier = self.line.specifier_set
        if isinstance(specifier, Unusable):
            yield Absence(kind=AbsenceKind.NO_VERSION, message=specifier.reason)
            return
        if page is None and not any(not release.is_provided for release in domain.releases):
            yield from self._unknown()
            return
        if page is not None and page.status.is_quarantined and not page.files:
            message = f"`{page.index}` holds `{self.name}` in quarantine{page.status.reason_words}"
            yield Absence(kind=AbsenceKind.QUARANTINED, message=f"{message}: no file of it is offered")
            return
        from packaging.version import Version

        if empty := empty_range(self.line.specifier, Version):
            yield Absence(kind=AbsenceKind.EMPTY, message=f"`{self.line.text}`: {empty}")
            return
        out = side.left_out(self.name)
        refused = [o for o in out if specifier.contains(o.file.version, prereleases=True)]
        if refused:
            yield _refused(self.line, refused, self.universe)
            return
        skipped = [s for s in (page.skipped if page else ()) if _is_of(s.file_name, self.line)]
        if skipped:
            kind = AbsenceKind.DATE if skipped[0].cause in _BY_DATE else AbsenceKind.NO_FILE
            yield Absence(kind=kind, message=f"`{self.line.text}`: {skipped[0].reason}")
            return
        label = pinned_label(self.line.specifier)
        if label is not None:
            there = {r.version for r in domain.releases if r.version.endswith(f"+{label}")}
            yield self._labelled(label, sorted(there, key=Version))
            return
        versions = sorted({r.version for r in domain.releases if not r.is_provided}, key=Version)
        if not versions:
            message = f"no release of `{self.name}` has a file for {_pythons(self.universe)}"
            yield Absence(kind=AbsenceKind.NO_FILE, message=message)
            return
        where = self.bench.where_asked(self.name)
        verb = "have" if ", " in where else "has"
        message = f"{where} {verb} no such version of `{self.name}`; there {range_words(versions)}"
        message += nearest_words(versions, self.line.specifier)
        yield Absence(kind=AbsenceKind.NO_VERSION, message=message, values=tuple(versions))

    def _labelled(self, label: str, there: Sequence[str]) -> Absence:
        """Return where versions with a local part are; ``there``: those that were found, ascending."""
        where = self.bench.where_asked(self.name)
        address = index_of_label(self.name, label)
        if there:
            message = f"of `{self.name}` with `+{label}` there {range_words(there)} in {where}"
        elif where:
            message = f"no version of `{self.name}` with `+{label}` in {where}"
        else:
            message = lacking_words(self.name, where)
        message += (
            f"; {'others' if there else 'they'} stand on {address}: add `--extra-index-url {address}`, or "
            f"`--torch-backend {label}` for torch and its family alone"
            if address
            else "; the index that publishes it must be named: `--extra-index-url ADDRESS`"
        )
        return Absence(kind=AbsenceKind.LOCAL, message=message, values=(address,) if address else ())

    def _unknown(self) -> Iterator[Absence]:
        side, where = self.universe.conda, self.bench.where_asked(self.name)
        names = [
            n
            for n in self.bench.names.conda_names_of(self.name)
            if any(s.records(n) for _, s in side.subdirs)
        ]
        if names:
            channels = ", ".join(
                dict.fromkeys(o.channel.name for o, s in side.subdirs if s.records(names[0]))
            )
            lacking = f"{where} has no `{self.name}`" if where else lacking_words(self.name, where)
            message = f"{lacking}; {channels} has it as `{names[0]}`"
            yield Absence(kind=AbsenceKind.ONLY_CONDA, message=message, values=tuple(names))
        near = [
            one
            for one in likely_projects(side).near(self.name, PROJECTS)
            if not self.meter.is_over() and index_has(self.bench, pypi_name(one.name), None, self.meter)
        ]
        beside = f"; near it: {', '.join(one.name for one in near)}" if near else ""
        yield Absence(
            kind=AbsenceKind.UNKNOWN,
            message=f"{lacking_words(self.name, where)}{beside}",
            values=meant(near),
        )


def _refused(line: PypiRequirement, files: Sequence[LeftOutFile], universe: JointUniverse) -> Absence:
    """Return why the files of a version can't be used."""
    faults, words = {out.fault for out in files}, files[0].words
    if faults == {FileFault.YANKED}:
        return Absence(kind=AbsenceKind.YANKED, message=f"every file of `{line.text}` is {words}")
    wheels = [out.file.file_name for out in files if out.file.is_wheel]
    tags = sorted({wheel_tag_text(name).rpartition("-")[2] for name in wheels})
    target = universe.conda.target
    glibc = target.virtual("__glibc")
    machine = f"{target.subdir}{f' with glibc {glibc.version}' if glibc else ''}"
    if FileFault.HASH in faults:
        return Absence(
            kind=AbsenceKind.NO_FILE, message=_hash_words(line, files, universe), values=tuple(tags)
        )
    if FileFault.PYTHON in faults:
        message = f"`{line.text}` has no file for {_pythons(universe)}{_other_pythons(files, universe)}"
        return Absence(kind=AbsenceKind.NO_FILE, message=message, values=())
    if FileFault.PLATFORM in faults:
        message = f"`{line.text}` has no file for {machine}; its wheels are for {', '.join(tags[:4])}"
        return Absence(
            kind=AbsenceKind.NO_FILE,
            message=message,
            values=tuple(tags),
            platforms=_platforms_of(wheels, target.subdir),
        )
    return Absence(kind=AbsenceKind.NO_FILE, message=f"`{line.text}`: {words}", values=tuple(tags))


def _platforms_of(wheels: Sequence[str], here: str) -> tuple[str, ...]:
    """Return the well-known platforms that some wheels are for, with a system new enough.

    None where one is the target's own: then it is the machine that is too old.
    """
    from resolver.metadata.wheel_tags import WheelTags
    from resolver.model.target import Target, VirtualPackage

    newest = (VirtualPackage(name="__glibc", version="2.999"), VirtualPackage(name="__osx", version="99.0"))

    tags = {wheel_tag_text(name) for name in wheels}
    found = []
    for subdir in PLATFORMS:
        known = WheelTags(Target(subdir=subdir, virtual_packages=newest))
        if any(known.fits_platform(one) for one in tags):
            found.append(subdir)
    return () if here in found else tuple(found)


def _hash_words(line: PypiRequirement, files: Sequence[LeftOutFile], universe: JointUniverse) -> str:
    """Return what the hashes are and what was given; files for the target's platform first, at most three."""
    side = universe.pypi
    given = sorted((side.policy.hashes or {}).get(PypiName(line.name or ""), ())) if side else []
    kinds = {text.partition(":")[0] for text in given}

    def is_for_others(file: DistFile) -> bool:
        tags = wheel_tag_text(file.file_name) if file.is_wheel and side else ""
        return bool(tags and side and not side.tags.supported_minors(tags))

    others = sorted((o.file for o in files if o.fault is FileFault.HASH), key=is_for_others)
    told = []
    for file in others[:3]:
        known = [f"{kind}:{file.hashes[kind]}" for kind in sorted(kinds & file.hashes.keys())]
        told.append(f"the hash of `{file.file_name}` is {' and '.join(known) or 'not known'}")
    more = f" ({len(others) - 3} more files)" if len(others) > 3 else ""
    message = f"`{line.text}`: {', '.join(told)}{more}, not {' or '.join(given)} as required"
    misfits = [o.file.file_name for o in files if o.fault in (FileFault.PLATFORM, FileFault.PYTHON)]
    if misfits:
        message += f"; what has a required hash (`{misfits[0]}`) does not fit {universe.conda.target.subdir}"
    return message


def _pythons(universe: JointUniverse) -> str:
    """Return the Pythons that the target can have, in words."""
    view = universe.python_view()
    if universe.conda.target.python is not None:
        return f"Python {universe.conda.target.python}"
    return f"{Wording(universe).pythons(view.number, view.all)}, which is all that the channels have"


def _other_pythons(files: Sequence[LeftOutFile], universe: JointUniverse) -> str:
    """Return for which Pythons there are wheels that fit the platform, as the end of a line."""
    side = universe.pypi
    if side is None:
        return ""
    wheels = [out.file.file_name for out in files if out.fault is FileFault.PYTHON and out.file.is_wheel]
    minors = [side.tags.supported_minors(wheel_tag_text(name)) for name in wheels]
    named = sorted({minor for found in minors for minor in found.named})
    if not named:
        return ""
    first, last = (f"{major}.{minor}" for major, minor in (named[0], named[-1]))
    span = first if first == last else f"{first} to {last}"
    return f"; its wheels for {universe.conda.target.subdir} are for Python {span}"


def _is_of(file_name: str, line: PypiRequirement) -> bool:
    specifier = line.specifier_set
    if isinstance(specifier, Unusable):
        return False
    parts = file_name.removesuffix(".tar.gz").removesuffix(".zip").split("-")
    try:
        return len(parts) > 1 and specifier.contains(
            parts[1] if file_name.endswith(".whl") else parts[-1], prereleases=True
        )
    except ValueError:  # InvalidVersion, or more digits than Python reads
        return False
