"""What is installed, by itself: files, requirements of packages on each other, leftovers."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.checks.context import CheckContext
from resolver.checks.registry import Found, rule
from resolver.model.findings import Severity
from resolver.model.installed import DamagedPackage, FileState, UnmetNeed

#: Paths named for one package; the rest are counted.
_MOST_PATHS = 3


def _describe(package: DamagedPackage, state: FileState) -> str:
    paths = [fault.path for fault in package.faults if fault.state is state]
    more = f" and {len(paths) - _MOST_PATHS} more" if len(paths) > _MOST_PATHS else ""
    label = f"{package.name} {package.version} ({package.manager})"
    return f"{label}: {len(paths)} of {package.listed}: {', '.join(paths[:_MOST_PATHS])}{more}"


def _damaged(context: CheckContext, state: FileState) -> list[DamagedPackage]:
    """Return the packages with such files which no other package explains."""
    packages = context.installation.damaged if context.installation is not None else ()
    return [
        package
        for package in packages
        if not package.overwritten_by and any(fault.state is state for fault in package.faults)
    ]


def _files(packages: list[DamagedPackage], state: FileState, what: str) -> Found:
    count = sum(fault.state is state for package in packages for fault in package.faults)
    others = f" and {len(packages) - 1} more packages" if len(packages) > 1 else ""
    files = "file" if count == 1 else "files"
    verb = "is" if count == 1 else "are"
    return Found(
        message=f"{count} {files} of {packages[0].name}{others} {verb} {what}",
        evidence=tuple(_describe(package, state) for package in packages),
        fix="install these packages anew",
    )


@rule("prefix/files-missing", Severity.ERROR, "files of an installed package are missing")
def files_missing(context: CheckContext) -> Iterator[Found]:
    """Look for every file that a package's record lists (`paths_data` of conda-meta, RECORD of a wheel).

    An interrupted installation, a full disk or a removal by hand leaves a package that is there by
    its record alone. Bytecode doesn't count: Python makes it anew.
    """
    packages = _damaged(context, FileState.MISSING)
    if packages:
        yield _files(packages, FileState.MISSING, "missing")


@rule(
    "prefix/files-changed", Severity.ERROR, "files of an installed package aren't those that were installed"
)
def files_changed(context: CheckContext) -> Iterator[Found]:
    """Compare installed files with the size and sha256 that their package's record gives.

    Of files over 8 MiB the size alone is compared, unless `--every-byte` is given. A file that was
    edited in place is lost with the next installation; one that a disk or a copy damaged fails anyhow.
    """
    packages = _damaged(context, FileState.CHANGED)
    if packages:
        yield _files(packages, FileState.CHANGED, "not as installed")
    unreadable = _damaged(context, FileState.UNREADABLE)
    if unreadable:
        yield _files(unreadable, FileState.UNREADABLE, "not readable")


@rule("prefix/overwritten", Severity.WARNING, "a package wrote over the files of another one")
def overwritten(context: CheckContext) -> Iterator[Found]:
    """Find packages whose files are now those of another package that lists them too.

    Two projects with one module (opencv-python and opencv-python-headless), or pip's build of a
    project over conda's: the last one installed is what is imported, and removing either breaks the other.
    """
    packages = context.installation.damaged if context.installation is not None else ()
    for package in packages:
        if package.overwritten_by:
            count = len(package.faults)
            yield Found(
                message=f"{count} file{'s' if count != 1 else ''} of {package.name} {package.version} "
                f"({package.manager}) {'are' if count != 1 else 'is'} another package's: "
                f"{', '.join(package.overwritten_by)}",
                evidence=tuple(
                    _describe(package, state)
                    for state in FileState
                    if any(fault.state is state for fault in package.faults)
                ),
                fix="keep one of them",
            )


def _need_text(need: UnmetNeed) -> str:
    extra = f"[{need.extra}]" if need.extra else ""
    there = f"there is {need.found}" if need.found else "it isn't installed"
    return f"{need.name}{extra} {need.version} asks for `{need.requirement}`: {there}"


@rule("prefix/requirement", Severity.ERROR, "an installed project's requirement isn't met")
def requirement(context: CheckContext) -> Iterator[Found]:
    """Judge what each installed project requires by what is installed, as `pip check` does.

    Markers are judged for the environment's own Python and platform. What an extra requires that another
    project asks for is a warning, and so is what conda's own builds of a project say; where packages
    outside the environment count too, a missing project is a note.
    """
    installation = context.installation
    if installation is None:
        return
    for need in installation.unmet:
        if need.manager != "pip":
            continue
        severity = Severity.WARNING if need.extra or need.by_conda else Severity.ERROR
        if need.found is None and installation.has_system_packages:
            severity = Severity.NOTE
        there = f"{need.found} is installed" if need.found else "isn't installed"
        told = f"{need.needed} {there}" if need.needed != "python" else f"this is Python {need.found}"
        yield Found(
            message=f"{need.name} {need.version} requires `{need.requirement}`, {told}",
            evidence=(_need_text(need),),
            severity=severity,
        )


@rule("prefix/conda-requirement", Severity.ERROR, "an installed conda package's dependency isn't met")
def conda_requirement(context: CheckContext) -> Iterator[Found]:
    """Judge `depends` and `constrains` of the installed conda records by each other.

    Packages that were removed by force, or installed without their dependencies, leave such gaps. What
    a record asks of the machine (`__glibc`) is compared by `image/virtual-package`.
    """
    for need in context.installation.unmet if context.installation is not None else ():
        if need.manager == "conda":
            there = f"{need.needed} {need.found} is installed" if need.found else "which isn't installed"
            yield Found(
                message=f"{need.name} {need.version} depends on `{need.requirement}`, {there}",
                evidence=(_need_text(need),),
            )


@rule("prefix/two-records", Severity.ERROR, "a package is installed twice, in two versions")
def two_records(context: CheckContext) -> Iterator[Found]:
    """Find two conda records of one name, and two metadata folders of one project.

    Which of them counts hangs on the order in which a folder is listed.
    """
    installation = context.installation
    if installation is None:
        return
    conda: dict[str, list[str]] = {}
    for pin in installation.conda:
        conda.setdefault(pin.record.name, []).append(f"{pin.record.version} {pin.record.build}")
    pip: dict[str, list[str]] = {}
    for project in installation.projects:
        if project.owner is None:
            pip.setdefault(project.name, []).append(f"{project.version} ({project.folder})")
    for manager, groups in (("conda", conda), ("pip", pip)):
        for name, versions in sorted(groups.items()):
            if len(versions) > 1:
                yield Found(
                    message=f"{name} is installed {len(versions)} times by {manager}",
                    evidence=tuple(f"{name} {version}" for version in versions),
                    fix=f"remove all of them, and install {name} anew",
                )


@rule("prefix/other-python", Severity.WARNING, "projects lie where this Python doesn't look")
def other_python(context: CheckContext) -> Iterator[Found]:
    """Find projects in the folder of another Python version.

    conda takes its own packages along to a new Python, pip's stay behind: they are there, and can't be
    imported.
    """
    for folder, projects in context.installation.other_pythons if context.installation is not None else ():
        count = len(projects)
        yield Found(
            message=f"{count} project{'s' if count != 1 else ''} in {folder}, "
            f"this is Python {context.resolution.python}",
            evidence=projects,
        )


@rule("prefix/remains", Severity.NOTE, "remains of a project that wasn't removed whole")
def remains(context: CheckContext) -> Iterator[Found]:
    """Find metadata folders without metadata, and those that pip renamed (`~umpy`) and couldn't remove.

    An interrupted installation or removal leaves them; pip ignores them with a warning.
    """
    folders = context.installation.remains if context.installation is not None else ()
    if folders:
        count = len(folders)
        yield Found(
            message=f"{count} folder{'s' if count != 1 else ''} of metadata without a project",
            evidence=folders,
            fix="remove them",
        )
