"""What archives take: sizes that lockfiles don't hold are looked up where the packages come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from resolver.explain.asking import NoAnswer, attempt
from resolver.metadata.page_rows import whole_page
from resolver.model.names import PypiName
from resolver.model.resolution import CondaPin, PypiPin, Resolution
from resolver.pipeline import Resolver


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """What archives take, in bytes, as far as sizes are known."""

    before: int  #: of all members together
    after: int
    unknown: int  #: so many packages, on both sides, are of unknown size

    @property
    def saved(self) -> int:
        """Bytes less; negative: more."""
        return self.before - self.after


class SizeBook:
    """Sizes of pins; a file that its source has no longer, or that no source tells of, has none."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._conda: dict[tuple[str, str], dict[tuple[str, str], int | None]] = {}
        self._pypi: dict[PypiName, dict[str, int | None]] = {}

    def compare(self, before: Sequence[Resolution], after: Sequence[Resolution]) -> Sizes:
        """Return what two groups of resolutions take."""
        first = [size for one in before for size in self._sizes(one)]
        second = [size for one in after for size in self._sizes(one)]
        return Sizes(
            before=sum(filter(None, first)),
            after=sum(filter(None, second)),
            unknown=first.count(None) + second.count(None),
        )

    def _sizes(self, resolution: Resolution) -> Iterator[int | None]:
        for pin in resolution.conda:
            yield pin.record.size if pin.record.size is not None else self._of_conda(pin, resolution)
        for project in resolution.pypi:
            known = project.file.size if project.file is not None else None
            yield known if known is not None else self._of_pypi(project)

    def _of_conda(self, pin: CondaPin, resolution: Resolution) -> int | None:
        key = (resolution.target.subdir, pin.record.name)
        if key not in self._conda:
            found: dict[tuple[str, str], int | None] = {}
            opened = attempt(lambda: self._resolver.open_channels(resolution.target))
            for subdir in () if isinstance(opened, NoAnswer) else opened:
                for record in subdir.records(pin.record.name):
                    found[subdir.subdir, record.file_name] = record.size
            self._conda[key] = found
        return self._conda[key].get((pin.subdir, pin.record.file_name))

    def _of_pypi(self, pin: PypiPin) -> int | None:
        if pin.file is None or pin.direct is not None:
            return None
        if pin.name not in self._pypi:
            page = attempt(lambda: self._resolver.indexes.project(pin.name))
            there = None if page is None or isinstance(page, NoAnswer) else whole_page(page)
            self._pypi[pin.name] = {file.file_name: file.size for file in there.files} if there else {}
        return self._pypi[pin.name].get(pin.file.file_name)
