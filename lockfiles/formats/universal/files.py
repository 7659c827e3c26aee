"""Which of a version's files a platform and Python install."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from resolver.metadata.wheel_tags import WheelTags, wheel_tag_text
from resolver.model.records import DistFile
from resolver.model.redaction import strip
from resolver.model.requirements import DirectKind, DirectReference


def best_file(files: Sequence[DistFile], tags: WheelTags, python: str) -> DistFile | None:
    """Return the best wheel, else the sdist; None where no file fits. ``python`` is a full version."""
    major, minor = (int(part) for part in python.split(".")[:2])
    ranked = [
        (rank, file.file_name, file)
        for file in files
        if file.is_wheel and (rank := tags.rank(wheel_tag_text(file.file_name), (major, minor))) is not None
    ]
    if ranked:
        return min(ranked, key=lambda item: item[:2])[2]
    return next((file for file in files if not file.is_wheel), None)


def file_name_of(address: str) -> str:
    """Return the last part of an address or path, unquoted, without query and fragment."""
    plain = address.split("#", 1)[0].split("?", 1)[0].replace("\\", "/")
    return unquote(plain.rstrip("/").rsplit("/", 1)[-1])


def is_archive_name(address: str) -> bool:
    """Tell whether an address or path is that of a wheel or an sdist."""
    return file_name_of(address).endswith((".whl", ".zip", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz"))


def hashes_of(text: str | None) -> dict[str, str]:
    """Return ``sha256:abc`` as algorithm -> digest; empty for none."""
    algorithm, colon, digest = (text or "").partition(":")
    return {algorithm: digest} if colon else {}


def git_reference(place: str) -> tuple[DirectReference, str | None]:
    """Return a repository and its commit, written as ``https://host/name?tag=v1&subdirectory=a#commit``."""
    parts = urlsplit(place)
    asked = parse_qs(parts.query)
    revision = next((asked[key][0] for key in ("rev", "tag", "branch") if key in asked), None)
    url = strip(urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")))
    direct = DirectReference(
        kind=DirectKind.VCS,
        url=url if url.startswith("git+") else f"git+{url}",
        revision=revision,
        subdirectory=next(iter(asked.get("subdirectory", ())), None),
    )
    return direct, parts.fragment or None
