"""What the product imports is what it declares, and the documentation says why each is there."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.trees import dotted, trees

OURS = {"resolver", "lockfiles"}
#: What extras bring, and the product looks for at run time: extra -> distributions that it is declared with.
EXTRAS = {
    "cyclonedx": {"cyclonedx-python-lib"},
    "fleet": {"distributed"},
    "keyring": {"keyring"},
}
#: What those need themselves, and is imported beside them.
OF_EXTRAS = {"packageurl-python"}


def imported() -> Iterator[str]:
    """Yield the top module of every import in the product, those inside functions and by name too."""
    for path, tree in trees().items():
        if path.parent.name == "suite":  # written out, to run where nothing of the product is
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]
            elif isinstance(node, ast.Call) and dotted(node.func).endswith("find_spec"):
                yield from (a.value for a in node.args if isinstance(a, ast.Constant))


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return found


def names(lines: object) -> set[str]:
    assert isinstance(lines, list)
    return {str(canonicalize_name(Requirement(line).name)) for line in lines}


def test_what_is_imported_is_declared(project: dict[str, object]) -> None:
    modules = {name for name in imported() if not name.startswith("_")}
    modules -= OURS | set(sys.stdlib_module_names)
    homes = importlib.metadata.packages_distributions()
    found = {str(canonicalize_name(home)) for module in modules for home in homes.get(module, [module])}
    assert found - set.union(*EXTRAS.values()) - OF_EXTRAS == names(project["dependencies"])


def test_the_extras_are_declared(project: dict[str, object]) -> None:
    extras = project["optional-dependencies"]
    assert isinstance(extras, dict)
    assert {name: names(lines) for name, lines in extras.items()} == EXTRAS


def test_each_has_its_reason_in_the_architecture(root: Path, project: dict[str, object]) -> None:
    text = (root / "docs" / "architecture.md").read_text()
    rows = re.findall(
        r"(?m)^\| ([^|]+) \|[^|]+\|[^|]+\|$", text.partition("## Dependencies")[2].partition("\n## ")[0]
    )
    told = {str(canonicalize_name(name)) for row in rows for name in row.split(", ")}
    assert told - {"library", "---"} == names(project["dependencies"])
