"""Earlier pins as preferences."""

from __future__ import annotations

import pytest

from lockfiles.update import parse_update, preferred_pins, unknown_updates
from resolver.model.requirements import DirectKind, DirectReference
from tests.lockfiles.make import conda, pypi, resolution

DIRECT = DirectReference(kind=DirectKind.DIRECTORY, path="./pkg")
BEFORE = resolution(
    conda("numpy", "1.26.4", "py311_0"),
    conda("ruamel.yaml", "0.18", extension=".tar.bz2"),
    pypi("azure-identity", "1.16.1"),
    pypi("pkg", direct=DIRECT, file=False),
    provided={"torch": ("pytorch", "2.3.1")},
)
ALL = {
    "conda:numpy": "numpy-1.26.4-py311_0.conda",
    "conda:ruamel.yaml": "ruamel.yaml-0.18-h0_0.tar.bz2",
    "pypi:azure-identity": "1.16.1",
}


@pytest.mark.parametrize(
    ("update", "gone"),
    [
        pytest.param((), set(), id="everything stays"),
        pytest.param(("numpy",), {"conda:numpy"}, id="a conda package"),
        pytest.param(("Azure_Identity",), {"pypi:azure-identity"}, id="in any spelling"),
        pytest.param(("ruamel-yaml",), {"conda:ruamel.yaml"}, id="a conda package as PyPI spells it"),
        pytest.param(("numpy", "azure-identity"), {"conda:numpy", "pypi:azure-identity"}, id="two"),
        pytest.param(("scipy",), set(), id="one that isn't there"),
    ],
)
def test_pins(update: tuple[str, ...], gone: set[str]) -> None:
    found = preferred_pins([BEFORE], update=update)
    assert found == {"linux-64": {key: value for key, value in ALL.items() if key not in gone}}


def test_all_are_let_go() -> None:
    assert preferred_pins([BEFORE], update_all=True) == {}


def test_names_that_no_pin_has() -> None:
    assert unknown_updates([BEFORE], ["numpy", "scipy", "torch", "ruamel_yaml"]) == ("scipy",)


VERSIONS = [
    ("torch", "", ""),
    ("torch=2.6", "=2.6", "==2.6.*"),
    ("torch=2.*", "=2.*", "==2.*"),
    ("torch = 2.6.0+cu126", "=2.6.0+cu126", "==2.6.0+cu126"),
    ("torch==2.6", "==2.6", "==2.6"),
    ("torch>=2,<3", ">=2,<3", ">=2,<3"),
]


@pytest.mark.parametrize(("text", "spec", "specifier"), VERSIONS, ids=[row[0] for row in VERSIONS])
def test_the_version_of_an_update_in_both_grammars(text: str, spec: str, specifier: str) -> None:
    found = parse_update(text)
    assert (found.name, found.spec, found.specifier) == ("torch", spec, specifier)
