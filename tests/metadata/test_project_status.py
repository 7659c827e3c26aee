"""What an index says of a project as a whole (PEP 792), in both formats; what can't be read says nothing."""

from __future__ import annotations

import pytest

from resolver.metadata.project_status import ProjectStatus, parse_project_status

JSON, HTML = "application/vnd.pypi.simple.v1+json", "text/html; charset=utf-8"
ACTIVE = ProjectStatus()


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        pytest.param(
            b'{"project-status": {"status": "archived", "reason": "done"}, "files": []}', JSON,
            ProjectStatus(status="archived", reason="done"), id="JSON",
        ),
        pytest.param(b'{"project-status": {}}', JSON, ACTIVE, id="JSON without a word: active"),
        pytest.param(b'{"files": []}', JSON, ACTIVE, id="JSON of an older version"),
        pytest.param(b'{"project-status": {"status": "sleepy"}}', JSON, ACTIVE, id="a word that isn't known"),
        pytest.param(b'{"project-status": "archived"}', JSON, ACTIVE, id="JSON of another form"),
        pytest.param(b"{", JSON, ACTIVE, id="no JSON"),
        pytest.param(
            b'<head><META name="pypi:project-status" content="quarantined">'
            b'<meta content="why &amp; how" name="pypi:project-status-reason"/></head>', HTML,
            ProjectStatus(status="quarantined", reason="why & how"), id="HTML",
        ),
        pytest.param(b"<a href=x>x</a>", HTML, ACTIVE, id="HTML without a word"),
        pytest.param(
            b'<meta name="pypi:project-status" content="archived">'
            b'<meta name="pypi:project-status" content="active">',
            HTML, ProjectStatus(status="archived"), id="the first counts",
        ),
        pytest.param(
            b'{"project-status": {"status": "archived", "reason": "' + b"x" * 10_000 + b'"}}', JSON,
            ProjectStatus(status="archived", reason="x" * 300), id="a reason is cut",
        ),
    ],
)  # fmt: skip
def test_status(body: bytes, content_type: str, expected: ProjectStatus) -> None:
    assert parse_project_status(body, content_type) == expected
