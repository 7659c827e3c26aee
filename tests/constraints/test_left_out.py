"""Files that may not be selected keep the reason as a fact, and say it in words."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.pypi_policy import FileFault, Policy
from resolver.constraints.pypi_side import PypiSide
from resolver.constraints.python_view import PythonView
from resolver.constraints.registry import Key, Package, Registry
from resolver.model.names import PypiName
from resolver.model.records import CoreMetadata, DistFile, ProjectPage
from resolver.model.target import Target
from resolver.model.unusable import Unusable
from tests.constraints.test_sdists import NoNames, Subdir
from tests.support.tables import table

X = PypiName("x")
TARGET = Target(subdir="linux-64")
SDIST = DistFile("x-1.0.tar.gz", "1.0", False, "https://example.org/s", {"sha256": "00"})
FITTING = DistFile("x-1.0-py3-none-any.whl", "1.0", True, "https://example.org/w", {"sha256": "11"})
FOREIGN = DistFile("x-1.0-cp311-cp311-win_amd64.whl", "1.0", True, "https://example.org/f", {})
OLD = DistFile("x-1.0-cp36-none-any.whl", "1.0", True, "https://example.org/o", {})
YANKED = msgspec.structs.replace(FITTING, yanked="breaks the Python platform")
SILENT = msgspec.structs.replace(FITTING, yanked="")


class Pages:
    """An index with one file of one project."""

    def __init__(self, file: DistFile) -> None:
        self.file = file

    def project(self, name: PypiName) -> ProjectPage | None:
        return ProjectPage(name=name, index="index", files=(self.file,))

    def metadata(self, file: DistFile, *, may_build: bool = True) -> CoreMetadata | Unusable:
        raise AssertionError("nothing is read")

    def prefetch_projects(self, names: Iterable[PypiName]) -> None:
        pass

    def prefetch_metadata(self, files: Iterable[DistFile]) -> None:
        pass


ONLY_00 = Policy(hashes={X: frozenset({"sha256:00"})})
CASES = [
    ("fits", FITTING, Policy(), None, ""),
    ("yanked, with a reason", YANKED, Policy(), FileFault.YANKED, "yanked: breaks the Python platform"),
    ("yanked, without one", SILENT, Policy(), FileFault.YANKED, "yanked"),
    ("yanked, but pinned", YANKED, Policy(pinned={X: frozenset({"1.0"})}), None, ""),
    ("yanked, but pinned in another form", YANKED, Policy(pinned={X: frozenset({"1"})}), None, ""),
    ("yanked, but of the earlier lockfile", YANKED, Policy(preferred={X: "1.0"}), None, ""),
    ("yanked, another version pinned", YANKED, Policy(preferred={X: "1.1"}), FileFault.YANKED,
     "yanked: breaks the Python platform"),
    ("of another platform", FOREIGN, Policy(), FileFault.PLATFORM, "no wheel tag fits the platform"),
    ("of an old Python", OLD, Policy(), FileFault.PYTHON, "no Python that is available fits"),
    ("of another hash", FITTING, ONLY_00, FileFault.HASH, "its hash is not among those given"),
    ("without a hash, where one is asked for", FITTING, Policy(require_hashes=True), FileFault.NO_HASH,
     "no hash is given for it, and `--require-hashes` asks for one"),
    ("of the hash", SDIST, ONLY_00, None, ""),
    ("to build, where that is forbidden", SDIST, Policy(no_build=True), FileFault.BUILD_FORBIDDEN,
     "an sdist, and building is forbidden"),
]  # fmt: skip


def _no_package(key: Key, number: int) -> Package:
    raise AssertionError(f"no other package comes up: {key}, {number}")


@table("file, policy, fault, words", CASES)
def test_left_out(file: DistFile, policy: Policy, fault: FileFault | None, words: str) -> None:
    subdir = Subdir()
    records = tuple((record, None) for record in subdir.records("python"))
    domain = CondaDomain("python", records)  # type: ignore[arg-type]  # where they come from is not asked
    view = PythonView(domain, 1, TARGET.marker_environment())
    side = PypiSide(
        Pages(file), TARGET, Registry(_no_package, _no_package), view, NoNames(),
        policy=policy, likely_pythons=view.all, passes_over=lambda _: False,
    )  # fmt: skip
    assert bool(len(side.domain(X)[0])) is (fault is None)
    out = side.left_out(X)
    assert [(one.file, one.fault, one.words) for one in out] == ([(file, fault, words)] if fault else [])
