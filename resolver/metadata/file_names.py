"""Names of a project's files: which project, version and kind (PEP 427, 625).

Apart from the pages that list them: a run that finds its pages in the cache reads no page, and a few names.
"""

from __future__ import annotations

import functools
import re

from packaging.version import Version

from resolver.model.names import PypiName, pypi_name

#: archives that installers build from; ``.egg``, ``.exe``, ``.msi``, ``.rpm``, ``.dmg`` are not among them
SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar")
_SHOWN = 60  #: characters of a version that can't be read
#: why a file of another project is left out
FOREIGN = "the name of another project"


class FileNamer:
    """Reads the file names of one project (PEP 427, 625, and the loose names before them)."""

    def __init__(self, name: PypiName) -> None:
        self._name = name
        self._versions: dict[str, tuple[Version, str] | None] = {}
        self._wheel_versions: dict[str, tuple[Version, str, bool]] = {}  # by what stands in names
        self._spellings: set[str] = {name}

    @functools.cached_property
    def _sdist(self) -> re.Pattern[str]:
        loose = r"[-_.]+".join(re.escape(part) for part in self._name.split("-"))
        return re.compile(rf"{loose}-(?P<version>.+)", re.IGNORECASE)

    def parse(self, file_name: str) -> tuple[Version, str, bool] | str:
        """Return (version, its normal form, is a wheel), or why the file is skipped."""
        if file_name.endswith(".whl"):
            return self._parse_wheel(file_name)
        lower = file_name.lower()
        if lower.endswith(".whl"):
            return self._parse_wheel(file_name)
        ending = next((ending for ending in SDIST_ENDINGS if lower.endswith(ending)), None)
        if ending is None:
            return "neither a wheel nor an sdist" if self._sdist.match(file_name) else FOREIGN
        found = self._sdist.fullmatch(file_name, 0, len(file_name) - len(ending))
        if found is None:
            return FOREIGN
        version = self._version(found["version"])
        if version is None:
            # `foo-bar-1.0.tar.gz` beside project foo
            if not found["version"][0].isdigit() and "-" in found["version"]:
                return FOREIGN
            return f"its version can't be read: `{found['version'][:_SHOWN]}`"
        return version[0], version[1], False

    def _parse_wheel(self, file_name: str) -> tuple[Version, str, bool] | str:
        parts = file_name[:-4].split("-")
        if len(parts) == 5 and parts[0] in self._spellings and "_" not in parts[1]:  # as nearly all are
            known = self._wheel_versions.get(parts[1])
            if known is not None:
                return known
        if len(parts) > 5 and pypi_name(parts[0]) == self._name:
            from resolver.model.wheel_names import variant_label, variant_words

            label = variant_label(file_name)
            if label is not None:
                return variant_words(label)
        if len(parts) not in (5, 6):
            return "a wheel's name has five or six parts"
        if parts[0] not in self._spellings:
            if pypi_name(parts[0]) != self._name:
                return FOREIGN
            self._spellings.add(parts[0])
        if len(parts) == 6 and not parts[2][:1].isdigit():
            return f"a build tag starts with a digit: `{parts[2]}`"
        # PEP 427 writes `-` of a version as `_`
        version = self._version(parts[1].replace("_", "-"))
        if version is None:
            return f"its version can't be read: `{parts[1][:_SHOWN]}`"
        found = version[0], version[1], True
        if len(parts) == 5:
            self._wheel_versions[parts[1]] = found
        return found

    def _version(self, text: str) -> tuple[Version, str] | None:
        if text not in self._versions:
            try:
                version = Version(text)
                self._versions[text] = (version, str(version))
            except ValueError:  # InvalidVersion, or more digits than Python reads
                self._versions[text] = None
        return self._versions[text]


def parse_file_name(file_name: str) -> tuple[PypiName, str, bool] | None:
    """Return (project, version, is a wheel) of a lone file; None where it can't be told.

    An sdist's name may be ambiguous (``a-1-2.tar.gz``); the last ``-`` before a version counts.
    """
    lower = file_name.lower()
    if lower.endswith(".whl"):
        project = file_name.split("-", 1)[0]
    else:
        ending = next((ending for ending in SDIST_ENDINGS if lower.endswith(ending)), None)
        project = file_name[: -len(ending)].rpartition("-")[0] if ending else ""
    if not project:
        return None
    name = pypi_name(project)
    parsed = FileNamer(name).parse(file_name)
    return None if isinstance(parsed, str) else (name, parsed[1], parsed[2])
