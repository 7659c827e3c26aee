"""Another tool's error as a request: what it asked for, for which platform, from which channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.files import read_bytes
from lockfiles.session import Session, SessionRequest, open_session
from lockfiles.surroundings import STDIN, Surroundings
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from resolver.explain.logs import LogReport
    from resolver.model.requirements import CondaRequirement, PypiRequirement, Requirements

#: So much of a log is read, from its beginning.
_LARGEST = 64 << 20


def read_reports(log: str, surroundings: Surroundings) -> tuple[str, tuple[LogReport, ...]]:
    """Return what to call the log (``-``: standard input), and the errors in it, one or more.

    Raises InputError where it can't be read, or holds none that is known.
    """
    from resolver.explain.logs import read_log

    name = "standard input" if log == STDIN else log
    text = _read(log, surroundings)
    reports = read_log(text)
    if not reports:
        raise InputError("no solver's error is recognised in it", Origin(file=name), _what_else(text))
    return name, reports


def _what_else(text: str) -> str:
    """Return a hint: whose log it is, where it is that of a run."""
    from resolver.checks.logs import match_log

    matches = match_log(text.splitlines())
    if matches:
        return f"Line {matches[0].line} is an error of a run: `lock check --log LOG` explains it."
    return "Known are conda, mamba, pixi, pip, uv, poetry, and Azure ML image builds with one of them."


def _read(name: str, surroundings: Surroundings) -> str:
    """Return a log's text; what is no UTF-8 is replaced."""
    if name == STDIN:
        return surroundings.read_stdin().decode("utf-8", "replace")
    return read_bytes(name, _LARGEST).decode("utf-8", "replace")


def with_facts(request: SessionRequest, reports: Sequence[LogReport]) -> SessionRequest:
    """Return the request with platform and machine facts of the log, where it gives none itself."""
    settings = dict(request.settings)
    platforms = [report.platform for report in reports if report.platform]
    if platforms and not settings.get("platforms") and not request.files:
        settings["platforms"] = (platforms[0],)
    facts = [fact for report in reports for fact in report.virtual_packages]
    if facts and not settings.get("virtual_packages"):
        settings["virtual_packages"] = tuple(dict.fromkeys(facts))
    return replace(request, settings=settings)


def open_session_of_log(request: SessionRequest, reports: Sequence[LogReport], name: str) -> Session:
    """Return a session that asks for what the log names, each at its place in the log."""
    return open_session(request, requirements_of_log(reports, name))


def requirements_of_log(reports: Sequence[LogReport], name: str) -> Requirements:
    """Return what the log's specs ask for; those that are cut in the middle are left out."""
    from resolver.explain.logs.report import Tool
    from resolver.model.requirements import ChannelRequest, CondaRequirement, Requirements

    channels = [c for report in reports for c in report.channels]
    if not channels and any(report.tool in (Tool.RATTLER, Tool.LIBMAMBA) for report in reports):
        channels = ["conda-forge"]  # what pixi and mamba users have, unless they say otherwise
    conda, pypi = _specs(reports, name)
    if pypi and not conda:
        conda.append(CondaRequirement.parse("python", Origin(file=name)))
    return Requirements(
        channels=tuple(ChannelRequest(text=c, origin=Origin(file=name)) for c in dict.fromkeys(channels)),
        conda=tuple(conda),
        pypi=tuple(pypi),
        files=(name,),
    )


def _specs(reports: Sequence[LogReport], name: str) -> tuple[list[CondaRequirement], list[PypiRequirement]]:
    from resolver.inputs.pip_requirement import PipContext, parse_pip_requirement
    from resolver.model.requirements import CondaRequirement

    conda: list[CondaRequirement] = []
    pypi: list[PypiRequirement] = []
    for spec in (spec for report in reports for spec in report.specs):
        origin = Origin(file=name, line=spec.line)
        try:
            if spec.ecosystem == "conda":
                conda.append(CondaRequirement.parse(spec.text, origin))
            else:
                context = PipContext(origin=origin, environ={}, is_constraint=spec.is_constraint)
                pypi.append(parse_pip_requirement(spec.text, context)[0])
        except (ValueError, InputError):
            continue  # cut in the middle
    return conda, pypi
