"""Write the goldens anew (``python -m tests.explain.update_goldens``); read each change aloud first."""

from __future__ import annotations

from pathlib import Path

from resolver.explain.showing.text import explanation_text
from tests.explain.world import CASES, explain_case

GOLDENS = Path(__file__).parent / "goldens"


def main() -> None:
    for case in CASES:
        explanation = explain_case(case)
        text = explanation_text(explanation) if explanation else "there is a solution"
        (GOLDENS / f"{case.name}.txt").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
