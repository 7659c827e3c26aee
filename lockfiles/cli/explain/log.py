"""``lock explain --log FILE``: what another tool's error says, and the same question asked here."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.cli.terminal import Terminal
    from lockfiles.session import Session
    from resolver.explain.logs import LogReport
    from resolver.model.requirements import Requirements

STDIN = "-"
#: So many reasons of the other tool are repeated.
_MOST_REASONS = 4


def explain_log(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Say what the log says; then solve again, with the files beside it or with the specs found."""
    from lockfiles.cli.arguments import session_request
    from lockfiles.cli.explain.command import explain_session
    from lockfiles.session import open_session
    from resolver.explain.logs import read_log

    name = "standard input" if arguments.log == STDIN else arguments.log
    reports = read_log(_read(arguments.log))
    if not reports:
        raise InputError(
            "no solver's error is recognised in it",
            Origin(file=name),
            "Known are conda, mamba, pixi, pip, uv, poetry, and Azure ML image builds with one of them.",
        )
    if not (terminal.json or arguments.dot):
        for report in reports:
            terminal.data("\n".join(report_lines(report, name)))
    arguments.logs = logs_to_json(reports)
    _take_platform(arguments, reports)
    if arguments.files:
        session = open_session(session_request(arguments))
    else:
        session = session_of_log(arguments, reports, name)
    if not (session.requirements.conda or session.requirements.pypi):
        if terminal.json:
            terminal.data(json.dumps({"schema_version": 1, "targets": [], "logs": arguments.logs}, indent=2))
        terminal.note("The log names nothing that was asked for: give the environment file beside it.")
        return 0
    if not terminal.json:
        terminal.data("")
    code = explain_session(session, arguments, terminal)
    if code == 0 and arguments.apply is None:
        terminal.note(_solvable(arguments, reports[0]))
    return code


def _read(name: str) -> str:
    """Return a log's text; what is no UTF-8 is replaced."""
    if name == STDIN:
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        with open(name, "rb") as file:  # noqa: PTH123  (as typed)
            return file.read(64 << 20).decode("utf-8", "replace")
    except OSError as error:
        raise InputError((error.strerror or str(error)).lower(), Origin(file=name)) from None


def report_lines(report: LogReport, name: str) -> list[str]:
    """Return what was understood of one error."""
    where = f"{name}:{report.first_line}"
    azureml = " in an Azure ML image build" if report.azureml else ""
    result = [f"{where}: an error of {report.tool.value}{azureml}"]
    if report.specs:
        result.append("asked for:")
        result += [f"  {spec.text}{' (constraint)' if spec.is_constraint else ''}" for spec in report.specs]
    if report.missing:
        result.append(f"found nowhere: {', '.join(report.missing)}")
    if report.reasons:
        result.append("it says:")
        result += [f"  {reason}" for reason in report.reasons[:_MOST_REASONS]]
        if len(report.reasons) > _MOST_REASONS:
            result.append(f"  ... and {len(report.reasons) - _MOST_REASONS} more")
    if not report.complete:
        result.append("the log breaks off in the middle of the error: some of it may be missing")
    return result


def logs_to_json(reports: Sequence[LogReport]) -> list[dict[str, object]]:
    """Return what was understood as JSON values."""
    return [
        {
            "tool": report.tool.name.lower(),
            "specs": [
                {"text": s.text, "ecosystem": s.ecosystem, "line": s.line, "constraint": s.is_constraint}
                for s in report.specs
            ],
            "missing": list(report.missing),
            "reasons": list(report.reasons),
            "platform": report.platform,
            "channels": list(report.channels),
            "virtual_packages": list(report.virtual_packages),
            "azureml": report.azureml,
            "complete": report.complete,
        }
        for report in reports
    ]


def _take_platform(arguments: argparse.Namespace, reports: Sequence[LogReport]) -> None:
    """Take platform and machine facts from the log, where no flag says otherwise."""
    platforms = [report.platform for report in reports if report.platform]
    if platforms and not arguments.platforms and not arguments.files:
        arguments.platforms = (platforms[0],)
    facts = [fact for report in reports for fact in report.virtual_packages]
    if facts and not arguments.virtual_packages:
        arguments.virtual_packages = tuple(dict.fromkeys(facts))


def session_of_log(arguments: argparse.Namespace, reports: Sequence[LogReport], name: str) -> Session:
    """Return a session that asks for what the log names, each at its place in the log."""
    import tempfile
    from pathlib import Path

    from lockfiles.cli.arguments import session_request
    from lockfiles.session import open_session
    from resolver.values import replace

    requirements, text = requirements_of_log(reports, name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "environment.yml"
        path.write_text(text, encoding="utf-8")
        arguments.files = [str(path)]
        session = open_session(session_request(arguments))
    arguments.files = []
    asked = replace(session.requirements, conda=requirements.conda, pypi=requirements.pypi, files=(name,))
    return replace(session, requirements=asked, files=(name,))


def requirements_of_log(reports: Sequence[LogReport], name: str) -> tuple[Requirements, str]:
    """Return the log's requirements, and the environment file that would ask for them."""
    from resolver.explain.logs.report import Tool
    from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement
    from resolver.model.match_spec import parse_match_spec
    from resolver.model.names import conda_name
    from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements

    conda: list[CondaRequirement] = []
    pypi: list[PypiRequirement] = []
    channels = [c for report in reports for c in report.channels]
    if not channels and any(report.tool in (Tool.RATTLER, Tool.LIBMAMBA) for report in reports):
        channels = ["conda-forge"]  # what pixi and mamba users have, unless they say otherwise
    for report in reports:
        for spec in report.specs:
            origin = Origin(file=name, line=spec.line)
            try:
                if spec.ecosystem == "conda":
                    parsed = parse_match_spec(spec.text)
                    conda.append(
                        CondaRequirement(name=conda_name(parsed.name), spec=spec.text, origin=origin)
                    )
                else:
                    context = PipContext(origin=origin, environ={}, is_constraint=spec.is_constraint)
                    pypi.append(parse_pip_requirement(spec.text, context)[0])
            except (ValueError, InputError):
                continue  # cut in the middle
    lines = ["channels:", *(f"  - {c}" for c in dict.fromkeys(channels))] if channels else []
    lines += ["dependencies:", "  - python"] if not conda else ["dependencies: []"]
    if pypi and not conda:
        from resolver.model.match_spec import parse_match_spec as parse

        conda.append(
            CondaRequirement(name=conda_name(parse("python").name), spec="python", origin=Origin(file=name))
        )
    requirements = Requirements(conda=tuple(conda), pypi=tuple(pypi), has_pip_section=bool(pypi))
    return requirements, "\n".join(lines) + "\n"


def _solvable(arguments: argparse.Namespace, report: LogReport) -> str:
    """Return what to make of an error that doesn't come up here."""
    if arguments.files:
        return "What failed there has a solution here: `lock` writes it down."
    what = "The requirements that the log names" if report.specs else "What the log names"
    return f"{what} have a solution here; with the environment file beside the log, all its lines are tried."
