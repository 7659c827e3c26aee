"""``@EXPLICIT``: one address with its hash a line, in an order in which packages can be linked.

conda, mamba and micromamba install it without solving. They ignore pip's part
(conda-lock and micromamba read it from ``# pip`` lines), so it also stands in a
requirements file beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lockfiles.formats.conda_lock.assemble import direct_url, split_match_specs
from lockfiles.formats.export import ExportedFile, ExportRequest
from lockfiles.formats.requirements.writing import requirements_file
from resolver.model.resolution import CondaPin, PypiPin, Resolution


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``conda-PLATFORM.lock`` for each platform, and requirements where there is a pip part."""
    return tuple(file for resolution in request.resolutions for file in _files(resolution, request))


def _files(resolution: Resolution, request: ExportRequest) -> Iterator[ExportedFile]:
    platform = resolution.target.subdir
    companion = requirements_file(resolution, request) if resolution.pypi else None
    remarks = []
    if companion:
        remarks.append(
            f"conda ignores the {len(resolution.pypi)} pip packages of {platform}: "
            f"run `pip install --no-deps -r {companion.name}` afterwards"
        )
    yield ExportedFile(
        name=f"conda-{platform}.lock",
        text="".join(f"{line}\n" for line in _lines(resolution)),
        remarks=tuple(remarks),
    )
    if companion:
        yield companion


def _lines(resolution: Resolution) -> Iterator[str]:
    yield "# Written by lockstack. Install it with `conda create --name NAME --file FILE`."
    yield f"# platform: {resolution.target.subdir}"
    yield "@EXPLICIT"
    yield from (explicit_line(pin) for pin in sort_by_dependency(resolution.conda))
    yield from (f"# pip {pip_line(pin)}" for pin in resolution.pypi)


def explicit_line(pin: CondaPin) -> str:
    """Return address and hash: md5, which all installers read, else sha256."""
    record = pin.record
    if record.md5:
        return f"{pin.url}#{record.md5}"
    return f"{pin.url}#sha256:{record.sha256}" if record.sha256 else pin.url


def pip_line(pin: PypiPin) -> str:
    """Return a pip package as ``name @ address`` with its hash in the fragment."""
    if pin.direct:
        return f"{pin.name} @ {direct_url(pin.direct, pin.commit)}"
    if pin.file is None:
        return f"{pin.name}=={pin.version}"
    hashes = pin.file.hashes
    algorithm = "sha256" if "sha256" in hashes else max(hashes, default="")
    return f"{pin.name} @ {pin.file.url}" + (f"#{algorithm}={hashes[algorithm]}" if algorithm else "")


def sort_by_dependency(pins: Sequence[CondaPin]) -> list[CondaPin]:
    """Return pins so that each comes after what it depends on; ties by name, cycles broken by name.

    That python needs pip is left out, as conda does: pip is linked into a python that is there.
    """
    by_name = {pin.record.name: pin for pin in sorted(pins, key=lambda pin: pin.record.name)}
    waiting_for = {
        name: {
            other
            for other in split_match_specs(pin.record.depends)
            if other in by_name and other != name and (name, other) != ("python", "pip")
        }
        for name, pin in by_name.items()
    }
    done: list[CondaPin] = []
    placed: set[str] = set()
    stack: list[str] = []
    opened: set[str] = set()
    for start in by_name:
        stack.append(start)
        while stack:
            name = stack[-1]
            ahead = sorted(waiting_for[name] - placed - opened) if name not in placed else []
            opened.add(name)
            if ahead:
                stack.append(ahead[0])
                continue
            stack.pop()
            if name not in placed:
                placed.add(name)
                done.append(by_name[name])
    return done
