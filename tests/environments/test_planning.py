"""What comes, goes and stays: a table over what is locked, what is there, and who put it there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lockfiles.environments.installed import CondaRecordFile, Present, PresentProject
from lockfiles.environments.marks import PutProject, PutThere
from lockfiles.environments.planning import Plan, make_plan, site_packages
from resolver.model.channels import Channel
from resolver.model.names import PypiName
from resolver.model.records import CondaRecord, DistFile
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.model.target import Target

SITE = "lib/python3.12/site-packages"


def conda(name: str, build: str = "0", sha256: str = "a") -> CondaPin:
    record = CondaRecord(name, "1", build, 0, f"{name}-1-{build}.conda", sha256=sha256 * 64)
    channel = Channel(name="c", base_url="https://c.example")
    return CondaPin(record=record, channel=channel, subdir="linux-64", url=f"https://c.example/{name}")


def pypi(name: str, version: str = "1", sha256: str = "b") -> PypiPin:
    file = DistFile(f"{name}.whl", version, True, f"https://i.example/{name}.whl", {"sha256": sha256 * 64})
    return PypiPin(name=PypiName(name), version=version, file=file)


def there(name: str, build: str = "0", sha256: str = "a") -> CondaRecordFile:
    return CondaRecordFile(
        name=name, version="1", build=build, fn=f"{name}-1-{build}.conda", sha256=sha256 * 64
    )


def project(name: str, version: str = "1", site: str = SITE, owner: str | None = None) -> PresentProject:
    folder = f"{site}/{name}-{version}.dist-info"
    return PresentProject(name=PypiName(name), version=version, folder=folder, owner=owner)


def put(version: str = "1", sha256: str = "b") -> PutProject:
    return PutProject(version=version, file=f"sha256:{sha256 * 64}")


NOBODY = PutThere()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is locked and what is there, and the names that come, go, stay and are let alone."""

    why: str
    locked: tuple[CondaPin | PypiPin, ...] = ()
    there: tuple[CondaRecordFile | PresentProject, ...] = ()
    put_there: PutThere = NOBODY
    again: frozenset[tuple[str, str]] = frozenset()
    comes: str = ""
    goes: str = ""
    same: str = ""
    kept: str = ""


CASES = (
    Case(why="nothing is there", locked=(conda("a"), pypi("p")), comes="a p"),
    Case(why="all is there", locked=(conda("a"),), there=(there("a"),), same="a"),
    Case(
        why="another build takes its place, whoever put it there",
        locked=(conda("a", "1", "c"),), there=(there("a"),), comes="a", goes="a",
    ),
    Case(
        why="the same name of a file with another hash is another file",
        locked=(conda("a", sha256="c"),), there=(there("a"),), comes="a", goes="a",
    ),
    Case(
        why="a lock put it there, and it is locked no more",
        there=(there("a"),), put_there=PutThere(conda={"a": "a-1-0.conda"}), goes="a",
    ),
    Case(why="somebody else put it there", there=(there("a"),), kept="a"),
    Case(
        why="a lock put another build there, which somebody replaced since",
        there=(there("a", "9"),), put_there=PutThere(conda={"a": "a-1-0.conda"}), kept="a",
    ),
    Case(
        why="damaged, so it comes anew",
        locked=(conda("a"),), there=(there("a"),), again=frozenset({("conda", "a")}), comes="a", goes="a",
    ),
    Case(
        why="a project of the pip part, as it was put there",
        locked=(pypi("p"),), there=(project("p"),), put_there=PutThere(pypi={"p": put()}), same="p",
    ),
    Case(
        why="another file of the same version",
        locked=(pypi("p", sha256="c"),), there=(project("p"),), put_there=PutThere(pypi={"p": put()}),
        comes="p", goes="p",
    ),
    Case(
        why="of somebody else's only the version is known",
        locked=(pypi("p"),), there=(project("p"),), same="p",
    ),
    Case(
        why="somebody else's other version gives way", locked=(pypi("p", "2"),), there=(project("p"),),
        comes="p", goes="p",
    ),
    Case(
        why="put there by a lock, and locked no more",
        there=(project("p"),), put_there=PutThere(pypi={"p": put()}), goes="p",
    ),
    Case(why="put there by somebody, and not locked", there=(project("q"),), kept="q"),
    Case(
        why="conda's own metadata is no project of the pip part",
        locked=(conda("a"),), there=(there("a"), project("a", owner="a")), same="a",
    ),
    Case(
        why="what was put by pip and now comes with conda",
        locked=(conda("a"),), there=(project("a"),), comes="a", goes="a",
    ),
    Case(
        why="Python moved: what lies with the old one goes and comes anew",
        locked=(conda("python"), pypi("p")),
        there=(project("p", site="lib/python3.11/site-packages"),),
        put_there=PutThere(pypi={"p": put()}), comes="p python", goes="p",
    ),
    Case(
        why="Python moved: somebody else's stays where it was",
        locked=(conda("python"),), there=(project("q", site="lib/python3.11/site-packages"),),
        comes="python", kept="q",
    ),
    Case(
        why="damaged project", locked=(pypi("p"),), there=(project("p"),),
        put_there=PutThere(pypi={"p": put()}), again=frozenset({("pip", "p")}), comes="p", goes="p",
    ),
)  # fmt: skip


def resolution_of(pins: tuple[CondaPin | PypiPin, ...]) -> Resolution:
    return Resolution(
        target=Target(subdir="linux-64"),
        python="3.12.1",
        conda=tuple(pin for pin in pins if isinstance(pin, CondaPin)),
        pypi=tuple(pin for pin in pins if isinstance(pin, PypiPin)),
    )


def names(plan: Plan) -> dict[str, str]:
    told = {
        "comes": [*(p.record.name for p in plan.link), *(p.name for p in plan.put)],
        "goes": [*(r.name for r in plan.unlink), *(p.name for p in plan.take)],
        "same": [*(p.record.name for p in plan.same_conda), *(p.name for p in plan.same_projects)],
        "kept": [*(r.name for r in plan.kept_conda), *(p.name for p in plan.kept_projects)],
    }
    return {key: " ".join(sorted(found)) for key, found in told.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_what_comes_goes_and_stays(case: Case) -> None:
    present = Present(
        conda={record.name: record for record in case.there if isinstance(record, CondaRecordFile)},
        projects=tuple(found for found in case.there if isinstance(found, PresentProject)),
    )
    plan = make_plan(resolution_of(case.locked), present, case.put_there, case.again)
    assert names(plan) == {"comes": case.comes, "goes": case.goes, "same": case.same, "kept": case.kept}
    assert plan.is_nothing == (not case.comes and not case.goes)


@pytest.mark.parametrize(
    ("build", "site"),
    [
        pytest.param("h1_0_cpython", SITE, id="an ordinary Python"),
        pytest.param("h1_0_cp312t", "lib/python3.12t/site-packages", id="a free-threaded one"),
    ],
)
def test_where_modules_lie(build: str, site: str) -> None:
    assert site_packages(resolution_of((conda("python", build),))) == site
