"""``lock check``: channel mixing and GPU-stack faults, found before the job runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lockfiles.cli.check.subjects import Checked
    from lockfiles.cli.terminal import Terminal
    from resolver.checks.logs import LogMatch
    from resolver.checks.registry import Report

DESCRIPTION = """\
Check a lockfile, an environment file or an installed environment against the machine it will
run on: channels that don't fit together, CUDA, drivers, GPUs, base images, VM sizes."""

EXAMPLES = """\
examples:
  lock check conda-lock.yml                                  what the packages themselves say
  lock check conda-lock.yml --vm-size Standard_NC24ads_A100_v4
  lock check environment.yml --image Dockerfile --driver 535.161
  lock check --prefix /opt/conda/envs/train --gpu A100       what is installed
  lock check conda-lock.yml --log std_log.txt                why did the job fail?
  lock check --rules                                         every rule in one line
  lock check --matrix pytorch                                versions that belong together
"""

#: Exit code where a finding is at least as bad as ``--fail-on``.
EXIT_FOUND = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from lockfiles.cli.arguments import add_machine_arguments, add_output_arguments, add_source_arguments

    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="conda-lock.yml, pixi.lock, requirements with pins, or environment files",
    )
    parser.add_argument(
        "--prefix", metavar="DIR", help="check what is installed there; none of its code is run"
    )
    parser.add_argument("--environment", metavar="NAME", help="environment of a pixi.lock (default)")
    parser.add_argument(
        "--requirements",
        action="append",
        default=[],
        metavar="FILE",
        help="environment file a lockfile was made from: who asked for what; may be repeated",
    )
    parser.add_argument(
        "--log", metavar="FILE", help="log of a failed job: match known failures (- is standard input)"
    )
    add_machine_arguments(parser)
    _add_result_arguments(parser.add_argument_group("result"))
    add_source_arguments(parser, "check")
    add_output_arguments(parser, json_help="print JSON (docs/check.md has its schema)", verb="check")


def _add_result_arguments(group: argparse._ArgumentGroup) -> None:
    from lockfiles.cli.arguments import add_setting

    group.add_argument(
        "--fail-on",
        choices=("note", "warning", "error"),
        default="error",
        help="exit with 5 from this severity on (error)",
    )
    add_setting(group, "silenced")
    group.add_argument("--sarif", metavar="FILE", help="write SARIF 2.1.0 to FILE (- is standard output)")
    group.add_argument("--no-fix", action="store_true", help="don't solve for fixes")
    group.add_argument("--rules", action="store_true", help="list every rule and leave")
    group.add_argument(
        "--matrix", metavar="NAME", help="print a version matrix and leave (pytorch, tensorflow, ...)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run the verb; return its exit code."""
    from lockfiles.cli.check import output as check_output

    if arguments.rules:
        check_output.print_rules(terminal)
        return 0
    if arguments.matrix:
        check_output.print_matrix(arguments.matrix, terminal)
        return 0
    return _check(arguments, terminal)


def _check(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from lockfiles.cli.arguments import machine_request
    from lockfiles.cli.check import output as check_output
    from lockfiles.cli.check.subjects import read_checked
    from lockfiles.machine import describe_request
    from resolver.checks.registry import run_checks
    from resolver.errors import InputError

    lines = _read_log(arguments.log) if arguments.log else None
    machine = describe_request(machine_request(arguments), arguments.files)
    if (
        not arguments.files
        and not arguments.prefix
        and lines is None
        and machine.image is None
        and machine.vm is None
    ):
        raise InputError("nothing to check", hint="Give a lockfile: `lock check conda-lock.yml`.")
    silenced = _silenced(arguments)
    checked = read_checked(arguments, machine)
    reports: list[tuple[Checked, Report]] = []
    for item in checked:
        try_fix = None if arguments.no_fix else item.try_fix
        report = run_checks(item.context, silence=silenced, try_fix=try_fix)
        reports.append((item, _with_origins(item, report, silenced)))
    matches = _match(lines, checked) if lines is not None else ()
    if arguments.sarif:
        check_output.write_sarif(arguments.sarif, reports, terminal)
    if arguments.sarif != "-":
        check_output.print_reports(machine, reports, matches, terminal, has_log=lines is not None)
    return EXIT_FOUND if _fails(arguments.fail_on, reports, matches) else 0


def _with_origins(item: Checked, report: Report, silenced: Mapping[str, str]) -> Report:
    """Return the report with who asked for what, where there is something to report.

    The lockfile's source files are read for the evidence alone: rules that had
    nothing to say without them are not asked again.
    """
    from resolver.checks.registry import Report, run_checks

    context = item.with_requirements() if report.findings else None
    if context is None:
        return report
    spoke = {finding.rule for finding in report.findings}
    again = run_checks(context, silence=silenced)
    return Report(
        findings=tuple(finding for finding in again.findings if finding.rule in spoke),
        silenced=report.silenced,
    )


def _silenced(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the silenced rules with their reasons; raises InputError for a rule that doesn't exist."""
    from resolver.checks.registry import all_rules
    from resolver.errors import InputError, InputErrors
    from resolver.inputs.faults import did_you_mean
    from resolver.model.origin import Origin

    silenced = _silenced_settings(arguments)
    known = {rule.id for rule in all_rules()}
    # Other verbs have rules of their own (`azureml/...` of `lock hash`): only the families of this one are
    # judged.
    families = {name.split("/")[0] for name in known} - {"azureml"}
    wrong = [name for name in silenced if name not in known and name.split("/")[0] in families]
    if wrong:
        raise InputErrors(
            [
                InputError(
                    f"no rule `{name}` to silence", Origin(file=silenced[name][1]), did_you_mean(name, known)
                )
                for name in wrong
            ]
        )
    return {name: reason for name, (reason, _) in silenced.items()}


def _silenced_settings(arguments: argparse.Namespace) -> dict[str, tuple[str, str]]:
    """Return rule -> reason and the place it was written in.

    Flags, variables and settings files alone: no other place can hold it, and
    reading conda's and pip's configuration takes as long as a check.
    """
    from lockfiles.settings.files import read_file_layers
    from lockfiles.settings.layers import environment_layer, flag_layer
    from resolver.inputs.faults import Faults

    faults, home = Faults(), Path.home()
    first = next((Path(name) for name in arguments.files if name != "-"), None)
    layers = [
        flag_layer({"silenced": arguments.silenced}, home, faults),
        environment_layer(os.environ, home, faults),
        *read_file_layers(first, Path.cwd(), home, faults),
    ]
    faults.raise_if_any()
    found: dict[str, tuple[str, str]] = {}
    for layer in reversed(layers):
        setting = layer.get("silenced")
        if setting is not None:
            found.update({name: (reason, setting.source) for name, reason in setting.value.items()})
    return dict(sorted(found.items()))


def _read_log(name: str) -> list[str]:
    """Return the lines of a log; bytes that are no text are replaced."""
    import sys

    from resolver.errors import InputError
    from resolver.model.origin import Origin

    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", Origin(file=name)) from None
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return raw.decode(encoding, errors="replace").split("\n")


def _match(lines: list[str], checked: Sequence[Checked]) -> tuple[LogMatch, ...]:
    from resolver.checks.logs import explain_match, match_log

    matches = match_log(lines)
    for item in checked:
        if item.name is not None:
            explained = tuple(explain_match(match, item.context) for match in matches)
            matches = tuple(new if new.findings else old for new, old in zip(explained, matches, strict=True))
    return matches


def _fails(limit: str, reports: Sequence[tuple[Checked, Report]], matches: Sequence[LogMatch]) -> bool:
    from resolver.model.findings import Severity, worst_severity

    if matches:
        return True
    worst = worst_severity(finding for _, report in reports for finding in report.findings)
    return worst is not None and worst.rank <= Severity(limit).rank
