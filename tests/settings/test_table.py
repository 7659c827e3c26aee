"""The table is the one home of a setting: everything else derives from it."""

from __future__ import annotations

import argparse
import ast
from importlib import import_module
from pathlib import Path

import pytest

from lockfiles.cli.verbs import DEFAULT, VERBS
from lockfiles.settings.definition import SOLVING, Form, Group
from lockfiles.settings.model import Settings
from lockfiles.settings.table import BY_NAME, DEFINITIONS

FLAGS = [row for row in DEFINITIONS if row.flag]
#: Modules that read, show and document settings: none of them knows one by its name.
DERIVED = (
    "lockfiles/cli/arguments.py",
    "lockfiles/cli/completion.py",
    "lockfiles/settings/files.py",
    "lockfiles/settings/fingerprint.py",
    "lockfiles/settings/layers.py",
    "lockfiles/settings/pip.py",
    "lockfiles/settings/show.py",
    "lockfiles/settings/table.py",
    "scripts/build_settings_docs.py",
)


def actions(verb: str) -> dict[str, argparse.Action]:
    module = VERBS.get(verb, DEFAULT).arguments
    parser = argparse.ArgumentParser(add_help=False)
    import_module(module).add_arguments(parser)
    return {option: action for action in parser._actions for option in action.option_strings}


def test_a_row_and_a_field_each() -> None:
    assert sorted(BY_NAME) == sorted(Settings.__struct_fields__)
    assert len(BY_NAME) == len(DEFINITIONS)


@pytest.mark.parametrize("path", DERIVED)
def test_a_new_setting_has_no_third_place(path: str, root: Path) -> None:
    """What derives from the table names no setting, so a new row needs no change there."""
    names = {name for row in DEFINITIONS for name in (row.name, row.key, row.variable, row.source)}
    names -= {"channels", "indexes", "python", "output", "proxies"}  # words of other meanings too
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    texts |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not names & {text for text in texts if isinstance(text, str)}


#: A verb that does another one's work for many files, with its flags; and what is none of them.
AS = {"fleet": "lock"}
NOT_FOR_MANY = {"fleet": {"output", "engine"}}


@pytest.mark.parametrize("verb", ["lock", *VERBS])
def test_a_verb_has_the_flags_that_the_table_gives_it(verb: str) -> None:
    found = actions(verb)
    for row in FLAGS:
        flag = row.flag
        assert flag is not None
        action = found.get(flag.name)
        if AS.get(verb, verb) not in flag.verbs or row.name in NOT_FOR_MANY.get(verb, ()):
            assert action is None or action.help != flag.help, f"{verb} {flag.name}"
            continue
        assert action is not None, f"{verb} lacks {flag.name}"
        assert (action.dest, action.help, action.metavar) == (row.name, flag.help, flag.metavar)
        assert tuple(action.choices or ()) == row.kind.choices
        assert (action.nargs == 0) is (row.kind.form is Form.SWITCH)
        assert not flag.short or found[flag.short] is action


def test_every_verb_that_solves_is_a_verb() -> None:
    assert set(VERBS) | {"lock"} >= SOLVING
    assert {group for row in FLAGS if row.flag for group in [row.flag.group]} == set(Group)


@pytest.mark.parametrize("row", DEFINITIONS, ids=lambda row: row.name)
def test_a_row_is_whole(row: object) -> None:
    from lockfiles.settings.definition import Definition
    from lockfiles.settings.values import Where

    assert isinstance(row, Definition)
    assert callable(row.kind.find_reader())
    assert row.text.rstrip(")").endswith(".")
    assert row.flag is None or not row.flag.help.endswith(".")
    if row.default is not None:
        assert row.kind.parse(row.default, Where()) == row.default
    if row.kind.choices:
        for choice in row.kind.choices:
            assert row.kind.parse(choice, Where()) == choice
