"""Changes of files: exactly the items meant, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lockfiles.explaining_edits import edited_files
from resolver.errors import InputError
from resolver.explain.absence.values import PLATFORMS
from resolver.explain.fixes.changes import Action, Edit
from resolver.explain.fixes.trying import Fix
from resolver.inputs.reading import parse_inputs
from resolver.inputs.selectors import parse_selector, selector_for

FILE = """\
# the whole team uses this one
name: train
channels:
  - conda-forge   # first
dependencies:
  - python=3.12
  - "scikit-learn==1.5.0"   # the model needs it

  - numpy==2.0.0
  - pip
  - pip:
      - rich>=13
variables:
  A: b
"""


def edit(tmp_path: Path, text: str, action: Action, name: str, new: str = "", *, raw: bool = False) -> str:
    """Apply one edit to a file with this text; return what it becomes."""
    path = tmp_path / "environment.yml"
    path.write_bytes(text.encode())
    requirements = parse_inputs([str(path)], lambda file: Path(file).read_bytes())
    lines = [line for line in (*requirements.conda, *requirements.pypi) if line.name == name]
    line = lines[0] if lines else None
    fix = Fix(edits=(Edit(action=action, line=line, text=new),), cost=1.0, gives=(), packages=1)
    files = edited_files(fix, str(path))
    assert raw or len(files) == 1
    return files[0].text


def test_a_replaced_item_keeps_its_quotes_and_comment(tmp_path: Path) -> None:
    after = edit(tmp_path, FILE, Action.REPLACE, "scikit-learn", "scikit-learn>=1.5,<1.7")
    assert after == FILE.replace("scikit-learn==1.5.0", "scikit-learn>=1.5,<1.7")


def test_a_removed_item_takes_its_line_along(tmp_path: Path) -> None:
    assert edit(tmp_path, FILE, Action.REMOVE, "numpy") == FILE.replace("  - numpy==2.0.0\n", "")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("numpy", "- numpy==2.0.0\n", "- numpy==2.0.0  # [osx]\n"),
        ("scikit-learn", "# the model needs it\n", "# the model needs it [osx]\n"),
    ],
)
def test_a_selector_comes_behind_the_item(tmp_path: Path, name: str, old: str, new: str) -> None:
    after = edit(tmp_path, FILE, Action.SELECT, name, "osx")
    assert after == FILE.replace(old, new)
    asked = parse_inputs([str(tmp_path / "environment.yml")], lambda _: after.encode())
    (line,) = [r for r in asked.conda if r.name == name]
    assert line.platforms is not None
    assert set(PLATFORMS) & set(line.platforms) == {"osx-64", "osx-arm64"}


def test_no_selector_fits_into_a_list_on_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't put a selector behind `b`"):
        edit(tmp_path, "dependencies: [a, b]\n", Action.SELECT, "b", "osx")


@pytest.mark.parametrize(
    ("platforms", "selector"),
    [
        ({"osx-64", "osx-arm64"}, "osx"),
        ({"osx-arm64"}, "arm64"),
        ({"linux-64"}, "linux64"),
        ({"linux-64", "linux-aarch64", "osx-64", "osx-arm64"}, "unix"),
        ({"linux-64", "osx-arm64"}, "linux-64 or osx-arm64"),
    ],
)
def test_the_shortest_selector_selects_just_these(platforms: set[str], selector: str) -> None:
    assert selector_for(platforms, PLATFORMS) == selector
    assert parse_selector(selector) & set(PLATFORMS) == platforms


def test_a_channel_comes_behind_the_others(tmp_path: Path) -> None:
    after = edit(tmp_path, FILE, Action.CHANNEL, "", "bioconda")
    assert after == FILE.replace("# first\n", "# first\n  - bioconda\n")


def test_a_channel_is_added_where_there_was_none(tmp_path: Path) -> None:
    after = edit(tmp_path, "dependencies:\n  - bwa\n", Action.CHANNEL, "", "bioconda")
    assert after == "channels:\n  - bioconda\ndependencies:\n  - bwa\n"


def test_a_channel_is_added_to_a_flow_list(tmp_path: Path) -> None:
    text = "channels: [conda-forge]  # one\ndependencies: [bwa]\n"
    after = edit(tmp_path, text, Action.CHANNEL, "", "bioconda")
    assert after == "channels: [conda-forge, bioconda]  # one\ndependencies: [bwa]\n"


def test_a_line_moves_to_the_end_of_the_pip_part(tmp_path: Path) -> None:
    after = edit(tmp_path, FILE, Action.TO_PIP, "numpy", "numpy==2.0.0")
    expected = FILE.replace("  - numpy==2.0.0\n", "").replace(
        "rich>=13\n", "rich>=13\n      - numpy==2.0.0\n"
    )
    assert after == expected


def test_a_pip_part_is_made_where_there_was_none(tmp_path: Path) -> None:
    text = "dependencies:\n  - python=3.12\n  - rich\n  - pip\n"
    after = edit(tmp_path, text, Action.TO_PIP, "rich", "rich")
    assert after == "dependencies:\n  - python=3.12\n  - pip\n  - pip:\n    - rich\n"


def test_a_line_moves_to_the_conda_part(tmp_path: Path) -> None:
    after = edit(tmp_path, FILE, Action.TO_CONDA, "rich", "rich>=13")
    assert "  - pip\n  - rich>=13\n" in after


def test_a_conda_line_is_added_behind_the_others(tmp_path: Path) -> None:
    after = edit(tmp_path, FILE, Action.ADD, "", "onlyconda")
    assert after == FILE.replace("  - pip\n", "  - pip\n  - onlyconda\n")


def test_a_flow_list_gets_quotes_where_a_comma_needs_them(tmp_path: Path) -> None:
    after = edit(
        tmp_path, "dependencies: [python=3.12, numpy==2.0.0]\n", Action.REPLACE, "numpy", "numpy>=1,<2"
    )
    assert after == "dependencies: [python=3.12, 'numpy>=1,<2']\n"


@pytest.mark.parametrize(
    ("name", "left"), [("a", "[b, c]"), ("b", "[a, c]"), ("c", "[a, b]")], ids=["first", "middle", "last"]
)
def test_an_item_goes_out_of_a_flow_list(tmp_path: Path, name: str, left: str) -> None:
    assert edit(tmp_path, "dependencies: [a, b, c]\n", Action.REMOVE, name) == f"dependencies: {left}\n"


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    text = FILE.replace("\n", "\r\n")
    after = edit(tmp_path, text, Action.CHANNEL, "", "bioconda")
    assert after.count("\r\n") == after.count("\n") == text.count("\n") + 1


def test_a_requirements_file_is_edited_too(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("# pins\nnumpy==2.0.0  # why not\nrich\n", encoding="utf-8")
    requirements = parse_inputs([str(path)], lambda file: Path(file).read_bytes())
    change = Edit(action=Action.REPLACE, line=requirements.pypi[0], text="numpy>=1.26")
    files = edited_files(Fix(edits=(change,), cost=1.0, gives=(), packages=1), str(path))
    assert files[0].text == "# pins\nnumpy>=1.26  # why not\nrich\n"
    assert "-numpy==2.0.0  # why not\n+numpy>=1.26  # why not\n" in files[0].diff


def test_a_changed_file_is_not_edited_blindly(tmp_path: Path) -> None:
    path = tmp_path / "environment.yml"
    path.write_text(FILE, encoding="utf-8")
    requirements = parse_inputs([str(path)], lambda file: Path(file).read_bytes())
    path.write_text("dependencies:\n  - other\n", encoding="utf-8")
    change = Edit(action=Action.REPLACE, line=requirements.conda[0], text="python=3.11")
    with pytest.raises(InputError, match="can't find"):
        edited_files(Fix(edits=(change,), cost=1.0, gives=(), packages=1), str(path))


def test_a_setting_changes_no_file(tmp_path: Path) -> None:
    change = Edit(action=Action.VIRTUAL, name="__cuda", text="12.0")
    fix = Fix(edits=(change,), cost=1.0, gives=(), packages=1)
    assert edited_files(fix, str(tmp_path / "environment.yml")) == []
    assert change.flag == "--virtual-package __cuda=12.0"


PIXI = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
numpy = ">=9"  # too new
scikit-learn = {version = "1.5.*", build = "py*"}
[feature.a]
dependencies = {numpy = "1.*", scipy = "*"}
[pypi-dependencies]
rich = "==13"
"typing_extensions" = ">=5"
"""


@pytest.mark.parametrize(
    ("action", "name", "new", "old", "changed"),
    [
        (Action.REPLACE, "numpy", "numpy >=1.26,<2", 'numpy = ">=9"', 'numpy = ">=1.26,<2"'),
        (Action.REPLACE, "numpy", "numpy", 'numpy = ">=9"', 'numpy = "*"'),
        (Action.REPLACE, "rich", "rich>=12", 'rich = "==13"', 'rich = ">=12"'),
        (Action.REPLACE, "scikit-learn", "scikit-learn 1.6.*", '"1.5.*"', '"1.6.*"'),
        (Action.REMOVE, "numpy", "", 'numpy = ">=9"  # too new\n', ""),
        (Action.REMOVE, "typing-extensions", "", '"typing_extensions" = ">=5"\n', ""),
        (Action.REPLACE, "numpy", "numpy 1.26 py_0", "can't put `numpy 1.26 py_0` into this entry", None),
        (Action.TO_PIP, "numpy", "numpy>=1", "can't put `numpy>=1` into a table of its own", None),
    ],
)
def test_an_entry_of_a_table(
    action: Action, name: str, new: str, old: str, changed: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "pixi.toml"
    path.write_text(PIXI)
    requirements = parse_inputs([str(path)], lambda file: Path(file).read_bytes())
    line = next(line for line in (*requirements.conda, *requirements.pypi) if line.name == name)
    fix = Fix(edits=(Edit(action=action, line=line, text=new),), cost=1.0, gives=(), packages=1)
    if changed is None:
        with pytest.raises(InputError, match=re.escape(old)):
            edited_files(fix, str(path))
        return
    assert PIXI.count(old) == 1
    assert edited_files(fix, str(path))[0].text == PIXI.replace(old, changed)
