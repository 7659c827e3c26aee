"""Every format written and read again: what it holds comes back, what it doesn't is named in one line."""

from __future__ import annotations

import string
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockfiles.formats.export import ExportRequest, export
from lockfiles.formats.losses import FEATURES, losses
from lockfiles.formats.names import FORMATS
from lockfiles.formats.reading import read_lockfile
from lockfiles.model import LockedChannel, LockMetadata
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from tests.formats.round_trip import READ_AGAIN, compare
from tests.lockfiles.make import LINUX, conda, pypi, resolution
from tests.support.amount import examples

NAMES = [f"p{letter}" for letter in string.ascii_lowercase[:12]]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
METADATA = LockMetadata(channels=(LockedChannel(url="conda-forge"),))
GROUPS = st.sampled_from(["main", "main", "dev", "docs"]).map(lambda name: frozenset({name}))
VERSIONS = st.sampled_from(["1.0", "2.1.3", "0.9"])


@st.composite
def conda_pins(draw: st.DrawFn, name: str) -> CondaPin:
    needed = st.sampled_from(["pa >=1,<2", "pb", "pc 1.* py_0", "__glibc >=2.17"])
    depends = draw(st.lists(needed, unique=True))
    found = conda(
        name,
        draw(VERSIONS),
        "h0_3",
        *sorted(depends),
        constrains=tuple(draw(st.lists(st.sampled_from(["pd <3", "pe 1.*"]), unique=True))),
        license=draw(st.sampled_from([None, "MIT", "BSD-3-Clause AND MIT"])),
        size=draw(st.sampled_from([None, 12345])),
        timestamp=draw(st.sampled_from([0, 1764777142545])),
        categories=draw(GROUPS),
        subdir=draw(st.sampled_from(["linux-64", "noarch"])),
    )
    noarch = "generic" if found.subdir == "noarch" else None
    return msgspec.structs.replace(found, record=msgspec.structs.replace(found.record, noarch=noarch))


@st.composite
def pypi_pins(draw: st.DrawFn, name: str) -> PypiPin:
    kind = draw(st.sampled_from(["file", "file", "vcs", "archive", "folder"]))
    others = st.sampled_from([other for other in NAMES if other != name])
    common: dict[str, Any] = {
        "dependencies": draw(st.dictionaries(others, st.sampled_from(["", ">=1", "<3,>=2"]), max_size=2)),
        "categories": draw(GROUPS),
        "extras": draw(st.sampled_from([frozenset(), frozenset({"more"})])),
        "requires_python": draw(st.sampled_from([None, ">=3.8"])),
    }
    if kind == "vcs":
        direct = DirectReference(
            kind=DirectKind.VCS,
            url=f"git+https://g.example.org/{name}",
            revision=draw(st.sampled_from([None, "v1"])),
            subdirectory=draw(st.sampled_from([None, "py"])),
        )
        return pypi(name, direct=direct, commit=COMMIT, file=False, index=None, **common)
    if kind == "folder":
        folder = DirectReference(kind=DirectKind.DIRECTORY, path=f"./{name}", editable=draw(st.booleans()))
        return pypi(name, direct=folder, file=False, index=None, **common)
    found = pypi(name, draw(VERSIONS), **common)
    assert found.file is not None
    if kind == "archive":
        direct = DirectReference(kind=DirectKind.ARCHIVE, url=found.file.url, hashes=found.file.hashes)
        return msgspec.structs.replace(found, direct=direct, index=None)
    size = draw(st.sampled_from([None, 777]))
    return msgspec.structs.replace(found, file=msgspec.structs.replace(found.file, size=size))


@st.composite
def locks(draw: st.DrawFn) -> Resolution:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=8))
    split = draw(st.integers(0, len(names)))
    pins = [draw(conda_pins(name)) for name in names[:split]]
    pins_of_pip = [draw(pypi_pins(name)) for name in names[split:]]
    python = conda("python", "3.11.9")
    return resolution(python, *pins, *pins_of_pip, target=LINUX)


@pytest.mark.parametrize("name", READ_AGAIN)
@settings(deadline=None, max_examples=examples(60))
@given(lock=locks())
def test_what_a_format_holds_comes_back_and_what_it_does_not_is_said(name: str, lock: Resolution) -> None:
    assert compare(name, ExportRequest(resolutions=(lock,), metadata=METADATA)) == []


def test_every_feature_that_a_format_holds_is_one() -> None:
    known = {feature.id for feature in FEATURES}
    for row in FORMATS.values():
        assert set((row.holds or "").split()) <= known
    assert losses((), frozenset()) is None


def test_a_folder_whose_name_nobody_says_is_named() -> None:
    folder = DirectReference(kind=DirectKind.DIRECTORY, path="./here", editable=True)
    lock = resolution(pypi("a"), pypi("here", direct=folder, file=False, extras=frozenset({"x"})))
    [file] = export("requirements", ExportRequest(resolutions=(lock,), metadata=METADATA))
    assert "-e ./here[x]\n" in file.text
    content = read_lockfile(file.text, file.name)
    assert [pin.name for pin in content.resolutions[0].pypi] == ["a"]
    assert [notice.text.partition(":")[0] for notice in content.notices] == ["`./here[x]`"]
