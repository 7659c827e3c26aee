"""The file of a release that is installed is the first of those that an installer would take."""

from __future__ import annotations

from hypothesis import given, settings

from resolver.constraints.pypi_files import FileJudge
from resolver.constraints.pypi_policy import Policy
from resolver.constraints.pypi_side import PypiSide
from resolver.constraints.python_view import PythonView
from resolver.constraints.registry import Registry
from resolver.constraints.wheels_apart import iter_taken
from resolver.metadata.wheel_tags import WheelTags
from resolver.model.records import ProjectPage
from tests.constraints.test_left_out import Pages, _no_package
from tests.constraints.test_pypi_files import PYTHONS, TARGET, pages
from tests.constraints.test_sdists import NoNames


@settings(deadline=None)
@given(page=pages())
def test_the_taken_file(page: ProjectPage) -> None:
    if not page.files:
        return
    view, tags = PythonView(PYTHONS, 1, TARGET.marker_environment()), WheelTags(TARGET)
    side = PypiSide(
        Pages(page.files[0]), TARGET, Registry(_no_package, _no_package), view, NoNames(),
        policy=Policy(), likely_pythons=view.all, passes_over=lambda _: False,
    )  # fmt: skip
    for release in FileJudge(view, tags, Policy(), view.all).judge_page(page, []):
        for python in (2, 4, 8, 2, 0, view.all):
            first = next((file for file, _ in iter_taken(release, view, tags, python)), None)
            assert side.taken_file(release, python) == first
