"""Find and blank credentials, so that none reaches an output, a file or a hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

#: What stands where a credential stood.
BLANK = "***"

#: ``scheme://user:password@`` or ``scheme://token@``: everything between the slashes and the ``@``.
_USERINFO = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<secret>[^/\s'\"@]+(?:@[^/\s'\"@]+)*)@(?=[^\s/])"
)

#: Values of query parameters that carry a right: SAS signatures, tokens, keys.
_QUERY = re.compile(
    r"(?i)(?P<name>[?&](?:sig|token|access_token|api[-_]?key|key|password|secret|code)=)(?P<secret>[^&\s'\"#]+)"
)

#: conda's token path: ``/t/<token>/``.
_CONDA_TOKEN = re.compile(r"(?P<start>://[^\s'\"]*?/t/)(?P<secret>[A-Za-z0-9_.~-]{6,})(?=/)")

#: ``AccountKey=...``, ``SharedAccessKey=...`` of connection strings.
_CONNECTION = re.compile(r"(?i)(?P<name>\b(?:account|sharedaccess)key=)(?P<secret>[^;\s'\"]+)")

#: Shapes of well-known tokens, whatever they stand in.
_TOKEN = re.compile(
    r"\b(?P<secret>gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|glpat-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{16,}"
    r"|pypi-[A-Za-z0-9_-]{24,}|AKIA[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,})"
)

_REFERENCE = r"(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*|%[A-Za-z_][A-Za-z0-9_]*%)"
#: A variable in place of a secret is not a secret: ``${TOKEN}``, ``$TOKEN``, ``%TOKEN%``, ``user:${TOKEN}``.
_VARIABLE = re.compile(rf"(?:(?:{_REFERENCE}|[^:$%]*):)?{_REFERENCE}")

#: Names of environment variables whose value is a secret.
_SECRET_NAME = re.compile(
    r"(?i)(?:^|_)(?:password|passwd|pwd|pass|secret|token|apikey|api_key|access_key|account_key|accountkey|sas"
    r"|private_key|credentials?|connection_string|connectionstring|client_secret|pat)(?:$|_)"
)


def is_secret_variable(name: str, value: object) -> bool:
    """Tell whether a variable holds a secret, by its name or value; an empty value or a reference is none."""
    text = "" if value is None else str(value)
    if not text or _VARIABLE.fullmatch(text):
        return False
    return bool(_SECRET_NAME.search(name)) or has_credential(text)


def has_credential(text: str) -> bool:
    """Tell whether the text holds a credential."""
    return redact(text) != text


def redact(text: str) -> str:
    """Return the text with every credential replaced by ``***``; the rest stays as it is."""
    text = _USERINFO.sub(_blank_userinfo, text)
    text = _QUERY.sub(_blank_value, text)
    text = _CONNECTION.sub(_blank_value, text)
    text = _CONDA_TOKEN.sub(lambda match: f"{match['start']}{BLANK}", text)
    return _TOKEN.sub(BLANK, text)


def _blank_userinfo(match: re.Match[str]) -> str:
    secret = match["secret"]
    # ``git+ssh://git@host`` names the account everybody uses: no secret
    if secret in {"git", BLANK} or _VARIABLE.fullmatch(secret):
        return match.group()
    return f"{match['scheme']}{BLANK}@"


def _blank_value(match: re.Match[str]) -> str:
    if match["secret"] == BLANK or _VARIABLE.fullmatch(match["secret"]):
        return match.group()
    return f"{match['name']}{BLANK}"


def redact_variables(variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables as strings, secret values replaced by ``***``, in the given order."""
    return {
        str(name): BLANK
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
