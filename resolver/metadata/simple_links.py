"""Links of an index page, as its format gives them (PEP 503, 592, 658, 691, 700, 714)."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import msgspec

from resolver.errors import SourceError
from resolver.metadata.project_status import status_of_json
from resolver.model.decoders import json_decoder
from resolver.model.patterns import pattern
from resolver.model.records import ProjectStatus

_MOST_FILES = 250_000  #: of one page; the largest lists 40,000
_MOST_DIGITS = 9  #: of a version of the simple API
_ARCHIVES = (
    ".whl",
    ".gz",
    ".zip",
    ".bz2",
    ".tgz",
    ".xz",
    ".tar",
    ".egg",
    ".exe",
    ".msi",
    ".rpm",
    ".dmg",
    ".deb",
)
#: What index servers put on a page without files, and web servers on that of an empty folder.
_SAYS_SO = pattern(
    r"pypi:repository-version|pypi:project-status|links for|index of|directory listing|simple index",
    re.IGNORECASE,
)
#: Hex digits of each algorithm's digest; shake's are taken to have 32 bytes.
_HASHES = {
    "md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128,
    "sha3_224": 56, "sha3_256": 64, "sha3_384": 96, "sha3_512": 128, "shake_128": 64, "shake_256": 64,
    "blake2b": 128, "blake2s": 64,
}  # fmt: skip
_HEX = pattern(r"[0-9a-f]+\Z")
_SHA256S = pattern(r"(?>[0-9a-f]{64}\n)*+")
#: An address that nothing can be wrong with, as nearly all are.
_PLAIN = r"https?://[A-Za-z0-9.-]+(?::[1-9][0-9]{0,3})?/[^\s]{1,2000}"
_PLAIN_ADDRESS, _PLAIN_ADDRESSES = pattern(_PLAIN + r"\Z"), pattern(rf"(?>{_PLAIN}\n)*+")


class PageLink(msgspec.Struct, frozen=True, gc=False):
    """One file as an index offers it; fields are those of :class:`resolver.model.records.DistFile`."""

    file_name: str
    url: str
    hashes: dict[str, str] = {}
    requires_python: str | None = None
    yanked: str | None = None
    size: int | None = None
    upload_time: int | None = None
    metadata_hashes: dict[str, str] | None = None


# ---------------------------------------------------------------- HTML

Attributes = dict[str, str]

_ATTRIBUTE = r"\s+[a-zA-Z][a-zA-Z0-9-]*=\"[^\"]*\""
_ANCHOR = re.compile(rf"<a((?:{_ATTRIBUTE})+)\s*>")
_ATTRIBUTES = re.compile(r"([a-zA-Z][a-zA-Z0-9-]*)=\"([^\"]*)\"")
_ANCHOR_START = re.compile(r"<a[\s/>]", re.IGNORECASE)
#: what may hide an anchor or move it; a page with any of these goes to the full parser
_UNPLAIN = re.compile(
    r"<!--|<!\[|<(?:base|script|style|template|textarea|noscript|iframe|xmp)\b", re.IGNORECASE
)
#: none of these is the start of another
_HARMLESS = ("</a>", "<br>", "<br/>", "<br />", "</body>", "</html>")
_OPENED, _CLOSED = pattern(r"<(?:html|body)\b", re.IGNORECASE), pattern(r"</(?:html|body)\s*>", re.IGNORECASE)
_END = 4096  #: characters of a page's end in which it is closed; servers write comments behind it
_API_VERSION = re.compile(r"[\"']pypi:repository-version[\"']\s+content=[\"']([0-9]+)", re.IGNORECASE)


def parse_html_links(text: str, url: str, *, is_framed: bool = True) -> list[PageLink]:
    """Read the links of a PEP 503 page, in page order; anchors without a file name are left out.

    ``is_framed`` False: nothing but the connection's end ended the page. One that was cut off between two
    links shows by what it opened and doesn't close.
    """
    found = _API_VERSION.search(text, 0, _body(text))
    if found:
        _check_api_version(found[1], url)
    _check_count(text.count("<a"), url)
    if text.rfind("<") > text.rfind(">"):
        raise SourceError("the index page ends too early: inside a tag", url)
    if not is_framed and _OPENED.search(text, 0, _body(text)) and not _CLOSED.search(text[-_END:]):
        raise SourceError("the index page ends too early: its last lines are missing", url)
    anchors, base = _plain_anchors(text), url
    if anchors is None:
        parser = _AnchorParser()
        try:
            parser.feed(text)
            parser.close()
            base = urljoin(url, parser.base) if parser.base else url
        except (AssertionError, ValueError) as error:  # html.parser asserts what it can't make sense of
            raise SourceError(f"the index page can't be read: {first_line(error)}", url) from None
        anchors = parser.anchors
    return [link for attributes in anchors if (link := _html_link(attributes, base)) is not None]


def _body(text: str) -> int:
    """Return where the first anchor stands, the text's end where there is none."""
    start = text.find("<a")
    return start if start >= 0 else len(text)


def _plain_anchors(text: str) -> list[Attributes] | None:
    """Read anchors by pattern where the page is as plain as indexes write them; None where it is not.

    Ten times faster than the standard parser. Every ``<a`` of the text must
    have been understood, else the standard parser has the word.
    """
    start = _body(text)
    if _UNPLAIN.search(text, 0, start) or _ANCHOR_START.search(text, 0, start):
        return None
    found = _ANCHOR.findall(text, start)
    # Counting is far cheaper than a search: a page of anchors and line breaks holds nothing else.
    is_plain = text.count("<", start) == len(found) + sum(text.count(tag, start) for tag in _HARMLESS)
    if not is_plain and (
        _UNPLAIN.search(text, start) or len(found) != sum(1 for _ in _ANCHOR_START.finditer(text))
    ):
        return None
    return [_attributes(part) for part in found]


def _attributes(part: str) -> Attributes:
    pairs: Attributes = dict(_ATTRIBUTES.findall(part))
    if "&" in part:
        pairs = {key: _unescape(value) if "&" in value else value for key, value in pairs.items()}
    return pairs if all(map(str.islower, pairs)) else {key.lower(): value for key, value in pairs.items()}


#: a page says the same few Requires-Python of thousands of files
_unescape = functools.lru_cache(maxsize=1024)(html.unescape)


class _AnchorParser(HTMLParser):
    """Collects the attributes of every anchor, and the first ``base``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.anchors: list[Attributes] = []
        self.base: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.anchors.append({key: value or "" for key, value in reversed(attrs)})
        elif tag == "base" and self.base is None:
            self.base = dict(attrs).get("href")


def _html_link(attributes: Attributes, base: str) -> PageLink | None:
    href = attributes.get("href", "").strip()
    if not href:
        return None
    url, fragment = absolute(href, base)
    file_name = url[url.rfind("/") + 1 :]
    if "?" in file_name or "%" in file_name:
        file_name = unquote(file_name.partition("?")[0])
    if not file_name:
        return None
    get = attributes.get
    metadata = get("data-core-metadata", get("data-dist-info-metadata"))
    return PageLink(
        file_name,
        url,
        _one_hash(fragment),
        get("data-requires-python") or None,
        get("data-yanked"),
        None,
        # not in PEP 503, but several indexes and mirrors give it
        parse_time(get("data-upload-time")),
        _html_metadata(metadata),
    )


def _html_metadata(text: str | None) -> dict[str, str] | None:
    """Read PEP 714's attribute: ``true``, or ``sha256=...``; None where there is no such file."""
    if text is None or text.strip().lower() in ("", "false"):
        return None
    return _one_hash(text)


def _one_hash(text: str) -> dict[str, str]:
    """Read ``sha256=abc`` (one of several parts that ``&`` divides); empty where there is none."""
    for part in text.split("&") if "&" in text else (text,):
        algorithm, _, digest = part.partition("=")
        digest = digest.lower()
        if _is_digest(algorithm, digest):
            return {algorithm: digest}
    return {}


def _is_digest(algorithm: str, digest: str) -> bool:
    """Tell whether a text can be a hash: one that can't is as if it weren't there, and the file is hashed."""
    return len(digest) == _HASHES.get(algorithm) and _HEX.match(digest) is not None


# ---------------------------------------------------------------- JSON


class _JsonMeta(msgspec.Struct, frozen=True):
    api_version: str = msgspec.field(default="1.0", name="api-version")


class _JsonFile(msgspec.Struct, rename="kebab"):
    filename: str
    url: str
    hashes: dict[str, str] = {}
    requires_python: str | None = None
    yanked: bool | str = False
    size: int | None = None
    upload_time: str | None = None
    core_metadata: bool | dict[str, str] | None = None
    dist_info_metadata: bool | dict[str, str] | None = None


_NO_STATUS = msgspec.Raw(b"{}")


class _JsonPage(msgspec.Struct):
    files: list[_JsonFile]
    meta: _JsonMeta = _JsonMeta()
    #: of any form: what can't be read says nothing (PEP 792)
    project_status: msgspec.Raw = msgspec.field(
        default_factory=lambda: msgspec.Raw(b"{}"), name="project-status"
    )


_JSON_DECODER = json_decoder(_JsonPage)


def parse_json_links(body: bytes, url: str) -> tuple[list[PageLink], ProjectStatus]:
    """Read the files of a PEP 691 page, in page order, and what it says of the project."""
    _check_count(body.count(b'"filename"'), url)
    try:
        page = _JSON_DECODER.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:  # ValueError: 5,000 digits
        reason = f"the index page is not what PEP 691 describes: {first_line(error)}"
        raise SourceError(reason, url) from error
    _check_api_version(page.meta.api_version.partition(".")[0], url)
    _check_count(len(page.files), url)
    read = _plain_links if _are_plain(page.files) else _json_links
    return read(page.files, url), status_of_json(page.project_status)


def _are_plain(files: Sequence[_JsonFile]) -> bool:
    """Tell whether all files have full addresses without credentials, and one SHA-256 each.

    So do the pages of most indexes. One look at all texts together costs a tenth of a look at each.
    """
    addresses = "".join([f"{file.url}\n" for file in files])
    hashes = [file.hashes for file in files]
    for file in files:
        metadata = file.core_metadata if file.core_metadata is not None else file.dist_info_metadata
        if isinstance(metadata, dict):
            hashes.append(metadata)
    try:
        digests = "".join([f"{found['sha256']}\n" for found in hashes])
    except KeyError:
        return False
    return (
        are_plain_addresses(addresses, len(files))
        and "#" not in addresses
        and "@" not in addresses
        and all(len(found) == 1 for found in hashes)
        and len(digests) == 65 * len(hashes)
        and digests.count("\n") == len(hashes)
        and _SHA256S.fullmatch(digests) is not None
    )


def is_plain_address(url: str) -> bool:
    """Tell whether nothing can be wrong with an address; false for some that are good."""
    return _PLAIN_ADDRESS.match(url) is not None


def are_plain_addresses(lines: str, count: int) -> bool:
    """Tell whether a text is so many lines, each an address that nothing can be wrong with."""
    return lines.count("\n") == count and _PLAIN_ADDRESSES.fullmatch(lines) is not None


def _plain_links(files: Sequence[_JsonFile], _: str) -> list[PageLink]:
    """Return what :func:`_json_links` does of files that are plain."""
    links = []
    for file in files:
        metadata = file.core_metadata if file.core_metadata is not None else file.dist_info_metadata
        links.append(
            PageLink(
                file.filename,
                file.url,
                file.hashes,
                file.requires_python or None,
                file.yanked if isinstance(file.yanked, str) else ("" if file.yanked else None),
                file.size,
                parse_time(file.upload_time),
                metadata if isinstance(metadata, dict) else ({} if metadata else None),
            )
        )
    return links


def _json_links(files: Sequence[_JsonFile], base: str) -> list[PageLink]:
    return [_json_link(file, base) for file in files]


def _json_link(file: _JsonFile, base: str) -> PageLink:
    url, _ = absolute(file.url, base)
    metadata = file.core_metadata if file.core_metadata is not None else file.dist_info_metadata
    yanked = file.yanked if isinstance(file.yanked, str) else ("" if file.yanked else None)
    return PageLink(
        file.filename,
        url,
        _digests(file.hashes),
        file.requires_python or None,
        yanked,
        file.size,
        parse_time(file.upload_time),
        (_digests(metadata) if isinstance(metadata, dict) else {}) if metadata not in (None, False) else None,
    )


def _digests(hashes: dict[str, str]) -> dict[str, str]:
    return {key: low for key, value in hashes.items() if _is_digest(key, low := value.lower())}


# ---------------------------------------------------------------- both


def _check_api_version(text: str, url: str) -> None:
    """Raise SourceError for a major version above 1 (PEP 629); a text that is no number counts as 1."""
    major = text.strip()
    if major.isascii() and major.isdigit() and (len(major) > _MOST_DIGITS or int(major) > 1):
        raise SourceError(
            f"the index speaks version {major[:_MOST_DIGITS]} of the simple API; "
            "this program reads version 1",
            url,
        )


def _check_count(files: int, url: str) -> None:
    if files > _MOST_FILES:
        raise SourceError(f"the index page lists more than {_MOST_FILES:,} files", url)


def first_line(error: BaseException) -> str:
    """Return what an error says, in one line of a usual length."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def check_is_index(text: str, links: Sequence[PageLink], url: str) -> None:
    """Raise SourceError for a page without archives that doesn't say that it is a list of files.

    A login page or a page of an error, answered with 200, would be taken for a project without releases. A
    page that begins as HTML and lacks its end was cut off.
    """
    if any(link.file_name.lower().endswith(_ARCHIVES) for link in links) or _SAYS_SO.search(text):
        return
    raise SourceError(
        "is no index page: it lists no archives, and doesn't say that it is a list of files",
        url,
        "Open the address in a browser: it may ask for a login, or tell what is wrong.",
    )


def absolute(href: str, base: str) -> tuple[str, str]:
    """Return (address without credentials and fragment, fragment)."""
    plain, _, fragment = href.partition("#")
    # most pages give full addresses: urljoin costs ten times this test
    try:
        full = plain if plain.startswith(("https://", "http://")) else urljoin(base, plain)
        if "@" in full:
            parts = urlsplit(full)
            full = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
    except ValueError:  # half an IPv6 address: told with the file, and without what may be a password
        return f"//{plain.rpartition('@')[2]}", fragment
    return full, fragment


def parse_time(text: str | None) -> int | None:
    """Return seconds since 1970 of an ISO 8601 time (UTC where it names no zone), None where it is none."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None
