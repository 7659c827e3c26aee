"""The pip part of an environment, by one of three routes.

::

    uv       `uv pip install` where uv is there
    pip      the environment's own interpreter with its own pip: PREFIX/bin/python -m pip
    wheels   PyPA's `installer`, where neither is there; wheels only

All get the checked files and nothing else: the requirements name version and hash, the index is a
folder of those files. No route takes anything away; that is :mod:`removal`'s.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from lockfiles.environments.fetching import Fetched, copy_for_installer, names_in_words
from lockfiles.environments.planning import archive_of
from lockfiles.environments.processes import Finished, Holding, can_run, run
from resolver.errors import InputError, OutputError, SourceError
from resolver.model.choices import StrEnum
from resolver.model.patterns import pattern
from resolver.model.redaction import redact
from resolver.model.requirements import DirectKind
from resolver.model.resolution import PypiPin

#: Signs that uv puts before what it tells: a cross, corners, arrows.
_MARKS = "\u00d7\u2570\u2500\u25b6\u251c "
_TOLD = ("ERROR", "error", "Caused", "\u00d7", "\u2570", "\u251c")
#: What installers say of a disk that is full, failing, or not to be written to.
_OF_THE_DISK = pattern(
    r"No space left|Permission denied|Read-only file system|quota|Input/output error|too many open",
    re.IGNORECASE,
)
_MADE_SO = "It was made so: don't install it."
_QUIET = ("--disable-pip-version-check", "--no-input", "--no-warn-script-location")


class Route(StrEnum):
    """Who installs the pip part."""

    UV = "uv"
    PIP = "pip"
    WHEELS = "wheels"


class BuildPlaces(msgspec.Struct, frozen=True, kw_only=True):
    """Where the builds of source archives, folders and repositories get what they ask for."""

    index_urls: tuple[str, ...] = ()  #: without credentials, the main one first
    find_links: tuple[str, ...] = ()
    no_index: bool = False


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The environment that is worked on."""

    prefix: Path
    final: Path  #: where it will stand
    site: str  #: its folder of modules, relative
    folder: Path  #: of the lockfile: where relative paths start
    holding: Holding
    builds: BuildPlaces = BuildPlaces()

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.prefix / "bin" / "python"


def find_uv(environ: Mapping[str, str]) -> Path | None:
    """Return the program uv: that of the environment which `lock` runs in, else the first on PATH."""
    beside = Path(sys.executable).parent / "uv"
    if can_run(beside):
        return beside
    found = shutil.which("uv", path=environ.get("PATH", ""))
    return Path(found) if found else None


def choose_route(asked: Route | None, pins: Sequence[PypiPin], work: Work, uv: Path | None) -> Route:
    """Return the route to take: the one asked for, else the first that there is. Raises InputError."""
    if asked is Route.UV and uv is None:
        raise InputError("no `uv` is there", hint="`--installer pip` takes the environment's own pip.")
    if asked is None:
        asked = Route.UV if uv else Route.PIP if has_pip(work) else Route.WHEELS
    elif asked is Route.PIP and not has_pip(work):
        fault = python_fault(work)
        raise InputError(
            fault or "the environment has no pip",
            hint="`--installer wheels` doesn't run it." if fault else
            "Lock `pip` with it, or use `--installer wheels`.",
        )  # fmt: skip
    if asked is Route.WHEELS:
        others = [pin.name for pin in pins if not is_wheel(pin)]
        if others:
            raise InputError(
                f"{names_in_words(others)} can't be installed without uv or pip: only wheels can",
                hint="Install uv, or lock `pip` with the environment.",
            )
    return asked


def has_pip(work: Work) -> bool:
    """Tell whether the environment's interpreter has a pip that runs."""
    if not can_run(work.python):
        return False
    return run([str(work.python), "-m", "pip", "--version"], work.holding).code == 0


def python_fault(work: Work) -> str | None:
    """Return that the environment's interpreter doesn't run, with what it says; None: it does."""
    if not can_run(work.python):
        return "the environment has no Python that can be run"
    try:
        done = run([str(work.python), "-c", "pass"], work.holding)
    except OSError as error:
        return f"the environment's Python doesn't run: {error.strerror or error}"
    return f"the environment's Python doesn't run: {reason_of(done)}" if done.code else None


def is_wheel(pin: PypiPin) -> bool:
    """Tell whether a project comes as a wheel."""
    file = archive_of(pin)
    return file is not None and file.is_wheel


def is_checked(pin: PypiPin) -> bool:
    """Tell whether a project comes as one archive, whose hash is known."""
    return archive_of(pin) is not None


def install_projects(
    pins: Sequence[PypiPin], fetched: Mapping[str, Fetched], route: Route, work: Work, uv: Path | None
) -> None:
    """Install projects; raises SourceError where a wheel is at fault, else OutputError with the reason."""
    if not pins:
        return
    _check_wheels(pins, fetched, work)
    files = work.holding.work / "files"
    files.mkdir(exist_ok=True)
    for pin in pins:
        file = archive_of(pin)
        if file is not None:
            copy_for_installer(fetched[f"pip {pin.name}"], files, file.file_name)
    if route is Route.WHEELS:
        from lockfiles.environments.plain_wheels import install_wheel

        for pin in pins:
            file = archive_of(pin)
            if file is not None:
                install_wheel(files / file.file_name, work.prefix, work.final, work.site)
        return
    wheels = [pin for pin in pins if is_wheel(pin)]
    sources = [pin for pin in pins if is_checked(pin) and not is_wheel(pin)]
    others = [pin for pin in pins if not is_checked(pin)]
    if wheels:
        _call(
            route,
            [_hashed(pin, fetched) for pin in wheels],
            ("--require-hashes", "--no-index"),
            files,
            work,
            uv,
            wheels,
        )
    if sources:
        _call(
            route, [_hashed(pin, fetched) for pin in sources], ("--require-hashes",), files, work, uv, sources
        )
    if others:
        _call(route, [_direct(pin, work.folder, route) for pin in others], (), files, work, uv, others)


def _check_wheels(pins: Sequence[PypiPin], fetched: Mapping[str, Fetched], work: Work) -> None:
    """Raise SourceError for the first wheel that no installer should get."""
    from lockfiles.environments.wheel_members import check_wheel

    for pin in pins:
        file = archive_of(pin)
        if file is None or not file.is_wheel:
            continue
        try:
            check_wheel(fetched[f"pip {pin.name}"].path, pin.name, str(pin.version), work.prefix, work.site)
        except ValueError as error:
            raise SourceError(f"the wheel of `{pin.name}` {error}", file.url, _MADE_SO) from None


def _hashed(pin: PypiPin, fetched: Mapping[str, Fetched]) -> str:
    return f"{pin.name}=={pin.version} --hash=sha256:{fetched[f'pip {pin.name}'].sha256}"


def _direct(pin: PypiPin, folder: Path, route: Route) -> str:
    """Return a repository at its commit, or a folder, as a line of requirements."""
    direct = pin.direct
    assert direct is not None  # noqa: S101  (everything else has an archive)
    if direct.kind is DirectKind.VCS:
        place = direct.url or ""
        address = place if place.startswith("git+") else f"git+{place}"
        end = f"#subdirectory={direct.subdirectory}" if direct.subdirectory else ""
        address += f"@{pin.commit or direct.revision or 'HEAD'}{end}"
        if route is Route.PIP and address.startswith("git+file:"):  # which older ones take in this form alone
            return f"{address}{'&' if end else '#'}egg={pin.name}"
        return f"{pin.name} @ {address}"
    path = (folder / (direct.path or "")).absolute()
    return f"-e {path}" if direct.editable else f"{pin.name} @ {path.as_uri()}"


def _call(
    route: Route,
    lines: Sequence[str],
    flags: Sequence[str],
    files: Path,
    work: Work,
    uv: Path | None,
    pins: Sequence[PypiPin],
) -> None:
    """Give lines of requirements to an installer; ``pins``: those that the lines name."""
    requirements = work.holding.work / "requirements.txt"
    requirements.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    common = ["--no-deps", *flags, "--find-links", str(files), "-r", str(requirements)]
    if route is Route.UV:
        command = [str(uv), "pip", "install", "--python", str(work.python), "--no-config", "--color", "never"]
        command += ["--break-system-packages", "--index-strategy", "unsafe-best-match"]
        done = run([*command, *common], work.holding, **_uv_places(work.builds, flags))
    else:
        command = [str(work.python), "-m", "pip", "install", *_QUIET, "--no-compile", "--isolated"]
        command += [] if "--no-index" in flags else ["--use-pep517"]  # in isolation, as the others build
        done = run(
            [*command, *common, *_pip_places(work.builds, flags)], work.holding, PIP_CONFIG_FILE="/dev/null"
        )
    if done.code:
        raise _fault(done, pins, route, work)


def _fault(done: Finished, pins: Sequence[PypiPin], route: Route, work: Work) -> SourceError | OutputError:
    """Return why projects can't be installed: what they come from, or the disk, or who installs."""
    fault = python_fault(work)
    told = fault or reason_of(done)
    if fault or done.code < 0 or _OF_THE_DISK.search(done.output):
        return OutputError(str(work.final), f"its pip part can't be installed by {route.value}: {told}")
    for pin in pins:
        file = archive_of(pin)
        if len(pins) == 1 or (file is not None and file.file_name in done.output):
            words = f"{_kind(pin)} `{pin.name}` can't be installed by {route.value}: {told}"
            return SourceError(words, _where(pin), _MADE_SO if is_wheel(pin) else None)
    names = names_in_words([str(pin.name) for pin in pins])
    words = f"one of {names} can't be installed by {route.value}, and which one isn't told: {told}"
    return SourceError(words, _where(pins[0]), None)


def _kind(pin: PypiPin) -> str:
    return "the wheel of" if is_wheel(pin) else "what is to be built of"


def _where(pin: PypiPin) -> str:
    """Return the address of what a project comes from."""
    file, direct = archive_of(pin), pin.direct
    if file is not None:
        return file.url
    return (direct.url or direct.path if direct is not None else None) or str(pin.name)


def _uv_places(builds: BuildPlaces, flags: Sequence[str]) -> dict[str, str]:
    if "--no-index" in flags:
        return {}
    if builds.no_index:
        return {"UV_NO_INDEX": "1"}
    main, *extra = builds.index_urls or ("",)
    found = {"UV_DEFAULT_INDEX": main} if main else {}
    return found | ({"UV_INDEX": " ".join(extra)} if extra else {})


def _pip_places(builds: BuildPlaces, flags: Sequence[str]) -> list[str]:
    if "--no-index" in flags:
        return []
    if builds.no_index:
        return ["--no-index"]
    found = ["--index-url", builds.index_urls[0]] if builds.index_urls else []
    for url in builds.index_urls[1:]:
        found += ["--extra-index-url", url]
    for place in builds.find_links:
        found += ["--find-links", place]
    return found


def reason_of(done: Finished) -> str:
    """Return what an installer says went wrong, in one line without secrets."""
    lines = [line.strip() for line in done.output.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(_TOLD)]
    words = [
        line.lstrip(_MARKS).removeprefix("ERROR: ").removeprefix("error: ") for line in told or lines[-1:]
    ]
    return redact("; ".join(words)[:600]) or f"it ended with {done.code}"
