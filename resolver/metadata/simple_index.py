"""A project's page on an index: PEP 691 JSON or PEP 503 HTML -> :class:`ProjectPage`.

Reading has two steps: the format gives *links* (:mod:`resolver.metadata.simple_links`),
the file names give versions. A file whose name or version can't be read is
dropped and stands in ``ProjectPage.skipped`` with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
from packaging.version import Version

from resolver.errors import SourceError, one_line
from resolver.metadata.file_names import FOREIGN, FileNamer
from resolver.metadata.file_names import SDIST_ENDINGS as SDIST_ENDINGS
from resolver.metadata.file_names import parse_file_name as parse_file_name
from resolver.metadata.project_status import status_of_html
from resolver.metadata.simple_links import (
    PageLink,
    are_plain_addresses,
    check_is_index,
    is_plain_address,
    parse_html_links,
    parse_json_links,
)
from resolver.model.indexes import ACCEPT as ACCEPT
from resolver.model.names import PypiName
from resolver.model.records import DistFile, ProjectPage, ProjectStatus, SkipCause, SkippedFile
from resolver.model.redaction import is_remote

_LONGEST_ADDRESS = 65_536  #: characters
_STATUS = "pypi:project-status"
_JSON_TYPES = frozenset({"application/vnd.pypi.simple.v1+json", "application/json"})
_HTML_TYPES = frozenset({"application/vnd.pypi.simple.v1+html", "text/html", "application/xhtml+xml"})


def parse_project_page(
    body: bytes, *, content_type: str, url: str, name: PypiName, index: str, is_framed: bool = True
) -> ProjectPage:
    """Read a project's page.

    ``url`` is where the page came from after redirects; relative links start
    there. ``is_framed`` False: it may have been cut off unseen. Raises SourceError where the page is of
    neither format, or of a newer major version than 1 (PEP 629).
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _JSON_TYPES:
        links, status = parse_json_links(body, url)
    elif kind in _HTML_TYPES:
        text = _decode(body, content_type)
        links = parse_html_links(text, url, is_framed=is_framed)
        status = status_of_html(text) if _STATUS in text else ProjectStatus()
    else:
        raise SourceError(
            f"the page of `{name}` is of an unknown type: `{kind or 'none'}`",
            index,
            hint="Is this the address of an index (PEP 503), such as `https://example.org/simple`?",
        )
    page = _with_status(build_page(links, name=name, index=index, url=url), status)
    if kind in _HTML_TYPES and not page.files:
        check_is_index(_decode(body, content_type), links, url)
    return page


def _with_status(page: ProjectPage, status: ProjectStatus) -> ProjectPage:
    """Return the page with its status; in quarantine no file may be taken, whatever is listed."""
    if not status.is_quarantined:
        return page if status.is_active else msgspec.structs.replace(page, status=status)
    why = f"`{page.index}` holds the project in quarantine{status.reason_words}"
    held = tuple(SkippedFile(file.file_name, why, SkipCause.QUARANTINE) for file in page.files)
    return msgspec.structs.replace(
        page, files=(), has_dates=False, skipped=(*page.skipped, *held), status=status
    )


def build_page(
    links: Iterable[PageLink], *, name: PypiName, index: str, flat: bool = False, url: str = ""
) -> ProjectPage:
    """Sort ``links`` into usable files, newest version first, and skipped ones, in page order.

    ``url`` is where they were read: a page of a server can't name files of this machine.

    A flat folder or page lists several projects; what belongs to another one is left out silently.
    """
    links, parse = list(links), FileNamer(name).parse
    keyed: list[tuple[Version, DistFile]] = []
    skipped: list[SkippedFile] = []
    seen: set[str] = set()
    dated = True
    # What holds of all names and addresses together needs no look at each.
    are_printable = "".join([link.file_name for link in links]).isprintable()
    are_good = not is_remote(url) or are_plain_addresses(
        "".join([f"{link.url}\n" for link in links]), len(links)
    )
    for link in links:
        file_name = link.file_name
        parsed, cause = parse(file_name), SkipCause.NAME
        if not are_printable and not file_name.isprintable():
            parsed = "its name holds characters that no name may have"
        elif not are_good and not is_plain_address(link.url) and not isinstance(parsed, str):
            parsed, cause = _address_fault(link.url) or parsed, SkipCause.FAULTY
        if isinstance(parsed, str):
            if not flat or parsed is not FOREIGN:
                skipped.append(SkippedFile(one_line(file_name), parsed, cause))
            continue
        if file_name in seen:
            continue
        seen.add(file_name)
        version, text, is_wheel = parsed
        uploaded = link.upload_time
        dated = dated and uploaded is not None
        file = DistFile(
            file_name, text, is_wheel, link.url, link.hashes, link.requires_python, link.yanked, link.size,
            uploaded, link.metadata_hashes if is_wheel else None,
        )  # fmt: skip
        keyed.append((version, file))
    files = sort_files(keyed)
    return ProjectPage(
        name=name, index=index, files=files, has_dates=dated and bool(files), skipped=tuple(skipped)
    )


def _address_fault(url: str) -> str | None:
    """Return why a file's address on a server's page can't be followed; None where it can."""
    if not is_remote(url):
        return "its address is neither http nor https"
    try:
        parts = urlsplit(url)
        is_good = bool(parts.hostname) and parts.port != 0 and len(url) <= _LONGEST_ADDRESS
        is_good = is_good and url.isprintable()
    except ValueError:  # half an IPv6 address, a port that is none
        is_good = False
    return None if is_good else "its address is not a valid one"


def sort_files(keyed: list[tuple[Version, DistFile]]) -> tuple[DistFile, ...]:
    """Put files in a page's order: newest version first, wheels before sdists, then by name."""
    # Comparing versions is dear and most files share one: each is compared once.
    groups: dict[Version, list[DistFile]] = {}
    for version, file in keyed:
        group = groups.get(version)
        if group is None:
            groups[version] = [file]
        else:
            group.append(file)
    files: list[DistFile] = []
    for version in sorted(groups, reverse=True):
        group = groups[version]
        if len(group) > 1:
            group.sort(key=_by_kind_and_name)
        files += group
    return tuple(files)


def _by_kind_and_name(file: DistFile) -> tuple[bool, str]:
    return not file.is_wheel, file.file_name


def merge_pages(first: ProjectPage, *others: ProjectPage, prefer_first: bool = True) -> ProjectPage:
    """Return one page with the files of all; of files with one name the first page's stays.

    ``prefer_first`` False: a later page's file replaces an earlier one of its name.
    """
    chosen: dict[str, DistFile] = {}
    for page in (first, *others):
        for file in page.files:
            if not prefer_first or file.file_name not in chosen:
                chosen[file.file_name] = file
    versions = {file.version: Version(file.version) for file in chosen.values()}
    files = sort_files([(versions[file.version], file) for file in chosen.values()])
    return ProjectPage(
        name=first.name,
        index=first.index,
        files=files,
        has_dates=bool(files) and all(file.upload_time is not None for file in files),
        skipped=tuple(skipped for page in (first, *others) for skipped in page.skipped),
        status=next((p.status for p in (first, *others) if not p.status.is_active), ProjectStatus()),
    )


def _decode(body: bytes, content_type: str) -> str:
    found = re.search(r"charset=[\"']?([\w-]+)", content_type, re.IGNORECASE)
    try:
        return body.decode(found[1] if found else "utf-8", "replace")
    except (LookupError, ValueError):  # no such character set, or one that is none of text
        return body.decode("utf-8", "replace")
