"""Install: a lockfile in, an environment on disk that is what it says, or the old one untouched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lockfiles.listener import Listener
from lockfiles.session import SessionRequest, read_settings
from lockfiles.usual_lockfile import usual_lockfile
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.environments.building import Building
    from lockfiles.environments.planning import Plan
    from lockfiles.environments.projects import Route
    from lockfiles.formats.reading import LockContent
    from lockfiles.settings.model import Settings
    from resolver.model.findings import Finding
    from resolver.model.resolution import CondaPin, Resolution


class InstallRequest(SessionRequest, frozen=True, kw_only=True):
    """A lockfile of any format that is read (``files``: one, or none for the usual one), and a folder.

    ``groups``: those to install beside the main one; empty: all. ``route``: who installs the pip
    part; None: uv, else the environment's pip, else `installer`. ``command`` is what conda's history shows.
    """

    prefix: str
    environment: str | None = None  #: of a pixi.lock
    python: str | None = None  #: of a lockfile for several: the one to read it for
    route: Route | None = None
    dry_run: bool = False
    command: str = "lock install"


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """What an install did, or with ``dry_run`` would do."""

    lockfile: str
    prefix: Path
    platform: str
    plan: Plan
    is_new: bool  #: no environment stood there
    route: Route | None  #: who installed the pip part; None: nothing was to be done
    activation: str  #: one line for a shell
    said: tuple[str, ...] = ()  #: what was chosen, or isn't known, a sentence each
    findings: tuple[Finding, ...] = ()  #: of the comparison with the lockfile, what stays on purpose left out
    dry_run: bool = False


def install(request: InstallRequest, listener: Listener | None = None) -> Installed:
    """Make the environment at ``prefix`` what the lockfile says.

    1. Read the lockfile; plan what comes, goes and stays.
    2. Fetch every archive that comes, and hash it.
    3. Work on a copy beside the environment, compare it with the lockfile.
    4. Put the copy in its place, in one step.

    An install that fails or is killed leaves what stood there. Raises InputError, SourceError and
    OutputError.
    """
    from lockfiles.environments.activation import activation_line
    from lockfiles.environments.building import build
    from lockfiles.environments.notes import sentences_about, sentences_about_machine
    from lockfiles.environments.staging import is_environment

    settings = read_settings(request)
    building = _building(request, settings)
    prefix, is_new = building.prefix, not is_environment(building.prefix)
    built = None if request.dry_run else build(building, listener or Listener())
    plan = built.plan if built else _plan(building)
    return Installed(
        lockfile=building.lockfile,
        prefix=prefix,
        platform=building.resolution.target.subdir,
        plan=plan,
        is_new=is_new,
        route=built.route if built else None,
        activation=activation_line(prefix, request.surroundings.environ),
        said=(
            *(built.said if built else ()),
            *sentences_about(plan, building.asked),
            *sentences_about_machine(building.resolution.target),
        ),
        findings=built.findings if built else (),
        dry_run=request.dry_run,
    )


def _building(request: InstallRequest, settings: Settings) -> Building:
    """Read the lockfile and look at the place where the environment is to stand. Raises InputError."""
    from lockfiles.environments.building import Building
    from lockfiles.environments.names_checked import check_names
    from lockfiles.environments.sources import read_asked
    from lockfiles.environments.staging import check_place, real_place

    around = request.surroundings
    lockfile, text, content = _read(request, settings)
    folder = (around.cwd / lockfile).parent
    resolution = _with_addresses(choose_resolution(content, lockfile), folder)
    check_names(resolution, lockfile)
    prefix = real_place(request.prefix, around.cwd)
    check_place(prefix)
    subdir = resolution.target.subdir
    return Building(
        resolution=resolution,
        prefix=prefix,
        lockfile=lockfile,
        text=text,
        folder=folder,
        asked=read_asked(content.metadata.sources, folder, subdir, around.read, around.environ),
        route=request.route,
        command=request.command,
        settings=settings,
        around=around,
    )


def _with_addresses(resolution: Resolution, folder: Path) -> Resolution:
    """Return the resolution with the address of each conda archive that the lockfile names by a path.

    Its folder stands for its channel, as conda has it in an environment's records.
    """
    from lockfiles.formats.conda_files import as_address, is_path

    def placed(pin: CondaPin) -> CondaPin:
        if not is_path(pin.url):
            return pin
        url = as_address(pin.url, folder)
        base = url.rpartition("/")[0].removesuffix(f"/{pin.subdir}")
        channel = msgspec.structs.replace(pin.channel, name=base, base_url=base)
        return msgspec.structs.replace(pin, url=url, channel=channel)

    return msgspec.structs.replace(resolution, conda=tuple(map(placed, resolution.conda)))


def _plan(building: Building) -> Plan:
    from lockfiles.environments.installed import read_present
    from lockfiles.environments.marks import read_put_there
    from lockfiles.environments.planning import make_plan

    return make_plan(building.resolution, read_present(building.prefix), read_put_there(building.prefix))


def _read(request: InstallRequest, settings: Settings) -> tuple[str, str, LockContent]:
    """Return the lockfile's name, its text and what it holds. Raises InputError."""
    from lockfiles.files import read_text
    from lockfiles.formats.reading import LockReadOptions, read_lockfile
    from lockfiles.this_machine import platform_here

    if len(request.files) > 1:
        raise InputError("one lockfile is meant", hint=f"Given: {', '.join(request.files)}.")
    name = request.files[0] if request.files else usual_lockfile(settings.output.value)
    text = read_text(name)
    options = LockReadOptions(
        environment=request.environment,
        platforms=(platform_here(),),
        python=request.python,
        groups=request.groups or None,
    )
    return name, text, read_lockfile(text, name, options)


def choose_resolution(content: LockContent, lockfile: str) -> Resolution:
    """Return what the lockfile holds for this machine. Raises InputError."""
    from lockfiles.this_machine import platform_here

    here = platform_here()
    found = next((one for one in content.resolutions if one.target.subdir == here), None)
    if found is None:
        held = ", ".join(f"`{one.target.subdir}`" for one in content.resolutions) or "no platform"
        what = f"holds {held}: nothing for this machine, which is `{here}`"
        raise InputError(what, Origin(file=lockfile))
    return found
