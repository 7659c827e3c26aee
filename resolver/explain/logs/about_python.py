"""A log's conflict about the Python, told from the log alone: what it names may well have a solution here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resolver.explain.logs.report import PythonNeed
from resolver.model.match_spec import version

_BOUND = re.compile(r"(?P<operator>>=|<=|>|<)\s*(?P<version>\d[\w.]*)")


def python_conflict(needs: Sequence[PythonNeed]) -> list[str]:
    """Return the chain of reasons, one sentence each: who needs which Python, and which one there was."""
    result: list[str] = []
    for need in needs:
        result.append(f"{need.owner} needs Python {need.needs}")
        if need.asked is not None:
            result.append(f"but the project asks for all of Python {need.asked}")
        elif outside := _outside(need.needs):
            result.append(f"so the interpreter there was Python {outside}")
    return list(dict.fromkeys(result))


def python_that_helps(needs: Sequence[PythonNeed]) -> str | None:
    """Return the range that suits all, as in ``>=3.9,<3.10``; None where there is none."""
    texts = [text for need in needs for text in (need.needs, need.asked) if text]
    bounds = [(m["operator"], m["version"]) for text in texts for m in _BOUND.finditer(text)]
    low = max((b for b in bounds if b[0][0] == ">"), key=lambda b: version(b[1]), default=None)
    high = min((b for b in bounds if b[0][0] == "<"), key=lambda b: version(b[1]), default=None)
    if low and high and version(low[1]) >= version(high[1]):
        return None
    return (
        ",".join(operator + text for operator, text in (low, high) if operator)
        if low and high
        else ("".join(low or high or ()) or None)
    )


def _outside(needs: str) -> str:
    """Return what a range leaves out, the upper end first: pip mostly meets a Python that is too new."""
    parts = []
    for found in sorted(_BOUND.finditer(needs), key=lambda m: m["operator"][0]):
        operator, text = found["operator"], found["version"]
        words = {"<": f"{text} or newer", "<=": f"newer than {text}", ">=": f"older than {text}"}
        parts.append(words.get(operator, f"{text} or older"))
    return f"{parts[0]} (or {' or '.join(parts[1:])})" if len(parts) > 1 else "".join(parts)
