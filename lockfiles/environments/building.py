"""An environment made beside the old one and put in its place.

::

    hold WORK, finish what died ─> plan ─> fetch and hash ─> copy ─> take out ─> link ─> pip part
        ─> relocate ─> marks ─> compare ─> swap
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.environments.fetching import Fetched, archives_of, fetch_archives, names_in_words
from lockfiles.environments.installed import Present, read_present
from lockfiles.environments.judging import judge
from lockfiles.environments.linking import link_conda
from lockfiles.environments.marking import leave_marks
from lockfiles.environments.marks import PutThere, check_marks, environment_variables, read_put_there
from lockfiles.environments.origins import write_origins
from lockfiles.environments.planning import Plan, make_plan, site_packages
from lockfiles.environments.processes import Holding
from lockfiles.environments.projects import (
    BuildPlaces,
    Route,
    Work,
    choose_route,
    find_uv,
    install_projects,
    is_wheel,
)
from lockfiles.environments.relocation import relocate_projects
from lockfiles.environments.removal import take_out
from lockfiles.environments.sources import SourceFacts
from lockfiles.environments.staging import copy_environment, held, is_environment
from lockfiles.environments.swapping import clear, new_folder, recover, swap
from lockfiles.listener import Listener
from lockfiles.settings.model import Settings
from lockfiles.surroundings import Surroundings
from resolver.checks.deviations import Deviation
from resolver.errors import InputError, OutputError, SourceError
from resolver.model.findings import Finding
from resolver.model.origin import Origin
from resolver.model.resolution import CondaPin, PypiPin, Resolution

if TYPE_CHECKING:
    from resolver.pipeline import Reporter
    from resolver.sources.http.fetching import Fetcher


class Building(msgspec.Struct, frozen=True, kw_only=True):
    """What is to stand where, and how it is got."""

    resolution: Resolution
    prefix: Path  #: absolute, links followed
    lockfile: str
    text: str
    folder: Path  #: of the lockfile
    asked: SourceFacts
    route: Route | None
    command: str
    settings: Settings
    around: Surroundings

    @property
    def cache(self) -> Path | None:
        """The folder for downloads; None: nothing is kept."""
        return self.settings.cache_dir.value or self.around.cache_folder()


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What was done."""

    plan: Plan
    route: Route | None
    said: tuple[str, ...] = ()
    is_changed: bool = True
    findings: tuple[Finding, ...] = ()  #: of the comparison with the lockfile
    damaged: frozenset[tuple[str, str]] = frozenset()  #: locked packages whose files aren't as installed


class _Before(msgspec.Struct, frozen=True, kw_only=True):
    """What stands there, who put it there, and what is to be done about it."""

    present: Present
    put_there: PutThere
    plan: Plan


def build(building: Building, listener: Listener) -> Built:
    """Make the environment; what stood there stays until all is done. Raises InputError and its kin."""
    prefix = building.prefix

    def waiting() -> None:
        listener.warn(f"another install is at work in `{prefix}`: waiting for its end")

    with held(prefix, waiting) as (work, handle):
        holding = Holding(work=work, handle=handle, environ=building.around.environ)
        try:
            said = ["an earlier install was cut off: what it left is gone"] if recover(work, prefix) else []
            built = _round(building, frozenset(), holding, listener)
            if built.damaged:
                names = ", ".join(f"`{name}`" for _, name in sorted(built.damaged))
                said.append(f"files of {names} were missing or changed: put in anew")
                clear(work)
                built = _round(building, built.damaged, holding, listener)
                if built.damaged:
                    raise _never_right(built.damaged, building)
            if built.is_changed:
                swap(work, prefix)
        except OSError as error:
            raise _trouble_of(error, prefix) from error
        return msgspec.structs.replace(built, said=(*said, *built.said))


def _never_right(damaged: frozenset[tuple[str, str]], building: Building) -> SourceError:
    """Return that packages put in anew still aren't what they say they hold: their archives are made so."""
    names = ", ".join(f"`{name}`" for _, name in sorted(damaged))
    told = (
        f"the files of {names} aren't those that their archives list, or other packages bring the same ones"
    )
    where = next(iter(_urls_of(sorted(damaged), building)), building.lockfile)
    return SourceError(told, where, "Don't install it: it was made so.")


def _not_as_locked(wrong: Sequence[Deviation], building: Building) -> SourceError | InputError:
    """Return that packages that were put in are others than the lockfile says: what they came from is."""
    told = f"what was made is not what the lockfile says: {'; '.join(str(one) for one in wrong[:5])}"
    urls = _urls_of([(one.manager, one.name) for one in wrong], building)
    if urls:
        return SourceError(told, urls[0], "Its archive says otherwise of itself: don't install it.")
    hint = "What it is made from has changed since: lock again."
    return InputError(told, Origin(file=building.lockfile), hint)


def _urls_of(packages: Iterable[tuple[str, str]], building: Building) -> list[str]:
    """Return where the archives of packages come from; those without one are left out."""
    pins: list[CondaPin | PypiPin] = [*building.resolution.conda, *building.resolution.pypi]
    archives = archives_of(pins, building.folder, building.lockfile)
    found = (archives.get(f"{manager} {name}") for manager, name in packages)
    return [archive.url for archive in found if archive is not None]


def _trouble_of(error: OSError, prefix: Path) -> OutputError:
    """Return an error of the disk in words."""
    name = error.filename if isinstance(error.filename, str) else str(prefix)
    hint = None
    if error.errno in (errno.EXDEV, errno.EBUSY):
        hint = (
            "It can't be renamed where it is (a container's lower layer, a mount): install into a new folder."
        )
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "Free some space; what stood there still stands."
    return OutputError(name, error.strerror or str(error), hint)


def _round(
    building: Building, again: frozenset[tuple[str, str]], holding: Holding, listener: Listener
) -> Built:
    """Make a copy that is as the lockfile says, or find that nothing is to be done; and compare.

    ``again``: manager and name of what comes anew though it is there.
    """
    before = _look(building, again)
    plan = before.plan
    _check_builds(building, plan)
    is_changed = not plan.is_nothing or not _has_variables(building, before.put_there)
    place, route, said = building.prefix, None, list[str]()
    if is_changed:
        place = new_folder(holding.work)
        with listener.solving(building.settings) as reporter:
            fetched = _fetch(building, plan, holding.work, reporter)
        said = _make_copy(building, before, fetched, holding)
        route = _put_projects(building, plan, fetched, holding)
        leave_marks(
            place, plan, before.put_there, building.asked, text=building.text, command=building.command
        )
    judged = judge(building.resolution, place, building.lockfile, plan)
    if judged.wrong:
        raise _not_as_locked(judged.wrong, building)
    return Built(
        plan=plan,
        route=route,
        said=tuple(said),
        is_changed=is_changed,
        findings=judged.findings,
        damaged=judged.damaged,
    )


def _check_builds(building: Building, plan: Plan) -> None:
    """Raise InputError where something would have to be built, and the settings forbid it."""
    built = [str(pin.name) for pin in plan.put if not is_wheel(pin)]
    if built and building.settings.no_build.value:
        what = f"{names_in_words(built)} would have to be built, which `no-build` forbids"
        raise InputError(
            what, Origin(file=building.lockfile), "Lock with `--no-build`: wheels are taken then."
        )


def _look(building: Building, again: frozenset[tuple[str, str]]) -> _Before:
    check_marks(building.prefix)
    present, put_there = read_present(building.prefix), read_put_there(building.prefix)
    plan = make_plan(building.resolution, present, put_there, again)
    return _Before(present=present, put_there=put_there, plan=plan)


def _has_variables(building: Building, put_there: PutThere) -> bool:
    """Tell whether the environment sets the variables that are asked for, as far as that is known."""
    asked = building.asked
    if not asked.is_known:
        return True
    there = environment_variables(building.prefix)
    gone = set(put_there.variables) - set(asked.variables)
    return not gone and all(there.get(name) == value for name, value in asked.variables.items())


def _fetch(building: Building, plan: Plan, work: Path, reporter: Reporter | None) -> dict[str, Fetched]:
    archives = archives_of((*plan.link, *plan.put), building.folder, building.lockfile)
    with open_fetcher(building.settings, building.around, reporter) as fetcher:
        return fetch_archives(archives, fetcher, building.cache, work)


def open_fetcher(settings: Settings, around: Surroundings, reporter: Reporter | None = None) -> Fetcher:
    """Return the way to bytes, with the credentials that addresses in the settings hold."""
    from lockfiles.addressed_files import http_settings
    from resolver.sources.http.credentials import Credentials
    from resolver.sources.http.fetching import Fetcher

    credentials = Credentials(around.environ)
    urls = (settings.index_url.value, *settings.extra_index_urls.value, *settings.indexes.value.values())
    for url in urls:
        credentials.learn(url)
    return Fetcher(
        http_settings(settings), credentials=credentials, reporter=reporter, environ=around.environ
    )


def _make_copy(
    building: Building, before: _Before, fetched: Mapping[str, Fetched], holding: Holding
) -> list[str]:
    """Make the copy, without what goes and with conda's packages; return what is to be said."""
    new, present = new_folder(holding.work), before.present
    if is_environment(building.prefix):
        copy_environment(building.prefix, new)
    owned = frozenset(file for record in present.conda.values() for file in record.files)
    unlisted = take_out(new, before.plan.take, owned)
    link_conda(
        before.plan,
        fetched,
        prefix=new,
        final=building.prefix,
        platform=building.resolution.target.subdir,
        packages_cache=(building.cache or holding.work) / "packages",
        records={name: f"{r.name}-{r.version}-{r.build}.json" for name, r in present.conda.items()},
        holding=holding,
    )
    if not is_environment(new):
        from lockfiles.environments.virtual import make_virtual

        uv = find_uv(building.around.environ)
        make_virtual(new, building.prefix, building.resolution.python, uv, holding)
    what = "lists no files, so that it can't be taken out: it stays beside the new one"
    return [f"`{name}` {what}" for name in unlisted]


def _put_projects(
    building: Building, plan: Plan, fetched: Mapping[str, Fetched], holding: Holding
) -> Route | None:
    """Install the pip part, and let it name the environment's own path; return who did."""
    if not plan.put:
        return None
    new, uv = new_folder(holding.work), find_uv(building.around.environ)
    site = site_packages(building.resolution) or ""
    if not (new / site).is_dir() or not site:
        sites = sorted(new.glob("lib/python*/site-packages"))
        site = sites[0].relative_to(new).as_posix() if sites else site
    work = Work(
        prefix=new,
        final=building.prefix,
        site=site,
        folder=building.folder,
        holding=holding,
        builds=_build_places(building.settings),
    )
    route = choose_route(building.route, plan.put, work, uv)
    earlier = {project.folder for project in read_present(new).projects}
    install_projects(plan.put, fetched, route, work, uv)
    came = [project for project in read_present(new).projects if project.folder not in earlier]
    write_origins(new, building.folder, plan.put, came, fetched)
    made_here = {pin.name for pin in plan.put if not is_wheel(pin)}
    built = {project.folder for project in came if project.name in made_here}
    relocate_projects(new, building.prefix, [project.folder for project in came], built)
    return route


def _build_places(settings: Settings) -> BuildPlaces:
    """Return where builds get what they ask for: addresses as installers take them, without credentials."""
    from resolver.model.redaction import is_remote, strip

    def address(place: str) -> str:
        is_address = is_remote(place) or place.startswith("file:")
        return strip(place) if is_address else Path(place).absolute().as_uri()

    urls = () if settings.no_index.value else (settings.index_url.value, *settings.extra_index_urls.value)
    return BuildPlaces(
        index_urls=tuple(address(url) for url in urls),
        find_links=tuple(address(place) for place in settings.find_links.value),
        no_index=settings.no_index.value,
    )
