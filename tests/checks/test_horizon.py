"""No verdict beyond the facts: what is newer is named with their date, and no rule judges by it."""

from __future__ import annotations

from datetime import date

import pytest

from resolver.checks.horizon import FAMILIES, is_beyond, newest_known, unknown_of
from resolver.checks.registry import all_rules, run_checks
from resolver.model.leading_numbers import release
from tests.checks.make import Env, make_context

PROJECTS = [(name, newest_known(family)) for family in FAMILIES for name in family.pypi]


def later(version: str) -> list[str]:
    """Return ten invented versions after one: the next patches, minors and majors."""
    first, second, third, *_ = (*release(version), 0, 0)
    return [
        *(f"{first}.{second}.{third + step}" for step in (1, 2, 9)),
        *(f"{first}.{second + step}.{patch}" for step in (1, 2, 7) for patch in (0, 1)),
        f"{first + 1}.0.0",
    ]


@pytest.mark.parametrize(("project", "newest"), PROJECTS)
def test_ten_later_releases_of_each_family_are_unknown(project: str, newest: str) -> None:
    for version in later(newest):
        context = make_context(Env(pip=f"{project}=={version}", gpu="A100", python="3.12.1"))
        [found] = unknown_of(context)
        assert found.subject == f"{project} {version}"
        assert newest in found.text
        assert date.fromisoformat(found.date)
        report = run_checks(context)
        assert report.findings == (), version
        assert report.coverage.without_fact


@pytest.mark.parametrize(("project", "newest"), PROJECTS)
def test_what_the_facts_know_is_judged(project: str, newest: str) -> None:
    assert not is_beyond(project, newest)
    assert unknown_of(make_context(Env(pip=f"{project}=={newest}"))) == ()


@pytest.mark.parametrize(
    ("pip", "gpu", "subjects"),
    [
        ("nvidia-cudnn-cu13==9.44.0.1", "A100", ["nvidia-cudnn-cu13 9.44.0.1"]),
        ("nvidia-cudnn-cu13==9.44.0.1", None, []),
        ("nvidia-cuda-runtime==13.9.1", None, ["CUDA 13.9"]),
        ("cuda-toolkit==14.0.0", None, ["CUDA 14.0"]),
        ("torch==2.99.0 torchvision==0.99.0", None, ["torch 2.99.0", "torchvision 0.99.0"]),
    ],
)
def test_libraries_newer_than_the_facts(pip: str, gpu: str | None, subjects: list[str]) -> None:
    found = unknown_of(make_context(Env(pip=pip, gpu=gpu)))
    assert [item.subject for item in found] == subjects


#: What is said of a machine beyond the facts: ten inventions of each family, and what names it.
MACHINES = {
    "driver": [Env(driver=f"{branch}.10.01") for branch in range(616, 626)],
    "CUDA of the driver": [Env(cuda=f"13.{number}") for number in range(6, 16)],
    "CUDA of an image": [
        Env(image=f"nvidia/cuda:13.{number}.0-runtime-ubuntu24.04", driver="640.10")
        for number in range(6, 16)
    ],
    "CUDA of a package": [Env(pip=f"nvidia-cuda-runtime==13.{number}.1") for number in range(6, 16)],
    "cuDNN": [Env(pip=f"nvidia-cudnn-cu13==9.{number}.0.1", gpu="A100") for number in range(40, 50)],
    "GPU": [Env(gpu=f"NVIDIA GeForce RTX {number}90", pip="torch==2.9.0") for number in range(60, 70)],
    "compute capability": [Env(gpu=f"{number}.0", pip="torch==2.99.0") for number in range(13, 23)],
    "base image": [
        Env(image=f"mcr.microsoft.com/azureml/openmpi6.0-cuda13.{number}-ubuntu26.04:20300101.v1")
        for number in range(6, 16)
    ],
    "curated environment": [Env(image=f"azureml:acpt-pytorch-3.{number}-cuda14.0:1") for number in range(10)],
}


@pytest.mark.parametrize("family", MACHINES)
def test_ten_inventions_of_each_part_of_a_machine_are_unknown(family: str) -> None:
    assert len(MACHINES[family]) == 10
    for env in MACHINES[family]:
        context = make_context(env)
        report = run_checks(context)
        found = (*report.unknown, *context.machine.unknown)
        assert found, env
        assert all(date.fromisoformat(item.date) and item.text for item in found)
        assert [f"{item.rule}: {item.message}" for item in report.findings] == [], env


def test_a_later_torch_hides_no_fault_of_what_is_known() -> None:
    """torch 2.99 says nothing itself; the CUDA 13 libraries beside it still can't run on a V100."""
    context = make_context(Env(pip="torch==2.99.0 nvidia-cublas==13.1.0.3", gpu="V100"))
    report = run_checks(context)
    assert {finding.rule for finding in report.findings} == {"gpu/toolkit-cannot-target"}
    assert "gpu/architecture-missing" in report.coverage.without_fact


def test_coverage_counts_what_has_something_to_compare() -> None:
    nothing = run_checks(make_context(Env())).coverage
    assert (nothing.packages, nothing.applied, nothing.without_fact) == (0, (), ())
    torch = run_checks(make_context(Env(pip="torch==2.9.0", gpu="A100"))).coverage
    assert torch.rules == len(all_rules())
    assert {name.split("/")[0] for name in torch.applied} == {"cuda", "gpu", "runtime", "supply", "torch"}
    with_image = run_checks(make_context(Env(pip="torch==2.9.0", image="ubuntu:22.04"))).coverage
    assert "image/floating-tag" in with_image.applied


def test_a_silenced_rule_was_not_applied() -> None:
    context = make_context(Env(pip="torch==2.9.0", gpu="A100"))
    report = run_checks(context, silence={"gpu/cpu-build": "known"})
    assert "gpu/cpu-build" not in report.coverage.applied
