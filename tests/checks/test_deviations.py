"""An environment beside its lockfile: what counts as the same, and what isn't compared."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from resolver.checks.deviations import Deviations, LockedWith, find_deviations
from resolver.model.installed import Installation, InstalledProject
from resolver.model.names import CondaName, pypi_name
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target
from tests.lockfiles.make import conda, digest, pypi
from tests.support.tables import table

LINUX = Target(subdir="linux-64")
DEV = frozenset({"dev"})


def resolution(*pins: CondaPin | PypiPin, python: str | None = "3.12.1", **more: Any) -> Resolution:
    return Resolution(
        target=LINUX,
        python=python,
        conda=tuple(pin for pin in pins if isinstance(pin, CondaPin)),
        pypi=tuple(pin for pin in pins if isinstance(pin, PypiPin)),
        **more,
    )


def compare(
    there: Resolution,
    locked: Resolution,
    *,
    owned: tuple[InstalledProject, ...] = (),
    wanted: frozenset[str] | None = frozenset({"main"}),
) -> Deviations:
    installation = Installation(subdir="linux-64", python=there.python, conda=there.conda, projects=owned)
    asked = LockedWith(file="lock", platforms=("linux-64",), resolution=locked, wanted=wanted)
    return find_deviations(installation, there, asked)


def found(deviations: Deviations) -> list[tuple[str, str, str]]:
    return [(one.manager, one.name, one.kind.value) for one in deviations.found]


def vcs(commit: str) -> PypiPin:
    direct = DirectReference(kind=DirectKind.VCS, url="git+https://example.org/a.git")
    return replace(pypi("a"), direct=direct, file=None, commit=commit)


def archive(algorithm: str, value: str) -> PypiPin:
    direct = DirectReference(
        kind=DirectKind.ARCHIVE, url="https://example.org/a.whl", hashes={algorithm: value}
    )
    return replace(pypi("a"), direct=direct, file=None)


ONE, OTHER = "1" * 40, "2" * 40
WHEEL = digest("sha256", "a")

SAME = "same"


@table(
    "there, locked, kind",
    [
        ("the same", pypi("a"), pypi("a"), SAME),
        ("the same version, spelled otherwise", pypi("a", "1.0"), pypi("a", "1.0.0"), SAME),
        ("another variant", pypi("a", "1.0+cu124"), pypi("a", "1.0+cpu"), "other_version"),
        ("a variant for the plain version", pypi("a", "1.0+cu124"), pypi("a", "1.0"), "other_version"),
        ("versions that are none", pypi("a", "nightly"), pypi("a", "nightly"), SAME),
        ("other versions that are none", pypi("a", "nightly"), pypi("a", "daily"), "other_version"),
        ("the same revision", vcs(ONE), vcs(ONE), SAME),
        ("another revision", vcs(ONE), vcs(OTHER), "other_build"),
        ("a release for a revision", pypi("a"), vcs(ONE), "other_build"),
        ("a revision for a release", vcs(ONE), pypi("a"), "other_build"),
        ("a file by its address, the same bytes", archive("sha256", ONE), archive("sha256", ONE), SAME),
        (
            "a file by its address, other bytes",
            archive("sha256", ONE),
            archive("sha256", OTHER),
            "other_build",
        ),
        ("hashes of different kinds say nothing", archive("md5", ONE), archive("sha256", OTHER), SAME),
        (
            "an index's file, installed by its address",
            archive("sha256", "0" * 64),
            replace(pypi("a"), file=replace(pypi("a").file, hashes={"sha256": "1" * 64})),
            "other_build",
        ),
        ("conda's", conda("a"), conda("a"), SAME),
        ("conda's packed the other way", conda("a", extension=".tar.bz2"), conda("a"), SAME),
        (
            "conda's from a mirror",
            replace(conda("a"), url="https://mirror.example/a.conda"),
            conda("a"),
            SAME,
        ),
        ("conda's other content", conda("a", sha256="0" * 64), conda("a"), "other_build"),
        ("conda's, of which md5 alone is known", conda("a", sha256=None), conda("a"), SAME),
        ("conda's, of which no hash is known", conda("a", sha256=None, md5=None), conda("a"), SAME),
        ("conda's other build", conda("a", "1.0", "h1_0"), conda("a", "1.0", "h0_0"), "other_build"),
        ("conda's other version", conda("a", "1.1"), conda("a", "1.0"), "other_version"),
    ],
)
def test_what_counts_as_the_same(there: CondaPin | PypiPin, locked: CondaPin | PypiPin, kind: str) -> None:
    deviations = compare(resolution(there), resolution(locked, conda("python-like")))
    kinds = [one.kind.value for one in deviations.found if one.name == "a"]
    assert kinds == ([] if kind == SAME else [kind])


def test_a_package_of_another_category_may_be_absent() -> None:
    dev = replace(pypi("pytest"), categories=DEV)
    locked = resolution(pypi("a"), dev, conda("c", categories=DEV))
    plain = compare(resolution(pypi("a")), locked)
    assert (found(plain), plain.optional, plain.locked) == ([], 2, 1)
    asked = compare(resolution(pypi("a")), locked, wanted=frozenset({"main", "dev"}))
    assert found(asked) == [("conda", "c", "missing"), ("pip", "pytest", "missing")]
    assert found(compare(resolution(pypi("a")), locked, wanted=None)) == found(asked)


def test_a_package_of_another_category_that_is_there_counts() -> None:
    locked = resolution(pypi("a"), replace(pypi("pytest", "8.0"), categories=DEV))
    deviations = compare(resolution(pypi("a"), pypi("pytest", "7.0")), locked)
    assert (found(deviations), deviations.locked) == ([("pip", "pytest", "other_version")], 2)


def test_a_lockfile_without_conda_packages_says_nothing_of_them() -> None:
    there = resolution(conda("python", "3.12.1"), conda("numpy", "2.0"), pypi("rich"))
    numpy = InstalledProject(name=pypi_name("numpy"), version="2.0", folder="n", owner="numpy")
    same = compare(there, resolution(pypi("rich"), pypi("numpy", "2.0")), owned=(numpy,))
    assert (found(same), same.uncompared) == ([], ("conda", 2))
    newer = compare(there, resolution(pypi("rich"), pypi("numpy", "2.1")), owned=(numpy,))
    assert found(newer) == [("pip", "numpy", "other_version")]


def test_who_stands_in_is_named() -> None:
    numpy = InstalledProject(name=pypi_name("numpy"), version="2.0", folder="n", owner="numpy")
    by_conda = compare(
        resolution(conda("numpy", "2.0")), resolution(conda("c"), pypi("numpy")), owned=(numpy,)
    )
    notes = {(one.manager, one.name, one.kind.value): one.note for one in by_conda.found}
    assert notes["pip", "numpy", "missing"] == "conda's 2.0 is there instead"
    provided = {pypi_name("torch"): (CondaName("pytorch"), "2.6.0")}
    by_pip = compare(
        resolution(pypi("torch", "2.5.0")), resolution(conda("pytorch", "2.6.0"), provided=provided)
    )
    notes = {(one.manager, one.name, one.kind.value): one.note for one in by_pip.found}
    assert notes["pip", "torch", "foreign"] == "the lockfile has conda's pytorch 2.6.0"


@table(
    "locked, installed, differ",
    [
        ("the same", "3.12.1", "3.12.1", None),
        ("as far as is known", "3.12", "3.12.1", None),
        ("as far as the environment tells", "3.12.1", "3.12", None),
        ("another", "3.12.1", "3.11.1", ("3.12.1", "3.11.1")),
        ("nothing is locked", None, "3.11.1", None),
        ("nothing is known", "3.12.1", None, None),
    ],
)
def test_pythons(locked: str | None, installed: str | None, differ: tuple[str, str] | None) -> None:
    deviations = compare(resolution(pypi("a"), python=installed), resolution(pypi("a"), python=locked))
    assert deviations.python == differ
