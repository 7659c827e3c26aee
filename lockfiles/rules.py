"""Every rule of every verb: what `lock check --rules` lists, SARIF describes, and settings may silence."""

from __future__ import annotations

from pathlib import Path

from lockfiles.session import SessionRequest
from lockfiles.surroundings import STDIN
from resolver.errors import InputError, InputErrors
from resolver.model.origin import Origin
from resolver.model.rules import Rule


def every_rule() -> tuple[Rule, ...]:
    """Return the rules of `lock check` and of `lock hash`, sorted by id; no two share one."""
    from lockfiles.identity.lint.registry import LINT
    from resolver.checks.registry import CHECKS

    return tuple(sorted((*CHECKS.all(), *LINT.all()), key=lambda rule: rule.id))


def silenced_rules(request: SessionRequest) -> dict[str, str]:
    """Return the silenced rules with their reasons; raises InputErrors for a rule that doesn't exist.

    A rule of a family that no verb has is another tool's.
    """
    from resolver.inputs.faults import did_you_mean

    silenced = _settings(request)
    if not silenced:
        return {}
    known = {rule.id for rule in every_rule()}
    families = {name.split("/")[0] for name in known}
    wrong = [name for name in silenced if name not in known and name.split("/")[0] in families]
    if wrong:
        raise InputErrors(
            [
                InputError(
                    f"no rule `{name}` to silence", Origin(file=silenced[name][1]), did_you_mean(name, known)
                )
                for name in wrong
            ]
        )
    return {name: reason for name, (reason, _) in silenced.items()}


def _settings(request: SessionRequest) -> dict[str, tuple[str, str]]:
    """Return rule -> reason and the place it was written in.

    Flags, variables and settings files alone: no other place can hold it, and
    reading conda's and pip's configuration takes as long as a check.
    """
    from lockfiles.settings.files import read_file_layers
    from lockfiles.settings.layers import environment_layer, flag_layer
    from resolver.inputs.faults import Faults

    if request.settled is not None:
        asked = request.settled.silenced
        return {name: (reason, asked.source) for name, reason in sorted(asked.value.items())}
    faults, around = Faults(), request.surroundings
    first = next((Path(name) for name in request.files if name != STDIN), None)
    layers = [
        flag_layer({"silenced": request.settings.get("silenced")}, around.home, faults),
        environment_layer(around.environ, around.home, faults),
        *read_file_layers(first, around.cwd, around.home, faults),
    ]
    faults.raise_if_any()
    found: dict[str, tuple[str, str]] = {}
    for layer in reversed(layers):
        setting = layer.get("silenced")
        if setting is not None:
            found.update({name: (reason, setting.source) for name, reason in setting.value.items()})
    return dict(sorted(found.items()))
