"""Find and blank credentials, so that none reaches an output, a file or a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from resolver.model.redaction import HIDDEN, is_variable
from resolver.model.redaction import redact_definition as redact

__all__ = [
    "find_credentials",
    "has_credential",
    "is_secret_variable",
    "redact",
    "redact_data",
    "redact_variables",
]

#: Names of environment variables whose value is a secret.
_SECRET_NAME = re.compile(
    r"(?i)(?:^|_)(?:password|passwd|pwd|pass|secret|token|apikey|api_key|access_key|account_key|accountkey|sas"
    r"|private_key|credentials?|connection_string|connectionstring|client_secret|pat)(?:$|_)"
)


def is_secret_variable(name: str, value: object) -> bool:
    """Tell whether a variable holds a secret, by its name or value; an empty value or a reference is none."""
    text = "" if value is None else str(value)
    if not text or is_variable(text):
        return False
    return bool(_SECRET_NAME.search(name)) or has_credential(text)


def has_credential(text: str) -> bool:
    """Tell whether the text holds a credential."""
    return redact(text) != text


def redact_variables(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables as strings, secret values replaced by ``***``, in the given order."""
    return {
        str(name): HIDDEN
        if is_secret_variable(str(name), value)
        else redact("" if value is None else str(value))
        for name, value in variables.items()
    }


def redact_data(data: Any) -> Any:
    """Return plain data with credentials blanked in every string and in ``variables`` mappings."""
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, Mapping):
        return {
            redact(key) if isinstance(key, str) else key: redact_variables(value)
            if key in {"variables", "environmentVariables"} and isinstance(value, Mapping)
            else redact_data(value)
            for key, value in data.items()
        }
    if isinstance(data, (list, tuple)):
        return [redact_data(item) for item in data]
    return data


def find_credentials(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every string of plain data that holds a credential, in document order."""
    if isinstance(data, str):
        if has_credential(data):
            yield path
    elif isinstance(data, Mapping):
        for key, value in data.items():
            step = key if isinstance(key, (str, int)) else str(key)
            if path and path[-1] == "variables" and is_secret_variable(str(key), value):
                yield (*path, step)
            else:
                yield from find_credentials(value, (*path, step))
    elif isinstance(data, (list, tuple)):
        for index, item in enumerate(data):
            yield from find_credentials(item, (*path, index))
