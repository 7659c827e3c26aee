"""What an install has come to: lines for people, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.environments.planning import Plan
    from lockfiles.installing import Installed

#: Version of the JSON form; grows when a key changes its meaning or goes away.
SCHEMA_VERSION = 1
#: Exit code where the comparison with the lockfile finds an error.
EXIT_FINDINGS = 5
#: Lines of changes that are shown; a new environment's are all one kind.
_SHOWN = 40


def tell_installed(installed: Installed, terminal: Terminal) -> None:
    """Say what came, what went and what was chosen."""
    plan, place = installed.plan, f"`{installed.prefix}`"
    if plan.is_nothing:
        terminal.note(f"{place} is what `{installed.lockfile}` says: nothing to do.")
    else:
        changes = changes_of(plan)
        if not installed.is_new:
            for line in changes[:_SHOWN]:
                terminal.note(f"  {line}")
            if len(changes) > _SHOWN:
                terminal.note(f"  ... and {len(changes) - _SHOWN} more")
        verb = "Would install" if installed.dry_run else "Installed"
        by = f" by {installed.route.value}" if installed.route else ""
        what = f"{len(plan.link)} conda packages and {len(plan.put)} projects{by}"
        gone = len(plan.unlink) + len(plan.take)
        terminal.note(f"{verb} {what} into {place}{f', {gone} taken out or replaced' if gone else ''}.")
    for text in installed.said:
        terminal.note(f"note: {text}")
    for finding in installed.findings:
        details = "".join(f"\n  {line}" for line in finding.evidence)
        terminal.warning(f"{finding.message} [{finding.rule}]{details}")


def exit_code_of(installed: Installed) -> int:
    """Return 0, or ``EXIT_FINDINGS`` where the environment has an error that its lockfile brings along."""
    from resolver.model.findings import Severity

    is_wrong = any(finding.severity is Severity.ERROR for finding in installed.findings)
    return EXIT_FINDINGS if is_wrong else 0


def changes_of(plan: Plan) -> list[str]:
    """Return what comes (+), goes (-) and takes another's place (~), a line each, by name."""
    before: dict[str, str] = {f"{r.name} conda": f"{r.version} {r.build}" for r in plan.unlink}
    before |= {f"{p.name} pip": p.version for p in plan.take}
    after: dict[str, str] = {
        f"{p.record.name} conda": f"{p.record.version} {p.record.build}" for p in plan.link
    }
    after |= {f"{p.name} pip": p.version for p in plan.put}
    lines = []
    for key in sorted(before | after):
        name, manager = key.split()
        old, new = before.get(key), after.get(key)
        told = f"{old} -> {new}" if old and new else new or old
        lines.append(f"{'~' if old and new else '+' if new else '-'} {name} {told} ({manager})")
    return lines


def installed_to_json(installed: Installed) -> dict[str, object]:
    """Return what was done as JSON values (docs/json.md)."""
    plan = installed.plan
    return {
        "schema_version": SCHEMA_VERSION,
        "lockfile": installed.lockfile,
        "prefix": str(installed.prefix),
        "platform": installed.platform,
        "dry_run": installed.dry_run,
        "changed": not plan.is_nothing,
        "installer": installed.route.value if installed.route else None,
        "linked": [
            {"name": p.record.name, "version": p.record.version, "build": p.record.build} for p in plan.link
        ],
        "unlinked": [{"name": r.name, "version": r.version, "build": r.build} for r in plan.unlink],
        "put": [{"name": p.name, "version": p.version} for p in plan.put],
        "taken": [{"name": p.name, "version": p.version} for p in plan.take],
        "kept": [
            *({"manager": "conda", "name": r.name, "version": r.version} for r in plan.kept_conda),
            *({"manager": "pip", "name": p.name, "version": p.version} for p in plan.kept_projects),
        ],
        "activation": installed.activation,
        "notes": list(installed.said),
        "findings": [finding.to_json() for finding in installed.findings],
    }
