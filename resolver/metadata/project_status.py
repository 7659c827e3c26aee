"""What an index says of a project as a whole (PEP 792), in JSON and in HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import msgspec

from resolver.errors import one_line
from resolver.model.records import ProjectStatus as ProjectStatus

#: What the standard names; another word says nothing that is known.
STATUSES = ("active", "archived", "quarantined", "deprecated")
#: Characters of a reason that are kept.
_LONGEST = 300


class _JsonStatus(msgspec.Struct):
    status: str = "active"
    reason: str | None = None


class _StatusPage(msgspec.Struct):
    project_status: _JsonStatus = msgspec.field(default_factory=_JsonStatus, name="project-status")


def parse_project_status(body: bytes, content_type: str) -> ProjectStatus:
    """Return the status on a project's page; what can't be read is ``active``, as the standard has it."""
    if "json" in content_type:
        from resolver.model.json_text import decode_json

        try:
            found = decode_json(body, _StatusPage).project_status
        except ValueError:
            return ProjectStatus()
        return _known(found.status, found.reason)
    return status_of_html(body.decode("utf-8", "replace"))


def status_of_json(value: bytes | msgspec.Raw) -> ProjectStatus:
    """Return the status that a page's key ``project-status`` gives."""
    from resolver.model.json_text import decode_json  # for what few pages have

    try:
        found = decode_json(value, _JsonStatus)
    except ValueError:
        return ProjectStatus()
    return _known(found.status, found.reason)


def status_of_html(text: str) -> ProjectStatus:
    """Return the status that the ``meta`` elements of a page give."""
    parser = _MetaParser()
    try:
        parser.feed(text)
    except (AssertionError, ValueError):  # html.parser asserts what it can't make sense of
        return ProjectStatus()
    return _known(parser.found.get("pypi:project-status", "active"), parser.found.get(_REASON))


_REASON = "pypi:project-status-reason"


def _known(status: str, reason: str | None) -> ProjectStatus:
    if status not in STATUSES:
        return ProjectStatus()
    return ProjectStatus(status=status, reason=one_line(reason or "")[:_LONGEST] or None)


class _MetaParser(HTMLParser):
    """Collects ``<meta name= content=>``, the first of each name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        if tag == "meta":
            given = dict(attrs)
            if given.get("name") and given.get("content"):
                self.found.setdefault(str(given["name"]), str(given["content"]))
