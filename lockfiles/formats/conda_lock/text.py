"""``conda-lock.yml``, version 1, as conda-lock, micromamba and pixi's importer read it.

Source: the models of conda-lock 3 and 4 (``lockfile/v1/models.py``). An entry
for each category a package belongs to; entries sorted by manager, name,
platform and category; nothing beyond the model's fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lockfiles.canonical import Node, to_yaml
from lockfiles.canonical_reading import from_yaml
from lockfiles.formats.conda_lock.assemble import lock_of_resolutions
from lockfiles.formats.conda_lock.entries import EntryTexts, format_entries, read_entries
from lockfiles.formats.conda_lock.target_keys import LAST_PACKAGE, format_last_package
from lockfiles.model import CondaLock, LockedChannel, LockedPackage, LockMetadata
from resolver.errors import InputError, InputErrors
from resolver.inputs.file_kinds import CONFLICT_HINT, conflict_error
from resolver.model.origin import Origin
from resolver.model.resolution import Resolution

if TYPE_CHECKING:
    from lockfiles.formats.export import ExportedFile, ExportRequest

HEADER = """\
# A lockfile in conda-lock's format, version 1, written by lockstack. Don't edit it: run `lock` again.
# Install it with `conda-lock install --name NAME FILE` or `micromamba create --name NAME --file FILE`.
"""

#: A key that conda's lockfile plugin wants among a file's own, and what stands there in ours.
CREATED_BY, MAKER = "created_by", "lockstack"

#: Fields of a package entry that version 1 knows (conda-lock refuses others).
_FIELDS = frozenset(
    [
        *("name", "version", "manager", "platform", "dependencies", "url", "hash", "source", "build"),
        *("category", "optional"),
    ]
)


def write_conda_lock(resolutions: Sequence[Resolution], metadata: LockMetadata) -> str:
    """Return the text of a lockfile that holds one resolution for each platform.

    The same values give the same bytes. Raises ValueError when two resolutions
    are for one platform.
    """
    return format_conda_lock(lock_of_resolutions(resolutions, metadata))


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``conda-lock.yml``: what a lockfile limited to some platforms and categories comes to."""
    from lockfiles.formats.export import ExportedFile, check_addresses

    check_addresses(request)
    return (
        ExportedFile(name="conda-lock.yml", text=write_conda_lock(request.resolutions, request.metadata)),
    )


def format_conda_lock(lock: CondaLock, text_of: Callable[[LockedPackage], str] | None = None) -> str:
    """Return the text of a lockfile; packages stand in the order of their keys.

    ``text_of`` gives the text of a package's entries, where it may have been made already.
    """
    metadata = lock.metadata
    head: dict[str, Node] = {
        "content_hash": dict(sorted(metadata.content_hash.items())),
        "channels": [{"url": c.url, "used_env_vars": list(c.used_env_vars)} for c in metadata.channels],
        "platforms": sorted(metadata.platforms),
        "sources": list(metadata.sources),
    }
    packages = sorted(lock.packages, key=lambda package: package.key)
    last = {LAST_PACKAGE: format_last_package(packages[-1])} if packages and metadata.custom else {}
    if metadata.custom:
        maker = {CREATED_BY: MAKER}
        head["custom_metadata"] = dict(sorted((maker | dict(metadata.custom) | last).items()))
    lines = [HEADER, to_yaml({"version": 1, "metadata": head})]
    lines.append("package:\n" if packages else "package: []\n")
    if text_of is None:
        lines.extend(text for package in packages for text in format_entries(package))
    else:
        lines.extend(map(text_of, packages))
    return "".join(lines)


def read_conda_lock(text: str, file: str, texts: EntryTexts | None = None) -> CondaLock:
    """Return the lockfile that ``text`` holds; ``file`` is the name for messages.

    ``texts`` takes the texts of its entries, where they are as this project writes them.
    Raises :class:`InputError` where the text is no such lockfile, or
    :class:`InputErrors` with all faults of its entries.
    """
    head, mark, tail = text.partition("\npackage:\n")
    written = read_entries(tail, texts) if mark and text.startswith(HEADER) else None
    try:
        content = _load_yaml(text, file) if written is None else _load_head(head, file)
    except InputError:
        if written is None:
            raise
        content, written = _load_yaml(text, file), None  # as a whole it may go on elsewhere
    reader = _LockReader(file)
    if not isinstance(content, dict) or not {"version", "metadata", "package"} <= content.keys():
        raise InputError(
            "not a conda-lock file: `version`, `metadata` and `package` are needed", Origin(file=file)
        )
    if content["version"] != 1:
        raise InputError(
            f"conda-lock version {content['version']!r} is unknown; version 1 is read", Origin(file=file)
        )
    metadata = reader.metadata(content["metadata"])
    packages = reader.packages(content["package"]) if written is None else reader.merged(enumerate(written))
    reader.raise_faults()
    return CondaLock(metadata=_without_last(metadata, packages, file), packages=packages)


def read_metadata(text: str, file: str) -> LockMetadata:
    """Return what a lockfile says of itself, its packages unread; raises as :func:`read_conda_lock`."""
    head, _, _ = text.partition("\npackage:")
    content = _load_head(head, file)
    reader = _LockReader(file)
    metadata = reader.metadata(content.get("metadata") if isinstance(content, dict) else None)
    reader.raise_faults()
    return metadata


def _without_last(metadata: LockMetadata, packages: Sequence[LockedPackage], file: str) -> LockMetadata:
    """Return the metadata without what it says of the last package, which has to be there (else InputError).

    A file that was cut off between two entries is as well-formed as a whole one.
    """
    custom = {key: value for key, value in metadata.custom.items() if (key, value) != (CREATED_BY, MAKER)}
    last = custom.pop(LAST_PACKAGE, None)
    if last is not None and all(format_last_package(package) != last for package in packages):
        raise InputError(
            f"it was cut off: its last package (`{last.rpartition(' ')[0]}`) isn't there as a whole",
            Origin(file=file),
            "Take the file from version control.",
        )
    return msgspec.structs.replace(metadata, custom=custom)


def _load_head(head: str, file: str) -> Any:
    """Return what stands before the packages, and no packages; our own form needs no YAML parser."""
    written = from_yaml(head[len(HEADER) :] + "\n") if head.startswith(HEADER) else None
    if isinstance(written, dict):
        return {**written, "package": []}
    return _load_yaml(f"{head}\npackage: []\n", file)


def _load_yaml(text: str, file: str) -> Any:
    from resolver.inputs.yaml_nodes import load_yaml

    conflict = conflict_error(text, file, CONFLICT_HINT)
    if conflict is not None:
        raise conflict
    return load_yaml(text, file)


class _LockReader:
    """Turns loaded YAML into values, and collects every fault with its path in the file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._faults: list[InputError] = []

    def fault(self, path: str, message: str) -> None:
        self._faults.append(InputError(f"`{path}` {message}", Origin(file=self._file)))

    def raise_faults(self) -> None:
        if len(self._faults) == 1:
            raise self._faults[0]
        if self._faults:
            raise InputErrors(self._faults)

    def metadata(self, node: Any) -> LockMetadata:
        if not isinstance(node, dict):
            self.fault("metadata", "must be a mapping")
            return LockMetadata()
        return LockMetadata(
            content_hash=self.texts(node.get("content_hash"), "metadata.content_hash"),
            channels=tuple(self._channels(node.get("channels"))),
            platforms=self.list_of_texts(node.get("platforms"), "metadata.platforms"),
            sources=self.list_of_texts(node.get("sources"), "metadata.sources"),
            custom=self.texts(node.get("custom_metadata"), "metadata.custom_metadata"),
        )

    def _channels(self, node: Any) -> Iterator[LockedChannel]:
        for index, item in enumerate(node if isinstance(node, list) else []):
            if isinstance(item, str):
                yield LockedChannel(url=item)
            elif isinstance(item, dict) and isinstance(item.get("url"), str):
                used = self.list_of_texts(
                    item.get("used_env_vars"), f"metadata.channels[{index}].used_env_vars"
                )
                yield LockedChannel(url=item["url"], used_env_vars=used)
            else:
                self.fault(f"metadata.channels[{index}]", "must be a name or have a `url`")

    def packages(self, node: Any) -> tuple[LockedPackage, ...]:
        if not isinstance(node, list):
            self.fault("package", "must be a list")
            return ()
        entries = ((index, self._package(entry, f"package[{index}]")) for index, entry in enumerate(node))
        return self.merged((index, package) for index, package in entries if package is not None)

    def merged(self, entries: Iterable[tuple[int, LockedPackage]]) -> tuple[LockedPackage, ...]:
        """Return one package for the entries of its categories, sorted by key."""
        found: dict[tuple[str, str, str], LockedPackage] = {}
        for index, package in entries:
            twin = found.get(package.key)
            if twin is None:
                found[package.key] = package
            elif twin.url != package.url:
                self.fault(
                    f"package[{index}]", f"is a second, different {package.name} for {package.platform}"
                )
            else:
                found[package.key] = _with_categories(twin, twin.categories | package.categories)
        return tuple(found[key] for key in sorted(found))

    def _package(self, entry: Any, path: str) -> LockedPackage | None:
        before = len(self._faults)
        if not isinstance(entry, dict):
            self.fault(path, "must be a mapping")
            return None
        for key in entry.keys() - _FIELDS:
            self.fault(f"{path}.{key}", "is no field of version 1")
        name, version, manager, platform, url = (
            self.text(entry, key, path) for key in ("name", "version", "manager", "platform", "url")
        )
        if manager not in ("conda", "pip", ""):
            self.fault(f"{path}.manager", "must be `conda` or `pip`")
        hashes = self.texts(entry.get("hash"), f"{path}.hash")
        source = entry.get("source")
        if len(self._faults) > before:
            return None
        return LockedPackage(
            name=name,
            version=version,
            manager=manager,
            platform=platform,
            url=url,
            hashes=hashes,
            dependencies=self.texts(entry.get("dependencies"), f"{path}.dependencies"),
            categories=frozenset({str(entry.get("category", "main"))}),
            source_url=str(source["url"]) if isinstance(source, dict) and "url" in source else None,
        )

    def text(self, entry: Mapping[str, Any], key: str, path: str) -> str:
        value = entry.get(key)
        if isinstance(value, str) and value:
            return value
        if value is None or value == "":
            self.fault(f"{path}.{key}", "is missing")
        else:
            self.fault(f"{path}.{key}", f'must be a text: write it as `"{value}"`')
        return ""

    def texts(self, node: Any, path: str) -> dict[str, str]:
        """Return a mapping of texts; keys without a value are left out."""
        if node is None:
            return {}
        if not isinstance(node, dict):
            self.fault(path, "must be a mapping")
            return {}
        found = {}
        for key, value in node.items():
            if isinstance(key, str) and isinstance(value, str):
                found[key] = value
            elif value is not None or not isinstance(key, str):
                self.fault(f"{path}.{key}", f'must be a text: write it as `"{value}"`')
        return found

    def list_of_texts(self, node: Any, path: str) -> tuple[str, ...]:
        if node is None:
            return ()
        if isinstance(node, list) and all(isinstance(item, str) for item in node):
            return tuple(node)
        self.fault(path, "must be a list of texts")
        return ()


def _with_categories(package: LockedPackage, categories: frozenset[str]) -> LockedPackage:
    return msgspec.structs.replace(package, categories=categories)
