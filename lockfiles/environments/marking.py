"""Marks left in an environment once its packages are in: history, variables, and what the lock put there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from lockfiles.environments.installed import CondaRecordFile
from lockfiles.environments.linking import distribution_name
from lockfiles.environments.marks import PutProject, PutThere, add_history, set_variables, write_put_there
from lockfiles.environments.planning import Plan, file_mark
from lockfiles.environments.sources import SourceFacts
from resolver.model.resolution import CondaPin


def leave_marks(
    new: Path, plan: Plan, earlier: PutThere, asked: SourceFacts, *, text: str, command: str
) -> None:
    """Write what stands beside the records.

    ``earlier``: what locks had put there before; ``text``: the lockfile's; ``command``: for conda's history.
    """
    variables: tuple[str, ...] = earlier.variables
    if (new / "conda-meta").is_dir():
        if asked.is_known:
            variables = set_variables(new, asked.variables, earlier.variables)
        if plan.link or plan.unlink:
            names = {pin.channel.base_url: pin.channel.name for pin in plan.conda}
            gone = [_name_of_record(record, names) for record in plan.unlink]
            came = [_name_of_pin(pin) for pin in plan.link]
            add_history(new, gone, came, asked.specs, command)
    write_put_there(new, _put_there(plan, earlier, variables, text))


def _put_there(plan: Plan, earlier: PutThere, variables: tuple[str, ...], text: str) -> PutThere:
    """Return what locks have put there now: what came with this one, and what they had put before."""
    linked = {pin.record.name for pin in plan.link}
    put = {pin.name for pin in plan.put}
    return PutThere(
        conda={
            pin.record.name: pin.record.file_name
            for pin in plan.conda
            if pin.record.name in linked or earlier.conda.get(pin.record.name) == pin.record.file_name
        },
        pypi={
            str(pin.name): PutProject(version=pin.version, file=file_mark(pin))
            for pin in (*plan.put, *plan.same_projects)
            if pin.name in put or pin.name in earlier.pypi
        },
        variables=variables,
        lock=hashlib.sha256(text.encode("utf-8")).hexdigest(),
    )


def _name_of_pin(pin: CondaPin) -> str:
    record = pin.record
    return distribution_name(pin.channel.name, pin.subdir, record.name, record.version, record.build)


def _name_of_record(record: CondaRecordFile, names: Mapping[str, str]) -> str:
    """Return a package of a record as conda's history writes it: the channel's name, not its address."""
    from lockfiles.formats.conda_lock.restore import channel_name

    place, subdir = (record.channel or "").rstrip("/"), record.subdir or "noarch"
    base = place.removesuffix(f"/{subdir}")
    channel = names.get(base) or channel_name(base)
    return distribution_name(channel, subdir, record.name, record.version, record.build)
