"""Requirements as values: equal ones are one member of a set."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from resolver.model.names import PypiName
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, DirectKind, DirectReference, PypiRequirement
from resolver.model.unusable import Unusable


def requirement(digest: str) -> PypiRequirement:
    direct = DirectReference(
        kind=DirectKind.ARCHIVE,
        url="https://files.example.org/a-1-py3-none-any.whl",
        hashes={"sha256": digest},
    )
    return PypiRequirement(name=PypiName("a"), text="a", origin=Origin(file="f"), direct=direct)


def test_a_requirement_of_a_file_with_hashes_goes_into_sets() -> None:
    assert len({requirement("0" * 64), requirement("0" * 64), requirement("1" * 64)}) == 2


CONDA = CondaRequirement.parse("conda-forge::numpy >=1.24,<2 *_openblas", Origin(file="f", line=3))
PIP = PypiRequirement(
    name=PypiName("a"),
    text="a>=1,!=2.0* ; python_version<'3.9'",
    origin=Origin(file="f"),
    specifier=">=1,!=2.0*",
    marker='python_version < "3.9"',
)


def test_a_match_spec_is_read_once_beside_its_text() -> None:
    spec = CONDA.match_spec
    assert (spec.channel, spec.name, spec.version, spec.build) == (
        "conda-forge",
        CONDA.name,
        ">=1.24,<2",
        "*_openblas",
    )
    assert CONDA.match_spec is spec


def test_a_specifier_and_a_marker_are_read_once_beside_their_texts() -> None:
    versions, condition = PIP.specifier_set, PIP.condition
    assert str(versions) == "!=2.0.*,>=1"
    assert str(condition) == PIP.marker
    assert (PIP.specifier_set, PIP.condition) == (versions, condition)
    assert PIP.specifier_set is versions


def test_what_cannot_be_read_is_a_value() -> None:
    bad = replace(PIP, specifier=">>1", marker="python_version <> 3")
    assert bad.specifier_set == Unusable("`>>1` is no version specifier")
    assert bad.condition == Unusable("`python_version <> 3` is no marker (PEP 508)")
    assert replace(PIP, marker=None).condition is None
    with pytest.raises(ValueError, match="version"):
        CondaRequirement.parse("numpy >=1.2.!", Origin(file="f"))


@pytest.mark.parametrize("read", [CONDA, PIP], ids=["conda", "pip"])
def test_texts_alone_decide_what_is_equal_and_what_is_written(
    read: CondaRequirement | PypiRequirement,
) -> None:
    fresh = msgspec.convert(msgspec.to_builtins(read), type(read))
    if isinstance(read, CondaRequirement):
        assert read.match_spec.name == "numpy"
    else:
        assert read.condition is not None
    assert (fresh, hash(fresh)) == (read, hash(read))
    assert msgspec.json.encode(fresh) == msgspec.json.encode(read)
    assert msgspec.structs.asdict(fresh) == msgspec.structs.asdict(read)


def test_a_changed_requirement_means_what_it_says() -> None:
    assert CONDA.match_spec.version == ">=1.24,<2"
    other = CONDA.with_spec("scipy=1.11")
    assert (other.name, other.spec, other.origin) == ("scipy", "scipy=1.11", CONDA.origin)
    assert (other.match_spec.name, other.match_spec.version) == ("scipy", "1.11.*")
    assert PIP.condition is not None
    assert str(replace(PIP, specifier="<5").specifier_set) == "<5"


CLAUSES = st.lists(
    st.builds(
        "{}{}".format,
        st.sampled_from([">=", "<=", "==", "!=", "<", ">", "~="]),
        st.from_regex(r"[1-9][0-9]?\.[0-9]{1,2}(\.[0-9])?", fullmatch=True),
    ),
    max_size=3,
)
MARKERS = st.sampled_from(["", 'python_version<"3.9"', "sys_platform == 'win32' and extra == 'a'"])


@given(
    name=st.from_regex(r"[A-Za-z]([A-Za-z0-9._-]{0,5}[A-Za-z0-9])?", fullmatch=True),
    extras=st.lists(st.sampled_from(["a", "b_c", "D.e"]), max_size=2),
    clauses=CLAUSES,
    marker=MARKERS,
)
def test_what_is_read_of_a_text_is_read_again_from_its_parts(
    name: str, extras: list[str], clauses: list[str], marker: str
) -> None:
    text = f"{name}[{','.join(extras)}] {','.join(clauses)} ; {marker}".removesuffix(" ; ")
    found = PypiRequirement.parse(text, Origin(file="f"))
    assert found.with_text(text) == found
    parts = f"{found.name}[{','.join(sorted(found.extras))}]{found.specifier}"
    again = PypiRequirement.parse(parts + (f"; {found.marker}" if found.marker else ""), found.origin)
    assert replace(again, text=text) == found
    assert str(found.specifier_set) == found.specifier
    assert found.marker == (str(found.condition) if found.condition else None)
    assert found.holds({"python_version": "3.8", "sys_platform": "win32", "extra": "a"})


@given(
    name=st.from_regex(r"[a-z_][a-z0-9_.\-]{0,6}", fullmatch=True),
    spec=st.sampled_from(["", " >=1.2,<2", "=1.2", "==1.2=h1_0", " 1.2 *cuda*", "[build=x]"]),
)
def test_a_spec_names_what_its_meaning_names(name: str, spec: str) -> None:
    found = CondaRequirement.parse(f"{name}{spec}", Origin(file="f"))
    assert found.name == found.match_spec.name == name
    assert found.with_spec(found.spec) == found
