"""Known solutions of public projects end without an error that isn't right.

One in twenty here; ``scripts/check_known_solutions.py`` runs them all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from resolver.checks.registry import run_checks
from tests.checks.known import Records, known_context, read_problems

#: Errors of known solutions that were looked at and are right: project -> rules.
#: onnxruntime beside onnxruntime-gpu and three opencv packages overwrite each other's files; mkl 2024.1
#: under the pytorch channel's torch lacks iJIT_NotifyEvent; cvcuda-cu13 and its cuBLAS 13 stand in an
#: environment of CUDA 12.9.
RIGHT = {
    "rerun-io/examples-monorepo": {"onnxruntime/twice"},
    "rerun-io/rerun": {"runtime/opencv-twice"},
    "intMinsu/pixi-sample": {"torch/mkl-2024-1"},
    "nvidia-cosmos/cosmos-curate": {"cuda/two-majors"},
}


@pytest.mark.shared
@pytest.mark.parametrize("start", range(4))
def test_sampled_solutions_raise_no_false_alarm(shared: Path, start: int) -> None:
    records = Records(shared / "channels")
    problems = list(read_problems(shared, "linux-64"))[start * 5 :: 20]
    assert len(problems) > 60
    wrong = [
        (problem["repo"], problem["environment"], finding.rule, finding.message)
        for problem in problems
        for finding in run_checks(known_context(problem, records)).findings
        if finding.severity.value == "error" and finding.rule not in RIGHT.get(problem["repo"], set())
    ]
    assert wrong == []
