"""Add and remove: lines of an input file and its lockfile changed in one step, or neither of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from lockfiles.as_before import as_before
from lockfiles.default_inputs import with_default_files
from lockfiles.explaining_edits import EditedFile, read_exactly
from lockfiles.files import look_for
from lockfiles.input_edits.items import PackageLine, parse_item
from lockfiles.listener import Listener
from lockfiles.locking import Locked, LockRequest, lock
from lockfiles.made_with import flags_notice
from lockfiles.several.locking import LockedSeveral, lock_several
from lockfiles.several.planning import plan as plan_environments
from lockfiles.surroundings import STDIN, Surroundings
from resolver.errors import InputError
from resolver.model.names import pypi_name
from resolver.model.origin import Origin

if TYPE_CHECKING:
    from resolver.model.resolution import Resolution


class AmendRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Packages, and the files that ask for them: those of ``lock``, else those that the lockfile names.

    A package that is added goes into the first file. ``is_pip``: into its pip part; None: as its
    format has it. ``group``: of a pyproject.toml or a pixi.toml.
    """

    lock: LockRequest
    packages: tuple[str, ...]
    is_pip: bool | None = None
    group: str | None = None
    dry_run: bool = False


class Amended(msgspec.Struct, frozen=True, kw_only=True):
    """The files that changed, and the lockfile that answers them; all are written unless ``dry_run``."""

    files: tuple[EditedFile, ...]
    locked: Locked | LockedSeveral
    still_there: tuple[str, ...] = ()  #: what no line asks for any more, and another package needs


class _Edited(Surroundings, frozen=True, kw_only=True):
    """Surroundings in which some files hold another text."""

    texts: Mapping[str, str]

    def read(self, name: str) -> bytes:
        """Return what a file is to hold, or does."""
        text = self.texts.get(name)
        return super().read(name) if text is None else text.encode("utf-8")


def add(request: AmendRequest, listener: Listener | None = None) -> Amended:
    """Put packages into the first input file, and lock.

    A line that asks for the package already gets the new text. Raises InputError, SourceError and
    NoSolutionError; then no file is changed.
    """
    from lockfiles.input_edits.files import holds_conda, put_in

    asked = _with_files(request, "add")
    file = asked.files[0]
    before = text = read_exactly(file)
    for package in request.packages:
        is_pip = not holds_conda(text, file) if request.is_pip is None else request.is_pip
        text = put_in(text, file, parse_item(package, is_pip=is_pip, group=request.group))
    return _finish(request, asked, {file: (before, text)}, listener)


def remove(request: AmendRequest, listener: Listener | None = None) -> Amended:
    """Take packages out of the input files, and lock.

    Raises InputError where no line asks for one, or lines of both parts do; SourceError and
    NoSolutionError. Then no file is changed.
    """
    asked = _with_files(request, "remove")
    texts = {file: (text := read_exactly(file), text) for file in asked.files}
    for package in request.packages:
        items = [
            parse_item(package, is_pip=is_pip, group=request.group)
            for is_pip in ((False, True) if request.is_pip is None else (request.is_pip,))
        ]
        texts = _without(texts, items, package, request)
    return _finish(request, asked, texts, listener)


def _without(
    texts: Mapping[str, tuple[str, str]], items: list[PackageLine], package: str, request: AmendRequest
) -> dict[str, tuple[str, str]]:
    """Return the files without a package; it must stand in one part alone."""
    from lockfiles.input_edits.files import take_out

    found: list[tuple[PackageLine, str, str]] = []
    for item in items:
        for file, (_, text) in texts.items():
            changed = take_out(text, file, item)
            if changed is not None:
                found.append((item, file, changed))
    if not found:
        raise _nothing(items[-1], texts, request)
    if len({item.is_pip for item, _, _ in found}) > 1:
        places = ", ".join(sorted({file for _, file, _ in found}))
        hint = "`--pip` or `--conda` says which."
        raise InputError(f"`{package}` is asked for of conda and of PyPI", Origin(file=places), hint)
    made = dict(texts)
    for _, file, changed in found:
        made[file] = (texts[file][0], changed)
    return made


def _nothing(item: PackageLine, texts: Mapping[str, tuple[str, str]], request: AmendRequest) -> InputError:
    """Return the error that nothing asks for a package, with the name that was probably meant."""
    from resolver.inputs.faults import did_you_mean
    from resolver.inputs.reading import parse_inputs

    asked = parse_inputs(list(texts), lambda name: texts[name][1] if name in texts else "")
    names = {str(line.name) for line in asked.conda} | {str(line.name) for line in asked.pypi if line.name}
    where = f" in the group `{request.group}`" if request.group else ""
    part = {True: " of PyPI", False: " of conda", None: ""}[request.is_pip]
    message = f"no line asks for `{item.name}`{part}{where}"
    return InputError(message, Origin(file=", ".join(texts)), did_you_mean(item.name, sorted(names)))


def _with_files(request: AmendRequest, verb: str) -> LockRequest:
    asked = as_before(with_default_files(request.lock, f"lock {verb} PACKAGE --file"))
    if not request.packages:
        raise InputError("no package is named")
    if STDIN in asked.files:
        raise InputError("standard input can't be edited", hint="Name a file with `--file`.")
    look_for(asked.files)
    return asked


def _finish(
    request: AmendRequest,
    asked: LockRequest,
    texts: Mapping[str, tuple[str, str]],
    listener: Listener | None,
) -> Amended:
    """Lock what the files are to hold, and write all of it."""
    changed = {file: text for file, (before, text) in texts.items() if text != before}
    around = asked.surroundings
    values = {name: getattr(around, name) for name in around.__struct_fields__}
    edited = replace(asked, surroundings=_Edited(**values, texts=changed))
    plan = plan_environments(edited)
    locked: Locked | LockedSeveral
    if plan is not None:
        locked = lock_several(edited, listener, plan)
    else:
        locked = lock(edited, listener)
        not_given = flags_notice(locked.session, locked.earlier)
        if not_given is not None:
            locked = replace(locked, notices=(*locked.notices, not_given))
    files = tuple(EditedFile(path=file, before=texts[file][0], text=text) for file, text in changed.items())
    if not request.dry_run:
        _write(files, locked)
    gone = {str(pypi_name(parse_name(package))) for package in request.packages}
    return Amended(files=files, locked=locked, still_there=_still_there(gone, locked))


def parse_name(package: str) -> str:
    """Return the name that a package was given with."""
    import re

    match = re.match(r"[A-Za-z0-9_.-]+", package.rpartition("::")[2].strip())
    return match.group() if match else package


def _still_there(names: set[str], locked: Locked | LockedSeveral) -> tuple[str, ...]:
    """Return the names that the lockfile holds though no line asks for them."""
    every = locked.environments if isinstance(locked, LockedSeveral) else (locked,)
    asked: set[str] = set()
    held: set[str] = set()
    for one in every:
        lines = one.session.requirements
        asked |= {pypi_name(str(line.name)) for line in lines.conda}
        asked |= {pypi_name(str(line.name)) for line in lines.pypi if line.name}
        for resolution in one.resolutions:
            held |= _names(resolution)
    return tuple(sorted(names & held - asked))


def _names(resolution: Resolution) -> set[str]:
    found = {str(pypi_name(pin.record.name)) for pin in resolution.conda}
    return found | {str(pin.name) for pin in resolution.pypi}


def _write(files: tuple[EditedFile, ...], locked: Locked | LockedSeveral) -> None:
    """Write the files and the lockfile, all or none."""
    from lockfiles.files import write_together

    texts = {file.path: file.text for file in files}
    if locked.output is not None:
        texts[str(locked.output)] = locked.text
    write_together(texts)
