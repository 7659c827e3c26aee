"""Fleets merged: who shares an image, what moves for whom, what is refused, what is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from lockfiles.fleet.merging import merging, offers
from lockfiles.fleet.merging.keep import Keep
from lockfiles.fleet.merging.members import one_line_of
from lockfiles.fleet.merging.merging import MergeRequest, merge, write_merged
from lockfiles.fleet.merging.offers import MergeOffer, Refused
from lockfiles.fleet.merging.telling import merged_lines
from lockfiles.freshness import check_fresh
from lockfiles.locking import lock
from resolver.errors import InputError, NoSolutionError
from resolver.model.findings import Finding, Severity
from resolver.model.resolution import Resolution
from tests.fleet.merging.world import PYTHONS, Fleet, shares
from tests.support.channel import as_file, record, repodata
from tests.support.packages import make_wheel


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.chdir(tmp_path)
    made = Fleet(tmp_path)
    made.channel(
        *PYTHONS,
        record("numpy", "1.26.4", "py0", depends=["python >=3.9"], size=1000),
        record("numpy", "1.26.0", "py0", depends=["python >=3.9"], size=1000),
        record("numpy", "2.1.0", "py0", depends=["python >=3.11"], size=1100),
        record("pandas", "2.2.0", "py0", depends=["python", "numpy >=1.26"], size=5000),
        record("old", "1.0", "0", depends=["numpy <2"], size=10),
        record("new", "1.0", "0", depends=["numpy >=2"], size=10),
    )  # fmt: skip
    made.index({"requests": {"2.31.0": [], "2.32.0": []}, "needs-old": {"1.0": ["numpy<2"]}})
    return made


def test_what_holds_together_shares_an_image(fleet: Fleet) -> None:
    fleet.write("a", "python=3.11", "numpy", pip=["requests"])
    fleet.write("b", "python", "pandas")
    fleet.write("c", "python=3.9", "old")
    merged = fleet.merge()
    assert shares(merged) == [["a", "b"], ["c"]]
    assert (merged.environments, merged.images, merged.lower) == (3, 2, 2)
    (group,) = merged.groups
    assert [Path(name).stem for name in group.clash] == ["a", "c"]
    assert group.conflicts == (("python=3.11", "python=3.9"),)
    (offer,) = merged.offers
    assert offer.saved_builds == 1
    assert {pin.name: pin.record.version for pin in offer.resolutions[0].conda}["numpy"] == "2.1.0"


def test_a_conflict_behind_the_lines_parts_them(fleet: Fleet) -> None:
    fleet.write("a", "python=3.11", "new")
    fleet.write("b", "python=3.11", "numpy", pip=["needs-old"])
    fleet.write("c", "python=3.11", "old")
    merged = fleet.merge()
    assert shares(merged) == [["a"], ["b", "c"]]
    assert merged.groups[0].is_optimal


def test_only_three_together_clash(fleet: Fleet) -> None:
    fleet.channel(
        *PYTHONS,
        *(record(f"x{n}", "1.0", "0", depends=[f"y !={n}.0"]) for n in (1, 2, 3)),
        *(record("y", f"{n}.0", "0") for n in (1, 2, 3)),
    )
    for n in (1, 2, 3):
        fleet.write(f"e{n}", f"x{n}")
    merged = fleet.merge()
    assert (merged.images, merged.lower) == (2, 2)
    assert merged.groups[0].conflicts == (("x1", "x2", "x3"),)
    assert len(merged.groups[0].clash) == 1  # no two clash: the bound comes from the search


def test_moves_and_sizes_are_told_beside_the_lockfiles(fleet: Fleet) -> None:
    first = fleet.write("a", "python=3.11", "numpy=1.26.0")
    fleet.lock(first)
    fleet.files.clear()
    fleet.write("a", "python=3.11", "numpy")  # its lockfile stays
    fleet.write("b", "python", "numpy >=1.26.4")
    merged = fleet.merge()
    (offer,) = merged.offers
    moves = {Path(one.name).stem: one for one in offer.moves}
    assert [(c.name, c.old.version, c.new.version) for c in moves["a"].changes if c.old and c.new] == [
        ("numpy", "1.26.0", "2.1.0")
    ] or [c.new.version for c in moves["a"].changes if c.new] == ["1.26.4"]
    assert moves["a"].has_lockfile
    assert not moves["b"].has_lockfile
    assert offer.sizes.unknown == 0
    assert offer.sizes.saved > 0


@pytest.mark.parametrize(
    ("keep", "together"),
    [(None, True), (Keep.MINOR, False), (Keep.PATCH, False), (Keep.PINS, False)],
)
def test_keep_holds_what_was_asked_for(fleet: Fleet, keep: Keep | None, together: bool) -> None:
    fleet.lock(fleet.write("a", "python=3.11", "numpy<2"))
    fleet.lock(fleet.write("b", "python=3.11", "numpy>=2"))
    fleet.files.clear()
    fleet.write("a", "python=3.11", "numpy")
    fleet.write("b", "python=3.11", "numpy")
    assert (len(shares(fleet.merge(keep))) == 1) is together


def test_keep_patch_lets_a_patch_move(fleet: Fleet) -> None:
    fleet.lock(fleet.write("a", "python=3.11", "numpy=1.26.0"))
    fleet.lock(fleet.write("b", "python=3.11", "numpy=1.26.4"))
    fleet.files.clear()
    fleet.write("a", "python=3.11", "numpy")
    fleet.write("b", "python=3.11", "numpy")
    assert len(shares(fleet.merge(Keep.PATCH))) == 1
    assert len(shares(fleet.merge(Keep.PINS))) == 2
    (offer,) = fleet.merge(Keep.PATCH).offers
    assert "numpy 1.26.*" in offer.file.texts[offer.file.path]


def test_never_across_targets_channels_or_settings(fleet: Fleet) -> None:
    fleet.channel(*PYTHONS, name="other")
    a = fleet.write("a", "python")
    b = fleet.write("b", "python")
    c = fleet.put("c.yml", f"channels: [{fleet.folder}/other]\ndependencies: [python]\n")
    requests = (
        fleet.request(a), fleet.request(b), fleet.request(c),
        fleet.request(fleet.write("d", "python"), virtual_packages=["__cuda=12.4"]),
        fleet.request(fleet.write("e", "python"), channel_priority="flexible"),
        fleet.request(fleet.write("f", "python", pip=["requests"]), index_url="https://other.example.org/x"),
    )  # fmt: skip
    merged = merge(MergeRequest(environments=requests[:5]))
    assert shares(merged) == [["a", "b"], ["c"], ["d"], ["e"]]
    assert merged.lower == 4
    assert {"target", "channels"} <= set(merged.differing)
    assert any("differ in target or channels" in line for line in merged_lines(merged))
    merged = merge(MergeRequest(environments=(requests[0], requests[1])))
    assert shares(merged) == [["a", "b"]]
    assert merged.differing == ()


def test_variables_that_differ_part_them(fleet: Fleet) -> None:
    fleet.write("a", "python", more="variables: {MODE: fast, A: b}\n")
    fleet.write("b", "python", more="variables: {MODE: slow}\n")
    fleet.write("c", "python", more="variables: {MODE: fast}\n")
    merged = fleet.merge()
    assert shares(merged) == [["a", "c"], ["b"]]
    (offer,) = merged.offers
    assert offer.file.session.requirements.variables == {"MODE": "fast", "A": "b"}


def test_what_no_merged_file_can_say_stays_apart(fleet: Fleet) -> None:
    fleet.write("a", "python")
    fleet.write("b", "python", pip=["./local-1-py3-none-any.whl"])
    (fleet.folder / "local-1-py3-none-any.whl").write_bytes(make_wheel("local", "1", ()))
    fleet.write("c", "python")
    merged = fleet.merge()
    assert shares(merged) == [["a", "c"]]
    assert [Path(one.name).stem for one in merged.apart] == ["b"]
    assert "local" in merged.apart[0].reason
    assert (merged.environments, merged.images, merged.lower) == (3, 2, 2)


def test_what_does_not_lock_has_no_image(fleet: Fleet) -> None:
    fleet.write("a", "python")
    fleet.write("b", "python", "nothing-of-the-kind")
    fleet.write("c", "numpy")
    fleet.put("d.yml", "dependencies: 5\n")
    merged = fleet.merge()
    assert [Path(one.name).stem for one in merged.failed] == ["b", "d"]
    assert shares(merged) == [["a", "c"]]


CLASH = NoSolutionError("no solution for linux-64: these lines ...", [(None, "a"), (None, "no __cuda")])


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        pytest.param([], "`a` and `no __cuda` can't hold together", id="one conflict"),
        pytest.param(
            [NoSolutionError("", [(None, "x")]), CLASH],
            "nothing meets `x`; `a` and `no __cuda` can't hold together", id="two",
        ),
        pytest.param(
            [NoSolutionError("", [(None, text)]) for text in "vwxyz"],
            "nothing meets `v`; nothing meets `w`; nothing meets `x`; 2 more conflicts", id="many",
        ),
        pytest.param(
            [NoSolutionError("", [(None, text) for text in "uvwxyz"])],
            "`u`, `v`, `w`, `x` and 2 more lines can't hold together", id="many lines",
        ),
    ],
)  # fmt: skip
def test_why_an_environment_has_no_image_is_one_line(parts: list[NoSolutionError], told: str) -> None:
    error = NoSolutionError("no solution for linux-64 (conflict 1 of 9): ...", CLASH.core, None, parts)
    assert one_line_of(error) == f"no solution for linux-64: {told}"


def test_a_member_whose_lines_no_longer_lock_is_told(fleet: Fleet) -> None:
    fleet.lock(fleet.write("a", "python=3.11", "numpy"))
    fleet.files.clear()
    fleet.write("a", "python=3.11", "numpy=7")
    fleet.write("b", "python")
    fleet.write("c", "numpy")
    merged = fleet.merge()
    assert [Path(name).stem for name in merged.groups[0].failing] == ["a"]
    assert shares(merged) == [["b", "c"]]


def test_pip_alone_makes_a_requirements_file(fleet: Fleet) -> None:
    fleet.put("a.txt", "requests<2.32\n")
    fleet.put("b.txt", "requests\n")
    merged = fleet.merge()
    (offer,) = merged.offers
    assert offer.file.path.endswith(".txt")
    assert [pin.version for pin in offer.resolutions[0].pypi] == ["2.31.0"]


def test_what_is_written_is_fresh_and_locks_to_the_same_bytes(fleet: Fleet) -> None:
    before = {path: Path(path).read_bytes() for path in (
        fleet.write("a", "python=3.11", "numpy", pip=["requests", "-c limits.txt"]),
        fleet.write("b", "python", "pandas"),
    )}  # fmt: skip
    (fleet.folder / "limits.txt").write_text("requests<2.32\n")
    merged = fleet.merge(folder="out")
    (fleet.folder / "out").mkdir()
    paths = write_merged(merged, "out")
    assert paths == ("out/shared-1.yml", "out/shared-1.constraints.txt", "out/shared-1.conda-lock.yml")
    request = fleet.request("out/shared-1.yml")
    assert check_fresh(request).faults == ()
    assert lock(request).text == Path("out/shared-1.conda-lock.yml").read_text()
    assert {path: Path(path).read_bytes() for path in before} == before
    assert write_merged(fleet.merge(folder="out"), "out") == paths  # the same again
    Path("out/shared-1.yml").write_text("mine\n")
    with pytest.raises(InputError, match="isn't written over"):
        write_merged(merged, "out")
    assert Path("out/shared-1.yml").read_text() == "mine\n"


@pytest.mark.parametrize(("budget", "most"), [("questions", 4), ("steps", 0)])
def test_a_budget_ends_with_a_bound(fleet: Fleet, budget: str, most: int) -> None:
    for n, python in enumerate(("3.9", "3.11", "3.12")):
        fleet.write(f"a{n}", f"python={python}")
        fleet.write(f"b{n}", f"python={python}", "pip")
    merged = fleet.merge(**{budget: most})
    assert merged.groups[0].ended == budget
    assert merged.lower <= 3 <= merged.images
    whole = fleet.merge()
    assert (whole.lower, whole.images) == (3, 3)


def test_the_same_twice(fleet: Fleet) -> None:
    fleet.write("a", "python=3.11", "numpy", pip=["requests"])
    fleet.write("b", "python", "pandas")
    fleet.write("c", "python=3.9", "old")
    first, second = fleet.merge(), fleet.merge()
    assert [one.lock_text for one in first.offers] == [one.lock_text for one in second.offers]
    assert first.groups[0].conflicts == second.groups[0].conflicts
    fleet.files.reverse()
    assert [one.lock_text for one in fleet.merge().offers] == [one.lock_text for one in first.offers]


def test_what_pip_lines_need_holds_only_where_there_are_some(fleet: Fleet) -> None:
    fleet.channel(*PYTHONS, record("tool", constrains=["python <3"]), record("more"))
    fleet.write("a", "tool")
    fleet.write("b", "python", pip=["requests"])
    fleet.write("c", "tool", "more")
    merged = fleet.merge()
    assert shares(merged) == [["a", "c"], ["b"]]
    assert merged.groups[0].failing == ()
    assert merged.groups[0].is_optimal


@pytest.mark.parametrize("severity", list(Severity))
def test_what_no_member_is_told_of_bars_a_merge(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, severity: Severity
) -> None:
    def findings(_: object, resolutions: Sequence[Resolution], __: object) -> list[Finding]:
        names = {pin.name for one in resolutions for pin in one.conda}
        if not {"old", "tool"} <= names:
            return []
        return [Finding(rule="x/y", severity=severity, message="old beside tool")]

    monkeypatch.setattr(offers, "_findings", findings)
    fleet.channel(*PYTHONS, record("numpy", "1.26.4"), record("old"), record("tool"), record("other"))
    fleet.write("a", "old")
    fleet.write("b", "tool")
    fleet.write("c", "other")
    merged = fleet.merge()
    (group,) = merged.groups
    if severity is Severity.NOTE:  # worth knowing, and told
        assert shares(merged) == [["a", "b", "c"]]
        assert [one.message for one in group.offers[0].findings] == ["old beside tool"]
        return
    assert shares(merged) in ([["a", "c"], ["b"]], [["a"], ["b", "c"]])
    assert (group.images, group.lower) == (2, 2)
    assert {one.reason for one in group.refused} == {"`lock check` finds x/y: old beside tool"}


def test_offers_are_numbered_as_they_are_made_in_the_end(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is refused has no number; what stood behind it is solved again for its name alone."""

    def findings(_: object, resolutions: Sequence[Resolution], __: object) -> list[Finding]:
        names = {pin.name for one in resolutions for pin in one.conda}
        is_both = {"old", "tool"} <= names
        return [Finding(rule="x/y", severity=Severity.ERROR, message="no")] if is_both else []

    made: list[str] = []
    make = merging.make_offer

    def counted(*arguments: Any) -> MergeOffer | Refused:
        made.append(arguments[2])
        return make(*arguments)

    monkeypatch.setattr(offers, "_findings", findings)
    monkeypatch.setattr(merging, "make_offer", counted)
    fleet.channel(*PYTHONS, record("numpy", "1.26.4"), record("old"), record("tool"), record("other"))
    for name, lines in {"a": ["old", "python=3.9"], "b": ["tool", "python=3.9"]}.items():
        fleet.write(name, *lines)
    for name in ("c", "d"):
        fleet.write(name, "python=3.11", "other" if name == "d" else "numpy")
    merged = fleet.merge()
    assert shares(merged) == [["a"], ["b"], ["c", "d"]]
    (offer,) = merged.offers
    assert offer.lock_path.endswith("shared-1.conda-lock.yml")
    assert "- shared-1.yml\n" in offer.lock_text
    assert [Path(stem).name for stem in made] == ["shared-1", "shared-1"]


def test_files_of_many_platforms_hold_on_each(fleet: Fleet) -> None:
    for subdir, versions in (("linux-64", ("1", "2")), ("osx-arm64", ("1",))):
        (fleet.folder / "channel" / subdir).mkdir(exist_ok=True)
        records = [record("x", version, subdir=subdir) for version in versions]
        data = as_file(repodata(records, info={"subdir": subdir}), "repodata.json")
        (fleet.folder / "channel" / subdir / "repodata.json").write_bytes(data)
    more = "platforms: [linux-64, osx-arm64]\n"
    files = [
        fleet.write("a", "x=2  # [linux]", "x=1  # [osx]", more=more),
        fleet.write("b", "x", more=more),
        fleet.write("c", "x=1", more=more),
    ]
    requests = tuple(replace(fleet.request(file), settings={}) for file in files)
    merged = merge(MergeRequest(environments=requests))
    assert len(shares(merged)) == 2
    assert merged.groups[0].targets == ("linux-64", "osx-arm64")
    assert merged.groups[0].is_optimal


def test_a_merge_is_solved_once_whatever_its_pins_hold_back(fleet: Fleet) -> None:
    """What an update would free isn't tried: what moves is told beside the lockfiles anyway."""
    models = [record("model", version) for version in ("1.0", "2.0")]
    fleet.channel(*models, record("one", "1.0", constrains=["model <2"]))
    fleet.write("a", "one")
    fleet.lock("a.yml")
    fleet.channel(*models, record("one", "1.0", constrains=["model <2"]), record("one", "2.0"))
    fleet.write("b", "model")
    (offer,) = fleet.merge().offers
    (notice,) = [one for one in offer.resolutions[0].notices if one.code == "held-back"]
    assert notice.text == "`model` 1.0 (newest 2.0): one 1.0 goes only with model <2"
    assert notice.facts["update"] is None


def test_fewer_than_two_are_refused(fleet: Fleet) -> None:
    fleet.write("a", "python")
    with pytest.raises(InputError, match="fewer than two"):
        fleet.merge()
