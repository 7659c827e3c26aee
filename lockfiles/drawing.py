"""Graph: a lockfile, two of them, or an input, as something to look at. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from lockfiles.drawings.names import DRAWING_FORMATS
from lockfiles.files import look_for
from lockfiles.listener import Listener
from lockfiles.locked_file import LockfileRequest, OpenedLock, open_lockfile
from lockfiles.session import SessionRequest
from lockfiles.surroundings import STDIN
from resolver.errors import InputError, NoSolutionError
from resolver.model.origin import Origin
from resolver.model.visible import make_visible

if TYPE_CHECKING:
    from lockfiles.drawings.model import Drawing, DrawnConflict, DrawnGraph
    from resolver.model.findings import Finding
    from resolver.model.requirements import Requirements
    from resolver.model.resolution import Resolution


class GraphRequest(SessionRequest, frozen=True, kw_only=True):
    """What to draw: a lockfile, two lockfiles (the older one first), or environment files, which are solved.

    ``inputs``: files that say what was asked for, where the lockfile's own sources don't. ``environment`` is
    that of a pixi.lock or manifest. ``with_findings``: also what `lock check` says,
    for the request's machine.
    """

    inputs: tuple[str, ...] = ()
    environment: str | None = None
    with_findings: bool = True


def graph(request: GraphRequest, listener: Listener | None = None) -> Drawing:
    """Return the drawing; of a platform on which an input has no solution, its conflict.

    Raises InputError and SourceError.
    """
    if not request.files:
        raise InputError("nothing to draw", hint="Name a lockfile: `lock graph conda-lock.yml`.")
    look_for((*request.files, *request.inputs))
    locks = [name for name in request.files if _is_lock(name, request)]
    if not locks:
        return _draw_input(request, listener or Listener())
    if len(locks) < len(request.files) or len(locks) > 2:
        other = next((name for name in request.files if name not in locks), locks[-1])
        raise InputError(
            "one lockfile is drawn, or two side by side, or environment files, which are solved",
            Origin(file=other),
            "Say with `--input` which file a lockfile was made from.",
        )
    return _draw_locks(locks, request)


def drawing_text(drawing: Drawing, format: str) -> str:  # noqa: A002  (as everywhere)
    """Return a drawing in a format of :data:`DRAWING_FORMATS`; raises InputError for another one."""
    if format not in DRAWING_FORMATS:
        known = ", ".join(f"`{name}`" for name in DRAWING_FORMATS)
        raise InputError(f"no drawing is a `{format}`", hint=f"There are {known}.")
    row = DRAWING_FORMATS[format]
    made = import_module(f"lockfiles.drawings.{row.module}")
    make: Callable[[Drawing], str] = getattr(made, row.function)
    return make(drawing)


def _is_lock(name: str, request: GraphRequest) -> bool:
    """Tell whether a file is a lockfile; standard input is, and every file of a revision."""
    from lockfiles.revisions import find_revision
    from lockfiles.subjects.locks import lock_text

    if name == STDIN or find_revision(name, request.surroundings.environ) is not None:
        return True
    return lock_text(name) is not None


def _draw_locks(names: Sequence[str], request: GraphRequest) -> Drawing:
    from lockfiles.difference import diff_resolutions
    from lockfiles.drawings.lock import draw_graph, join_graphs
    from lockfiles.drawings.model import Drawing
    from lockfiles.graphs.lock_graph import graph_of_lock

    asked = LockfileRequest(
        inputs=request.inputs,
        platforms=request.platforms,
        environment=request.environment,
        python=request.python,
        groups=request.asked_groups,
        surroundings=request.surroundings,
    )
    opened = [open_lockfile(name, asked.reading, request.surroundings) for name in names]
    found = [graph_of_lock(one, asked) for one in opened]
    remarks = tuple(dict.fromkeys(make_visible(text) for one in found for text in one.remarks))
    new = found[-1]
    if len(found) == 1:
        graphs = [
            draw_graph(one, _findings(resolution, None, request), index=_index_of(opened[-1]))
            for one, resolution in zip(new.graphs, opened[-1].resolutions, strict=True)
        ]
        return Drawing(
            title=make_visible(new.name), graphs=tuple(graphs), remarks=(*remarks, *_without_ways(graphs))
        )
    difference = diff_resolutions(*(one.resolutions for one in opened))
    olds = {one.platform: one for one in found[0].graphs}
    drawn: list[DrawnGraph] = []
    for one, resolution in zip(new.graphs, opened[-1].resolutions, strict=True):
        if one.platform in olds:
            changes = [change for change in difference.changes if change.platform == one.platform]
            joined = join_graphs(olds[one.platform], one)
            drawn.append(
                draw_graph(joined, _findings(resolution, None, request), changes, index=_index_of(opened[-1]))
            )
    remarks = (*remarks, *_unpaired(opened))
    return Drawing(
        title=make_visible(new.name),
        old=make_visible(found[0].name),
        graphs=tuple(drawn),
        remarks=(*remarks, *_without_ways(drawn)),
    )


def _without_ways(graphs: Sequence[DrawnGraph]) -> list[str]:
    """Name the platforms that are too large for ways to be drawn."""
    from lockfiles.drawings.lock import MOST_WITH_WAYS

    return [
        f"{graph.platform}: ways aren't drawn of more than {MOST_WITH_WAYS} packages; `lock why` finds them"
        for graph in graphs
        if len(graph.nodes) > MOST_WITH_WAYS
    ]


def _index_of(opened: OpenedLock) -> str:
    """Return the index that a lockfile was made with, where that was one."""
    from lockfiles.formats.conda_lock.target_keys import INDEXES

    names = opened.content.metadata.custom.get(INDEXES, "").split()
    return names[0] if len(names) == 1 else ""


def _unpaired(opened: Sequence[OpenedLock]) -> list[str]:
    """Name the platforms that only one of two lockfiles has: there is nothing to lay side by side."""
    held = [{resolution.target.subdir for resolution in one.resolutions} for one in opened]
    return [
        f"only `{make_visible(one.name)}` has {', '.join(sorted(mine - other))}"
        for one, mine, other in zip(opened, held, reversed(held), strict=True)
        if mine - other
    ]


def _draw_input(request: GraphRequest, listener: Listener) -> Drawing:
    """Solve what files ask for, platform by platform; of one without a solution the conflict is drawn."""
    from lockfiles.drawings.conflicts import draw_conflicts
    from lockfiles.drawings.lock import draw_graph
    from lockfiles.drawings.model import Drawing
    from lockfiles.explaining import ExplainListener, explain_target
    from lockfiles.named_environment import lines_of, part_of, with_environment
    from lockfiles.session import log_notices, open_session
    from lockfiles.solving import resolve_options
    from resolver.graph import graph_of
    from resolver.pipeline import Reporter, Resolver

    request, part = with_environment(request, request.environment)
    session = open_session(request)
    log_notices(session)
    drawn: list[DrawnGraph] = []
    conflicts: list[DrawnConflict] = []
    with (
        listener.solving(session.settings) as reporter,
        Resolver(
            session.requirements, resolve_options(session, preferred={}), reporter or Reporter()
        ) as bench,
    ):
        for target in session.targets:
            try:
                resolution = bench.resolve(target)
            except NoSolutionError:
                explanation = explain_target(bench, target, session, None, ExplainListener())
                conflicts += [draw_conflicts(explanation)] if explanation is not None else []
            else:
                resolution, asked = part_of(resolution, part), lines_of(bench.requirements, part)
                findings = _findings(resolution, asked, request)
                drawn.append(draw_graph(graph_of(resolution, asked), findings))
    title = make_visible(", ".join(session.files))
    return Drawing(title=title, graphs=tuple(drawn), conflicts=tuple(conflicts))


def _findings(
    resolution: Resolution, requirements: Requirements | None, request: GraphRequest
) -> tuple[Finding, ...]:
    """Return what `lock check` says of a resolution on the request's machine."""
    if not request.with_findings:
        return ()
    from lockfiles.machine import describe_request
    from lockfiles.rules import silenced_rules
    from resolver.checks.context import CheckContext
    from resolver.checks.registry import run_checks

    implied = requirements.image if requirements is not None else None
    context = CheckContext(
        resolution=resolution,
        machine=describe_request(request.machine, implied),
        requirements=requirements,
        today=request.surroundings.today(),
    )
    return run_checks(context, silence=silenced_rules(request)).findings
