"""Hooks of mkdocs: documents that stand outside docs/ become pages, and links find them at their places."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: Documents of the project's folder -> their pages of the site.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "benchmarks/README.md": "project/benchmarks.md",
}
_LINK = re.compile(r"(?<=\]\()([^)\s#:]+)(?=[)#])")


def site_path(document: str) -> str:
    """Return the page of a document; both paths count from their roots."""
    return PAGES.get(document) or posixpath.relpath(document, "docs")


def with_site_links(text: str, document: str) -> str:
    """Return a document's text with its links as they are between pages."""
    here = posixpath.dirname(site_path(document))

    def replaced(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(document), match.group()))
        if target not in PAGES and not target.startswith("docs/"):
            return match.group()  # mkdocs says that it leads nowhere
        return posixpath.relpath(site_path(target), here or ".")

    return _LINK.sub(replaced, text)


def on_files(files: Any, config: Any) -> Any:
    """Add the documents outside docs/."""
    from mkdocs.structure.files import File

    for document, page in PAGES.items():
        text = with_site_links((ROOT / document).read_text(encoding="utf-8"), document)
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Rewrite the links of a page of docs/."""
    if page.file.src_uri in PAGES.values():
        return markdown
    return with_site_links(markdown, f"docs/{page.file.src_uri}")
