"""Which files of a version make a release, and for which Pythons.

A page's rows are judged by the form of their files, each form once; a page whose files must be
looked at one by one gives releases. Both come down to :func:`choose_files`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from resolver.constraints.pypi_domain import Release
from resolver.constraints.pypi_policy import FileFault, FileRules, LeftOutFile, Policy
from resolver.constraints.pypi_rows import Judged
from resolver.constraints.python_view import PythonView
from resolver.metadata.page_rows import SDIST, YANKED, LazyPage
from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.records import DistFile, ProjectPage

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from resolver.model.named_tuples import NamedTuple

#: tags as a wheel's name has them (empty: an sdist), Requires-Python, flags of :mod:`page_rows`
Combo = tuple[str, str | None, int]


class FileView(NamedTuple):
    """What of one file decides."""

    is_wheel: bool
    is_allowed: bool  #: no rule leaves it out
    pythons: int  #: bits of the python candidates that it fits; 0 where it is left out
    may_hint: bool  #: a wheel that isn't yanked: what it says holds for the version's sdist too
    is_compiled: bool  #: a wheel made for the target's platform, not for all
    place: int = 0  #: among wheels, the first by what installers prefer under the newest likely Python


#: what :meth:`FileJudge._of_tags` says of wheels for another platform, and what that comes to
_FITS_NOTHING = (0, False)
_FOREIGN = FileView(is_wheel=True, is_allowed=True, pythons=0, may_hint=True, is_compiled=False)
_FOREIGN_YANKED = FileView(is_wheel=True, is_allowed=False, pythons=0, may_hint=False, is_compiled=False)


def choose_files(views: Sequence[FileView], likely: int) -> Judged | None:
    """Choose the files of one version, if any can be used: numbers into ``views``.

    An sdist counts only where no wheel fits any Python that the user's own lines leave
    (``likely``): what has to be built comes last. A wheel for other Pythons then serves as a hint.
    Wheels of one version may ask for different things: the one that is likely taken speaks for it.
    """
    hint: int | None = None
    wheels: list[int] = []
    sdists: list[int] = []
    pythons = 0
    for number, view in enumerate(views):
        if not view.is_wheel:
            if view.is_allowed:
                sdists.append(number)
        elif view.pythons:
            wheels.append(number)
            pythons |= view.pythons
        elif view.may_hint and hint is None:
            hint = number
    if pythons & likely or not sdists:
        if not wheels:
            return None
        return Judged(tuple(wheels), pythons, told_by=min(wheels, key=lambda number: views[number].place))
    built = pythons | views[sdists[0]].pythons
    if not built:
        return None
    is_compiled = any(view.is_compiled for view in views)
    return Judged(tuple(sdists), built, wheels[0] if wheels else hint, pythons, is_compiled)


class FileJudge:
    """Judges files under one target and one policy; what was found out of a kind of file is kept."""

    def __init__(self, python: PythonView, tags: WheelTags, policy: Policy, likely: int) -> None:
        self._python, self._tags, self._policy, self._likely = python, tags, policy, likely
        self._kinds: dict[tuple[str, str | None], tuple[int, bool, int]] = {}
        self._by_tags: dict[str, tuple[int, bool]] = {}
        self._minors = python.minors_of(likely)
        self._views = _ComboViews(self, tags)

    def judge_rows(self, page: LazyPage) -> list[Judged | None]:
        """Return for each form of a page's releases what holds of them all; None: no file can be used."""
        views = list(map(self._views.__getitem__, page.rows.combos))
        return [choose_files([views[n] for n in form], self._likely) for _, form in page.rows.forms]

    def judge_form(self, page: LazyPage, kind: int) -> Judged | None:
        """Return what holds of a page's releases of one form, by its number; None: no file can be used."""
        combos, views = page.rows.combos, self._views
        return choose_files([views[combos[n]] for n in page.rows.forms[kind][1]], self._likely)

    def judge_page(self, page: ProjectPage, out: list[LeftOutFile]) -> list[Release]:
        """Return the releases of a page, newest first; ``out`` takes the files that may not be selected."""
        rules = FileRules.of(self._policy, page.name)
        releases = []
        for version, group in groupby(page.files, attrgetter("version")):
            files = tuple(group)
            judged = choose_files([self._view(file, rules, out) for file in files], self._likely)
            if judged is not None:
                releases.append(judged.release(version, files))
        return releases

    def view_of_combo(self, combo: Combo) -> FileView:
        """Return what decides about every file of a kind, where no rule looks at each file."""
        tags, required, flags = combo
        if tags and self._of_tags(tags) == _FITS_NOTHING:
            return _FOREIGN_YANKED if flags & YANKED else _FOREIGN
        is_wheel, is_yanked = not flags & SDIST, bool(flags & YANKED)
        is_allowed = not is_yanked and (is_wheel or not self._policy.no_build)
        pythons, is_compiled, place = self._kind(tags, required)
        return FileView(
            is_wheel, is_allowed, pythons if is_allowed else 0, is_wheel and not is_yanked, is_compiled, place
        )

    def _view(self, file: DistFile, rules: FileRules, out: list[LeftOutFile]) -> FileView:
        fault = rules.against(file)
        tags = wheel_tag_text(file.file_name) if file.is_wheel else ""
        pythons, is_compiled, place = self._kind(tags, file.requires_python)
        if fault is not None:
            out.append(LeftOutFile(file, fault))
            pythons = 0
        elif file.is_wheel and not pythons:
            out.append(LeftOutFile(file, self._misfit(tags)))
        may_hint = file.is_wheel and file.yanked is None
        return FileView(file.is_wheel, fault is None, pythons, may_hint, is_compiled, place)

    def _kind(self, tags: str, required: str | None) -> tuple[int, bool, int]:
        """Return the Pythons that files of a kind fit, whether they are compiled, and their place.

        ``tags`` empty: sdists. Thousands of files are a few dozen kinds.
        """
        found = self._kinds.get((tags, required))
        if found is None:
            pythons, is_compiled, place = self._python.required(required), False, 0
            if tags:
                fitting, is_compiled = self._of_tags(tags)
                pythons &= fitting
                place = self._place(tags, pythons) if pythons else 0
            found = self._kinds[tags, required] = pythons, is_compiled, place
        return found

    def _of_tags(self, tags: str) -> tuple[int, bool]:
        """Return the Pythons that a wheel's tags fit, and whether it is made for the target's platform."""
        found = self._by_tags.get(tags)
        if found is None:
            fitting = self._python.with_minors(self._tags.supported_minors(tags))
            is_compiled = not tags.endswith("-any") and self._tags.fits_platform(tags)
            found = self._by_tags[tags] = fitting, is_compiled
        return found

    def _place(self, tags: str, pythons: int) -> int:
        """Return where wheels stand: by the newest likely Python that they fit, then by its order of tags."""
        fits = ((n, m) for n, m in enumerate(self._minors) if pythons & self._python.minor(m))
        number, minor = next(fits, (len(self._minors), None))
        rank = None if minor is None else self._tags.rank(tags, minor)
        return number << 20 | (rank or 0)

    def _misfit(self, tags: str) -> FileFault:
        return FileFault.PYTHON if self._tags.supported_minors(tags) else FileFault.PLATFORM


class _ComboViews(dict[Combo, FileView]):
    """What decides about each kind of file, worked out when first asked for."""

    def __init__(self, judge: FileJudge, tags: WheelTags) -> None:
        super().__init__()
        self._judge, self._tags = judge, tags

    def __missing__(self, combo: Combo) -> FileView:
        tags, _, flags = combo
        if tags and not self._tags.fits_platform(tags):  # so it is with most wheels
            found = _FOREIGN_YANKED if flags & YANKED else _FOREIGN
        else:
            found = self._judge.view_of_combo(combo)
        self[combo] = found
        return found
