"""``CondaDependencies`` of azureml-core, as 1.61.0 has it: what its calls leave in the conda definition."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any

from lockfiles.identity.read import v1_sdk
from lockfiles.identity.read.script.values import Placed, RefusedError
from resolver.inputs.yaml_document import YamlDocument

_VERSION_AT_END = re.compile(r"(\d+)\.(\d+)(\.(\d+))?([ab](\d+))?$")
_NAME_END = re.compile(r"[\[=|<>~!]")
_EXTRAS_END = re.compile(r"[=|<>~!]")


class CondaDependencies:
    """One object of that class: a conda definition, and the file it was read from."""

    def __init__(self, data: dict[str, Any], document: YamlDocument | None = None) -> None:
        """Start from a definition; ``document`` is the file that it is, unchanged."""
        self.data = data
        self.document = document
        self._python = self.python_version()

    @classmethod
    def default(cls, version: str) -> CondaDependencies:
        """Return the one that ``CondaDependencies()`` makes."""
        default = v1_sdk.default_conda(version)
        order = ("name", "dependencies", "channels")  # as in the package's file
        return cls({key: default[key] for key in order})

    @classmethod
    def create(
        cls,
        version: str,
        *,
        pip_indexurl: str | None = None,
        pip_packages: list[str] | None = None,
        conda_packages: list[str] | None = None,
        python_version: str | None = None,
        pin_sdk_version: bool = True,
    ) -> CondaDependencies:
        """Return what ``create`` makes of its arguments; packages of the SDK it pins to ``version``."""
        made = cls.default(version)
        for option in v1_sdk.index_options(pip_indexurl or None, version):
            made.set_pip_option(option)
        made.set_python_version(python_version or v1_sdk.python_default(version))
        if pip_packages is None:
            pip_packages = ["azureml-defaults"]
        else:
            for package in made.pip_packages():
                made.remove_pip_package(package)
        release = v1_sdk.parse_sdk_version(version).base_version
        for package in pip_packages:
            is_pinned = pin_sdk_version and v1_sdk.is_pinned(_name_of(package), version)
            made.add_pip_package(
                _at(package, f"{_EXTRAS_END.split(package)[0]}~={release}") if is_pinned else package
            )
        for package in conda_packages or ():
            made.remove_conda_package(package)
        for package in conda_packages or ():
            made.add_conda_package(package)
        return made

    def clone(self) -> CondaDependencies:
        """Return one that says the same."""
        made = CondaDependencies(copy.deepcopy(self.data), self.document)
        made._python = self._python
        return made

    def pip_packages(self) -> list[str]:
        """Return what pip installs, options left out."""
        return [item for item in self._pip() or () if not _is_option(item)]

    def python_version(self) -> str | None:
        """Return the version that the line of Python ends with."""
        line = next(iter(self._python_lines()), None)
        return _version_of(line[1]) if line is not None else None

    def set_python_version(self, version: str) -> None:
        """Do as the method does."""
        line = next(iter(self._python_lines()), None)
        if line is None:
            self._dependencies().append(_at(version, f"python={version}"))
        elif self._python != version:
            self._dependencies()[line[0]] = _at(version, f"python={version}")
        self._python = version

    def add_channel(self, channel: str) -> None:
        """Do as the method does."""
        channels = self._list("channels")
        if channel not in channels:
            channels.append(channel)

    def remove_channel(self, channel: str) -> None:
        """Do as the method does."""
        _remove(self.data.get("channels") or [], channel)

    def add_conda_package(self, conda_package: str) -> None:
        """Do as the method does: a Python among the packages sets the version."""
        if "dependencies" in self.data and conda_package in self._dependencies():
            return
        if "dependencies" in self.data and _is_python(conda_package):
            version = _version_of(conda_package)
            if version is None:
                raise RefusedError(f"`{conda_package}` ends with no version: the SDK can't set that Python")
            self.set_python_version(version)
        else:
            self._dependencies().append(conda_package)

    def remove_conda_package(self, conda_package: str) -> None:
        """Do as the method does."""
        if conda_package in self._dependencies():
            if _is_python(conda_package):
                raise RefusedError("the SDK refuses to take Python out")
            _remove(self._dependencies(), conda_package)

    def add_pip_package(self, pip_package: str) -> None:
        """Do as the method does: an earlier line of that name goes."""
        if _is_option(pip_package):
            raise RefusedError(f"`{pip_package}` is an option: the SDK takes it by `set_pip_option`")
        self.remove_pip_package(pip_package)
        pip = self._pip()
        if pip is None:
            self._dependencies().append({"pip": [pip_package]})
        elif pip_package not in pip:
            pip.append(pip_package)

    def remove_pip_package(self, pip_package: str) -> None:
        """Do as the method does: the last line of that name goes."""
        if _is_option(pip_package):
            raise RefusedError(f"`{pip_package}` is an option: the SDK takes it by `remove_pip_option`")
        name = _name_of(pip_package)
        pip = self._pip() or []
        if pip_package in pip or name in map(_name_of, self.pip_packages()):
            found = [item for item in pip if _name_of(item) == name]
            if found:
                _remove(pip, found[-1])

    def set_pip_option(self, pip_option: str) -> None:
        """Do as the method does: an earlier line with the same option is replaced."""
        if not _is_option(pip_option):
            raise RefusedError(f"`{pip_option}` is no option: the SDK refuses it")
        pip, word = self._pip(), pip_option.split()[0]
        if pip is None:
            self._dependencies().append({"pip": [pip_option]})
        elif word not in [item.split()[0] for item in pip if _is_option(item)]:
            pip.append(pip_option)
        else:
            pip[:] = [pip_option if item.split()[0] == word else item for item in pip]

    def remove_pip_option(self, pip_option: str) -> None:
        """Do as the method does: the last line with that option goes."""
        if not _is_option(pip_option):
            raise RefusedError(f"`{pip_option}` is no option: the SDK refuses it")
        pip, word = self._pip() or [], pip_option.split()[0]
        found = [item for item in pip if item.split()[0] == word]
        if found:
            _remove(pip, found[-1])

    def set_pip_requirements(self, pip_requirements: Iterable[str]) -> None:
        """Do as the method does: the lines take the place of all that pip installs."""
        pip = self._pip()
        if pip is None:
            self._dependencies().append({"pip": list(pip_requirements)})
        else:
            pip[:] = list(pip_requirements)

    def set_pip_index_url(self, index_url: str) -> None:
        """Do as the method does: it takes a whole option."""
        self.set_pip_option(index_url)

    def _list(self, key: str) -> list[Any]:
        if not isinstance(self.data.get(key), list):
            self.data[key] = []
        found: list[Any] = self.data[key]
        return found

    def _dependencies(self) -> list[Any]:
        return self._list("dependencies")

    def _pip(self) -> list[str] | None:
        found = [item for item in self.data.get("dependencies") or () if isinstance(item, dict)]
        return next((item["pip"] for item in found if isinstance(item.get("pip"), list)), None)

    def _python_lines(self) -> list[tuple[int, str]]:
        items = enumerate(self.data.get("dependencies") or ())
        return [(index, item) for index, item in items if isinstance(item, str) and _is_python(item)]


def _is_option(text: str) -> bool:
    return text.startswith("-")


def _is_python(text: str) -> bool:
    return text.startswith("python") and _name_of(text) == "python"


def _name_of(text: str) -> str:
    if text.endswith(".whl"):
        return text.rpartition("/")[2].split("-")[0]
    return _NAME_END.split(text)[0]


def _version_of(text: str) -> str | None:
    found = _VERSION_AT_END.search(text)
    return found.group() if found else None


def _at(where: str, text: str) -> str:
    """Return a text at the place of another."""
    return Placed(text, where.place) if isinstance(where, Placed) else text


def _remove(items: list[Any], item: object) -> None:
    """Take an item out; of two that stand together the SDK leaves the second."""
    index = 0
    while index < len(items):
        if items[index] == item:
            items.pop(index)
        index += 1
