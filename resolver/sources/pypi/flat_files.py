"""Flat lists of files: folders, pages and single files given by pip's ``--find-links``."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec

from resolver.errors import SourceError
from resolver.metadata.simple_index import SDIST_ENDINGS
from resolver.metadata.simple_links import PageLink, check_is_index, parse_html_links, parse_json_links
from resolver.model.decoders import msgpack_decoder
from resolver.model.redaction import is_remote, strip
from resolver.sources.cache.fetching import CachedFetcher, Private
from resolver.sources.http.local import local_path
from resolver.sources.http.response import Response

_BUCKET = "flat-links-2"
_ARCHIVES = (".whl", *SDIST_ENDINGS)
_LINKS = msgpack_decoder(list[PageLink])


def read_flat(place: str, fetcher: CachedFetcher) -> list[PageLink]:
    """Return the files that ``place`` offers, by name within a folder, in page order else.

    ``place`` is a folder of archives, an archive, or a page with links; an
    address or a path. Raises SourceError where there is no such place.
    """
    if is_remote(place):
        return _read_page(place, fetcher)
    path = local_path(place)
    if path.is_dir():
        return list_folder(path)
    if not path.is_file():
        raise SourceError("there is no such file or folder", strip(place))
    if path.name.lower().endswith(_ARCHIVES):
        return [_link(path)]
    return _read_page(path.absolute().as_uri(), fetcher)


def list_folder(folder: Path) -> list[PageLink]:
    """Return the archives that lie in a folder, by name."""
    try:
        found = sorted(path for path in folder.iterdir() if path.name.lower().endswith(_ARCHIVES))
    except OSError as error:
        raise SourceError(f"can't be read: {error.strerror}", str(folder)) from None
    return [_link(path) for path in found]


def _link(path: Path) -> PageLink:
    try:
        size = path.stat().st_size
    except OSError:
        size = None
    return PageLink(path.name, path.absolute().as_uri(), size=size)


def _read_page(url: str, fetcher: CachedFetcher) -> list[PageLink]:
    entry = fetcher.get(_BUCKET, url, functools.partial(_parse, url))
    if entry.status != 200:
        raise SourceError(f"there is no such page ({entry.status})", strip(url), status=entry.status)
    return _LINKS.decode(entry.payload)


def _parse(asked: str, response: Response) -> bytes:
    url = response.url or asked
    if "json" in response.headers.get("content-type", ""):
        links, _ = parse_json_links(response.body, url)
    else:
        text = response.body.decode("utf-8", "replace")
        links = parse_html_links(text, url, is_framed=response.is_framed)
        check_is_index(text, links, url)
    chosen = [link for link in links if link.file_name.lower().endswith(_ARCHIVES)]
    payload = msgspec.msgpack.encode(chosen)
    return Private(payload) if any(strip(link.url) != link.url for link in chosen) else payload
