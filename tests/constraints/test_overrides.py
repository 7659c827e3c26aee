"""What releases require, as overrides put it: against a judge that knows each requirement's parts."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from resolver.constraints.overrides import Overrides
from resolver.model.names import PypiName
from resolver.model.origin import Origin
from resolver.model.records import CoreMetadata
from resolver.model.requirements import DirectKind, DirectReference, Override, PypiRequirement

HERE = Origin(file="pyproject.toml", line=9)


def override(text: str, *, only_versions: bool = False) -> Override:
    made = PypiRequirement.parse(text, HERE)
    return Override(
        name=PypiName(made.name or ""), origin=HERE, requirement=made, only_versions=only_versions
    )


def gone(name: str) -> Override:
    return Override(name=PypiName(name), origin=HERE)


def put(overrides: list[Override], *texts: str) -> list[str]:
    metadata = CoreMetadata(name="Own", version="1", requires_dist=texts)
    return list(Overrides(overrides).apply(metadata).requires_dist)


CASES = [
    ("another project stays", [override("b==2")], ["a>=1"], ["a>=1"]),
    ("range, extras and marker go", [override("a==2")], ["a[x]>=1; python_version < '3.8'"], ["a==2"]),
    ("the extra it stands under stays", [override("a==2")], ["a; extra == 'gpu'"], ['a==2 ; extra == "gpu"']),
    (
        "beside the override's own marker",
        [override("a==2; os_name == 'nt' or os_name == 'posix'")],
        ["A<1 ; extra == 'gpu' and python_version > '3'"],
        ['a==2 ; (os_name == "nt" or os_name == "posix") and extra == "gpu"'],
    ),
    ("a choice of extras is no extra", [override("a==2")], ["a; extra == 'x' or extra == 'y'"], ["a==2"]),
    ("an extra of the override", [override("a[y]==2")], ["a[x]"], ["a[y]==2"]),
    ("several hold together", [override("a>=2"), override("a<3")], ["a"], ["a>=2", "a<3"]),
    ("two requirements, one answer", [override("a==2")], ["a>=1", "a<9"], ["a==2"]),
    ("nothing asks for it", [gone("a")], ["a>=1", "b"], ["b"]),
    (
        "PDM's keep extras and marker",
        [override("a==2", only_versions=True)],
        ["a[x]>=1; python_version < '3.8'"],
        ['a[x]==2 ; python_version < "3.8"'],
    ),
    (
        "a project's requirement on itself says what an extra holds",
        [override("own==2"), override("a==2")],
        ["own[http]; extra == 'all'", "a"],
        ["own[http]; extra == 'all'", "a==2"],
    ),
    ("what can't be read stays", [override("a==2")], ["a>>1"], ["a>>1"]),
]


@pytest.mark.parametrize(("why", "overrides", "texts", "expected"), CASES, ids=[case[0] for case in CASES])
def test_texts(why: str, overrides: list[Override], texts: list[str], expected: list[str]) -> None:  # noqa: ARG001
    assert put(overrides, *texts) == expected


def test_an_address_stands_without_its_secret() -> None:
    direct = DirectReference(kind=DirectKind.ARCHIVE, url="https://u:secret@f.example.org/a-2.tar.gz")
    asked = PypiRequirement(name=PypiName("a"), text="a @ ...", origin=HERE, direct=direct)
    made = put([Override(name=PypiName("a"), origin=HERE, requirement=asked)], "a>=1; extra == 'x'")
    assert made == ['a @ https://f.example.org/a-2.tar.gz ; extra == "x"']


def test_what_stands_behind_a_requirement() -> None:
    known = override("a==2")
    overrides = Overrides([known])
    overrides.apply(CoreMetadata(name="own", version="1", requires_dist=("a>=1", "b")))
    assert overrides.behind("a==2") == known
    assert overrides.behind("b") is None


@dataclass(frozen=True)
class Part:
    name: str
    extras: str
    range: str
    python: str
    extra: str

    @property
    def text(self) -> str:
        marker = " and ".join(filter(None, [self.python, self.extra and f'extra == "{self.extra}"']))
        return f"{self.name}{self.extras}{self.range}{f' ; {marker}' if marker else ''}"


PARTS = st.builds(
    Part,
    name=st.sampled_from("abc"),
    extras=st.sampled_from(["", "[p]", "[q]"]),
    range=st.sampled_from(["", ">=1", "<2", "==1.5"]),
    python=st.sampled_from(["", 'python_version < "3.10"', 'python_version >= "3.10"']),
    extra=st.sampled_from(["", "", "x", "y"]),
)
OVERRIDING = st.builds(
    Part,
    name=st.sampled_from("ab"),
    extras=st.sampled_from(["", "[r]"]),
    range=st.sampled_from(["==7", ">=8"]),
    python=st.sampled_from(["", 'python_version < "3.10"', 'python_version >= "3.10"']),
    extra=st.just(""),
)


def holds(text: str, python: str, extra: str) -> bool:
    marker = Requirement(text).marker
    return marker is None or marker.evaluate({"python_version": python, "extra": extra})


def plain(text: str) -> tuple[str, frozenset[str], str]:
    found = Requirement(text)
    return found.name, frozenset(found.extras), str(found.specifier)


@given(
    parts=st.lists(PARTS, max_size=5),
    overriding=st.lists(OVERRIDING, max_size=3),
    only_versions=st.booleans(),
    python=st.sampled_from(["3.9", "3.12"]),
    extra=st.sampled_from(["", "x", "y"]),
)
def test_as_the_rule_says(
    parts: list[Part], overriding: list[Part], only_versions: bool, python: str, extra: str
) -> None:
    if only_versions:  # PDM's have one a project, without a marker
        overriding = [Part(p.name, "", p.range, "", "") for p in {p.name: p for p in overriding}.values()]
    expected = set()
    for part in parts:
        mine = [p for p in overriding if p.name == part.name]
        if not mine or only_versions:
            if holds(part.text, python, extra):
                range_ = mine[0].range if mine else part.range
                expected.add(plain(f"{part.name}{part.extras}{range_}"))
        elif part.extra in ("", extra):
            expected |= {plain(p.text) for p in mine if holds(p.text, python, "")}
    made = put([override(p.text, only_versions=only_versions) for p in overriding], *(p.text for p in parts))
    assert {plain(text) for text in made if holds(text, python, extra)} == expected
