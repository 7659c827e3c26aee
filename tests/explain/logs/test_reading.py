"""Errors of other tools are read: the specs found are those that the logs name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.explain.logs import read_log
from resolver.explain.logs.about_python import python_conflict, python_that_helps
from resolver.explain.logs.pip_log import split_names
from resolver.explain.logs.poetry_log import poetry_spec
from resolver.explain.logs.report import PythonNeed
from resolver.explain.logs.trees import clean_tree_spec
from tests.support.amount import examples

FOLDER = Path(__file__).parent
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
TEXTS = {name: (FOLDER / f"{name}.log").read_bytes().decode("utf-8") for name in EXPECTED}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_was_asked_for_is_found(name: str) -> None:
    expected = EXPECTED[name]
    reports = read_log(TEXTS[name])
    if expected["tool"] is None:
        assert reports == ()
        return
    assert [report.tool.value for report in reports] == [expected["tool"]]
    report = reports[0]
    assert [spec.text for spec in report.specs] == expected["specs"]
    assert report.complete is expected["complete"]
    assert list(report.missing) == expected.get("missing", list(report.missing))
    assert list(report.reasons) == expected.get("reasons", list(report.reasons))
    assert report.azureml is expected.get("azureml", False)
    if "platform" in expected:
        assert report.platform == expected["platform"]
    if "channels" in expected:
        assert list(report.channels) == expected["channels"]
    if "virtual_packages" in expected:
        assert list(report.virtual_packages) == expected["virtual_packages"]


def test_the_corpus_is_large_enough() -> None:
    assert len([e for e in EXPECTED.values() if e["tool"]]) >= 30
    assert {e["tool"] for e in EXPECTED.values()} >= {
        "conda (classic solver)", "libmamba", "rattler", "pip", "uv", "poetry",
    }  # fmt: skip


@settings(deadline=None, max_examples=examples(60))
@given(name=st.sampled_from(sorted(TEXTS)), share=st.floats(0, 1))
def test_a_cut_log_gives_a_part_of_the_answer(name: str, share: float) -> None:
    text = TEXTS[name]
    found = [spec.text for report in read_log(text[: int(len(text) * share)]) for spec in report.specs]
    whole = [spec.text for report in read_log(text) for spec in report.specs]
    # the last spec may be cut in the middle of its text
    assert all(
        any(one == other or other.startswith(one.split()[0][:1]) for other in whole) for one in found[:-1]
    )


@settings(deadline=None, max_examples=examples(60))
@given(name=st.sampled_from(sorted(TEXTS)), seed=st.randoms(use_true_random=False))
def test_lines_of_others_in_between_change_nothing(name: str, seed: Any) -> None:
    if name.startswith(("uv", "pixi-pypi", "poetry", "cut-uv")):
        return  # sentences are wrapped over lines: what stands between is taken for a part of them
    lines = TEXTS[name].split("\n")
    noise = [
        line for text in lines for line in ([text, "[worker-3] heartbeat"] if seed.random() < 0.3 else [text])
    ]
    before = [(r.tool, [s.text for s in r.specs]) for r in read_log(TEXTS[name])]
    assert [(r.tool, [s.text for s in r.specs]) for r in read_log("\n".join(noise))] == before


@given(text=st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    read_log(text)


@pytest.mark.parametrize(
    ("needs", "told", "helps"),
    [
        (
            [PythonNeed(owner="a 1.0", needs=">=3.7,<3.10", asked=">=3.9,<4.0")],
            ["a 1.0 needs Python >=3.7,<3.10", "but the project asks for all of Python >=3.9,<4.0"],
            ">=3.9,<3.10",
        ),
        (
            [PythonNeed(owner="a 1.0", needs=">=3.12")],
            ["a 1.0 needs Python >=3.12", "so the interpreter there was Python older than 3.12"],
            ">=3.12",
        ),
        (
            [PythonNeed(owner="a 1.0", needs="<3.8"), PythonNeed(owner="b 2.0", needs=">=3.9")],
            [
                "a 1.0 needs Python <3.8", "so the interpreter there was Python 3.8 or newer",
                "b 2.0 needs Python >=3.9", "so the interpreter there was Python older than 3.9",
            ],
            None,
        ),
        ([], [], None),
    ],
)  # fmt: skip
def test_a_conflict_about_the_python_is_told(
    needs: list[PythonNeed], told: list[str], helps: str | None
) -> None:
    assert python_conflict(needs) == told
    assert python_that_helps(needs) == helps


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        ("^1.2", "x>=1.2,<2"),
        ("^0.2.3", "x>=0.2.3,<0.3"),
        ("~1.2", "x>=1.2,<1.3"),
        ("1.0", "x==1.0"),
        ("*", "x"),
        (">=1,<2", "x>=1,<2"),
    ],
)
def test_poetry_ranges_become_pep_508(written: str, spec: str) -> None:
    assert poetry_spec("x", written) == spec


def test_names_of_pip_are_split_where_items_end() -> None:
    assert split_names("-r a.txt (line 2), b<2,>=1 and c==1") == ["-r a.txt (line 2)", "b<2,>=1", "c==1"]


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        ("numpy 2.0.0** ", "numpy 2.0.0.*"),
        ("numpy * ", "numpy"),
        ("a >=1,<2 *", "a >=1,<2"),
        ("b 1.0 | 1.1", "b"),
    ],
)
def test_specs_of_trees_become_match_specs(written: str, spec: str) -> None:
    assert clean_tree_spec(written) == spec
