"""A lockfile's values back to resolutions: what checks, exports and updates work on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from lockfiles.formats.conda_lock.target_keys import (
    EDITABLE,
    EXTRAS,
    PROVIDED,
    PYTHON,
    SHARED,
    parse_extras,
    parse_provided,
    parse_shared,
    target_of_keys,
)
from lockfiles.model import CondaLock, LockedPackage, split_conda_file_name
from resolver.errors import InputError
from resolver.model.channels import Channel
from resolver.model.names import CondaName, PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.records import CondaRecord, DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.resolution import CondaPin, PypiPin, Resolution

_COMMIT = pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
#: Members of ``defaults``, wherever they are mirrored, and channels of the public server.
_KNOWN_PLACE = pattern(r"/(pkgs/(?:main|r|msys2|free|pro))\Z|\Ahttps://conda\.anaconda\.org/(.+)\Z")
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def resolutions_of_lock(lock: CondaLock, file: str = "conda-lock.yml") -> tuple[Resolution, ...]:
    """Return one resolution for each platform of the lockfile, in its order.

    What the format doesn't keep is empty: a record's ``constrains``, size,
    time; a wheel's ``Requires-Python``. Raises :class:`InputError` where a
    ``lockstack.*`` key can't be read.
    """
    try:
        return tuple(_resolution(lock, platform) for platform in lock.metadata.platforms)
    except ValueError as error:
        raise InputError(f"`metadata.custom_metadata`: {error}", Origin(file=file)) from None


def _resolution(lock: CondaLock, platform: str) -> Resolution:
    custom = lock.metadata.custom
    packages = lock.of_platform(platform)
    channels = [strip(channel.url).rstrip("/") for channel in lock.metadata.channels]
    conda = tuple(_conda_pin(package, channels) for package in packages if package.manager == "conda")
    extras = parse_extras(custom.get(EXTRAS + platform, ""))
    editable = frozenset(custom.get(EDITABLE + platform, "").split())
    pypi = tuple(_pypi_pin(package, extras, editable) for package in packages if package.manager == "pip")
    python = next((pin.record.version for pin in conda if pin.record.name == "python"), None)
    return Resolution(
        target=target_of_keys(custom, platform),
        python=python or custom.get(PYTHON + platform) or None,
        conda=conda,
        pypi=pypi,
        provided=provided_by(conda, pypi, parse_provided(custom.get(PROVIDED + platform, ""))),
        shared=parse_shared(custom.get(SHARED + platform, "")),
    )


def provided_by(
    conda: tuple[CondaPin, ...], pypi: tuple[PypiPin, ...], told: Mapping[str, tuple[str, str]]
) -> dict[PypiName, tuple[CondaName, str]]:
    """Return project -> conda package and version: as told, and the same name where no pip entry has it."""
    found = {pypi_name(pin.record.name): (pin.name, pin.record.version) for pin in conda}
    found |= {PypiName(project): (CondaName(name), version) for project, (name, version) in told.items()}
    for pin in pypi:
        found.pop(pin.name, None)
    return dict(sorted(found.items()))


def _conda_pin(package: LockedPackage, channels: list[str]) -> CondaPin:
    url = strip(package.url)
    base, _, rest = url.rpartition("/")
    base, _, subdir = base.rpartition("/")
    channel = None
    if "://" not in url:
        from lockfiles.formats.conda_files import FILES, is_path, subdir_of

        if is_path(url):
            channel, subdir = FILES, subdir_of(url, None, package.platform)
    parts = split_conda_file_name(package.file_name)
    build = parts[2] if parts else ""
    number = build.rpartition("_")[2]
    record = CondaRecord(
        name=package.name,
        version=package.version,
        build=build,
        build_number=int(number) if number.isdecimal() and number.isascii() and len(number) < 10 else 0,
        file_name=unquote(rest.partition("#")[0]),
        depends=tuple(f"{name} {spec}".strip() for name, spec in package.dependencies.items()),
        md5=package.hashes.get("md5"),
        sha256=package.hashes.get("sha256"),
        # the format doesn't say: what needs Python is installed into its folder (a guess that rarely fails)
        noarch=("python" if "python" in package.dependencies else "generic") if subdir == "noarch" else None,
    )
    channel = channel or Channel(name=channel_name(base, channels), base_url=base)
    return CondaPin(record=record, channel=channel, subdir=subdir, url=url, categories=package.categories)


def channel_name(base: str, channels: Sequence[str] = ()) -> str:
    """Return the name that the lockfile or people give to the channel at ``base``, else its address."""
    for name in channels:
        if name == base or ("://" not in name and base.endswith("/" + name)):
            return name
    known = _KNOWN_PLACE.search(base)
    return known.group(1) or known.group(2) if known else base


def _pypi_pin(
    package: LockedPackage, extras: Mapping[str, frozenset[str]], editable: frozenset[str]
) -> PypiPin:
    direct, commit = None, None
    if package.source_url:
        direct, commit = parse_direct_url(package.source_url, editable=package.name in editable)
    name = pypi_name(package.name)
    url, _, fragment = strip(package.url).partition("#")
    file = None
    if direct is None or direct.kind is DirectKind.ARCHIVE:
        told = dict(part.split("=", 1) for part in fragment.split("&") if "=" in part)
        hashes = {key: value for key, value in told.items() if key in _ALGORITHMS} | package.hashes
        file_name = unquote(package.file_name)
        is_wheel = file_name.endswith(".whl")
        file = DistFile(
            file_name=file_name, version=package.version, is_wheel=is_wheel, url=url, hashes=hashes
        )
    return PypiPin(
        name=name,
        version=package.version,
        file=file,
        direct=direct,
        commit=commit,
        extras=extras.get(package.name, frozenset()),
        dependencies={
            pypi_name(key): "" if spec == "*" else spec for key, spec in package.dependencies.items()
        },
        categories=package.categories,
    )


def parse_direct_url(url: str, *, editable: bool = False) -> tuple[DirectReference, str | None]:
    """Return a direct reference written as one address, and the VCS commit it holds (or None)."""
    address, _, fragment = url.partition("#")
    told = dict(part.split("=", 1) for part in fragment.split("&") if "=" in part)
    hashes = {key: value for key, value in told.items() if key in _ALGORITHMS}
    subdirectory = told.get("subdirectory")
    scheme = address.partition(":")[0]
    if "+" in scheme or scheme == "git":
        place, revision = _split_revision(address)
        direct = DirectReference(
            kind=DirectKind.VCS, url=place, revision=revision, subdirectory=subdirectory, hashes=hashes
        )
        return direct, revision if revision and _COMMIT.fullmatch(revision) else None
    path = address[len("file:") :].removeprefix("//") if scheme == "file" else None
    last = address.rstrip("/").rpartition("/")[2]
    archive = last.endswith((".whl", ".zip", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz"))
    direct = DirectReference(
        kind=DirectKind.DIRECTORY if path is not None and not archive else DirectKind.ARCHIVE,
        url=None if path is not None else address,
        path=path,
        subdirectory=subdirectory,
        hashes=hashes,
        editable=editable,
    )
    return direct, None


def _split_revision(address: str) -> tuple[str, str | None]:
    """Return a VCS address without its revision, and the revision; an ``@`` before the path is a user's."""
    start = address.find("/", address.find("://") + 3)
    head, at, revision = address[start:].rpartition("@")
    return (address[:start] + head, revision) if at and start >= 0 else (address, None)
