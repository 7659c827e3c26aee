"""``environment.yml`` with every version and build, for tools that only read that.

The solver of the tool that installs it still runs; pip's part has versions and
no hashes.
"""

from __future__ import annotations

from collections.abc import Sequence

from lockfiles.canonical import Node, to_yaml
from lockfiles.formats.conda_lock.assemble import direct_url
from lockfiles.formats.export import ExportedFile, ExportRequest
from resolver.model.resolution import PypiPin, Resolution


def export(request: ExportRequest) -> Sequence[ExportedFile]:
    """Return ``environment-PLATFORM.yml`` for each platform."""
    return tuple(
        ExportedFile(
            name=f"environment-{resolution.target.subdir}.yml",
            text=_text(resolution, request),
            remarks=("the tool that installs this solves again, and sees no hashes",),
        )
        for resolution in request.resolutions
    )


def _text(resolution: Resolution, request: ExportRequest) -> str:
    dependencies: list[Node] = [
        f"{pin.record.name}={pin.record.version}={pin.record.build}" for pin in resolution.conda
    ]
    if resolution.pypi:
        dependencies.append({"pip": [_pip_line(pin) for pin in resolution.pypi]})
    value: dict[str, Node] = {} if request.name is None else {"name": request.name}
    value |= {
        "channels": [*(channel.url for channel in request.channels), "nodefaults"],
        "platforms": [resolution.target.subdir],
        "dependencies": dependencies,
    }
    if any(channel.url == "defaults" for channel in request.channels):
        value["channels"] = [channel.url for channel in request.channels]
    return to_yaml(value)


def _pip_line(pin: PypiPin) -> str:
    extras = f"[{','.join(sorted(pin.extras))}]" if pin.extras else ""
    if pin.direct:
        url = direct_url(pin.direct, pin.commit)
        return (
            f"-e {pin.direct.path or url}{extras}" if pin.direct.editable else f"{pin.name}{extras} @ {url}"
        )
    return f"{pin.name}{extras}=={pin.version}"
