"""What people read: exact texts over a small world of packages."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest

from resolver.constraints.clauses import Incompatibility
from resolver.constraints.facts import (
    Assumption,
    DependencyFact,
    Fact,
    ImplicitFact,
    KeptLevelFact,
    MovesFact,
    PipOnlyFact,
    PreReleaseFact,
    ProvidesFact,
    PythonFact,
    RequirementFact,
    SameReleaseFact,
    SupportFact,
    UnusableFact,
)
from resolver.errors import NoSolutionError
from resolver.explain.budget import Allowance, Limits
from resolver.explain.derivation import leaves_of, links_of
from resolver.explain.explanation import Explainer, Explanation
from resolver.explain.fixes.changes import Action
from resolver.explain.showing.as_json import explanation_to_json
from resolver.explain.showing.brief import no_solution
from resolver.explain.showing.dot import conflicts_to_dot
from resolver.explain.showing.text import conflict_lines, explanation_text
from resolver.explain.telling.following import Follower
from resolver.model.names import conda_name, pypi_name
from resolver.model.origin import Origin
from resolver.model.requirements import CondaRequirement, PypiRequirement
from resolver.solving.search import Search
from tests.explain.update_goldens import GOLDENS
from tests.explain.world import CASES, Case, explain_case, question_of, universe_after

#: What no line of the file mends: an index that isn't given.
NO_FIX = ("unknown-variant",)


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_text_is_exactly_this(case: Case) -> None:
    explanation = explain_case(case)
    assert explanation is not None
    assert explanation_text(explanation) + "\n" == (GOLDENS / f"{case.name}.txt").read_text(encoding="utf-8")


def test_there_are_at_least_twenty_and_no_stray_ones() -> None:
    assert {path.stem for path in GOLDENS.glob("*.txt")} == {case.name for case in CASES}
    assert len(CASES) >= 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_conflict_is_told_in_at_most_twelve_lines(case: Case) -> None:
    explanation = explain_case(case)
    assert explanation is not None
    for told in explanation.conflicts:
        assert len(conflict_lines(told, explanation.target)) <= 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fix_leads_to_a_solution(case: Case) -> None:
    world, question = question_of(case)
    explanation = Explainer(world, question).run()
    assert explanation is not None
    assert bool(explanation.fixes) is (case.name not in NO_FIX)
    for fix in explanation.fixes:
        universe = universe_after(fix, world, question)
        assert Search(universe).solve().selected is not None


def test_a_solvable_question_has_nothing_to_explain() -> None:
    assert explain_case(Case(name="fine", conda=("python=3.12", "numpy"))) is None


def test_the_classic_names_the_version_that_works() -> None:
    explanation = explain_case(named("old-scikit-learn-caps-numpy"))
    assert explanation is not None
    first = explanation.fixes[0]
    assert first.edits[0].text == "scikit-learn>=1.5,<1.7"
    assert first.gives == (("scikit-learn", "1.6.1"),)


def test_lock_s_own_message_has_the_lines_the_first_fix_and_where_to_read_on() -> None:
    world, question = question_of(named("old-scikit-learn-caps-numpy"))
    error = no_solution(world, question.target, question.channels)
    assert isinstance(error, NoSolutionError)
    assert str(error) == (
        "no solution for linux-64: these 2 lines can't hold together:\n"
        "  environment.yml:5  scikit-learn==1.5.0\n"
        "  environment.yml:6  numpy==2.0.0"
    )
    assert error.hint == (
        "this works: environment.yml:5: "
        "`scikit-learn==1.5.0` -> `scikit-learn>=1.5,<1.7` (scikit-learn 1.6.1)\n"
        "`lock explain` gives the reasons, and other changes that work."
    )
    assert [text for _, text in error.core] == ["scikit-learn==1.5.0", "numpy==2.0.0"]


@pytest.mark.parametrize("name", ["two-conflicts", "unknown-beside-a-clash", "four-unknown-names"])
def test_each_of_several_conflicts_is_a_part_of_the_error(name: str) -> None:
    world, question = question_of(named(name))
    error = no_solution(world, question.target, question.channels)
    explanation = explain_case(named(name))
    assert explanation is not None
    conflicts = [[member.text for member in told.conflict.members] for told in explanation.conflicts]
    assert len(conflicts) > 1
    assert [[text for _, text in part.core] for part in error.parts] == conflicts
    assert [line for part in error.parts for line in part.core] == list(error.core)
    assert not any("(conflict" in str(part) for part in error.parts)
    assert all(
        member in str(part)
        for part, members in zip(error.parts, conflicts, strict=True)
        for member in members
    )


def test_a_part_s_hint_is_what_of_the_first_fix_is_about_it() -> None:
    world, question = question_of(named("unknown-beside-a-clash"))
    error = no_solution(world, question.target, question.channels)
    whole = (error.hint or "").partition("\n")[0]
    hints = [part.hint for part in error.parts]
    lead = "this works, with what helps the other conflicts: "
    assert hints[0] is not None
    assert all(hint is None or (hint.startswith(lead) and hint[len(lead) :] in whole) for hint in hints)
    assert len({*hints}) == len(hints)


def test_without_a_fix_the_same_lines_are_told() -> None:
    world, question = question_of(named("two-conflicts"))
    error = no_solution(world, question.target, question.channels)
    brief = no_solution(world, question.target, question.channels, with_fix=False)
    assert (str(brief), brief.core) == (str(error), error.core)
    assert brief.hint == "`lock explain` gives the reasons."
    assert [part.hint for part in brief.parts] == [None] * len(error.parts)


def test_one_conflict_has_no_parts() -> None:
    world, question = question_of(named("old-scikit-learn-caps-numpy"))
    assert no_solution(world, question.target, question.channels).parts == ()


def test_the_tree_shows_every_demand_with_its_versions() -> None:
    explanation = explain_case(named("through-another-package"))
    assert explanation is not None
    text = explanation_text(explanation, tree=True)
    assert "line 4: pygraphviz" in text
    assert "└─ needs graphviz" in text
    assert "└─ needs pango  <- nothing is left" in text
    assert "graphviz 12.0.0: pango >=1.50.14,<2" in re.sub(r"graphviz: ", "graphviz 12.0.0: ", text)


def test_the_tree_shows_what_the_cases_rest_on() -> None:
    explanation = explain_case(named("each-version-runs-into-another-line"))
    assert explanation is not None
    lines = conflict_lines(explanation.conflicts[0], explanation.target, tree=True)
    assert [line.strip() for line in lines[4:]] == [
        "why:",
        "line 6: locales=5.*",
        "line 5: fonts=1.*",
        "line 4: report",
        "└─ needs charts",
        "report 2.0.0 or newer: charts 2.*",
        "report 1.0.0: charts 1.*",
        "├─ needs locales",
        "│       charts 1.8.0: locales 3.*",
        "└─ needs fonts  <- nothing is left",
        "charts 2.0.0 or newer: fonts 2.*",
        "charts 1.8.0: fonts 1.*",
    ]


def test_the_tree_says_what_strict_priority_hides() -> None:
    explanation = explain_case(named("hidden-behind-another-package"))
    assert explanation is not None
    assert conflict_lines(explanation.conflicts[0], explanation.target, tree=True)[3:] == [
        "why:",
        "  line 4: callers",
        "  └─ needs samtools  <- nothing is left",
        "          callers 1.0: samtools >=1.20",
        "  strict channel priority takes samtools from conda-forge alone, not from bioconda",
    ]
    explanation = explain_case(named("hidden-by-priority"))
    assert explanation is not None
    assert conflict_lines(explanation.conflicts[0], explanation.target, tree=True)[-1].endswith(
        " is in bioconda, but strict channel priority takes `samtools` from conda-forge alone"
    )


def test_what_falls_into_too_many_cases_is_told_by_its_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolver.explain.telling.cases._MOST_TRIED", 0)
    explanation = explain_case(named("no-chain-alone-ends"))
    assert explanation is not None
    assert conflict_lines(explanation.conflicts[0], explanation.target)[3:] == [
        "why:",
        "  crosswise needs left 1.* or left 2.*",
        "  crosswise needs right 1.* or right 2.*",
        "  same-side needs left 1.* or left 2.*",
        "  same-side needs right 1.* or right 2.*",
        "  and no choice among what is left avoids all of these",
    ]


def test_the_tree_joins_conda_and_pip() -> None:
    explanation = explain_case(named("conda-against-pip"))
    assert explanation is not None
    lines = explanation_text(explanation, tree=True).splitlines()
    assert "  └─ needs pip's numpy  <- nothing is left" in lines
    assert "  └─ is the numpy that pip's packages get  <- nothing is left" in lines


def test_json_has_members_reasons_fixes_and_a_closed_derivation() -> None:
    explanation = explain_case(named("conda-against-pip"))
    assert explanation is not None
    document = json.loads(json.dumps(explanation_to_json(explanation)))
    conflict = document["conflicts"][0]
    assert [member["text"] for member in conflict["members"]] == ["numpy>=2", "numba==0.59.1"]
    assert [member["ecosystem"] for member in conflict["members"]] == ["conda", "pypi"]
    assert conflict["minimal"] is True
    nodes = conflict["derivation"]
    assert nodes[-1]["terms"] == []
    for node in nodes:
        assert ("fact" in node) != ("parents" in node)
        assert all(parent < node["id"] for parent in node.get("parents", ()))
    kinds = {node["fact"]["kind"] for node in nodes if "fact" in node}
    assert kinds >= {"requirement", "depends", "provides"}
    assert document["fixes"][0]["edits"][0]["action"] == Action.REPLACE.value


def test_settings_are_members() -> None:
    explanation = explain_case(named("cuda-build-without-cuda"))
    assert explanation is not None
    members = explanation_to_json(explanation)["conflicts"][0]["members"]
    assert {"kind": "setting", "setting": "virtual-package", "name": "__cuda", "value": ""} in members


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_dot_is_a_graph(case: Case) -> None:
    explanation = explain_case(case)
    assert explanation is not None
    text = conflicts_to_dot(explanation.conflicts)
    assert text.startswith("digraph conflict {")
    assert text.count("{") == text.count("}")
    for line in explanation.conflicts[0].conflict.lines:
        assert line.name in text


@pytest.mark.parametrize("name", ["oddly-spelt", "tightly-spelt", "bracket-spelt"])
def test_a_dependency_that_is_spelt_in_another_way_is_told_in_every_form(name: str) -> None:
    explanation = explain_case(Case(name="any", conda=("python=3.12", "numpy>=2", name)))
    assert explanation is not None
    assert "needs numpy  <- nothing is left" in explanation_text(explanation, tree=True)
    assert "numpy" in conflicts_to_dot(explanation.conflicts)
    kinds = {node["fact"]["kind"] for node in derivation_of(explanation) if "fact" in node}
    assert kinds == {"requirement", "depends"}


def derivation_of(explanation: Explanation) -> list[dict[str, Any]]:
    return [node for one in explanation_to_json(explanation)["conflicts"] for node in one["derivation"]]


def test_what_no_conda_line_brings_in_is_told_in_every_form() -> None:
    explanation = explain_case(Case(name="any", conda=("python=3.12", "pip"), pip=("onlyconda",)))
    assert explanation is not None
    facts = [node["fact"] for node in derivation_of(explanation) if "fact" in node]
    assert {"kind": "support", "package": "onlyconda"} in facts
    assert "conda's onlyconda: no conda line" in explanation_text(explanation, tree=True)
    assert '[shape=note, label="no conda line' in conflicts_to_dot(explanation.conflicts)


@pytest.mark.parametrize(
    ("pip", "spec", "version"),
    [("onlyconda", "onlyconda", "1.0"), ("scikit-learn>=1.6", "scikit-learn", "1.6.1")],
    ids=["no file on the index", "with a range"],
)
def test_a_conda_line_is_offered_for_what_only_conda_has(pip: str, spec: str, version: str) -> None:
    explanation = explain_case(Case(name="any", conda=("python=3.12", "pip"), pip=(pip,)))
    assert explanation is not None
    (fix,) = explanation.fixes
    assert [(edit.action, edit.text) for edit in fix.edits] == [(Action.ADD, spec)]
    assert fix.gives == ((spec, version),)
    assert f"1. add the conda line `{spec}`   gives {spec} {version}" in explanation_text(explanation)
    assert explanation_to_json(explanation)["fixes"][0]["edits"][0]["words"] == str(fix.edits[0])


def test_pip_lines_without_a_channel_that_has_python_name_what_is_missing() -> None:
    explanation = explain_case(Case(name="any", conda=("bwa",), pip=("rich",), channels=("bioconda",)))
    assert explanation is not None
    assert explanation_text(explanation) == (
        "no solution for linux-64, whatever the lines say:\n"
        "why:\n"
        "  the pip lines need `python`\n"
        "  `python` is not in bioconda; the channel conda-forge has it\n"
        "\n"
        "a change that works (it was solved):\n"
        "  1. add the channel `conda-forge`   (locks 4 packages)"
    )


def test_a_build_that_is_not_there_is_told_as_a_build_without_a_version_too() -> None:
    explanation = explain_case(Case(name="any", conda=("python=3.12", "numpy=*=py312")))
    assert explanation is not None
    text = explanation_text(explanation)
    assert "conda-forge has `numpy`, but no such build; there are py312_0, py310_0, py311_0 ..." in text
    assert "1. environment.yml:5: `numpy=*=py312` -> `numpy=*=*py312*`   gives numpy 2.2.1 py312_0" in text


FACTS = [
    RequirementFact(requirement=CondaRequirement(name=conda_name("x"), spec="x", origin=Origin(file="f"))),
    ImplicitFact(name="pip"), DependencyFact(package=0, text="x"), PythonFact(package=0),
    ProvidesFact(conda=0, pypi=0), UnusableFact(package=0, reason="broken"), SupportFact(package=0),
    PreReleaseFact(package=0, final=0),
    PipOnlyFact(requirement=PypiRequirement(name=pypi_name("x"), text="x", origin=Origin(file="f"))),
    SameReleaseFact(), KeptLevelFact(), MovesFact(), Assumption(package=0, allowed=1),
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_every_fact_has_a_place_in_a_derivation(fact: Fact) -> None:
    assert {type(one) for one in FACTS} == set(get_args(Fact))
    (link,) = links_of([Incompatibility((0,), (1,), fact)])
    assert link.fact is fact


def test_no_budget_at_all_still_gives_an_answer() -> None:
    world, question = question_of(named("old-scikit-learn-caps-numpy"))
    nothing = Limits(verdict=Allowance(steps=-1))
    explanation = Explainer(world, question, limits=nothing).run()
    assert explanation is not None
    assert "the lines that clash were not found" in explanation.stopped
    error = no_solution(world, question.target, question.channels, nothing)
    assert str(error) == "no solution for linux-64; the lines that clash were not found soon enough"
    assert error.hint == "`lock explain --timeout SECONDS` looks longer."


def test_a_package_with_many_demands_falls_into_few_parts() -> None:
    explanation = explain_case(named("no-chain-alone-ends"))
    assert explanation is not None
    conflict = explanation.conflicts[0].conflict
    assert conflict.proof is not None
    links = links_of(leaves_of(conflict.proof)) * 20  # each demand twenty times over parts nothing further
    follower = Follower(conflict, links)
    follower.ends()
    for link in links[:4]:
        if link.owner >= 0:
            assert len(follower.parts(link.owner)) <= conflict.universe.size(link.owner) + 1


def test_a_conda_line_that_brings_a_cpu_build_says_so() -> None:
    explanation = explain_case(Case(name="any", conda=("python=3.12", "pip"), pip=("wgpuless",)))
    assert explanation is not None
    said = "add the conda line `wgpuless`   gives wgpuless 1.0 (a CPU build: no GPU is used)"
    assert said in explanation_text(explanation)
    (fix,) = explanation_to_json(explanation)["fixes"]
    assert fix["gives"] == [{"name": "wgpuless", "version": "1.0", "cpu_build": True}]
