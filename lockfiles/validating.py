"""Validate: an environment's own tests from its lockfile, and the part of them that imports nothing.

::

    lockfile ──> what is locked, what was asked for ──> init:     files of tests, to run in the environment
                                                   └──> validate: the same questions, of files alone
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.graphs.lock_graph import graph_of_lock
from lockfiles.locked_file import LockfileRequest, open_lockfile
from lockfiles.subjects.verifying import Verified, VerifyRequest, verify
from lockfiles.suite import text_of
from lockfiles.suite.environment_facts import modules_of
from resolver.checks.deviations import DeviationKind
from resolver.errors import InputError
from resolver.graph import PYPI, Graph
from resolver.model.choices import StrEnum
from resolver.model.installed import UnmetNeed
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.locked_file import OpenedLock

#: Version of the JSON forms; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: Where the tests are written, if nothing is said.
DEFAULT_FOLDER = "environment_tests"
#: Name of a file -> the module that it is a copy of.
_COPIES = {"environment_facts.py": "environment_facts", "test_environment.py": "environment_tests"}
_YOURS = ("test_smoke.py", "smoke_tests")


class SuiteFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the tests; ``is_yours``: it is written once, and never again."""

    name: str
    text: str
    is_yours: bool = False


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """The tests of an environment, and what isn't known of what they test."""

    files: tuple[SuiteFile, ...]
    remarks: tuple[str, ...] = ()


class ValidationOutcome(StrEnum):
    """How a question was answered."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """One question about an environment; its name is that of the test that asks it too."""

    name: str
    outcome: ValidationOutcome
    details: tuple[str, ...] = ()  #: what is wrong, or why nobody asked

    def to_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {"name": self.name, "outcome": self.outcome.value, "details": list(self.details)}


class Validated(msgspec.Struct, frozen=True, kw_only=True):
    """The answers, in the order of the tests."""

    lockfile: str
    prefix: str
    platform: str
    validations: tuple[Validation, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing failed."""
        return all(one.outcome is not ValidationOutcome.FAILED for one in self.validations)

    def to_json(self) -> dict[str, object]:
        """Return the answers as JSON values, with ``schema_version``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "lockfile": self.lockfile,
            "prefix": self.prefix,
            "platform": self.platform,
            "validations": [one.to_json() for one in self.validations],
            "remarks": list(self.remarks),
        }


class ValidateRequest(LockfileRequest, frozen=True, kw_only=True):
    """A lockfile, and the environment that was made from it."""

    prefix: str


def init_suite(request: LockfileRequest) -> Suite:
    """Return the tests of an environment made from a lockfile. Raises InputError for what can't be read."""
    opened = open_lockfile(request.lockfile, request.reading, request.surroundings, beside=request.inputs)
    lock = graph_of_lock(opened, request)
    platforms = {graph.platform: _locked(graph, one) for graph, one in _pairs(lock.graphs, opened)}
    found = {"lockfile": Path(opened.name).name, "platforms": dict(sorted(platforms.items()))}
    copies = [SuiteFile(name=name, text=text_of(module)) for name, module in _COPIES.items()]
    data = SuiteFile(name="locked.json", text=json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    own = SuiteFile(name=_YOURS[0], text=text_of(_YOURS[1]), is_yours=True)
    return Suite(files=(*copies, data, own), remarks=lock.remarks)


def _pairs(graphs: Sequence[Graph], opened: OpenedLock) -> Iterator[tuple[Graph, Resolution]]:
    return zip(graphs, opened.resolutions, strict=True)


def _locked(graph: Graph, resolution: Resolution) -> dict[str, object]:
    """Return what the tests of one platform have to know, as JSON values sorted by name."""
    asked = sorted(graph.asked)
    return {
        "python": _python(resolution),
        "virtual_packages": {one.name: one.version for one in resolution.target.virtual_packages},
        "asked": {
            "conda": [node for node in asked if not node.startswith(PYPI)],
            "pypi": [node.removeprefix(PYPI) for node in asked if node.startswith(PYPI)],
        },
        "conda": {
            pin.name: [pin.record.version, pin.record.build]
            for pin in sorted(resolution.conda, key=lambda pin: pin.name)
        },
        "pypi": {pin.name: pin.version for pin in sorted(resolution.pypi, key=lambda pin: pin.name)},
    }


def _python(resolution: Resolution) -> str | None:
    """Return the Python that is locked; its series alone, where no package gives it; None: it isn't known."""
    locked = next((pin.record.version for pin in resolution.conda if pin.name == "python"), None)
    if locked is not None or resolution.python is None:
        return locked
    return ".".join(resolution.python.split(".")[:2])


def validate(request: ValidateRequest) -> Validated:
    """Answer what the tests ask, as far as files tell; nothing of the environment is run or imported.

    Raises InputError for what can't be read, and for a lockfile without the environment's platform.
    """
    from lockfiles.subjects.prefix.reading import read_prefix

    opened = open_lockfile(request.lockfile, request.reading, request.surroundings, beside=request.inputs)
    if not opened.resolutions:
        raise InputError("holds no packages", Origin(file=opened.name))
    prefix = Path(request.prefix)
    subdir = read_prefix(prefix, opened.resolutions[0].target.subdir, with_files=False).subdir
    lock = graph_of_lock(opened, request)
    known = {one.target.subdir: (graph, one) for graph, one in _pairs(lock.graphs, opened)}
    if subdir not in known:
        held = ", ".join(f"`{one}`" for one in known)
        text = f"holds nothing for `{subdir}`, which `{request.prefix}` is for"
        raise InputError(text, Origin(file=opened.name), f"It holds {held}.")
    graph, resolution = known[subdir]
    found = verify(VerifyRequest(prefix=prefix, locked=resolution, lockfile=opened.name, wanted=None))
    return Validated(
        lockfile=opened.name,
        prefix=request.prefix,
        platform=subdir,
        validations=tuple(_validations(found, graph, resolution, prefix)),
        remarks=lock.remarks,
    )


def _validations(found: Verified, graph: Graph, resolution: Resolution, prefix: Path) -> Iterator[Validation]:
    wanted, there = _python(resolution), found.installation.python
    if wanted is None:
        yield _skipped("python", "the lockfile names no Python")
    else:
        parts = wanted.split(".")
        is_it = there is not None and there.split(".")[: len(parts)] == parts
        yield _answer("python", [] if is_it else [f"locked {wanted}, installed {there or 'none'}"])
    differing = found.deviations.found if found.deviations is not None else ()
    lacking = [one for one in differing if one.kind is not DeviationKind.FOREIGN]
    for name, manager in (("conda_package", "conda"), ("project", "pip")):
        yield _answer(name, [str(one) for one in lacking if one.manager == manager])
    yield _answer("needs", [_need(one) for one in found.installation.unmet])
    damaged = [f"{one.name} {one.version}: {fault.path} {fault.state.value}"
               for one in found.installation.damaged for fault in one.faults]  # fmt: skip
    yield _answer("files", damaged)
    yield from _imports(graph, prefix)
    yield _skipped("import_together", "nothing is imported here")
    yield _skipped("gpu", "no machine is asked here" if _has_gpu(resolution) else "locked without a GPU")


def _need(unmet: UnmetNeed) -> str:
    there = f"{unmet.found} is there" if unmet.found is not None else "it isn't there"
    return f"{unmet.name} {unmet.version} requires {unmet.requirement}: {there}"


def _has_gpu(resolution: Resolution) -> bool:
    return resolution.target.virtual("__cuda") is not None


def _imports(graph: Graph, prefix: Path) -> Iterator[Validation]:
    """Yield whether what an import of the packages asked for would look for is there."""
    from lockfiles.subjects.prefix.importable import importable_files, not_there

    known = importable_files(prefix)
    for name, is_pypi in (("import_conda", False), ("import_project", True)):
        nodes = [node for node in sorted(graph.asked) if node.startswith(PYPI) is is_pypi]
        lacking, modules = [], 0
        for node in nodes:
            short = node.removeprefix(PYPI)
            listed = known.get(("pip" if is_pypi else "conda", short), ())
            modules += len(modules_of(listed))
            lacking += [f"{short}: {path} isn't there" for path in not_there(prefix, listed)]
        if not modules:
            yield _skipped(name, "there is nothing to import")
        else:
            yield _answer(name, lacking)


def _answer(name: str, faults: Sequence[str]) -> Validation:
    outcome = ValidationOutcome.FAILED if faults else ValidationOutcome.PASSED
    return Validation(name=f"test_{name}", outcome=outcome, details=tuple(faults))


def _skipped(name: str, why: str) -> Validation:
    return Validation(name=f"test_{name}", outcome=ValidationOutcome.SKIPPED, details=(why,))
