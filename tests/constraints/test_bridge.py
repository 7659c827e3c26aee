"""What a conda package ships is the same version by version as build by build."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from resolver.constraints.bridge import Bridge, NameMapping
from resolver.constraints.conda_domain import CondaDomain
from resolver.constraints.conda_package import CondaPackage
from resolver.constraints.name_map import NameMap
from resolver.constraints.registry import Key, Package, Registry
from resolver.model.names import CondaName, PypiName
from resolver.model.records import CondaRecord
from tests.support.records import conda_record

NAMES = NameMap.load()
VERSIONS = ("1.0", "1.0.0", "2.0_1", "2.0.1", "9e", "1.1.1w", "3.0")
DEPENDS = ((), ("python >=3.9",), ("cuda-version >=12.0,<13", "python_abi 3.11.* *_cp311"), ("zlib",))


class BuildByBuild:
    """The name map as it is asked of each record."""

    def pypi_of(self, record: CondaRecord) -> Sequence[tuple[PypiName, str | None]]:
        return NAMES.pypi_of(record)

    def plain(self, name: str) -> None:
        pass

    def always(self, name: str) -> None:
        pass

    def conda_names_of(self, project: PypiName) -> Sequence[CondaName]:
        return NAMES.conda_names_of(project)


def bridge(project: str, names: NameMapping, purls: tuple[str, ...] | None) -> Bridge:
    def make(key: Key, number: int) -> CondaPackage:
        records = [
            conda_record(key.name, version, f"b{place}", depends=depends, purls=purls)
            for version in VERSIONS
            for place, depends in enumerate(DEPENDS)
        ]
        domain = CondaDomain(key.name, tuple((record, None) for record in records))  # type: ignore[misc]
        return cast("CondaPackage", SimpleNamespace(domain=domain, number=number))

    def no_project(key: Key, number: int) -> Package:
        raise AssertionError(f"no project comes up: {key}, {number}")

    return Bridge(PypiName(project), Registry(make, no_project), names, lambda _: False)


@pytest.mark.parametrize(
    "project", ["numpy", "torch", "matplotlib", "pandera", "onnxruntime", "pyarrow", "x-y"]
)
@pytest.mark.parametrize("purls", [None, (), ("pkg:pypi/torch@5.0",)])
def test_what_a_name_ships(project: str, purls: tuple[str, ...] | None) -> None:
    by_version, by_build = bridge(project, NAMES, purls), bridge(project, BuildByBuild(), purls)
    assert list(by_version.by_version.items()) == list(by_build.by_version.items())
    assert by_version.unknown == by_build.unknown
    assert bool(by_build.by_version) is (purls is None or (bool(purls) and project == "torch"))


def test_rules_without_a_condition_speak_for_all_builds() -> None:
    some = conda_record("x", "1.0", "b0")
    for name in NAMES.table:
        always = NAMES.always(name)
        if always is not None:
            record = conda_record(name, some.version, some.build)
            assert {project for project, _ in NAMES.pypi_of(record)} == set(always)
    assert NAMES.always("numpy") is None
