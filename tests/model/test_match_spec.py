"""The meaning of versions and match specs."""

from __future__ import annotations

import subprocess
import sys

import pytest
import rattler
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.model.match_spec import MatchSpec, parse_match_spec, version, version_spec_matches
from resolver.model.records import CondaRecord
from tests.support.amount import examples

SPELLINGS = [
    ("numpy", {}),
    ("numpy=1.26", {"version": "1.26.*"}),
    ("numpy==1.26.4", {"version": "==1.26.4"}),
    ("numpy 1.26.*", {"version": "1.26.*"}),
    ("numpy >=1.2,<2", {"version": ">=1.2,<2"}),
    ("numpy >=1.2, <2", {"version": ">=1.2,<2"}),
    ("numpy < 2", {"version": "<2"}),
    ("Numpy>=1", {"version": ">=1"}),
    ("numpy *", {}),
    ("python 3.9.* *_cpython", {"version": "3.9.*", "build": "*_cpython"}),
    ("libblas * *mkl*", {"build": "*mkl*"}),
    ("pytorch=2.3=*cuda*", {"version": "==2.3", "build": "*cuda*"}),
    ("conda-forge::numpy", {"channel": "conda-forge"}),
    ("conda-forge/label/rc::numpy", {"channel": "conda-forge/label/rc"}),
    ("conda-forge/linux-64::numpy", {"channel": "conda-forge", "subdir": "linux-64"}),
    ("pkg[version='>=1,<2',build=py3*]", {"version": ">=1,<2", "build": "py3*"}),
    ("pkg[channel=pytorch,build_number='>=3']", {"channel": "pytorch", "build_number": ">=3"}),
    ("pkg[channel=pytorch/noarch]", {"channel": "pytorch", "subdir": "noarch"}),
    (
        "pkg[channel='https://h.example/t/linux-64/']",
        {"channel": "https://h.example/t", "subdir": "linux-64"},
    ),
    (
        "pkg[version='>=1', channel=a/noarch, subdir=linux-64]",
        {"version": ">=1", "channel": "a", "subdir": "linux-64"},
    ),
    ("defaults::pkg[channel=pytorch]", {"channel": "pytorch"}),
    (
        "defaults::pkg[build=py3*,channel='pytorch/noarch']",
        {"build": "py3*", "channel": "pytorch", "subdir": "noarch"},
    ),
    ('a/label/rc::pkg[channel="b/label/dev"]', {"channel": "b/label/dev"}),
    ("pkg[md5=0123456789abcdef0123456789abcdef]", {"md5": "0123456789abcdef0123456789abcdef"}),
    ("pkg[track_features=mkl]", {"extra_fields": (("track_features", "mkl"),)}),
]


@pytest.mark.parametrize(("text", "fields"), SPELLINGS, ids=[text for text, _ in SPELLINGS])
def test_spelling(text: str, fields: dict[str, object]) -> None:
    spec = parse_match_spec(text)
    expected = MatchSpec(name=spec.name, **fields)  # type: ignore[arg-type]
    assert spec == expected
    assert spec.name in ("numpy", "pkg", "pytorch", "libblas", "python")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=1.0",
        "foo =>1",
        "foo !=1.*.2",
        "foo<2,",
        "foo>=1,,<2",
        "a b c d e[",
        "foo>=1,<2<py312|>=3",
        "foo >=1 !2,<3",
        "foo[build=a, build=b]",
        "foo[version='>=1', md5=0, version='<2']",
        "foo[license_family=GPL]",
        "foo[when='']",
        "foo[when='not python']",
        "foo[when='a and']",
        "foo[when='(a']",
        "foo[when='a[extras=[x]]']",
        'foo[when="a[when=b]"]',
        "foo[extras=[A]]",
        "foo[extras=[]]",
        "foo[flags=[Cuda]]",
        "foo[flags=['a:b:c']]",
    ],
)
def test_what_is_no_match_spec_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_match_spec(text)


def record(**fields: object) -> CondaRecord:
    base: dict[str, object] = {
        "name": "numpy", "version": "1.26.4", "build": "py311h64a7726_0", "build_number": 0,
        "file_name": "numpy-1.26.4-py311h64a7726_0.conda", "md5": "a" * 32, "track_features": "mkl fast",
    }  # fmt: skip
    return CondaRecord(**{**base, **fields})  # type: ignore[arg-type]


MATCHES = [
    ("numpy", True),
    ("numpy 1.26.*", True),
    ("numpy 1.26.4 py311h64a7726_0", True),
    ("numpy 1.26.4 py311*", True),
    ("numpy 1.26.4 ^py3.*_0$", True),
    ("numpy 1.26.4 py312*", False),
    ("numpy 1.26.4 py311", False),
    ("numpy[build_number=0]", True),
    ("numpy[build_number='>0']", False),
    ("numpy[track_features=mkl]", True),
    ("numpy[track_features=cuda]", False),
    (f"numpy[md5={'a' * 32}]", True),
    (f"numpy[md5={'b' * 32}]", False),
    ("scipy", False),
]


@pytest.mark.parametrize(("text", "expected"), MATCHES, ids=[text for text, _ in MATCHES])
def test_match(text: str, expected: bool) -> None:
    assert parse_match_spec(text).matches(record()) is expected


def test_versions_compare_as_condas() -> None:
    texts = ["1.0a1", "1.0", "1.0.post1", "1.9", "1.10", "2!0.1"]
    assert sorted(texts, key=version) == texts  # type: ignore[arg-type]
    assert version("not a version!") < version("0.0.1")


@settings(deadline=None, max_examples=examples(300))
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=3),
    st.sampled_from([">=", ">", "<", "<=", "==", "!=", "=", "~="]),
    st.lists(st.integers(0, 30), min_size=2, max_size=3),
)
def test_agrees_with_rattler(left: list[int], operator: str, right: list[int]) -> None:
    text, bound = ".".join(map(str, left)), ".".join(map(str, right))
    expected = rattler.VersionSpec(operator + bound).matches(rattler.Version(text))
    assert version_spec_matches(operator + bound, text) is expected


def test_threads_that_load_the_types_at_once_get_them_whole() -> None:
    code = """if True:
        import sys, threading
        from resolver.model.match_spec import version
        start, found = threading.Barrier(8), []
        def read(number):
            start.wait()
            found.append(version(f"1.{number}"))
        threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
        sys.setswitchinterval(1e-6)
        [thread.start() for thread in threads], [thread.join() for thread in threads]
        assert len(sorted(found)) == 8 and "rattler" not in sys.modules
        import rattler
        assert rattler.Version("1.7")._version == max(found)
    """
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    ("text", "license_", "matches"),
    [
        ("pkg[license='*gpl*']", "LGPL-3.0", True),
        ("pkg[license=mit]", "MIT", True),
        ("pkg[license=mit]", "MIT-0", False),
        ("pkg[license=mit]", None, False),
    ],
)
def test_a_license_is_a_glob_whatever_the_case(text: str, license_: str | None, matches: bool) -> None:
    assert parse_match_spec(text).matches(record(name="pkg", license=license_)) is matches
