"""The conflict that a log itself holds: who asks what, told without solving anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from lockfiles.cli.explain.log import conflict_of
from lockfiles.cli.main import main
from resolver.explain.logs import read_log
from resolver.explain.logs.own_conflict import MOST_SENTENCES, LoggedDemand, conflict_of_demands
from resolver.explain.logs.tree_conflict import TreeNode, conflict_of_tree

LOGS = Path(__file__).parent

CASES = {
    "pip-line-of-a-file": [
        "formers 4.49.0 needs hublike<1.0,>=0.26.0",
        "but `hublike==0.23.4` is asked for",
    ],
    "pip-installed": [
        "sleeplib 0.1.2 needs numpy>=2",
        "but numpy 1.26.4 is installed",
        "flowlib 2.15.0 needs keraslike<2.16,>=2.15.0",
        "but keraslike 3.3.3 is installed",
    ],
    "pip-ignored": [
        "numlike 1.21.6 needs Python >=3.7,<3.11",
        "so the interpreter there was Python 3.11 or newer (or older than 3.7)",
    ],
    "pip-no-version": ["`requests==99.9` is asked for, and the index had nothing that meets it"],
    "azureml-pip": [
        "azureml-mlflow 1.55.0 needs azureml-core~=1.55.0",
        "but `azureml-core==1.48.0` is asked for",
    ],
    "uv-markers": ["torchlike 2.6.0 needs numlike>=2,<3", "but `numlike[all]<2` is asked for"],
    "uv-python": ["scipy 1.14.0 needs Python >=3.10", "but the project asks for all of Python >=3.8"],
    "uv-unknown-project": ["`no-such-project-xyzzy-1` is asked for, and the index had nothing that meets it"],
    "poetry-two-lines": ["scikit-learn 1.2.2 needs numpy>=1.17.3,<2", "but `numpy==2.0.0` is asked for"],
    "poetry-no-match": ["`requests==99.9` is asked for, and the index had nothing that meets it"],
    "poetry-python": [
        "scipy 1.14.0 needs Python >=3.10",
        "but the project asks for all of Python >=3.8,<4.0",
    ],
    "poetry-python-range": [
        "sciencelib 1.7.0 needs Python >=3.7,<3.10",
        "but the project asks for all of Python >=3.9,<4.0",
    ],
    "mamba-tree": ["tensorflow 2.10.0 needs python >=3.10,<3.11.0a0", "but `python 3.12.*` is asked for"],
    "mamba-nothing-provides": [
        "pytorch ==2.3.0 needs __cuda, which nothing provides",
        "`nonexistent-package 1.2*` is asked for, and the channels had nothing that meets it",
    ],
    "micromamba-pin": [
        "the pin asks for python 3.8.*",
        "but pandas 2.2.0 to 2.2.3 needs python >=3.9,<3.10.0a0",
    ],
    "rattler-git-bzip2": [
        "git 2.52.0 to 2.55.0 needs pcre2 10.47, which needs bzip2 >=1.0.8,<2.0a0",
        "but `bzip2 ==1.0.6` is asked for",
    ],
    "rattler-no-cuda": ["pytorch 2.3.1 to 2.12.0 needs __cuda, which is nowhere"],
    "pixi-wrapped": [
        "fastlib 2.0.1, 2.1.0 needs gpu-runtime >=12,<13, which strict channel priority leaves out (other)"
    ],
    "conda-glibc": [
        "cudatoolkit=11.8 needs __glibc >=2.17,<3.0.a0",
        "tensorflow=2.15 needs libgcc-ng >=12, which needs __glibc >=2.28",
        "but the machine has __glibc 2.17",
    ],
    "conda-python-pin": ["tensorflow=1.15 needs python 3.7.*|3.6.*|2.7.*", "but python=3.10 is installed"],
}


@pytest.mark.parametrize("name", CASES)
def test_the_chain_of_a_log(name: str) -> None:
    (report,) = read_log((LOGS / f"{name}.log").read_text())
    assert conflict_of(report) == CASES[name]
    assert report.holds_conflict


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("log-alone-nothing-to-explain/pip", "transformers 4.49.0 needs huggingface-hub<1.0,>=0.26.0"),
        (
            "log-alone-nothing-to-explain/pixi",
            "jaxlib 0.4.18 to 0.4.23 needs cuda-nvcc, which strict channel",
        ),
        ("log-alone-nothing-to-explain/requires", "but keras 3.3.3 is installed"),
        ("log-alone-nothing-to-explain/ignored", "numpy 1.21.6 needs Python >=3.7,<3.11"),
        ("log-alone-nothing-to-explain/poetry", "but the project asks for all of Python >=3.9,<4.0"),
        ("uv-marker-version-lost/uv", "transformers 4.40.0 needs tokenizers>=0.19,<0.20"),
        ("uv-marker-version-lost/uv12578", "`torch==2.6.0+cpu` is asked for, and the index had nothing"),
        (
            "uv-marker-version-lost/uv_ace31",
            "torch==2.7.1+cu128 has no wheel for platform_machine == 'AMD64'",
        ),
    ],
)
def test_reported_logs(name: str, sentence: str) -> None:
    file = Path(__file__).parents[4] / "shared" / "cases" / "explain" / f"{name}.log"
    if not file.is_file():
        pytest.skip("the collected cases aren't beside this checkout")
    told = [line for report in read_log(file.read_text()) for line in conflict_of(report)]
    assert any(line.startswith(sentence) for line in told), told


@pytest.mark.parametrize(
    ("split", "platform"),
    [
        ("platform_machine == 'AMD64' and sys_platform == 'win32'", "win-64"),
        (
            "python_full_version >= '3.12' and platform_machine == 'x86_64' and sys_platform == 'darwin'",
            "osx-64",
        ),
        ("sys_platform == 'darwin'", "osx-arm64"),
        ("python_full_version >= '3.12'", None),
        ("sys_platform == ", None),
    ],
)
def test_the_platform_of_a_split_is_the_one_asked_about(split: str, platform: str | None) -> None:
    text = (
        f"  x No solution found when resolving dependencies for split ({split}):\n"
        "  `-> Because there is no version of a==1 and your project depends on a==1, we can conclude that\n"
        "      your project's requirements are unsatisfiable.\n"
    )
    (report,) = read_log(text)
    assert report.platform == platform


def demand(owner: str, version: str, needs: str, **more: str) -> LoggedDemand:
    return LoggedDemand(owner=owner, version=version, needs=needs, **more)


def test_versions_of_one_need_are_told_together() -> None:
    demands = [demand("a", v, "c<2") for v in ("1.3", "1.2", "1.1")]
    demands += [demand("b", "1.0", "C>=2"), LoggedDemand(needs="c==3", is_constraint=True)]
    assert conflict_of_demands(demands) == (
        "a 1.3 to 1.1 needs c<2",
        "but b 1.0 needs C>=2",
        "but `c==3` is a constraint",
    )


def test_one_need_alone_is_no_conflict() -> None:
    assert conflict_of_demands([demand("a", "1", "c<2"), demand("b", "1", "d")]) == ()


def test_long_conflicts_are_cut_and_counted() -> None:
    told = conflict_of_demands([demand(f"a{n}", "1", f"c<{n}") for n in range(20)])
    assert len(told) == MOST_SENTENCES
    assert told[-1] == "... and 13 more"


def test_a_root_that_fails_by_itself() -> None:
    nodes = [TreeNode(depth=0, text="a 1.*, which does not exist (perhaps a typo or a missing channel).")]
    assert conflict_of_tree(nodes) == ("`a 1.*` is asked for, which is nowhere",)


def test_facts_of_other_platforms_are_told_where_nothing_else_is() -> None:
    nodes = [
        TreeNode(depth=0, text="a ==1 cannot be installed because there are no viable options:"),
        TreeNode(depth=1, text="a 1 would require"),
        TreeNode(depth=2, text="__win *, for which no candidates were found."),
        TreeNode(depth=2, text="b <2, which cannot be installed because there are no viable options:"),
        TreeNode(depth=3, text="b 1, which conflicts with the versions reported above."),
        TreeNode(depth=0, text="b >=2 can be installed with any of the following options:"),
    ]
    assert conflict_of_tree(nodes) == ("a 1 needs b <2", "but `b >=2` is asked for")
    assert conflict_of_tree(nodes[:3]) == ("a 1 needs __win, which is nowhere",)


def test_a_source_that_fails_takes_nothing_of_it_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    log = str(LOGS / "pip-line-of-a-file.log")
    asked = ["explain", "--log", log, "--channel", str(tmp_path / "nowhere"), "-p", "linux-64"]
    assert main(asked) == 4
    said = capsys.readouterr()
    assert "but `hublike==0.23.4` is asked for" in said.out
    assert "warning: what the log names was not solved again: " in said.err
    assert main([*asked, "--json"]) == 4
    assert '"but `hublike==0.23.4` is asked for"' in capsys.readouterr().out
