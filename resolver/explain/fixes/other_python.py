"""Another Python for pip lines that no conda package gives one to."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.constraints.facts import PythonFact, UnusableFact
from resolver.explain.derivation import leaves_of
from resolver.explain.fixes.changes import Action, Edit, Question
from resolver.explain.fixes.trying import Option
from resolver.explain.members import UserConflict
from resolver.inputs.default_python import PYTHONS, python_of_target
from resolver.model.unusable import Unusable

# Costs; see trying.py. What was chosen for the user gives way before what was asked for, a setting after it.
_CHOSEN, _GIVEN = 1.2, 3.0
_STEP = 0.1  # a minor version farther


def options_of_python(question: Question, conflict: UserConflict) -> Iterator[Option]:
    """Yield other Pythons for pip lines that no conda package gives one to, the nearest first.

    What was chosen for the user is the first to give way.
    """
    own, needed = question.target.python, question.requirements.python_versions
    if own is None or isinstance(needed, Unusable):
        return
    leaves = leaves_of(conflict.proof) if conflict.proof is not None else []
    if len(conflict.lines) > 1 and not any(
        isinstance(leaf.fact, PythonFact | UnusableFact) for leaf in leaves
    ):
        return
    is_chosen = own == python_of_target(question.requirements, None)
    base = _CHOSEN if is_chosen else _GIVEN
    others = [text for text in PYTHONS if text in needed and _minor(text) != _minor(own)]
    for text in sorted(others, key=lambda text: (abs(_minor(text) - _minor(own)), _minor(text))):
        edit = Edit(action=Action.PYTHON, text=text.rpartition(".")[0])
        yield Option(edits=(edit,), cost=base + _STEP * abs(_minor(text) - _minor(own)))


def _minor(python: str) -> int:
    return int(python.split(".")[1])
