"""Parsed arguments become one frozen value, and are left as they were."""

from __future__ import annotations

from importlib import import_module

import pytest

from lockfiles.cli.main import make_parser
from lockfiles.cli.verbs import DEFAULT, VERBS, Verb

LINES = [
    pytest.param(
        DEFAULT, ["a.yml", "b.yml", "-p", "linux-64", "--update", "numpy", "--gpu", "A100"], id="lock"
    ),
    pytest.param(VERBS["check"], ["conda-lock.yml", "--vm-size", "Standard_NC24ads_A100_v4"], id="check"),
    pytest.param(VERBS["diff"], ["old.yml", "new.yml", "-p", "win-64"], id="diff"),
    pytest.param(VERBS["explain"], ["--log", "build.log", "--timeout", "3"], id="explain"),
    pytest.param(VERBS["export"], ["--azureml", "env", "--image", "base", "--tag", "a=b"], id="export"),
    pytest.param(VERBS["hash"], ["a.yml", "--resolve", "--against", "b.yml", "--offline"], id="hash"),
]


@pytest.mark.parametrize(("verb", "line"), LINES)
def test_arguments_become_one_frozen_value(verb: Verb, line: list[str]) -> None:
    arguments = import_module(verb.arguments)
    parsed = make_parser(None, verb, arguments).parse_intermixed_args(line)
    before = dict(vars(parsed))
    command = arguments.read_arguments(parsed)
    assert vars(parsed) == before
    assert command.__struct_config__.frozen
    request = getattr(command, "request", command)
    assert request.__struct_config__.frozen
    for name in request.__struct_fields__:
        value = getattr(request, name)
        assert not isinstance(value, list | set), name


def test_only_settings_that_were_given_are_in_the_request() -> None:
    arguments = import_module(DEFAULT.arguments)
    parsed = make_parser(None, DEFAULT, arguments).parse_args(["a.yml", "-p", "linux-64", "--pre", "-o", "x"])
    settings = arguments.read_arguments(parsed).request.settings
    given = {name: value for name, value in settings.items() if value not in ((), [])}
    assert given == {"platforms": ("linux-64",), "pre": True, "output": "x"}
