"""The pixi.lock that stands where a new one goes: its environments, and what of it stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lockfiles.files import is_file, read_text
from lockfiles.listener import Listener
from resolver.errors import InputError
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from lockfiles.formats.reading import LockContent
    from resolver.model.resolution import Resolution


class EarlierEnvironments:
    """The environments of the file at ``output``; none where there is no file.

    Raises InputError for a file that isn't a pixi.lock or is damaged; with ``may_forget`` a damaged one is a
    warning, and nothing of it is kept.
    """

    def __init__(self, output: Path | None, *, may_forget: bool, listener: Listener) -> None:
        self.text = read_text(output) if output is not None and is_file(output) else ""
        self.document: Mapping[str, Any] = {}
        self.contents: Mapping[str, LockContent] = {}
        if not self.text.strip():
            return
        from lockfiles.formats.pixi.reading import read_every
        from resolver.inputs.file_kinds import kind_of

        kind = kind_of(self.text, str(output))
        if kind is None or kind.id != "pixi":
            what = "no lockfile" if kind is None else f"{kind.title}, which holds one environment"
            hint = "Choose another place with `--output`, or delete the file."
            raise InputError(f"exists, and is {what}", Origin(file=str(output)), hint)
        try:
            self.document, self.contents = read_every(self.text, str(output))
        except InputError as error:
            if not may_forget:
                raise InputError(
                    f"the earlier lockfile can't be read, and stays as it is: {error.message}",
                    error.origin,
                    "`--update-all` forgets what it holds, and writes it anew.",
                ) from error
            listener.warn(f"{error}\nThe earlier lockfile can't be read: nothing of it is kept.")

    @property
    def is_ours(self) -> bool:
        """Whether ``lock`` wrote it, or nothing is there."""
        from lockfiles.formats.pixi.own_keys import OWN

        return not self.document or OWN in self.document

    def resolutions(self, environment: str) -> Sequence[Resolution]:
        """Return what an environment holds, a resolution a platform."""
        content = self.contents.get(environment)
        return content.resolutions if content is not None else ()

    def custom(self, environment: str) -> Mapping[str, str]:
        """Return what the file says of an environment's making."""
        content = self.contents.get(environment)
        return content.metadata.custom if content is not None else {}
