"""Lines put in and taken out of every format: the whole text of the file afterwards, comments and all."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lockfiles.input_edits.files import holds_conda, put_in, take_out
from lockfiles.input_edits.items import parse_item
from resolver.errors import InputError

YAML = """\
# mine
channels: [conda-forge]
dependencies:
  - python=3.12   # as the image has it
  - numpy>=1.26
  - pip
  - pip:
      - requests  # HTTP
name: env
"""
PYPROJECT = """\
# mine
[project]
name = "x"
version = "1"
dependencies = [
    "numpy>=1.26",  # arrays
    "requests[socks]; python_version > '3'",
]

[project.optional-dependencies]
plot = ["matplotlib"]

[dependency-groups]
dev = ["pytest", {include-group = "docs"}]
docs = []
"""
PIXI = """\
[workspace]
name = "x"
channels = ["conda-forge"]
platforms = ["linux-64"]

[dependencies]
python = "3.12.*"  # as the image has it
numpy = { version = ">=1.26", channel = "conda-forge" }

[pypi-dependencies]
requests = "*"

[feature.dev.dependencies]
pytest = "*"
"""
POETRY = """\
[tool.poetry]
name = "x"

[tool.poetry.dependencies]
python = "^3.11"
numpy = "^1.26"

[tool.poetry.group.dev.dependencies]
pytest = "*"
"""
PIP = "# mine\nnumpy>=1.26  # arrays\nrequests[socks]==2.31 ; python_version > '3'\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file, what is put in (or with ``out`` taken out), and what of its text another takes the place of."""

    why: str
    file: str
    text: str
    item: str
    is_pip: bool = False
    group: str | None = None
    out: bool = False
    old: str
    new: str


CASES = (
    Case(why="conda's line stands behind the others", file="e.yml", text=YAML, item="scipy>=1.11",
         old="  - pip\n", new="  - pip\n  - scipy>=1.11\n"),
    Case(why="a line that is there gets the new text", file="e.yml", text=YAML, item="python=3.13",
         old="python=3.12 ", new="python=3.13 "),
    Case(why="the pip part", file="e.yml", text=YAML, item="httpx", is_pip=True,
         old="# HTTP\n", new="# HTTP\n      - httpx\n"),
    Case(why="another spelling of a project's name is that project", file="e.yml", text=YAML,
         item="Requests>=2", is_pip=True, old="- requests ", new="- Requests>=2 "),
    Case(why="a pip part is made", file="e.yml", text="dependencies:\n  - python\n", item="httpx",
         is_pip=True, old="  - python\n", new="  - python\n  - pip:\n    - httpx\n"),
    Case(why="a list within one line", file="e.yml", text="dependencies: [python, numpy]\n", item="numpy",
         out=True, old=", numpy]", new="]"),
    Case(why="conda's line goes", file="e.yml", text=YAML, item="numpy", out=True,
         old="  - numpy>=1.26\n", new=""),
    Case(why="the last line of the pip part goes with it", file="e.yml", text=YAML, item="requests",
         is_pip=True, out=True, old="  - pip:\n      - requests  # HTTP\n", new=""),
    Case(why="Windows' line ends stay", file="e.yml", text="dependencies:\r\n- python\r\n", item="numpy",
         old="- python\r\n", new="- python\r\n- numpy\r\n"),
    Case(why="requirements: a line at the end", file="r.txt", text=PIP, item="scipy", is_pip=True,
         old="> '3'\n", new="> '3'\nscipy\n"),
    Case(why="requirements without a last line end", file="r.txt", text="numpy", item="scipy", is_pip=True,
         old="numpy", new="numpy\nscipy\n"),
    Case(why="requirements: in place", file="r.txt", text=PIP, item="numpy>=2", is_pip=True,
         old="numpy>=1.26  #", new="numpy>=2  #"),
    Case(why="requirements: a line goes", file="r.txt", text=PIP, item="requests", is_pip=True, out=True,
         old="requests[socks]==2.31 ; python_version > '3'\n", new=""),
    Case(why="pyproject: the project's list", file="pyproject.toml", text=PYPROJECT, item="scipy>=1.11",
         is_pip=True, old="> '3'\",\n", new="> '3'\",\n    \"scipy>=1.11\",\n"),
    Case(why="pyproject: in place, by the name", file="pyproject.toml", text=PYPROJECT, item="requests",
         is_pip=True, old='"requests[socks]; python_version > \'3\'"', new='"requests"'),
    Case(why="pyproject: a group", file="pyproject.toml", text=PYPROJECT, item="ruff", is_pip=True,
         group="dev", old='"docs"}]', new='"docs"}, "ruff"]'),
    Case(why="pyproject: a group is made", file="pyproject.toml", text=PYPROJECT, item="ruff", is_pip=True,
         group="lint", old="docs = []\n", new='docs = []\nlint = ["ruff"]\n'),
    Case(why="pyproject: an extra", file="pyproject.toml", text=PYPROJECT, item="plotly", is_pip=True,
         group="plot", old='["matplotlib"]', new='["matplotlib", "plotly"]'),
    Case(why="pyproject: out of a group alone", file="pyproject.toml", text=PYPROJECT, item="pytest",
         is_pip=True, group="dev", out=True, old='"pytest", {', new="{"),
    Case(why="pyproject without a list", file="pyproject.toml", text='[project]\nname = "x"\n', item="numpy",
         is_pip=True, old='name = "x"\n', new='name = "x"\ndependencies = ["numpy"]\n'),
    Case(why="pixi: conda's table", file="pixi.toml", text=PIXI, item="scipy>=1.11",
         old='"conda-forge" }\n', new='"conda-forge" }\nscipy = ">=1.11"\n'),
    Case(why="pixi: PyPI's table, with extras", file="pixi.toml", text=PIXI, item="uvicorn[standard]>=0.30",
         is_pip=True, old='requests = "*"\n',
         new='requests = "*"\nuvicorn = {version = ">=0.30", extras = ["standard"]}\n'),
    Case(why="pixi: in place", file="pixi.toml", text=PIXI, item="python=3.13",
         old='"3.12.*"', new='"=3.13"'),
    Case(why="pixi: a feature", file="pixi.toml", text=PIXI, item="ruff", group="dev",
         old='pytest = "*"\n', new='pytest = "*"\nruff = "*"\n'),
    Case(why="pixi: out", file="pixi.toml", text=PIXI, item="numpy", out=True,
         old='numpy = { version = ">=1.26", channel = "conda-forge" }\n', new=""),
    Case(why="Poetry: in place", file="pyproject.toml", text=POETRY, item="numpy>=2", is_pip=True,
         old='"^1.26"', new='">=2"'),
    Case(why="Poetry: a group", file="pyproject.toml", text=POETRY, item="ruff", is_pip=True, group="dev",
         old='pytest = "*"\n', new='pytest = "*"\nruff = "*"\n'),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_the_rest_stays_as_it_was(case: Case) -> None:
    item = parse_item(case.item, is_pip=case.is_pip, group=case.group)
    found = (take_out if case.out else put_in)(case.text, case.file, item)
    assert case.text.count(case.old) == 1
    assert found == case.text.replace(case.old, case.new)


@pytest.mark.parametrize("case", [c for c in CASES if not c.out], ids=lambda case: case.why)
def test_what_was_put_in_can_be_taken_out(case: Case) -> None:
    item = parse_item(case.item, is_pip=case.is_pip, group=case.group)
    made = put_in(case.text, case.file, item)
    gone = take_out(made, case.file, item)
    assert gone is not None
    assert take_out(gone, case.file, item) is None
    assert put_in(made, case.file, item) == made


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        pytest.param("e.yml", YAML, True, id="environment.yml"),
        pytest.param("pixi.toml", PIXI, True, id="pixi.toml"),
        pytest.param("pyproject.toml", PYPROJECT, False, id="pyproject.toml"),
        pytest.param(
            "pyproject.toml",
            '[tool.pixi.dependencies]\na = "*"\n',
            True,
            id="pyproject.toml with pixi's tables",
        ),
        pytest.param("requirements.txt", PIP, False, id="requirements"),
    ],
)
def test_whose_a_package_is_without_a_word(file: str, text: str, expected: bool) -> None:
    assert holds_conda(text, file) is expected


REFUSED = [
    pytest.param("e.yml", YAML, "ruff", True, "dev", "has no groups", id="a group of an environment.yml"),
    pytest.param(
        "r.txt", PIP, "scipy", False, None, "asks for nothing of conda", id="conda's, in requirements"
    ),
    pytest.param(
        "pyproject.toml", PYPROJECT, "scipy", False, None, "has no table for conda", id="no conda table"
    ),
    pytest.param(
        "pixi.toml", PIXI, "a; python_version>'3'", True, None, "doesn't fit into a table", id="a marker"
    ),
    pytest.param(
        "env.yml",
        "image: a\nconda_file: b.yml\n",
        "scipy",
        False,
        None,
        "has no `dependencies:`",
        id="Azure ML's",
    ),
    pytest.param(
        "e.yml",
        "dependencies:\n- a>1\n- a<2\n",
        "a",
        False,
        None,
        "several lines ask for `a`",
        id="two lines",
    ),
    pytest.param("pyproject.toml", "[project\n", "a", True, None, "is no TOML", id="damaged"),
]


@pytest.mark.parametrize(("file", "text", "item", "is_pip", "group", "message"), REFUSED)
def test_what_is_refused(
    file: str, text: str, item: str, is_pip: bool, group: str | None, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        put_in(text, file, parse_item(item, is_pip=is_pip, group=group))
    assert message in caught.value.message


@pytest.mark.parametrize("is_pip", [False, True], ids=["conda's", "pip's"])
@pytest.mark.parametrize("text", ["", ">=1", "a b c d", "a=1=2=3=4", "-r x.txt", "a[b"])
def test_names_that_are_none(text: str, is_pip: bool) -> None:
    with pytest.raises(InputError):
        parse_item(text, is_pip=is_pip)
