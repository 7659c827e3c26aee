"""What changed, in kind and in words."""

from __future__ import annotations

import pytest

from lockfiles.difference import ChangeKind, diff_locks, diff_resolutions, format_difference, summarize
from lockfiles.formats.conda_lock.text import read_conda_lock, write_conda_lock
from lockfiles.model import LockedChannel, LockMetadata
from resolver.model.channels import Channel
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin
from tests.lockfiles.make import MACOS, conda, pypi, resolution

ADDED, REMOVED, UPGRADED, DOWNGRADED, REBUILT, MOVED = ChangeKind
Pin = CondaPin | PypiPin
PYTORCH = Channel(name="pytorch", base_url="https://conda.anaconda.org/pytorch")


def git(commit: str) -> PypiPin:
    direct = DirectReference(kind=DirectKind.VCS, url="git+https://example.org/o/n", revision="main")
    return pypi("n", direct=direct, commit=commit * 40, file=False)


CASES = [
    pytest.param(conda("a", "1.9"), conda("a", "1.10"), UPGRADED, "↑ a  1.9 -> 1.10", id="numbers"),
    pytest.param(conda("a", "1.10"), conda("a", "1.9"), DOWNGRADED, "↓ a  1.10 -> 1.9", id="older"),
    pytest.param(conda("a", "1.0rc1"), conda("a", "1.0"), UPGRADED, "↑ a  1.0rc1 -> 1.0", id="candidate"),
    pytest.param(
        conda("a", build="cpu_0"), conda("a", build="cuda_0"), REBUILT, "~ a  1.0: cpu_0 -> cuda_0",
        id="build",
    ),
    pytest.param(
        conda("a", extension=".tar.bz2"), conda("a"), REBUILT,
        "~ a  1.0: a-1.0-h0_0.tar.bz2 -> a-1.0-h0_0.conda", id="kind of archive",
    ),
    pytest.param(
        conda("a"), conda("a", sha256="00" * 32), REBUILT, "~ a  1.0: the same name, another content",
        id="content",
    ),
    pytest.param(
        conda("a"), conda("a", channel=PYTORCH), MOVED, "~ a  1.0: conda-forge -> pytorch",
        id="channel",
    ),
    pytest.param(
        conda("a"), conda("a", "2", channel=PYTORCH), UPGRADED,
        "↑ a  1.0 -> 2 (conda-forge -> pytorch)", id="version and channel",
    ),
    pytest.param(None, conda("a"), ADDED, "+ a  1.0 h0_0", id="added"),
    pytest.param(conda("a"), None, REMOVED, "- a  1.0 h0_0", id="removed"),
    pytest.param(pypi("a", "1.9"), pypi("a", "1.10"), UPGRADED, "↑ a (pip)  1.9 -> 1.10", id="pip"),
    pytest.param(
        git("a"), git("b"), REBUILT,
        f"~ n (pip)  1.0: git+https://example.org/o/n@{'a' * 40} -> git+https://example.org/o/n@{'b' * 40}",
        id="commit",
    ),
    pytest.param(conda("a"), conda("a"), None, "", id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "kind", "line"), CASES)
def test_changes(
    old: CondaPin | PypiPin | None, new: CondaPin | PypiPin | None, kind: ChangeKind | None, line: str
) -> None:
    before, after = (resolution(*([pin] if pin else [])) for pin in (old, new))
    difference = diff_resolutions([before], [after])
    assert [change.kind for change in difference.changes] == ([kind] if kind else [])
    assert bool(difference) == bool(kind)
    if kind:
        assert format_difference(difference) == ["linux-64:", f"  {line}", f"1 {kind.value}"]
        assert difference.count(kind) == 1
        back = diff_resolutions([after], [before])
        assert len(back.changes) == 1


def test_the_same_lockfile_differs_in_nothing_whatever_the_channel_is_called() -> None:
    """A lockfile names `defaults`; a resolution the member `pkgs/main`."""
    main = Channel(name="pkgs/main", base_url="https://repo.anaconda.com/pkgs/main")
    one = resolution(conda("a", channel=main), pypi("x"))
    metadata = LockMetadata(channels=(LockedChannel(url="defaults"),))
    lock = read_conda_lock(write_conda_lock([one], metadata), "f")
    assert not diff_locks(lock, lock)
    from lockfiles.formats.conda_lock.restore import resolutions_of_lock

    (again,) = resolutions_of_lock(lock)
    assert not diff_resolutions([one], [again])
    assert again.conda[0].channel.name == "pkgs/main"


def test_a_package_that_changes_its_ecosystem_is_both() -> None:
    difference = diff_resolutions([resolution(conda("a"))], [resolution(pypi("a"))])
    assert format_difference(difference) == [
        "linux-64:",
        "  - a        1.0 h0_0",
        "  + a (pip)  1.0",
        "1 added, 1 removed",
    ]


def test_platforms() -> None:
    other = resolution(conda("a", subdir="osx-arm64"), target=MACOS)
    difference = diff_resolutions([resolution(conda("a"))], [other])
    assert difference.changes == ()
    assert summarize(difference) == "platform osx-arm64 added, platform linux-64 removed"


def test_json() -> None:
    value = diff_resolutions([resolution(conda("a"))], [resolution(conda("a", "2"), conda("b"))]).to_json()
    assert value["schema_version"] == 1
    assert [(change["name"], change["kind"]) for change in value["changes"]] == [
        ("a", "upgraded"),
        ("b", "added"),
    ]
    assert value["changes"][0]["old"] == {
        "version": "1.0",
        "build": "h0_0",
        "source": "conda-forge",
        "file": "a-1.0-h0_0.conda",
        "license": None,
        "size": None,
    }
    assert value["changes"][1]["old"] is None
