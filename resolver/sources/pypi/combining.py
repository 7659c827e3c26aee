"""One page of what several indexes and ``find_links`` list of a project."""

from __future__ import annotations

import msgspec

from resolver.metadata.page_rows import Page, whole_page
from resolver.model.records import DistFile
from resolver.model.redaction import is_remote


def combine_pages(given: list[Page], linked: list[Page]) -> Page:
    """Return one page: of the indexes the first has the word, ``linked`` replace files of other content."""
    if len(given) == 1 and not linked:
        return given[0]
    from resolver.metadata.simple_index import merge_pages  # most projects have one page

    pages, links = [whole_page(page) for page in given], [whole_page(page) for page in linked]
    if not pages:
        return merge_pages(*links) if len(links) > 1 else links[0]
    page = merge_pages(*pages) if len(pages) > 1 else pages[0]
    if not links:
        return page
    known = {file.file_name: file for file in page.files}
    changed = []
    for link in reversed(links):  # a page that comes later replaces: the first place has the last word
        files = (file for file in link.files if not _same_content(file, known.get(file.file_name)))
        changed.append(msgspec.structs.replace(link, files=tuple(files)))
    return merge_pages(page, *changed, prefer_first=False)


def _same_content(file: DistFile, other: DistFile | None) -> bool:
    """Tell whether a file of ``find_links`` is known to be the one that the index lists."""
    if other is None:
        return False
    shared = file.hashes.keys() & other.hashes.keys()
    if shared:
        return all(file.hashes[name] == other.hashes[name] for name in shared)
    if is_remote(file.url) or "sha256" not in other.hashes:
        return False
    from resolver.sources.http.downloads import hash_file

    digest, _ = hash_file(None, file.url, {})
    return digest == other.hashes["sha256"]
