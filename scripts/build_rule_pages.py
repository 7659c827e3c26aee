"""Write a page for each rule of ``lock check`` under docs/rules: docstring, facts, a failing case.

Run it as ``python scripts/build_rule_pages.py``; with ``--check`` it writes nothing and fails
where a page is not what it would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from resolver.checks import facts
from resolver.checks.registry import Rule, all_rules, iter_findings
from resolver.machine.tables import Cited
from resolver.model.findings import Finding
from tests.checks import cases_channels, cases_gpu, cases_machine
from tests.checks.make import make_context

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "rules"
#: More sources than this are counted, not listed.
MOST_SOURCES = 12


def example(rule: Rule) -> Finding:
    """Return what the rule says about the first failing case of the tests."""
    cases = (*cases_channels.CASES, *cases_gpu.CASES, *cases_machine.CASES)
    case = next(case for case in cases if case.rule == rule.id)
    return next(iter_findings(make_context(case.fails), [rule]))


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
        lines += ["", f"Fact: {found.fact.text}", f"(source: {found.fact.source}; {found.fact.date})"]
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
        f'or `lock check --silence "{rule.id}=the reason"`.',
        "",
    ]
    return "\n".join(lines)


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
    rows = [f"| [{rule.id}]({_file(rule)}) | {rule.severity.value} | {rule.line} |" for rule in all_rules()]
    head = [
        "# Rules of `lock check`",
        "",
        f"{len(rows)} rules; `lock check --rules` prints them.",
        "",
        "| rule | severity | it says |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _file(rule: Rule) -> str:
    return rule.id.replace("/", "-") + ".md"


def pages() -> dict[str, str]:
    """Return file name -> text of every page and of the index."""
    return {"README.md": index(), **{_file(rule): page(rule) for rule in all_rules()}}


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
