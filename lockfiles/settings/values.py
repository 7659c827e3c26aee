"""Values of settings: what a file, a flag or a variable holds -> typed.

Each function takes the raw value (text, or what TOML and YAML give) and where
it stands, and raises ``ValueError(message, hint)``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from lockfiles.settings.ages import LONGEST, Age, parse_age
from resolver.inputs.faults import did_you_mean
from resolver.inputs.urls import is_url
from resolver.model.channels import ChannelPriority
from resolver.model.names import pypi_name
from resolver.model.patterns import pattern
from resolver.model.redaction import redact

_TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})
_FALSE = frozenset({"0", "false", "no", "off", "n", "f", ""})
#: a name or an IPv4 address, or a bracketed IPv6 address, and perhaps a port
_HOST = pattern(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_PACKAGE = pattern(r"[\w.-]+")
_BARE_IPV6 = re.compile(r"[0-9a-f]*(?::[0-9a-f.]*){2,}")


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """What a relative path is seen from (None: left as typed), and the home folder for ``~``."""

    folder: Path | None = None
    home: Path = Path("~")


def refuse(message: str, hint: str | None = None) -> NoReturn:
    """Raise ValueError for a value."""
    raise ValueError(message, hint)


def shown(value: object) -> str:
    """Return a value for a message, without secrets."""
    return redact(str(value))


def text(value: Any, where: Where) -> str:  # noqa: ARG001  all parsers have one shape
    """Return a word; numbers count as written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Path):
        refuse(f"`{shown(value)}` is not text")
    return str(value).strip()


def boolean(value: Any, where: Where) -> bool:  # noqa: ARG001
    """Return true or false, in the usual spellings."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    refuse(f"`{shown(value)}` is neither true nor false")


def words(value: Any, where: Where) -> tuple[str, ...]:
    """Return a list: of texts, or a text separated by blanks or commas."""
    if isinstance(value, str):
        return tuple(word for word in re.split(r"[\s,]+", value) if word)
    if not isinstance(value, list | tuple):
        refuse(f"`{shown(value)}` is not a list")
    return tuple(text(item, where) for item in value)


def hosts(value: Any, where: Where) -> tuple[str, ...]:
    """Return ``host`` or ``host:port`` texts, lower case; an address in place of one is refused."""
    found = []
    for word in words(value, where):
        host = f"[{word.lower()}]" if _BARE_IPV6.fullmatch(word.lower()) else word.lower()
        if not _HOST.fullmatch(host):
            refuse(f"`{shown(word)}` is not a host", "write `HOST` or `HOST:PORT`, without scheme and path")
        found.append(host)
    return tuple(found)


def exempt(value: Any, where: Where) -> tuple[str, ...]:
    """Return names of packages, each perhaps behind ``CHANNEL::``, or ``CHANNEL::*``."""
    found = words(value, where)
    for word in found:
        channel, mark, name = word.rpartition("::")
        if (not (name == "*" and channel) and not _PACKAGE.fullmatch(name)) or (mark and not channel):
            refuse(f"`{shown(word)}` names no package", "write `NAME`, `CHANNEL::NAME` or `CHANNEL::*`")
    return found


def platforms(value: Any, where: Where) -> tuple[str, ...]:
    """Return platforms, each a known one."""
    from resolver.errors import InputError
    from resolver.inputs.target import parse_platform

    try:
        return tuple(
            dict.fromkeys(parse_platform(word) for item in words(value, where) for word in item.split(","))
        )
    except InputError as error:
        refuse(error.message, error.hint)


def channels(value: Any, where: Where) -> tuple[str, ...]:
    """Return channels; folders written relatively are seen from the settings file."""
    return tuple(_place(word, where, bare_is_path=False) for word in words(value, where))


def addresses(value: Any, where: Where) -> tuple[str, ...]:
    """Return addresses or folders; a text is separated by blanks."""
    items = value.split() if isinstance(value, str) else words(value, where)
    return tuple(_place(item, where) for item in items)


def place_or_address(value: Any, where: Where) -> str:
    """Return an address without trailing slash, or a folder."""
    word = text(value, where)
    if not word:
        refuse("an empty address")
    return _place(word, where)


def _place(word: str, where: Where, *, bare_is_path: bool = True) -> str:
    """Return an address as it is; a folder seen from the settings file."""
    if is_url(word):
        return word.rstrip("/") or word
    if word.startswith("~"):
        return str(where.home / word[1:].lstrip("/\\"))
    if where.folder is None or Path(word).is_absolute():
        return word
    if not bare_is_path and not word.startswith((".", "/")):
        return word
    return str(where.folder / word)


def path(value: Any, where: Where) -> Path:
    """Return a path, ``~`` put in, seen from the settings file."""
    word = text(value, where)
    if not word:
        refuse("an empty path")
    if word == "~" or word.startswith(("~/", "~\\")):
        return where.home / word[1:].lstrip("/\\")
    return Path(word) if where.folder is None else where.folder / word


def priority(value: Any, where: Where) -> ChannelPriority:
    """Return a channel priority; true and false are conda's old words for flexible and disabled."""
    if isinstance(value, bool):
        return ChannelPriority.FLEXIBLE if value else ChannelPriority.DISABLED
    word = text(value, where).lower()
    if word in ("true", "false"):
        return ChannelPriority.FLEXIBLE if word == "true" else ChannelPriority.DISABLED
    if word not in tuple(ChannelPriority):
        refuse(
            f"`{shown(value)}` is none of `strict`, `flexible`, `disabled`",
            did_you_mean(word, ChannelPriority),
        )
    return ChannelPriority(word)


def choice(value: Any, where: Where, options: tuple[str, ...]) -> str:
    """Return one of several words."""
    word = text(value, where).lower()
    if word not in options:
        listed = ", ".join(f"`{option}`" for option in options)
        refuse(f"`{shown(value)}` is none of {listed}", did_you_mean(word, options))
    return word


def virtual_packages(value: Any, where: Where) -> tuple[str, ...]:
    """Return requests; a table of names, or of platforms with tables of names, becomes a list."""
    from resolver.errors import InputError
    from resolver.inputs.virtual_packages import parse_virtual_package

    items = _requests_of_table(value) if isinstance(value, Mapping) else words(value, where)
    for item in items:
        try:
            parse_virtual_package(item)
        except InputError as error:
            refuse(error.message, error.hint)
    return tuple(items)


def _requests_of_table(table: Mapping[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name, value in table.items():
        if isinstance(value, Mapping) and not prefix:
            found.extend(_requests_of_table(value, f"{name}:"))
        elif value is False:
            found.append(f"{prefix}{name}=")
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found.append(f"{prefix}{name}={value}")
        else:
            refuse(
                f"`{name}` is not a version", "write a version as text, or `false` to leave the package out"
            )
    return found


def python_versions(value: Any, where: Where) -> tuple[str, ...]:
    """Return interpreters' versions of two or three numbers, each once."""
    numbers = value if isinstance(value, list | tuple) else (value,)
    number = next((one for one in numbers if isinstance(one, float)), None)
    if number is not None:
        refuse(
            f"the number `{number}` where a version is meant",
            f'write `"{number}"`: `3.10` as a number is `3.1`',
        )
    items = (text(value, where),) if isinstance(value, str) else words(value, where)
    found = [word.strip() for item in items for word in item.split(",")]
    for word in found:
        if not re.fullmatch(r"\d+\.\d+(\.\d+)?", word):
            refuse(f"`{shown(word)}` is not a Python version", "write it as `3.12` or `3.12.7`")
    return tuple(dict.fromkeys(found))


def moment_or_age(value: Any, where: Where) -> int | Age:
    """Return an age such as ``7 days``, or what :func:`moment` reads."""
    age = parse_age(value) if isinstance(value, str) else None
    if age is not None and age.seconds > LONGEST:
        refuse(f"`{shown(value)}` goes back to before there were packages", "give a date, or fewer days")
    return moment(value, where) if age is None else age


def moment(value: Any, where: Where) -> int:
    """Return seconds since 1970 (UTC) of a date, its whole day counted, or of a date with time and zone."""
    if isinstance(value, dt.datetime):
        when = value
    elif isinstance(value, dt.date):
        when = dt.datetime.combine(value, dt.time(23, 59, 59), dt.UTC)
    else:
        word = text(value, where)
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
                return moment(dt.date.fromisoformat(word), where)
            when = dt.datetime.fromisoformat(word)
        except ValueError:
            refuse(
                f"`{shown(value)}` is not a date",
                "write it as `2026-01-31` or `2026-01-31T12:00:00Z`, or as an age: `7 days`",
            )
    if when.tzinfo is None:
        refuse(f"`{shown(value)}` has no time zone", "put a `Z` behind it for UTC")
    return int(when.timestamp())


def seconds(value: Any, where: Where) -> float:
    """Return a positive number of seconds."""
    try:
        number = float(text(value, where))
    except ValueError:
        number = 0.0
    if not 0 < number < 86_400:
        refuse(f"`{shown(value)}` is not a number of seconds above 0")
    return number


def count(value: Any, where: Where) -> int:
    """Return a number from 0 to 100."""
    word = text(value, where)
    if not re.fullmatch(r"\d{1,3}", word) or int(word) > 100:
        refuse(f"`{shown(value)}` is not a number from 0 to 100")
    return int(word)


def steps(value: Any, where: Where) -> int:
    """Return a number of steps, 0 for no limit."""
    word = text(value, where)
    if not re.fullmatch(r"[0-9]{1,12}", word):
        refuse(f"`{shown(value)}` is not a number of steps")
    return int(word)


def torch_backend(value: Any, where: Where) -> str:
    """Return the label of a variant of PyTorch's."""
    from resolver.machine.variant_indexes import is_backend

    word = text(value, where).lower()
    if not is_backend(word):
        hint = "nothing is detected here: name the variant" if word == "auto" else "such as `cpu` or `cu124`"
        refuse(f"`{shown(value)}` is no variant of PyTorch's", hint)
    return word


def projects(value: Any, where: Where) -> tuple[str, ...]:
    """Return projects, normalised and sorted; ``:all:`` means all, ``:none:`` takes back those before."""
    found: set[str] = set()
    for word in (part for item in words(value, where) for part in item.split(",") if part):
        if word == ":none:":
            found.clear()
        else:
            found.add(word if word == ":all:" else pypi_name(word))
    return tuple(sorted(found))
