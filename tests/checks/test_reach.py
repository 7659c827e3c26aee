"""What was read for one platform isn't applied on another: it is unknown there, and said."""

from __future__ import annotations

import pytest

from resolver.checks import facts
from resolver.checks.registry import run_checks
from tests.checks.make import Env, make_context

XGBOOST = facts.PackageNeed(
    project="xgboost", version="3.0.0", last="3.0.3", source="a wheel", date="2026-11-30",
    requires={"numpy": ">=1.26", "nvidia-nccl-cu12": ">=2"},
    requires_on={
        "win": {"nvidia-nccl-cu12": None}, "linux-aarch64": {"nvidia-nccl-cu12": "<2"},
        "cp311": {"numpy": ">=1.23"}, "manylinux2014_x86_64": {"nvidia-nccl-cu12": None},
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("subdir", "tags", "has_file", "needs"),
    [
        (
            "linux-64",
            {"cp312", "manylinux_2_28_x86_64"},
            True,
            {"numpy": ">=1.26", "nvidia-nccl-cu12": ">=2"},
        ),
        ("linux-64", {"cp311", "manylinux2014_x86_64"}, True, {"numpy": ">=1.23"}),
        ("linux-64", {"cp312"}, False, {"numpy": ">=1.26"}),
        ("win-64", {"cp311", "win_amd64"}, True, {"numpy": ">=1.23"}),
        ("linux-aarch64", {"cp312", "any"}, True, {"numpy": ">=1.26", "nvidia-nccl-cu12": "<2"}),
    ],
)
def test_a_wheel_asks_for_what_was_read_of_its_kind(
    subdir: str, tags: set[str], has_file: bool, needs: dict[str, str]
) -> None:
    assert XGBOOST.needs(subdir, tags, has_file=has_file) == needs


@pytest.mark.parametrize(
    ("env", "rule", "subject"),
    [
        (Env(pip="torch==2.8.0", gpu="P100"), "gpu/architecture-missing", None),
        (
            Env(pip="torch==2.8.0+cu128", gpu="P100", subdir="win-64"),
            None,
            "torch 2.8.0+cu128 on win-64",
        ),
        (Env(pip="tensorflow==2.15.1 numpy==2.1.0", python="3.11.9"), "tensorflow/numpy", None),
        (
            Env(pip="tensorflow==2.15.1 numpy==2.1.0", python="3.11.9", subdir="win-64"),
            None,
            "tensorflow 2.15.1 on win-64",
        ),
        (Env(pip="torch==2.8.0 triton==3.3.0"), "torch/triton", None),
        (Env(pip="torch==2.8.0 triton==3.3.0", subdir="win-64"), None, None),
        (Env(pip="torchtext==0.14.1 torch==2.0.1"), "torch/text", None),
        (Env(pip="torchtext==0.14.1 torch==2.0.1", subdir="osx-arm64"), None, None),
        (Env(pip="torchtext==0.16.2 torch==2.2.0", python="3.12.1"), None, None),
        (Env(pip="torchtext==0.16.2 torch==2.2.0", python="3.11.1"), "torch/text", None),
    ],
)
def test_a_rule_speaks_where_its_facts_were_read(env: Env, rule: str | None, subject: str | None) -> None:
    report = run_checks(make_context(env), families={"gpu", "tensorflow", "torch"})
    assert rule is None or rule in [found.rule for found in report.findings]
    assert rule is not None or not report.findings
    assert [item.subject for item in report.unknown] == ([subject] if subject else [])


def test_a_release_behind_the_last_that_was_read_is_unknown() -> None:
    """8.6.0 asks for packages of CUDA 12; what is newer has no wheels that could be read."""
    [unknown] = run_checks(make_context(Env(pip="tensorrt==10.16.0.72"))).unknown
    assert unknown.subject == "tensorrt 10.16.0.72"
    assert "(8.6.0)" in unknown.text
