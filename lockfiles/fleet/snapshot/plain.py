"""Settings and credentials apart: workers get addresses without secrets, this process asks with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lockfiles.session import open_session
from resolver.errors import LockstackError
from resolver.model.redaction import split_secrets

if TYPE_CHECKING:
    from lockfiles.locking import LockRequest
    from lockfiles.settings.model import Settings
    from resolver.sources.http.credentials import Credentials


def for_workers(settings: Settings) -> Settings:
    """Return settings whose addresses have no secrets, with the worker's own cache.

    What may be asked of whom is up to the snapshot, ``offline`` too.
    """
    plain = {
        name: msgspec.structs.replace(setting, value=_plain(setting.value))
        for name in settings.__struct_fields__
        if hasattr(setting := getattr(settings, name), "value")
    }
    plain["cache_dir"] = msgspec.structs.replace(settings.cache_dir, value=None)
    plain["offline"] = msgspec.structs.replace(settings.offline, value=False)
    return msgspec.structs.replace(settings, **plain)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return split_secrets(value, channel=True).url if type(value) is str else value
    if isinstance(value, tuple | list | set | frozenset):
        return type(value)(_plain(one) for one in value)
    if isinstance(value, Mapping):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, msgspec.Struct):
        fields = {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value


def learn_secrets(requests: Sequence[LockRequest], credentials: Credentials) -> None:
    """Learn the credentials of what requests read: settings, variables, lines of inputs.

    A request that can't be read says nothing here: its own job will.
    """
    for request in requests:
        try:
            session = open_session(request)
        except LockstackError:
            continue
        for secret in session.secrets:
            credentials.learn(secret.url, channel=secret.is_channel)
        for index in session.indexes:
            credentials.learn_index(index.name, index.url)
        for link in session.requirements.indexes.find_links:
            credentials.learn(link)
        for line in session.requirements.pypi:
            if line.direct is not None and line.direct.url is not None:
                credentials.learn(line.direct.url)
