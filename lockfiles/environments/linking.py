"""conda's part of an environment: linked by py-rattler in a child process, recorded as channels say."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lockfiles.environments.archive_paths import stray_path
from lockfiles.environments.fetching import Fetched, names_in_words
from lockfiles.environments.planning import Plan
from lockfiles.environments.processes import Finished, Holding, run
from lockfiles.environments.relocation import replace_file
from resolver.errors import InputError, OutputError, SourceError
from resolver.model.origin import Origin
from resolver.model.patterns import pattern
from resolver.model.resolution import CondaPin

#: The exit code by which the child says that it can't be done; another one is its own end.
_CANT_BE_DONE = 3
#: What py-rattler says where it can't read the records of what is there.
_OLD = "failed to determine the currently installed packages"
_CHILD = Path(__file__).with_name("link_child.py")
#: Keys of a record that speak of the archive that was linked, not of the channel's.
_LOCAL_KEYS = ("package_tarball_full_path",)

_MADE_SO = "Its hash is the locked one: it was made so. Don't install it."
_ERROR_NUMBER = pattern(r"(?:os error |\[Errno )(\d+)")
_OF_THE_DISK = frozenset({
    errno.EPERM, errno.EIO, errno.EACCES, errno.ENFILE, errno.EMFILE, errno.EFBIG, errno.ENOSPC, errno.EROFS,
    errno.EDQUOT, errno.ENOMEM,
})  # fmt: skip


def link_conda(
    plan: Plan,
    fetched: Mapping[str, Fetched],
    *,
    prefix: Path,
    final: Path,
    platform: str,
    packages_cache: Path,
    records: Mapping[str, str],
    holding: Holding,
) -> None:
    """Bring the conda packages of ``prefix`` to what is planned, with ``final`` as the path in their files.

    ``records``: name -> file name in ``conda-meta`` of what is there. Raises OutputError, and
    SourceError for an archive that would write elsewhere.
    """
    if not (plan.link or plan.unlink):
        return
    for pin in plan.link:
        _check_paths(pin, fetched[f"conda {pin.record.name}"].path)
    request = {
        "prefix": str(prefix),
        "final": str(final),
        "platform": platform,
        "cache": str(packages_cache),
        "packages": [
            {"path": str(found.path), "sha256": found.sha256}
            for found in (fetched[f"conda {pin.record.name}"] for pin in plan.link)
        ],
        "same": [records[pin.record.name] for pin in plan.same_conda],
        "ignored": [record.name for record in plan.kept_conda],
        "reinstall": [pin.record.name for pin in plan.link],
    }
    file = holding.work / "link.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    done = run([sys.executable, str(_CHILD), str(file)], holding)
    if done.code:
        raise _fault(done, plan.link, fetched, final)
    _correct_records(prefix, plan.link, fetched)


def _fault(
    done: Finished, pins: Sequence[CondaPin], fetched: Mapping[str, Fetched], final: Path
) -> SourceError | OutputError | InputError:
    """Return why nothing was linked: an archive, what is there, the disk, or how the child ended."""
    told = done.last_line
    if told.startswith(_OLD):
        words = f"what is there is damaged: {told.removeprefix(_OLD).lstrip(': ')}"
        return InputError(words, Origin(file=str(final)), "Install into a new folder.")
    parts = list(dict.fromkeys(told.split(" Caused by: ")))
    words = parts[0] if len(parts) == 1 else f"{parts[0]}: {parts[-1]}"
    errors = {int(number) for number in _ERROR_NUMBER.findall(told)}
    for pin in pins:
        path = str(fetched[f"conda {pin.record.name}"].path)
        if not errors & _OF_THE_DISK and (len(pins) == 1 or pin.record.file_name in told or path in told):
            words = words.replace(f"{path} is no package: ", "")
            return SourceError(
                f"the archive of {pin.record.name} can't be linked: {words}", pin.url, _MADE_SO
            )
    if errors & _OF_THE_DISK or done.code != _CANT_BE_DONE or not pins:
        return OutputError(str(final), f"its conda packages can't be linked: {words}")
    names = names_in_words([pin.record.name for pin in pins])
    told = f"an archive of {names} can't be linked, and which one isn't told: {words}"
    return SourceError(told, pins[0].channel.base_url, _MADE_SO)


def _check_paths(pin: CondaPin, archive: Path) -> None:
    """Raise SourceError for an archive that would put files elsewhere than into the environment."""
    try:
        stray = stray_path(archive)
    except ValueError as error:
        words = f"what the archive of {pin.record.name} holds can't be read: {error}"
    else:
        if stray is None:
            return
        words = f"the archive of {pin.record.name} has a path that no package may have: `{stray[:200]}`"
    raise SourceError(words, pin.url, _MADE_SO)


def _correct_records(prefix: Path, pins: Iterable[CondaPin], fetched: Mapping[str, Fetched]) -> None:
    """Let the records say what the lockfile says of a package: where it came from, and what it needs.

    They were made from an archive in the cache, whose own metadata channels may have corrected since.
    Raises SourceError for an archive of another package than the lockfile's entry says.
    """
    for pin in pins:
        path = prefix / "conda-meta" / record_file_name(pin)
        if not path.is_file():
            record = pin.record
            raise SourceError(
                f"the archive holds another package than {record.name} {record.version} {record.build}",
                pin.url,
                "Its hash is the locked one, so the lockfile's entry is wrong: lock again.",
            )
        data: dict[str, Any] = json.loads(path.read_text("utf-8"))
        data |= {
            "fn": pin.record.file_name,
            "url": pin.url,
            "channel": f"{pin.channel.base_url}/{pin.subdir}",
        }
        data["sha256"] = fetched[f"conda {pin.record.name}"].sha256
        if pin.record.md5:
            data["md5"] = pin.record.md5
        if pin.record.depends:
            data["depends"] = list(pin.record.depends)
        if pin.record.constrains:
            data["constrains"] = list(pin.record.constrains)
        for key in _LOCAL_KEYS:
            data.pop(key, None)
        replace_file(path, (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode("utf-8"))


def record_file_name(pin: CondaPin) -> str:
    """Return the name of a package's record in ``conda-meta``."""
    return f"{pin.record.name}-{pin.record.version}-{pin.record.build}.json"


def distribution_name(channel: str, subdir: str, name: str, version: str, build: str) -> str:
    """Return a package as conda's history writes it."""
    return f"{channel}/{subdir}::{name}-{version}-{build}"
