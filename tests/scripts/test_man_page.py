"""docs/lock.1 is what the parsers say, and a page that man shows without a complaint."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from lockfiles.cli.main import make_parser
from lockfiles.cli.verbs import VERBS


def test_the_page_is_up_to_date(root: Path) -> None:
    command = [sys.executable, str(root / "scripts" / "build_man_page.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\npython scripts/build_man_page.py"


@pytest.fixture(scope="module")
def shown(root: Path) -> str:
    """The page as readers see it, without overstriking."""
    if shutil.which("groff") is None:
        pytest.skip("groff is absent")
    command = ["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-P-cbou", str(root / "docs" / "lock.1")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("name", VERBS)
def test_every_option_of_a_verb_is_named(name: str, shown: str) -> None:
    section = shown.partition(f"   lock {name}")[2]
    section = re.split(r"(?m)^   lock |^[A-Z]", section)[0].replace("\u2010\n", "-\n")
    words = set(re.findall(r"--[a-z0-9-]+", re.sub(r"-\n\s+", "-", section)))
    before = shown.partition("VERBS")[0]
    parser = make_parser(name, VERBS[name], import_module(VERBS[name].arguments))
    for action in parser._actions:
        for option in action.option_strings:
            if option not in ("-h", "--help"):
                assert option in words or option in before, option
