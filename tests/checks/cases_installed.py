"""Rules on installed environments, by themselves and beside a lockfile: a failing and a passing one each."""

from __future__ import annotations

from msgspec.structs import replace

from resolver.checks.deviations import LockedWith
from resolver.model.installed import (
    DamagedFile,
    DamagedPackage,
    FileState,
    Installation,
    InstalledProject,
    UnmetNeed,
)
from resolver.model.names import pypi_name
from resolver.model.resolution import Resolution
from resolver.model.target import Target
from tests.checks.make import Case, Env, conda_pin, wheel_pin

CF = "conda-forge/linux-64"
PYTHON = f"{CF}/python-3.11.9-hb806964_0_cpython.conda"
NUMPY = f"{CF}/numpy-2.2.6-py311h5d046bc_0.conda"
OPENSSL = f"{CF}/openssl-3.5.0-h7b32b05_0.conda"


def project(name: str, version: str, *, owner: str | None = None, folder: str = "") -> InstalledProject:
    """Return a project in the usual place."""
    place = folder or f"lib/python3.11/site-packages/{name}-{version}.dist-info"
    return InstalledProject(name=pypi_name(name), version=version, folder=place, owner=owner)


WHOLE = Installation(
    subdir="linux-64",
    python="3.11.9",
    conda=(conda_pin(NUMPY), conda_pin(PYTHON)),
    projects=(project("numpy", "2.2.6", owner="numpy"), project("rich", "14.0.0")),
)


def installed(installation: Installation, locked: LockedWith | None = None) -> Env:
    """Return an environment as it is on disk, and its lockfile."""
    return Env(
        conda=" ".join(
            f"{pin.channel.name}/{pin.subdir}/{pin.record.file_name}" for pin in installation.conda
        ),
        pip=" ".join(f"{one.name}=={one.version}" for one in installation.projects if one.owner is None),
        python=installation.python,
        installation=installation,
        locked=locked,
    )


def lockfile(
    *pip: str, conda: tuple[str, ...] = (NUMPY, PYTHON), subdir: str = "linux-64", python: str = "3.11.9"
) -> LockedWith:
    """Return a lockfile of one platform."""
    return LockedWith(
        file="conda-lock.yml",
        platforms=(subdir,),
        resolution=Resolution(
            target=Target(subdir=subdir),
            python=python,
            conda=tuple(sorted(map(conda_pin, conda), key=lambda pin: pin.record.name)),
            pypi=tuple(sorted(map(wheel_pin, pip), key=lambda pin: pin.name)),
        )
        if subdir == "linux-64"
        else None,
    )


def damaged(state: FileState, *others: str) -> Env:
    """Return an environment in which a file of numpy isn't as it was installed."""
    fault = DamagedFile(path="lib/python3.11/site-packages/numpy/core.so", state=state)
    package = DamagedPackage(
        manager="conda", name="numpy", version="2.2.6", listed=900, faults=(fault,), overwritten_by=others
    )
    return installed(replace(WHOLE, damaged=(package,)))


def unmet(manager: str, requirement: str, needed: str, found: str | None) -> Env:
    """Return an environment in which a package asks for what isn't there."""
    need = UnmetNeed(
        manager=manager, name="rich", version="14.0.0", requirement=requirement, needed=needed, found=found
    )
    return installed(replace(WHOLE, unmet=(need,)))


SOUND = installed(WHOLE, lockfile("rich==14.0.0"))
TWICE = replace(
    WHOLE,
    projects=(
        *WHOLE.projects,
        project("rich", "13.0.0", folder="lib/python3.11/site-packages/rich-13.dist-info"),
    ),
)
ELSEWHERE = replace(WHOLE, other_pythons=(("lib/python3.10/site-packages", ("torch", "triton")),))
LEFT = replace(WHOLE, remains=("lib/python3.11/site-packages/~umpy-1.26.4.dist-info",))

CASES = [
    Case(
        rule="prefix/files-missing",
        names=("numpy", "core.so"),
        fails=damaged(FileState.MISSING),
        passes=damaged(FileState.CHANGED),
    ),
    Case(
        rule="prefix/files-changed",
        names=("numpy", "core.so"),
        fails=damaged(FileState.CHANGED),
        passes=damaged(FileState.MISSING),
    ),
    Case(
        rule="prefix/overwritten",
        names=("numpy", "pip numpy 1.26.4"),
        fails=damaged(FileState.CHANGED, "pip numpy 1.26.4"),
        passes=damaged(FileState.CHANGED),
    ),
    Case(
        rule="prefix/requirement",
        names=("rich", "pygments>=2.13"),
        fails=unmet("pip", "pygments>=2.13", "pygments", None),
        passes=SOUND,
    ),
    Case(
        rule="prefix/conda-requirement",
        names=("rich", "openssl >=3.6", "3.5.0"),
        fails=unmet("conda", "openssl >=3.6", "openssl", "3.5.0 h7b32b05_0"),
        passes=SOUND,
    ),
    Case(
        rule="prefix/two-records",
        names=("rich", "13.0.0", "14.0.0"),
        fails=installed(TWICE),
        passes=SOUND,
    ),
    Case(
        rule="prefix/other-python",
        names=("lib/python3.10/site-packages", "torch", "3.11.9"),
        fails=installed(ELSEWHERE),
        passes=SOUND,
    ),
    Case(rule="prefix/remains", names=("~umpy",), fails=installed(LEFT), passes=SOUND),
    Case(
        rule="locked/platform",
        names=("linux-64", "osx-arm64", "conda-lock.yml"),
        fails=installed(WHOLE, lockfile(subdir="osx-arm64")),
        passes=SOUND,
    ),
    Case(
        rule="locked/python",
        names=("3.12.1", "3.11.9"),
        fails=installed(WHOLE, lockfile("rich==14.0.0", conda=(), python="3.12.1")),
        passes=SOUND,
    ),
    Case(
        rule="locked/python",
        severity="note",
        names=("3.11.2", "3.11.9"),
        fails=installed(WHOLE, lockfile("rich==14.0.0", conda=(), python="3.11.2")),
        passes=SOUND,
    ),
    Case(
        rule="locked/missing",
        names=("rich 14.0.0", "openssl 3.5.0", "2 of 4"),
        fails=installed(
            replace(WHOLE, projects=WHOLE.projects[:1]),
            lockfile("rich==14.0.0", conda=(NUMPY, PYTHON, OPENSSL)),
        ),
        passes=SOUND,
    ),
    Case(
        rule="locked/other-version",
        names=("rich", "13.0.0", "14.0.0"),
        fails=installed(WHOLE, lockfile("rich==13.0.0")),
        passes=SOUND,
    ),
    Case(
        rule="locked/other-build",
        names=("python", "hb806964_0_cpython", "h0000000_1_cpython"),
        fails=installed(
            replace(
                WHOLE,
                conda=(
                    WHOLE.conda[0],
                    replace(
                        WHOLE.conda[1],
                        record=replace(WHOLE.conda[1].record, build="h0000000_1_cpython"),
                    ),
                ),
            ),
            lockfile("rich==14.0.0"),
        ),
        passes=SOUND,
    ),
    Case(
        rule="locked/foreign-conda",
        names=("openssl", "3.5.0"),
        fails=installed(replace(WHOLE, conda=(*WHOLE.conda, conda_pin(OPENSSL))), lockfile("rich==14.0.0")),
        passes=SOUND,
    ),
    Case(
        rule="locked/foreign-pip",
        names=("rich", "14.0.0"),
        fails=installed(WHOLE, lockfile()),
        passes=SOUND,
    ),
    Case(
        rule="locked/foreign-pip",
        severity="note",
        names=("setuptools",),
        fails=installed(
            replace(WHOLE, projects=(*WHOLE.projects, project("setuptools", "80.0"))),
            lockfile("rich==14.0.0"),
        ),
        passes=SOUND,
    ),
]
