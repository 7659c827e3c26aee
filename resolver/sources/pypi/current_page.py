"""A project's page as the index gives it now, with what it says of the project as a whole."""

from __future__ import annotations

from resolver.errors import SourceError
from resolver.metadata.page_rows import files_of
from resolver.metadata.simple_index import parse_project_page
from resolver.model.indexes import ACCEPT, Index
from resolver.model.names import PypiName
from resolver.model.records import DistFile, ProjectStatus
from resolver.model.redaction import is_remote
from resolver.sources.cache.fetching import CachedFetcher
from resolver.sources.cache.folder import Cache
from resolver.sources.http.fetching import Fetcher
from resolver.sources.http.local import local_path
from resolver.sources.pypi.project_pages import IndexReader, PagePolicy


def read_current_page(
    index: Index, name: PypiName, version: str, fetcher: Fetcher
) -> tuple[dict[str, DistFile], ProjectStatus] | None:
    """Return a version's files by name, and the project's status; None where the index lacks the project.

    Nothing of the cache is used. Raises SourceError.
    """
    is_page = is_remote(index.url) or (local_path(index.url) / name / "index.html").is_file()
    if index.is_flat or not is_page:
        reader = IndexReader(index, CachedFetcher(fetcher, Cache(None), PagePolicy(refresh=True)))
        page = reader.page(name)
        return None if page is None else ({f.file_name: f for f in files_of(page, version)}, ProjectStatus())
    address = index.url if is_remote(index.url) else local_path(index.url).absolute().as_uri()
    response = fetcher.get(f"{address.rstrip('/')}/{name}/", headers={"accept": ACCEPT})
    if not response.found:
        if response.status in (404, 410):
            return None
        raise SourceError(f"answered {response.status}", index.name, status=response.status)
    found = parse_project_page(
        response.body,
        content_type=response.headers.get("content-type", "text/html"),
        url=response.url or f"{address.rstrip('/')}/{name}/",
        name=name,
        index=index.name,
        is_framed=response.is_framed,
    )
    return {file.file_name: file for file in files_of(found, version)}, found.status
