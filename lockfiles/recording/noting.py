"""What a run reads, noted: files, variables, settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from lockfiles.recording.form import GivenSetting
from lockfiles.settings.model import Settings
from lockfiles.settings.setting import Layer, Setting
from lockfiles.settings.show import settings_as_json
from lockfiles.settings.table import BY_NAME
from resolver.model.patterns import pattern
from resolver.model.redaction import HIDDEN, redact_definition
from resolver.sources.tape import MASK, Player, Recorder, Tape

#: How files name a variable.
_VARIABLE = pattern(r"\$\{(\w+)\}|\$(\w+)|%(\w+)%")
#: Variables that give virtual packages.
_OVERRIDES = "CONDA_OVERRIDE_"
#: Settings that are files or folders of the machine, or say how servers are asked.
_LEFT_OUT = frozenset(
    {
        "cache_dir",
        "output",
        "name_map",
        "cert",
        "client_cert",
        "client_key",
        "proxies",
        "offline",
        "trusted_hosts",
    }
)


class Noting:
    """Hears of the files of a run, by their absolute paths, and has the recorder of its sources."""

    def __init__(self, recorder: Recorder, cwd: Path) -> None:
        self.recorder, self._cwd = recorder, cwd
        self.files: dict[str, bytes] = {}

    @property
    def sources(self) -> Tape:
        """What servers are asked through."""
        return self.recorder

    def note_file(self, name: str, data: bytes) -> None:
        """Note a file that was read."""
        self.files[name if name == "-" else self.absolute(name)] = data

    def absolute(self, name: str | Path) -> str:
        """Return a path from the root, links not followed."""
        return os.path.abspath(self._cwd / name)  # noqa: PTH100  (resolve() would follow links)


class Playing:
    """Gives sources again."""

    def __init__(self, player: Player) -> None:
        self._player = player

    @property
    def sources(self) -> Tape:
        """What servers are asked through."""
        return self._player

    def note_file(self, name: str, data: bytes) -> None:
        """Note nothing: what is read lies in the recording."""


def clean_file(data: bytes) -> bytes:
    """Return an input file without the secrets that stand in it; variables in their place stay."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    clean = redact_definition(text)
    return data if clean == text else clean.replace(HIDDEN, MASK).encode()


def variables_of(
    environ: Mapping[str, str], files: Iterable[bytes], redact: Callable[[str], str]
) -> dict[str, str]:
    """Return the variables that files name, and those that stand for virtual packages; no others.

    A mask stands in place of each that is or holds a secret.
    """
    text = b"\n".join(files).decode("utf-8", "replace")
    named = {name for found in _VARIABLE.finditer(text) for name in found.groups() if name}
    kept = {name: value for name, value in environ.items() if name in named or name.startswith(_OVERRIDES)}
    return {
        name: value if redact(value) == value and not _sounds_secret(name) else MASK
        for name, value in sorted(kept.items())
    }


def _sounds_secret(name: str) -> bool:
    return any(word in name.upper() for word in ("TOKEN", "SECRET", "PASS", "KEY", "AUTH", "CRED"))


def given_settings(settings: Settings) -> dict[str, GivenSetting]:
    """Return the settings that somebody gave and that belong to the question, without secrets."""
    plain = settings_as_json(settings)
    found = {}
    for name in settings.__struct_fields__:
        setting: Setting[Any] = getattr(settings, name)
        if setting.layer is not Layer.DEFAULT and name not in _LEFT_OUT:
            value = _masked(plain[name.replace("_", "-")]["value"])
            found[name] = GivenSetting(
                value=value, source=plain[name.replace("_", "-")]["source"], layer=setting.layer.value
            )
    return found


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value.replace(HIDDEN, MASK) if isinstance(value, str) else value


def settings_of(given: Mapping[str, GivenSetting], **more: object) -> Settings:
    """Return settings from what was given, and defaults; ``more`` are values of this machine.

    Raises ValueError for one that can't be read.
    """
    from lockfiles.settings.layers import default_layer
    from lockfiles.settings.values import Where

    values = default_layer(set(given))
    for name, one in given.items():
        definition = BY_NAME.get(name)
        if definition is None:
            raise ValueError(f"no setting `{name}`")
        value = None if one.value is None else definition.kind.parse(one.value, Where())
        values[name] = Setting(value=value, source=one.source, layer=Layer(one.layer))
    for name, value in more.items():
        values[name] = Setting(value=value, source="recording", layer=Layer.FLAG)
    return Settings(**values)
