"""``requirements.txt`` with ``--hash``: pip's part of a lockfile, one file for each platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lockfiles.formats.conda_lock.assemble import direct_url
from lockfiles.formats.export import ExportedFile, ExportRequest
from resolver.model.requirements import DirectKind
from resolver.model.resolution import PypiPin, Resolution

#: Algorithms that pip takes behind ``--hash``, the one to write first.
_ALGORITHMS = ("sha256", "sha384", "sha512")


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``requirements-PLATFORM.txt`` for each platform."""
    return tuple(requirements_file(resolution, request) for resolution in request.resolutions)


def requirements_file(resolution: Resolution, request: ExportRequest) -> ExportedFile:
    """Return the pip part of one resolution.

    With ``--hash`` behind every line where pip can check every line; a
    repository or folder has no hash, and with one of those pip refuses the whole
    file, so that hashes then stand in addresses.
    """
    platform = resolution.target.subdir
    unhashed = [pin.name for pin in resolution.pypi if _hash_of(pin) is None]
    remarks = []
    if unhashed:
        names = ", ".join(f"`{name}`" for name in unhashed)
        remarks.append(f"{names}: no hash, so that pip can't be run with `--require-hashes`")
    if resolution.conda and resolution.pypi:
        remarks.append(f"{platform}: only what pip installs; {len(resolution.conda)} packages are conda's")
    lines = [
        "# Written by lockstack. Install it with `pip install --no-deps -r FILE`.",
        f"# platform: {platform}" + (f", Python {resolution.python}" if resolution.python else ""),
        *_index_lines(request.indexes),
        *(line for pin in resolution.pypi for line in _lines(pin, hashed=not unhashed)),
    ]
    return ExportedFile(
        name=f"requirements-{platform}.txt",
        text="".join(f"{line}\n" for line in lines),
        remarks=tuple(remarks),
    )


def _index_lines(indexes: Sequence[str]) -> Iterator[str]:
    """Yield pip's options for the indexes: the last one asked is pip's own place."""
    addresses = [name for name in indexes if name.startswith(("http://", "https://", "file:"))]
    if addresses:
        yield f"--index-url {addresses[-1]}"
        yield from (f"--extra-index-url {address}" for address in addresses[:-1])


def _hash_of(pin: PypiPin) -> tuple[str, str] | None:
    """Return algorithm and digest of the file; None where pip couldn't check one."""
    if pin.direct and pin.direct.kind is not DirectKind.ARCHIVE:
        return None
    hashes = {**(pin.direct.hashes if pin.direct else {}), **(pin.file.hashes if pin.file else {})}
    return next(((name, hashes[name]) for name in _ALGORITHMS if name in hashes), None)


def _lines(pin: PypiPin, *, hashed: bool) -> Iterator[str]:
    found = _hash_of(pin)
    extras = f"[{','.join(sorted(pin.extras))}]" if pin.extras else ""
    if pin.direct:
        url = direct_url(pin.direct, pin.commit)
        is_editable = pin.direct.editable
        text = f"-e {pin.direct.path or url}{extras}" if is_editable else f"{pin.name}{extras} @ {url}"
        if found and not hashed and "#" not in url:
            text += f"#{found[0]}={found[1]}"
    elif hashed or found is None or pin.file is None:
        text = f"{pin.name}{extras}=={pin.version}"
    else:
        text = f"{pin.name}{extras} @ {pin.file.url}#{found[0]}={found[1]}"
    if hashed and found:
        yield f"{text} \\"
        yield f"    --hash={found[0]}:{found[1]}"
    else:
        yield text
