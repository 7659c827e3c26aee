"""Poetry's notation for versions -> PEP 440 specifiers, and its Python ranges -> markers.

Source: Poetry's "Dependency specification". ``^1.2.3`` allows what keeps the
first number that isn't zero, ``~1.2.3`` what keeps the second; a bare version is
that version alone.
"""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_CLAUSE = re.compile(r"(?P<operator>\^|~=|~|===|==|!=|<=|>=|<|>|=)?\s*(?P<version>(?:\d+!)?[^\s,<>=!~^]+)\s*")


def poetry_specifier(text: str) -> str:
    """Return the PEP 440 specifier set of a version in Poetry's notation; empty: any version.

    Raises ValueError, with words for people, for what is none and for alternatives
    (``||``), which PEP 440 has no form for.
    """
    text = text.strip()
    if "|" in text:
        raise ValueError("alternatives (`||`) have no form in a pip requirement")
    clauses: list[str] = []
    for part in text.split(","):
        clauses.extend(_clauses(part.strip()))
    try:
        return str(SpecifierSet(",".join(clauses)))
    except InvalidSpecifier:
        raise ValueError("not a version in Poetry's notation") from None


def _clauses(part: str) -> list[str]:
    """Return the clauses of one comma's part, in which blanks separate clauses too."""
    found: list[str] = []
    position = 0
    if part in ("", "*"):
        return found
    while position < len(part):
        match = _CLAUSE.match(part, position)
        if match is None:
            raise ValueError("not a version in Poetry's notation")
        found.extend(_clause(match["operator"] or "", match["version"]))
        position = match.end()
    return found


def _clause(operator: str, version: str) -> list[str]:
    if version == "*":
        return []
    if operator in ("^", "~"):
        return _range(operator, version)
    if operator in ("", "="):
        operator = "=="
    if re.fullmatch(r"\d+(?:\.\d+)*(?:\.[*xX])+", version):
        version = re.sub(r"(?:\.[*xX])+\Z", ".*", version)
    return [f"{operator}{version}"]


def _range(operator: str, text: str) -> list[str]:
    try:
        version = Version(re.sub(r"(?:\.\*)+\Z", "", text))
    except InvalidVersion:
        raise ValueError("not a version in Poetry's notation") from None
    release = version.release
    if operator == "~":
        kept = min(len(release), 2)
    else:
        kept = next((at for at, number in enumerate(release, 1) if number), len(release))
    upper = (*release[: kept - 1], release[kept - 1] + 1)
    numbers = ".".join(map(str, (*upper, *([0] if len(upper) == 1 else []))))
    epoch = f"{version.epoch}!" if version.epoch else ""
    return [f">={version}", f"<{epoch}{numbers}"]


def python_marker(text: str) -> str:
    """Return the marker of a dependency's ``python = "..."``; empty: any. Raises ValueError."""
    alternatives = [_all_of(part) for part in re.split(r"\|\|?", text)]
    if "" in alternatives:
        return ""
    return (
        " or ".join(alternatives) if len(alternatives) == 1 else " or ".join(f"({a})" for a in alternatives)
    )


def _all_of(text: str) -> str:
    clauses = [clause for clause in poetry_specifier(text).split(",") if clause]
    return " and ".join(_python_clause(clause) for clause in sorted(clauses))


def _python_clause(clause: str) -> str:
    found = re.match(r"([<>=!~]+)(.*)", clause)
    assert found is not None  # noqa: S101  a specifier's clause begins with its operator
    operator, version = found.groups()
    exact = len(version.removesuffix(".*").split(".")) > 2 or (operator in ("<=", ">") and "*" not in version)
    return f'python_{"full_" if exact else ""}version {operator} "{version}"'
