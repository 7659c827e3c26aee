"""Direct references: an archive, a folder or a repository that a requirement names (PEP 508, 610)."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec.structs import replace

from resolver.errors import InputError, OfflineError
from resolver.metadata.core_metadata import check_identity, parse_core_metadata
from resolver.metadata.simple_index import SDIST_ENDINGS, parse_file_name
from resolver.metadata.zip_directory import BadArchiveError
from resolver.model.names import PypiName, pypi_name
from resolver.model.origin import Origin
from resolver.model.records import CoreMetadata, DistFile
from resolver.model.redaction import is_remote, strip
from resolver.model.requirements import DirectKind, DirectReference
from resolver.model.unusable import Unusable
from resolver.sources.cache.core_metadata import read_metadata, write_metadata
from resolver.sources.cache.fetching import validators
from resolver.sources.cache.folder import Cache, Entry
from resolver.sources.http.downloads import ArchiveSink, NotAnArchiveError, digests_of
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.local import local_path, open_regular
from resolver.sources.limits import LimitError, ResourceKind
from resolver.sources.pypi.given_metadata import given_metadata
from resolver.sources.pypi.sdist_metadata import SdistReader
from resolver.sources.pypi.version_control import FULL_COMMIT, Git
from resolver.sources.pypi.wheel_metadata import read_wheel

_ARCHIVE_BUCKET = "direct-archive-1"
_COMMIT_BUCKET = "direct-commit-1"


class DirectCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """What stands behind a direct reference; the only candidate of its project."""

    name: PypiName
    version: str  #: normalised
    metadata: CoreMetadata
    reference: DirectReference
    file: DistFile | None = None  #: archives only; its hashes are computed
    commit: str | None = None  #: VCS only: the full hash
    sha256: str | None = None  #: archives only
    digests: Mapping[str, str] = msgspec.field(
        default_factory=dict
    )  #: archives only; with what was asked for


class _Archive(msgspec.Struct, array_like=True):
    """What is kept of an archive at an address."""

    sha256: str
    size: int
    metadata: CoreMetadata
    more: dict[str, str] = {}  #: digests of other algorithms

    @property
    def digests(self) -> dict[str, str]:
        return {"sha256": self.sha256, **self.more}


class DirectReader(msgspec.Struct, frozen=True, kw_only=True):
    """Resolves direct references; one instance may serve every thread."""

    fetcher: Fetcher
    cache: Cache
    sdists: SdistReader
    environ: Mapping[str, str] = msgspec.field(default_factory=dict)  #: for git
    algorithms: frozenset[str] = frozenset()  #: archives are hashed with these too

    def resolve(
        self,
        reference: DirectReference,
        base_folder: Path,
        origin: Origin | None = None,
        name: PypiName | None = None,
    ) -> DirectCandidate:
        """Return the candidate behind ``reference``; ``base_folder`` is where relative paths start.

        ``name``: the project, where its line says it: what is given by hand of it, or of its build, counts.
        Raises InputError (nothing there, no package, hash differs) at ``origin``,
        and SourceError where a server or git fails.
        """
        is_archive = reference.url is not None and is_remote(reference.url)
        if not self.fetcher.settings.is_live and (reference.kind is DirectKind.VCS or not is_archive):
            raise OfflineError("is not in the recording", strip(reference.url or reference.path or "."))
        if reference.kind is DirectKind.VCS:
            return self._from_repository(reference, origin, name)
        if reference.url is not None and is_remote(reference.url):
            return self._from_address(reference, reference.url, origin, name)
        text, path = _place(reference, base_folder)
        if path.is_dir():
            return self._from_folder(reference, path, text, origin, name)
        if not path.is_file():
            raise InputError(f"there is no `{text}`", origin)
        return self._from_file(reference, path, text, origin, name)

    def is_absent(self, reference: DirectReference, base_folder: Path) -> bool:
        """Tell whether a reference means a place on this machine where nothing is."""
        is_elsewhere = reference.url is not None and is_remote(reference.url)
        if reference.kind is DirectKind.VCS or is_elsewhere or not self.fetcher.settings.is_live:
            return False
        return not _place(reference, base_folder)[1].exists()

    # ------------------------------------------------------------ archives

    def _from_address(
        self, reference: DirectReference, url: str, origin: Origin | None, name: PypiName | None
    ) -> DirectCandidate:
        url = self.fetcher.credentials.learn(url)
        self.fetcher.credentials.name_host(url)
        plain = url.partition("#")[0]
        entry = self.cache.read(_ARCHIVE_BUCKET, self._key(plain, name))
        known = _decode(entry)
        wanted = self._wanted(reference)
        if known is not None and not wanted <= known.digests.keys():
            known = None  # what is asked for was not computed then
        # a hash pins the content, so an address with one need not be asked again
        pinned = known is not None and reference.hashes.get("sha256") == known.sha256
        if known is None or not pinned:
            known = self._ask(plain, entry if known else None, known, wanted, origin, name)
        self._check_hashes(reference, known, plain, origin)
        return _archive_candidate(reference, _file_name(plain), plain, known)

    def _key(self, url: str, name: PypiName | None) -> str:
        """Return an archive's key; another one where the user's rules make another thing of it."""
        parsed, rules = parse_file_name(_file_name(url)), self.sdists.rules
        state = rules.state(parsed[0], parsed[1]) if parsed else rules.state_of_tree(name)
        return f"{url}#{state}" if state else url

    def _wanted(self, reference: DirectReference) -> frozenset[str]:
        """Return the algorithms that an archive is hashed with."""
        return self.algorithms | reference.hashes.keys() | {"sha256"}

    def _ask(
        self,
        url: str,
        entry: Entry | None,
        known: _Archive | None,
        wanted: frozenset[str],
        origin: Origin | None,
        project: PypiName | None,
    ) -> _Archive:
        if self.fetcher.settings.offline and known is not None:
            return known
        with tempfile.TemporaryFile() as temporary:
            is_wheel = _file_name(url).lower().endswith(".whl")
            kind = ResourceKind.ARCHIVE if is_wheel else ResourceKind.SDIST
            sink = cast("BinaryIO", ArchiveSink(temporary, strip(url), {}))
            try:
                response = self.fetcher.get(url, headers=validators(entry), sink=sink, kind=kind)
            except NotAnArchiveError as error:
                raise InputError(f"`{strip(url)}`: {error.message}", origin, error.hint) from None
            if response.status == 304 and known is not None:
                return known
            if not response.found:
                raise InputError(f"there is no file at `{strip(url)}` ({response.status})", origin)
            archive = self._read_archive(temporary, _file_name(url), strip(url), wanted, origin, project)
        headers = response.headers
        kept = Entry(
            payload=msgspec.msgpack.encode(archive),
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
        )
        self.cache.write(_ARCHIVE_BUCKET, self._key(url, project), kept)
        return archive

    def _from_file(
        self,
        reference: DirectReference,
        path: Path,
        text: str,
        origin: Origin | None,
        name: PypiName | None,
    ) -> DirectCandidate:
        try:
            with open_regular(path, None) as file:
                archive = self._read_archive(file, path.name, text, self._wanted(reference), origin, name)
        except OSError as error:
            raise InputError(f"`{text}` can't be read: {error.strerror}", origin) from None
        except LimitError as error:
            raise InputError(f"`{text}` can't be read: {error.reason}", origin) from None
        self._check_hashes(reference, archive, text, origin)
        return _archive_candidate(reference, path.name, path.absolute().as_uri(), archive)

    def _read_archive(
        self,
        file: BinaryIO,
        name: str,
        label: str,
        wanted: frozenset[str],
        origin: Origin | None,
        project: PypiName | None,
    ) -> _Archive:
        lower = name.lower()
        digests = digests_of(file, wanted)
        sha256 = digests.pop("sha256")
        size = file.seek(0, 2)
        found: CoreMetadata | Unusable
        if lower.endswith(".whl"):
            found = given_metadata(self.sdists.rules, name) or _read_wheel(file, name)
        elif lower.endswith(SDIST_ENDINGS):
            found, _ = self.sdists.read(file, name, project)
        else:
            hint = "Name a `.whl`, `.tar.gz` or `.zip` file."
            raise InputError(f"`{label}` is neither a wheel nor an sdist", origin, hint)
        return _Archive(sha256, size, _usable(found, label, origin), digests)

    def _check_hashes(
        self, reference: DirectReference, archive: _Archive, label: str, origin: Origin | None
    ) -> None:
        for kind, expected in sorted(reference.hashes.items()):
            found = archive.digests[kind]
            if expected.lower() != found:
                raise InputError(
                    f"the {kind} of `{strip(label)}` is {found}, not {expected} as required",
                    origin,
                    hint="The file was changed since the hash was written down; "
                    "find out why before you use it.",
                )

    # ------------------------------------------------------------ trees

    def _from_folder(
        self,
        reference: DirectReference,
        path: Path,
        text: str,
        origin: Origin | None,
        name: PypiName | None,
    ) -> DirectCandidate:
        folder = _subfolder(path, reference.subdirectory, text, origin)
        metadata = _usable(self.sdists.read_folder(folder, text, name), text, origin)
        return _tree_candidate(reference, metadata)

    def _from_repository(
        self, reference: DirectReference, origin: Origin | None, name: PypiName | None
    ) -> DirectCandidate:
        system, plus, address = (reference.url or "").partition("+")
        if not plus:
            system, address = "git", reference.url or ""
        if system != "git":
            raise InputError(f"`{system}` repositories can't be read", origin, hint="Use git, or an archive.")
        url = self.fetcher.credentials.learn(address.partition("#")[0])
        self.fetcher.credentials.name_host(url)
        revision = reference.revision
        if revision is not None and FULL_COMMIT.fullmatch(revision):
            key = _commit_key(url, revision, reference, self.sdists.rules.state_of_tree(name))
            known = read_metadata(self.cache, _COMMIT_BUCKET, key)
            if isinstance(known, CoreMetadata):
                return replace(_tree_candidate(reference, known), commit=revision)
        if self.fetcher.settings.offline and not url.startswith("file:"):
            raise OfflineError(
                "is a repository, and the network may not be used", url, "Lock once without `--offline`."
            )
        return self._from_checkout(reference, url, origin, name)

    def _from_checkout(
        self, reference: DirectReference, url: str, origin: Origin | None, name: PypiName | None
    ) -> DirectCandidate:
        git = Git(self.fetcher.credentials, self.environ, limits=self.fetcher.settings.limits)
        with tempfile.TemporaryDirectory(prefix="lockstack-git-") as work:
            checkout = git.checkout(url, reference.revision, Path(work))
            key = _commit_key(url, checkout.commit, reference, self.sdists.rules.state_of_tree(name))
            metadata = read_metadata(self.cache, _COMMIT_BUCKET, key)
            if not isinstance(metadata, CoreMetadata):
                folder = _subfolder(checkout.folder, reference.subdirectory, url, origin)
                if not self.sdists.is_static(folder, name):
                    git.deepen(url, checkout)
                metadata = _usable(self.sdists.read_folder(folder, url, name), url, origin)
                write_metadata(self.cache, _COMMIT_BUCKET, key, metadata)
        return replace(_tree_candidate(reference, metadata), commit=checkout.commit)


def _commit_key(url: str, commit: str, reference: DirectReference, state: str) -> str:
    """Return the key of a tree's metadata; the address counts, as a version may be made from its tags.

    ``state``: what the user's rules of builds make of it.
    """
    facts = (strip(url), commit, reference.subdirectory or "", *((state,) if state else ()))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _subfolder(folder: Path, subdirectory: str | None, label: str, origin: Origin | None) -> Path:
    found = (folder / subdirectory if subdirectory else folder).resolve()
    if subdirectory and (not found.is_relative_to(folder.resolve()) or not found.is_dir()):
        raise InputError(f"there is no folder `{subdirectory}` in `{strip(label)}`", origin)
    return found


def _read_wheel(file: BinaryIO, name: str) -> CoreMetadata | Unusable:
    parsed = parse_file_name(name)
    if parsed is None:
        return Unusable("its name is not that of a wheel (PEP 427)")
    try:
        found = parse_core_metadata(read_wheel(file, parsed[0]))
    except BadArchiveError as error:
        return Unusable(f"it can't be read: {error}")
    return check_identity(found, parsed[0], parsed[1]) if isinstance(found, CoreMetadata) else found


def _usable(found: CoreMetadata | Unusable, label: str, origin: Origin | None) -> CoreMetadata:
    if isinstance(found, Unusable):
        raise InputError(f"`{strip(label)}` can't be used: {found.reason}", origin)
    return found


def _place(reference: DirectReference, base_folder: Path) -> tuple[str, Path]:
    """Return a place on this machine as it is written, and where it is."""
    text = reference.path if reference.path is not None else reference.url or ""
    path = local_path(text)
    return text, path if path.is_absolute() else base_folder / path


def _archive_candidate(reference: DirectReference, name: str, url: str, archive: _Archive) -> DirectCandidate:
    metadata = archive.metadata
    file = DistFile(
        file_name=name,
        version=metadata.version,
        is_wheel=name.lower().endswith(".whl"),
        url=strip(url),
        hashes={"sha256": archive.sha256},
        requires_python=metadata.requires_python,
        size=archive.size,
    )
    candidate = _tree_candidate(reference, metadata)
    return replace(candidate, file=file, sha256=archive.sha256, digests=archive.digests)


def _tree_candidate(reference: DirectReference, metadata: CoreMetadata) -> DirectCandidate:
    return DirectCandidate(
        name=pypi_name(metadata.name), version=metadata.version, metadata=metadata, reference=reference
    )


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rpartition("/")[2])


def _decode(entry: Entry | None) -> _Archive | None:
    if entry is None:
        return None
    try:
        return msgspec.msgpack.decode(entry.payload, type=_Archive)
    except msgspec.MsgspecError:
        return None
