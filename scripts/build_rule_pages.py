"""Write a page for each rule of ``lock check`` and ``lock hash`` under docs/rules.

A page holds the docstring, the facts and a failing case.

Run it as ``python scripts/build_rule_pages.py``; with ``--check`` it writes nothing and fails
where a page is not what it would write.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lockfiles.identity.lint.registry import LINT, LintSubject, iter_lint
from lockfiles.identity.read.reading import read_definitions
from lockfiles.rules import every_rule
from resolver.checks import facts
from resolver.checks.registry import CHECKS, iter_findings
from resolver.machine.tables import Cited
from resolver.model.findings import Finding
from resolver.model.rules import Rule
from tests.checks import cases_channels, cases_gpu, cases_installed, cases_machine, cases_supply_chain
from tests.checks.make import make_context
from tests.identity import test_lint
from tests.identity.vectors import write_files

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "rules"
#: More sources than this are counted, not listed.
MOST_SOURCES = 12


def example(rule: Rule) -> Finding:
    """Return what the rule says about the first failing case of the tests."""
    if rule in LINT.all():
        return _lint_example(rule)
    families = (cases_channels, cases_gpu, cases_machine, cases_installed, cases_supply_chain)
    cases = [case for family in families for case in family.CASES]
    case = next(case for case in cases if case.rule == rule.id)
    return next(iter_findings(make_context(case.fails), [rule]))


def _lint_example(rule: Rule) -> Finding:
    case = next(case for case in test_lint.CASES if any(name == rule.id for name, _, _ in case.expected))
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_files(Path(), case.files)
        (definition,) = read_definitions(Path(case.read), case.read)
        subject = LintSubject(definition=definition, inference=case.inference or bool(definition.inference))
        return next(iter_lint(subject, [rule]))


def page(rule: Rule) -> str:
    """Return the text of a rule's page."""
    found = example(rule)
    lines = [
        f"# {rule.id}",
        "",
        f"**{rule.severity.value}**: {rule.line}.",
        "",
        rule.explanation,
        "",
        "## Example",
        "",
        "```text",
    ]
    lines += [
        f"{found.severity.value}[{found.rule}]: {found.message}",
        *(f"  - {line}" for line in found.evidence),
        "```",
    ]
    if found.fact:
        date = f"; {found.fact.date}" if found.fact.date else ""
        caution = f"; {found.fact.caution}" if found.fact.caution else ""
        lines += ["", f"Fact: {found.fact.text}", f"(source: {found.fact.source}{date}{caution})"]
    if rule.facts:
        lines += ["", "## Facts", ""]
        for name in rule.facts:
            lines += _table(name)
    lines += [
        "",
        "## Silence it",
        "",
        "```toml",
        "# lockstack.toml",
        "[silence]",
        f'"{rule.id}" = "the reason"',
        "```",
        "",
        f'or `lock {_verb(rule)} --silence "{rule.id}=the reason"`.',
        "",
    ]
    return "\n".join(lines)


def _verb(rule: Rule) -> str:
    return LINT.verb if rule in LINT.all() else CHECKS.verb


def _table(name: str) -> list[str]:
    """Return the lines on one table of facts: what it holds, and its sources."""
    table, path = facts.table_named(name)
    lines = [
        f"`{path.relative_to(ROOT).as_posix()}`, {len(table.rows)} rows, read {table.read}: {table.about}",
        "",
    ]
    cited = [item for row in table.rows for item in (*_nested(row), row)]
    sources = list(dict.fromkeys(f"- {item.source} ({item.date})" for item in cited))
    lines += sources[:MOST_SOURCES]
    if len(sources) > MOST_SOURCES:
        lines.append(f"- and {len(sources) - MOST_SOURCES} more, named in the file")
    return [*lines, ""]


def _nested(row: Cited) -> list[Cited]:
    """Return what a row cites beside its own source."""
    values = (getattr(row, field.name) for field in msgspec.structs.fields(row))
    return [value for value in values if isinstance(value, Cited)]


def index() -> str:
    """Return the list of all rules."""
    rows = [
        f"| [{rule.id}]({_file(rule)}) | {_verb(rule)} | {rule.severity.value} | {rule.line} |"
        for rule in every_rule()
    ]
    counts = f"{len(CHECKS.all())} rules of `lock check`, {len(LINT.all())} of `lock hash`"
    head = [
        "# Rules of `lock check` and `lock hash`",
        "",
        f"{counts}; `lock check --rules` prints them.",
        "",
        "| rule | verb | severity | it says |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _file(rule: Rule) -> str:
    return rule.id.replace("/", "-") + ".md"


def pages() -> dict[str, str]:
    """Return file name -> text of every page and of the index."""
    return {"README.md": index(), **{_file(rule): page(rule) for rule in every_rule()}}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    wanted = pages()
    if "--check" in arguments:
        stale = [
            name
            for name, text in wanted.items()
            if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text
        ]
        stale += [path.name for path in FOLDER.glob("*.md") if path.name not in wanted]
        print("\n".join(f"stale: docs/rules/{name}" for name in stale) or "all pages are up to date")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
