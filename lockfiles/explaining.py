"""Explain: why the files have no solution, and which changes lead to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from lockfiles.listener import Listener
from lockfiles.session import Session, SessionRequest, open_session
from resolver.errors import SourceError
from resolver.explain.clock import Clock

if TYPE_CHECKING:
    from resolver.explain.explanation import Explanation
    from resolver.explain.logs import LogReport
    from resolver.model.target import Target
    from resolver.pipeline import Resolver


class ExplainRequest(SessionRequest, frozen=True, kw_only=True):
    """What to explain: files, another tool's error, or both.

    ``log`` names a file with the error of conda, mamba, pixi, pip, uv or poetry
    (``-``: standard input). Without files, what the log asks for is explained; the
    platform and the machine's facts come from it where the request gives none.
    ``clock`` fills the explanations' ``seconds``; where it gives a time, each target
    is looked at so long, else as many steps as are usually enough. ``environment`` is
    that of a pixi manifest; those of its solve-group come in.
    """

    log: str | None = None
    environment: str | None = None
    clock: Clock | None = None


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """An explanation for every target without a solution, and what was understood of the log."""

    session: Session
    explanations: tuple[Explanation, ...]
    logs: tuple[LogReport, ...] = ()
    failure: SourceError | None = None  #: why what a log names could not be solved again

    @property
    def log_holds_conflict(self) -> bool:
        """Whether the log itself says what clashes, whatever comes of solving it again."""
        return any(report.holds_conflict for report in self.logs)

    @property
    def text(self) -> str:
        """The explanations in words, as the command prints them; empty where every target has a solution."""
        from resolver.explain.showing.text import explanation_text

        return "\n\n".join(explanation_text(explanation) for explanation in self.explanations)

    @property
    def asks_for_nothing(self) -> bool:
        """Whether the log names nothing that was asked for, so that nothing could be explained."""
        asked = self.session.requirements
        return bool(self.logs) and not (asked.conda or asked.pypi)


class ExplainListener(Listener):
    """Hears of an explanation while it goes on; every method does nothing, override what is wanted."""

    def log_read(self, name: str, reports: Sequence[LogReport]) -> None:
        """Note what was understood of the log called ``name``."""

    def explaining(self, session: Session) -> None:
        """Note that the session's targets are about to be explained, one by one."""

    def conflicts_found(self, target: Target, early: Explanation) -> None:
        """Note what is known of a target before changes are tried; may come more than once."""

    def explained(self, target: Target, explanation: Explanation | None) -> None:
        """Note a target's explanation; None: there is a solution."""


def explain(request: ExplainRequest, listener: ExplainListener | None = None) -> Explained:
    """Explain every target that has no solution.

    Raises InputError and SourceError; InputError too for a log in which no tool's
    error is recognised. Where a log alone holds a conflict, a source that fails is a
    value: what is known is not lost.
    """
    from lockfiles.named_environment import with_environment

    listener = listener or ExplainListener()
    if request.files:
        request, _ = with_environment(request, request.environment)
    if request.log is None:
        return _explain(open_session(request), request, (), listener)
    from lockfiles.explaining_logs import open_session_of_log, read_reports, with_facts

    name, reports = read_reports(request.log, request.surroundings)
    listener.log_read(name, reports)
    asked = with_facts(request, reports)
    if asked.files:
        return _explain(open_session(asked), request, reports, listener)
    session = open_session_of_log(asked, reports, name)
    try:
        return _explain(session, request, reports, listener)
    except SourceError as error:
        if not any(report.holds_conflict for report in reports):
            raise
        return Explained(session=session, explanations=(), logs=reports, failure=error)


def _explain(
    session: Session, request: ExplainRequest, logs: tuple[LogReport, ...], listener: ExplainListener
) -> Explained:
    from lockfiles.solving import resolve_options
    from resolver.pipeline import Reporter, Resolver

    for notice in session.requirements.notices:
        listener.warn(notice.text)
    found = Explained(session=session, explanations=(), logs=logs)
    if found.asks_for_nothing:
        return found
    listener.explaining(session)
    explanations = []
    options = resolve_options(session, preferred={})
    with (
        listener.solving(session.settings) as reporter,
        Resolver(session.requirements, options, reporter or Reporter()) as bench,
    ):
        for target in session.targets:
            bench.reporter.target_started(target)
            explanation = explain_target(bench, target, session, request.clock, listener)
            listener.explained(target, explanation)
            if explanation is not None:
                explanations.append(explanation)
    return Explained(session=session, explanations=tuple(explanations), logs=logs)


def explain_target(
    bench: Resolver, target: Target, session: Session, clock: Clock | None, listener: ExplainListener
) -> Explanation | None:
    """Return why one target of an open resolver has no solution; None: it has one."""
    from resolver.explain.explanation import Explainer
    from resolver.explain.fixes.changes import Question

    question = Question(requirements=bench.requirements, target=target, channels=session.channels)
    limit = bench.options.search_limit
    explainer = Explainer(bench, question, search_limit=limit, clock=clock, reporter=bench.reporter)
    return explainer.run(first=lambda early: listener.conflicts_found(target, early))
