"""A session solved: what the resolver is asked, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lockfiles.listener import Listener

if TYPE_CHECKING:
    from lockfiles.session import Session
    from lockfiles.settings.model import Settings
    from resolver.model.indexes import FormatRules
    from resolver.model.names import PypiName
    from resolver.model.requirements import IndexOptions, Requirements
    from resolver.model.resolution import Resolution
    from resolver.options import ResolveOptions


def solve(
    session: Session,
    listener: Listener | None = None,
    *,
    preferred: Mapping[str, Mapping[str, str]] | None = None,
    updated: tuple[str, ...] = (),
    requirements: Requirements | None = None,
    seeks_fixes: bool = True,
    seeks_updates: bool = True,
    each: Callable[[Resolution], None] | None = None,
) -> tuple[Resolution, ...]:
    """Return one resolution for each target of the session, in their order.

    ``preferred`` holds the pins that stay where that is possible, ``updated`` the names
    that take their newest; ``requirements`` stand in place of the session's.
    ``seeks_fixes``: where there is no solution, a change that works is sought. ``seeks_updates``: where pins
    hold a package back, the update that frees it. ``each`` is called with each resolution, in their order, by
    the end at last. Raises InputError, SourceError and NoSolutionError.
    """
    from resolver.pipeline import resolve

    options = replace(
        resolve_options(session, preferred=preferred or {}, updated=updated),
        seeks_fixes=seeks_fixes,
        seeks_updates=seeks_updates,
    )
    with (listener or Listener()).solving(session.settings) as reporter:
        return resolve(requirements or session.requirements, options, reporter, each=each)


@contextmanager
def solving_together(
    sessions: Sequence[Session], listener: Listener | None = None
) -> Iterator[Callable[..., tuple[Resolution, ...]]]:
    """Give what solves sessions as :func:`solve` does, one after another over sources that are opened once.

    The sessions are of one run: servers are asked as the first one says, with the credentials of all.
    """
    from resolver.open_sources import OpenSources
    from resolver.pipeline import Reporter, resolve
    from resolver.sources.http.credentials import Credentials

    first = resolve_options(sessions[0], preferred={})
    credentials = Credentials(sessions[0].surroundings.environ)
    for secret in (secret for session in sessions for secret in session.secrets):
        credentials.learn(secret.url, channel=secret.is_channel)
    shared = replace(first, credentials=credentials)
    told = (listener or Listener()).solving(sessions[0].settings)
    with told as reporter, OpenSources(shared, reporter or Reporter()) as sources:

        def solve_one(
            session: Session,
            *,
            preferred: Mapping[str, Mapping[str, str]] | None = None,
            updated: tuple[str, ...] = (),
            requirements: Requirements | None = None,
        ) -> tuple[Resolution, ...]:
            options = resolve_options(session, preferred=preferred or {}, updated=updated)
            options = replace(options, credentials=credentials)
            return resolve(requirements or session.requirements, options, reporter, sources)

        yield solve_one


def resolve_options(
    session: Session, *, preferred: Mapping[str, Mapping[str, str]], updated: tuple[str, ...] = ()
) -> ResolveOptions:
    """Return the session as the resolver takes it; ``preferred`` and ``updated`` as in :func:`solve`."""
    from lockfiles.addressed_files import http_settings
    from resolver.model.builds import BuildRules
    from resolver.model.indexes import IndexStrategy
    from resolver.options import ResolveOptions
    from resolver.sources.http.credentials import Credentials

    settings, options = session.settings, session.requirements.indexes
    credentials = Credentials(session.surroundings.environ)
    for secret in session.secrets:
        credentials.learn(secret.url, channel=secret.is_channel)
    return ResolveOptions(
        targets=session.targets,
        channels=session.channels,
        mirrors=settings.mirrors.value,
        indexes=session.indexes,
        find_links=tuple(dict.fromkeys((*options.find_links, *settings.find_links.value))),
        index_strategy=IndexStrategy(settings.index_strategy.value),
        per_package=_indexes_of_projects(settings),
        formats=_formats(settings, options),
        pip_from_conda=settings.pip_from_conda.value,
        pre=settings.pre.value,
        no_build=settings.no_build.value,
        exclude_newer_except=settings.exclude_newer_except.value,
        builds=BuildRules(
            extra=settings.extra_build_dependencies.value,
            variables=settings.extra_build_variables.value,
            in_place=settings.no_build_isolation_package.value,
            metadata=settings.dependency_metadata.value,
            network=settings.build_network.value,
            timeout=settings.build_timeout.value,
        ),
        admit_undated=settings.admit_undated.value,
        require_hashes=settings.require_hashes.value,
        prefer_binary=settings.prefer_binary.value,
        http=http_settings(settings, options.trusted_hosts, session.surroundings),
        credentials=credentials,
        environ=session.surroundings.environ,
        cache_dir=cache_folder(session),
        name_map=settings.name_map.value,
        preferred=preferred,
        updated=updated,
        engine=settings.engine.value,
        search_limit=settings.search_limit.value,
        inputs=_inputs(session),
        processes=_processes(session),
        shelf=session.surroundings.shelf,
    )


def _processes(session: Session) -> int:
    """Return how many processes may solve targets: one where the process isn't the run's own."""
    processors = session.surroundings.processors
    return 1 if processors is None else session.settings.processes.value or processors


def _inputs(session: Session) -> tuple[str, ...]:
    """Return whose earlier runs may save work; nobody's in a fleet, where answers alone are kept."""
    from lockfiles.surroundings import STDIN

    if session.surroundings.shelf is not None or STDIN in session.files:
        return ()
    return tuple(str(session.surroundings.cwd / name) for name in session.files)


def _indexes_of_projects(settings: Settings) -> dict[PypiName, str]:
    """Return the projects that come from one index alone, each with its name or address."""
    from resolver.model.names import PypiName

    found: dict[str, str] = {}
    if settings.torch_backend.value is not None:
        from resolver.machine.variant_indexes import indexes_of_backend

        found |= indexes_of_backend(settings.torch_backend.value)
    found |= settings.package_indexes.value
    return {PypiName(name): index for name, index in found.items()}


def _formats(settings: Settings, options: IndexOptions) -> FormatRules:
    """Return which kinds of files may be used: the input's rules are read after the settings, as in pip."""
    from resolver.model.indexes import FormatRules

    rules = FormatRules(
        no_binary=frozenset(settings.no_binary.value), only_binary=frozenset(settings.only_binary.value)
    )
    return rules.then(FormatRules(no_binary=options.no_binary, only_binary=options.only_binary))


def cache_folder(session: Session) -> Path | None:
    """Return the folder for downloads: the one asked for, else the surroundings' (None: nothing is kept).

    With a tape that notes or plays all is asked for, and nothing is kept.
    """
    tape = session.surroundings.tape
    if tape is not None and not tape.sources.is_kept:
        return None
    return session.settings.cache_dir.value or session.surroundings.cache_folder()
