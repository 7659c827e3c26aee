"""Wheels put in place by PyPA's ``installer``: for environments without uv and pip."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from zipfile import BadZipFile

if TYPE_CHECKING:
    from installer.records import RecordEntry
    from installer.utils import Scheme


def install_wheel(wheel: Path, prefix: Path, final: Path, site: str) -> None:
    """Install one wheel below ``prefix``; its scripts name the interpreter below ``final``.

    ``site``: the folder of modules, relative. Raises SourceError for a wheel that is none, or whose files
    aren't those of its RECORD, OutputError where the disk is at fault.
    """
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.exceptions import InstallerError
    from installer.sources import WheelFile

    from resolver.errors import OutputError, SourceError

    version = site.split("/")[1]  # python3.12
    scheme = {
        "purelib": str(prefix / site),
        "platlib": str(prefix / site),
        "scripts": str(prefix / "bin"),
        "data": str(prefix),
        "headers": str(prefix / "include" / version / wheel.name.partition("-")[0]),
    }

    class Beside(SchemeDictionaryDestination):
        """Writes new files: one that stands there may be the old environment's too, by a second name."""

        def write_to_fs(
            self, scheme: Scheme, path: str, stream: BinaryIO, is_executable: bool
        ) -> RecordEntry:
            Path(self.scheme_dict[scheme], path).unlink(missing_ok=True)
            return super().write_to_fs(scheme, path, stream, is_executable)

    destination = Beside(
        scheme, interpreter=str(final / "bin" / "python"), script_kind="posix", overwrite_existing=True
    )
    try:
        with WheelFile.open(wheel) as source:
            source.validate_record()
            install(source, destination, additional_metadata={"INSTALLER": b"lockstack\n", "REQUESTED": b""})
    except (InstallerError, BadZipFile, zlib.error, ValueError, KeyError, AssertionError) as error:
        raise SourceError(
            f"can't be installed: {error}", wheel.name, "It was made so: don't install it."
        ) from error
    except OSError as error:
        raise OutputError(str(final), f"`{wheel.name}` can't be installed: {error}") from error
