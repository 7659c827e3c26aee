"""Wheels put in place by PyPA's ``installer``: for environments without uv and pip."""

from __future__ import annotations

from pathlib import Path


def install_wheel(wheel: Path, prefix: Path, final: Path, site: str) -> None:
    """Install one wheel below ``prefix``; its scripts name the interpreter below ``final``.

    ``site``: the folder of modules, relative. Raises OutputError for a wheel that is none, or whose files
    aren't those of its RECORD.
    """
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.exceptions import InstallerError
    from installer.sources import WheelFile

    from resolver.errors import OutputError

    version = site.split("/")[1]  # python3.12
    scheme = {
        "purelib": str(prefix / site),
        "platlib": str(prefix / site),
        "scripts": str(prefix / "bin"),
        "data": str(prefix),
        "headers": str(prefix / "include" / version / wheel.name.partition("-")[0]),
    }
    destination = SchemeDictionaryDestination(
        scheme, interpreter=str(final / "bin" / "python"), script_kind="posix", overwrite_existing=True
    )
    try:
        with WheelFile.open(wheel) as source:
            source.validate_record()
            install(source, destination, additional_metadata={"INSTALLER": b"lockstack\n", "REQUESTED": b""})
    except (InstallerError, OSError, ValueError, KeyError, AssertionError) as error:
        raise OutputError(str(final), f"`{wheel.name}` can't be installed: {error}") from error
