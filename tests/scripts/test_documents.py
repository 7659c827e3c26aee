"""What the documents for contributors name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md", "docs/architecture.md")
#: Where the paths of a document start, besides the project's folder.
BELOW = {"docs/architecture.md": ("resolver", "lockfiles")}
#: A path in code marks: with a folder, without placeholders in capitals.
_PATH = re.compile(r"`(?:\.venv/bin/python |python |bash )?((?:\./)?[a-z_.][a-z0-9_.*-]*/[a-z0-9_./*-]+)")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_and_links_lead_somewhere(name: str, root: Path) -> None:
    text = (root / name).read_text()
    paths = {match.group(1).removeprefix("./").rstrip(".") for match in _PATH.finditer(text)}
    starts = [root, *(root / folder for folder in BELOW.get(name, ()))]
    lost = [
        path
        for path in sorted(paths)
        if not path.startswith((".venv", "build/")) and not any(list(start.glob(path)) for start in starts)
    ]
    links = {match.group(1) for match in _LINK.finditer(text)}
    lost += [link for link in sorted(links) if not (root / name).parent.joinpath(link).exists()]
    assert lost == []


def test_contributing_names_the_places(root: Path) -> None:
    text = (root / "CONTRIBUTING.md").read_text()
    for place in ("lockfiles/cli/verbs.py", "resolver/checks/rules", "lockfiles/formats/names.py"):
        assert f"`{place}`" in text


def test_every_measurement_is_described(root: Path) -> None:
    text = (root / "benchmarks" / "README.md").read_text()
    files = {path.name for path in (root / "benchmarks").glob("*.py")} - {"__init__.py"}
    assert sorted(name for name in files if f"`{name}`" not in text) == []
