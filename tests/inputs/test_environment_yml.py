from __future__ import annotations

from dataclasses import dataclass

import pytest

from resolver.errors import InputErrors
from resolver.inputs.environment_yml import parse_environment_yml
from resolver.model.platforms import KNOWN_SUBDIRS
from tests.inputs.support import parse

LINUX = frozenset(subdir for subdir in KNOWN_SUBDIRS if subdir.startswith("linux-"))


@dataclass(frozen=True)
class Fault:
    why: str
    text: str | bytes
    place: str
    message: str
    hint: str | None = None


FAULTS = [
    Fault(
        "a misspelt key",
        "dependancies: []\n",
        "1:1",
        "unknown key `dependancies`",
        "did you mean `dependencies`?",
    ),
    Fault(
        "an unclosed double quote",
        'dependencies:\n  - "numpy>=1.2\n  - pandas\n',
        "2:5",
        "an unclosed quote",
        'close it with `"`',
    ),
    Fault(
        "an unclosed single quote",
        "dependencies:\n- 'a\n- b\n",
        "2:3",
        "an unclosed quote",
        "close it with `'`",
    ),
    Fault(
        "a tab in the indentation",
        "dependencies:\n\t- numpy\n",
        "2:1",
        "a tab in the indentation",
        "YAML wants blanks; replace the tab",
    ),
    Fault(
        "a placeholder in a version",
        "dependencies:\n- pip:\n  - a=={{ version }}\n",
        "3:8",
        "`{{ version }}` is a template placeholder",
        "fill the template in first; lock the file that comes out",
    ),
    Fault(
        "a placeholder of GitHub Actions",
        "name: ${{ matrix.name }}\ndependencies: []\n",
        "1:7",
        "`${{ matrix.name }}` is a template placeholder",
        "fill the template in first; lock the file that comes out",
    ),
    Fault(
        "a placeholder in angles",
        "dependencies:\n- python=<version>\n",
        "2:3",
        "`<version>` is a template placeholder",
        "fill the template in first; lock the file that comes out",
    ),
    Fault(
        "a placeholder in braces alone",
        "dependencies:\n- {NAME}\n",
        "2:3",
        "`{NAME}` is a template placeholder",
        "fill the template in first; lock the file that comes out",
    ),
    Fault(
        "a number instead of a requirement",
        "dependencies:\n- 3.10\n",
        "2:3",
        "the number `3.10` where a requirement is meant",
        "a requirement begins with a package's name, as in `name==3.10`",
    ),
    Fault(
        "a version behind a colon keeps its digits",
        "dependencies:\n- python: 3.10\n",
        "2:3",
        "`python: 3.10` is a mapping; a requirement is meant",
        "write `python=3.10`",
    ),
    Fault(
        "a mapping of dependencies",
        "dependencies:\n  python: 3.10\n",
        "2:3",
        "`dependencies` is a mapping; a list is meant",
        "write `- python=3.10`",
    ),
    Fault(
        "pip as text",
        "dependencies:\n- pip: requests\n",
        "2:8",
        "`pip` is text; a list is meant",
        "write `- requests` in a line of its own below `- pip:`",
    ),
    Fault(
        "a list in a list",
        "dependencies:\n- - numpy\n",
        "2:3",
        "a list inside the list",
        "is there one `- ` too many?",
    ),
    Fault(
        "a missing dash",
        "dependencies:\n- numpy\n  pandas\n",
        "2:3",
        "`numpy pandas` goes over 2 lines",
        "is a `- ` missing in front of one of them?",
    ),
    Fault(
        "channels as text",
        "channels: conda-forge\ndependencies: []\n",
        "1:11",
        "`channels` is text; a list is meant",
        "write `- conda-forge` below `channels:`",
    ),
    Fault(
        "an unknown platform",
        "platforms: [linux-46]\ndependencies: []\n",
        "1:13",
        "unknown platform `linux-46`",
        "did you mean `linux-64`?",
    ),
    Fault(
        "a key twice",
        "name: a\nname: b\ndependencies: []\n",
        "2:1",
        "`name` stands here a second time (first in line 1)",
        "merge the two",
    ),
    Fault(
        "a version is missing",
        "dependencies:\n- numpy>=\n",
        "2:3",
        "`numpy>=` is not a match spec: unable to parse version spec: >=",
        "a version is missing at the end",
    ),
    Fault(
        "a missing comma",
        "dependencies:\n- numpy>=1.2<2\n",
        "2:3",
        "`numpy>=1.2<2` is not a match spec: `<2` is no build",
        "a `,` is missing before `<2`",
    ),
    Fault(
        "two packages in one item",
        "dependencies:\n- numpy pandas\n",
        "2:3",
        "`numpy pandas` is not a match spec: `pandas` is no version",
        "each requirement is an item of its own",
    ),
    Fault(
        "four words",
        "dependencies:\n- a 1 b c\n",
        "2:3",
        "`a 1 b c` is not a match spec: too many words behind the name",
        "each requirement is an item of its own",
    ),
    Fault(
        "parentheses",
        "dependencies:\n- numpy(>=1.2)\n",
        "2:3",
        "`numpy(>=1.2)` is not a match spec: 'numpy(' is not a valid package name. "
        "Package names can only contain 0-9, a-z, A-Z, -, _, or .",
        "write `numpy >=1.2`",
    ),
    Fault(
        "an operator turned round",
        "dependencies:\n- numpy=>1.2\n",
        "2:3",
        "`numpy=>1.2` is not a match spec: unable to parse version spec: =>1.2",
        "`=>` is written `>=`",
    ),
    Fault(
        "a variable among conda's lines",
        "dependencies:\n- python=${PY}\n",
        "2:3",
        "`${PY}` in `python=${PY}`: conda puts no environment variables into requirements",
        "write the value itself",
    ),
    Fault(
        "an operator turned round among pip's lines",
        "dependencies:\n- pip:\n  - pandas[excel] => 2\n",
        "3:5",
        "`pandas[excel] => 2`: `=>` is written `>=`",
        "write `pandas[excel]>=2`",
    ),
    Fault(
        "quotes of a shell among pip's lines",
        "dependencies:\n- pip:\n  - '\"scipy>=1\"'\n",
        "3:5",
        '`"scipy>=1"` is not a pip requirement: Expected package name at the start of dependency specifier',
        "leave the quotes out: no shell reads the line",
    ),
    Fault(
        "rattler-build's conditions",
        "dependencies:\n- 'if(linux): x'\n",
        "2:3",
        "`if(linux): x` is not a match spec: text before the name `x`",
    ),
    Fault(
        "a package file without its address",
        "dependencies:\n- /x/pkg-1.0-0.conda\n",
        "2:3",
        "`/x/pkg-1.0-0.conda` is not a match spec: a package file needs its whole address",
        "begin it with `file:///`",
    ),
    Fault(
        "pip's option among conda's lines",
        "dependencies:\n- -r requirements.txt\n",
        "2:3",
        "`-r requirements.txt` is an option of pip, not a match spec",
        "put it under `- pip:`",
    ),
    Fault(
        "pip's extras among conda's lines",
        "dependencies:\n- requests[security]\n",
        "2:3",
        "`requests[security]` has extras, which conda doesn't know",
        "put it under `- pip:`",
    ),
    Fault(
        "pip's marker among conda's lines",
        "dependencies:\n- a; sys_platform == 'win32'\n",
        "2:3",
        "`a; sys_platform == 'win32'` has a marker, which conda doesn't know",
        "use a selector (`# [linux]`), or put it under `- pip:`",
    ),
    Fault(
        "conda's notation among pip's lines",
        "dependencies:\n- pip:\n  - scipy=1.0\n",
        "3:5",
        "`scipy=1.0` has one `=`, which is conda's notation; pip wants two",
        "write `scipy==1.0`",
    ),
    Fault(
        "a legacy specifier of the user's own",
        "dependencies:\n- pip:\n  - a>=3.6.*\n",
        "3:5",
        "`>=3.6.*` in `a>=3.6.*`: only `==` and `!=` take `.*`",
        "write `>=3.6`",
    ),
    Fault(
        "a misspelt selector",
        "dependencies:\n- a  # [linus]\n",
        "2:8",
        "unknown selector `linus`",
        "did you mean `linux`?",
    ),
    Fault("not UTF-8", b"name: caf\xe9\n", "1:10", "not UTF-8: byte 0xe9", "save the file as UTF-8"),
    Fault(
        "an unclosed bracket is shown where it opens",
        "dependencies: [a, b\n",
        "1:15",
        "not YAML: an unclosed `[`",
        "close the bracket",
    ),
    Fault(
        "two documents",
        "name: a\n---\nname: b\n",
        "2:1",
        "not YAML: a second document (`---`)",
        "one file holds one environment",
    ),
    Fault(
        "a YAML tag",
        "dependencies:\n- !!python/name:os.system a\n",
        "2:3",
        "a YAML tag (`tag:yaml.org,2002:python/name:os.system`)",
        "write plain text",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.why)
def test_fault_has_place_words_and_hint(fault: Fault) -> None:
    with pytest.raises(InputErrors) as caught:
        parse_environment_yml(fault.text, "e.yml")
    found = [(str(error.origin), error.message, error.hint) for error in caught.value.errors]
    assert found == [(f"e.yml:{fault.place}", fault.message, fault.hint)]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null\n"])
def test_empty_file_is_refused(text: str) -> None:
    with pytest.raises(InputErrors, match="the file is empty"):
        parse_environment_yml(text, "e.yml")


def test_all_faults_of_a_file_come_together_in_its_order() -> None:
    text = (
        "name: x\nchannells:\n- conda-forge\ndependancies:\n"
        '- "numpy>=1.2\n- python: 3.10\n- 3.10\n- foo ==\n\t- pandas\n'
        "- {{ name }}\n- b: c: d\n- - nested\n- pip: x\n"
    )
    with pytest.raises(InputErrors) as caught:
        parse_environment_yml(text, "e.yml")
    lines = [error.origin.line for error in caught.value.errors if error.origin]
    assert lines == [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]


def test_the_text_of_faults_is_for_people() -> None:
    with pytest.raises(InputErrors) as caught:
        parse_environment_yml("dependancies:\n- 'a\n", "e.yml")
    assert str(caught.value) == (
        "e.yml:1:1: unknown key `dependancies`\n\nhint: did you mean `dependencies`?\n\n"
        "e.yml:2:3: an unclosed quote\n\nhint: close it with `'`"
    )


SPECS = [
    ("numpy", "numpy"),
    ("numpy=1.26", "numpy"),
    ("numpy==1.26.4", "numpy"),
    ("numpy >=1.2,<2", "numpy"),
    ("numpy   >=    1.5.0,  < 2.0.0", "numpy"),
    ("numpy>=1.2|==1.1", "numpy"),
    ("numpy 1.26.* py311*", "numpy"),
    ("numpy=1.26=py311h64a7726_0", "numpy"),
    ("pytorch=2.3=*cuda*", "pytorch"),
    ("libarchive>=3.8 lgpl_*", "libarchive"),
    ("conda-forge::jq", "jq"),
    ("conda-forge/label/rc::x", "x"),
    ("https://channels.example.org/c::flask=1.0.2", "flask"),
    ("pkg[version='>=1',build=*cuda*,channel=conda-forge]", "pkg"),
    ("numpy~=1.18.5", "numpy"),
    ("git !=2.50", "git"),
    ("black == 24.*", "black"),
    ("Pillow==12.3.0", "pillow"),
    ("_libgcc_mutex=0.1=conda_forge", "_libgcc_mutex"),
    ("ld_impl_linux-64=2.40=h12ee557_0", "ld_impl_linux-64"),
    ("python 3.8.*|3.9.*", "python"),
    ("mkl=*=*_1", "mkl"),
    ("conda-forge/linux-64::numpy", "numpy"),
    ("*::pkg", "pkg"),
    ("https://conda.anaconda.org/conda-forge/linux-64/foo-1.0-0.conda", "foo"),
    ("file:///x/foo-1.0-0.tar.bz2", "foo"),
    ("numpy = 1.26", "numpy"),
    ("openssl=1.1.1w=h7f8727e_0", "openssl"),
    ("tzdata 2024b", "tzdata"),
    ("x264 >=1!161.3030", "x264"),
]


@pytest.mark.parametrize(("spec", "name"), SPECS, ids=[spec for spec, _ in SPECS])
def test_every_spelling_of_a_match_spec_is_kept_as_written(spec: str, name: str) -> None:
    quoted = spec.replace("'", "''")
    (requirement,) = parse_environment_yml(f"dependencies:\n  - '{quoted}'\n", "e.yml").conda
    assert (requirement.name, requirement.spec) == (name, spec)
    assert str(requirement.origin) == "e.yml:2:5"


WHOLE = """\
name: train
channels:
  - conda-forge/label/rc
  - https://channels.example.org/c
  - nodefaults
platforms: [linux-64, osx-arm64]
category: dev
variables:
  VERSION: 1.10
  FLAG: yes
  EMPTY:
prefix: /somewhere
dependencies:
  - python=3.10   # a comment
  - numpy         # [linux]
  - sel(osx): lldb
  - sel(unix): [a, b]
  - python>=3.9
  - pip:
    - requests[security,socks]>=2 ; python_version < "3.12"
    - torch==2.3
"""


def test_whole_file() -> None:
    found = parse(WHOLE)
    assert found.name == "train"
    assert [channel.text for channel in found.channels] == [
        "conda-forge/label/rc",
        "https://channels.example.org/c",
        "nodefaults",
    ]
    assert found.platforms == ("linux-64", "osx-arm64")
    assert found.variables == {"VERSION": "1.10", "FLAG": "yes", "EMPTY": ""}
    assert [r.spec for r in found.conda] == ["python=3.10", "numpy", "lldb", "a", "b", "python>=3.9"]
    assert {r.category for r in (*found.conda, *found.pypi)} == {"dev"}
    assert found.conda[0].platforms is None
    assert found.conda[1].platforms == LINUX
    assert found.conda[2].platforms == {"osx-64", "osx-arm64"}
    assert [str(r.origin) for r in found.conda[:2]] == ["environment.yml:14:5", "environment.yml:15:5"]
    requests, torch = found.pypi
    assert (requests.name, requests.extras, requests.specifier) == ("requests", {"security", "socks"}, ">=2")
    assert requests.marker == 'python_version < "3.12"'
    assert (torch.name, torch.specifier, torch.marker) == ("torch", "==2.3", None)
    assert found.has_pip_section
    assert found.files == ("environment.yml",)
    assert [notice.text for notice in found.notices] == [
        (
            "environment.yml:9:3: `variables` (`EMPTY`, `FLAG`, `VERSION`) have no place in a lockfile: "
            "`lock install` sets them"
        ),
        "environment.yml:12:9: `prefix` is a place on one machine, and is left out",
    ]


SELECTORS = [
    ("linux64", {"linux-64"}),
    ("osx64", {"osx-64"}),
    ("arm64", {"osx-arm64", "win-arm64"}),
    ("aarch64", {"linux-aarch64"}),
    ("ppc64le", {"linux-ppc64le"}),
    ("win", {"win-64", "win-32", "win-arm64"}),
    ("linux", LINUX),
    ("linux-64", {"linux-64"}),
    ("linux and not aarch64", LINUX - {"linux-aarch64"}),
    ("osx or win64", {"osx-64", "osx-arm64", "win-64"}),
    ("not (unix or emscripten)", {"win-64", "win-32", "win-arm64"}),
]


@pytest.mark.parametrize(("selector", "platforms"), SELECTORS, ids=[text for text, _ in SELECTORS])
def test_selector(selector: str, platforms: set[str]) -> None:
    text = f"dependencies:\n- a  # [{selector}]\n- sel({selector}): b\n- pip:  # [{selector}]\n  - c\n"
    found = parse(text)
    chosen = [found.conda[0].platforms, found.conda[1].platforms, found.pypi[0].platforms]
    assert chosen == [platforms] * 3


def test_nested_selectors_both_hold() -> None:
    (requirement,) = parse("dependencies:\n- pip:  # [unix]\n  - a  # [arm64]\n").pypi
    assert requirement.platforms == {"osx-arm64"}


@pytest.mark.parametrize("comment", ["# see [1]", "# [py>35]", "# a (b) [c] d", "# [linux] (not here)"])
def test_other_comments_are_no_selectors(comment: str) -> None:
    (requirement,) = parse(f"dependencies:\n- a  {comment}\n").conda
    assert requirement.platforms is None


def test_unknown_selector_key_is_refused() -> None:
    with pytest.raises(InputErrors, match="unknown selector `lunix`"):
        parse("dependencies:\n- sel(lunix): a\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfdependencies:\n- a\n",
        b"dependencies:\r\n- a\r\n",
        b"dependencies:\r- a\r",
        "dependencies:\n- a\n".encode("utf-16"),
    ],
    ids=["byte order mark", "CRLF", "CR", "UTF-16"],
)
def test_encodings_and_line_ends(raw: bytes) -> None:
    (requirement,) = parse(raw).conda
    assert (requirement.spec, str(requirement.origin)) == ("a", "environment.yml:2:3")


def test_foreign_key_is_ignored_with_a_warning() -> None:
    found = parse("x-note: 1\ndependencies: [a]\n")
    assert found.conda[0].name == "a"
    assert [notice.text for notice in found.notices] == [
        "environment.yml:1:1: unknown key `x-note` is ignored"
    ]


@pytest.mark.parametrize("value", ["[linux-64]", "linux-64"])
def test_platform_is_read_as_platforms(value: str) -> None:
    found = parse(f"platform: {value}\ndependencies: [a]\n")
    assert found.platforms == ("linux-64",)
    assert [notice.text for notice in found.notices] == [
        "environment.yml:1:1: `platform` is read as `platforms`"
    ]


@pytest.mark.parametrize("first", ["platform", "platforms"])
def test_platform_beside_platforms_is_refused(first: str) -> None:
    other = {"platform": "platforms", "platforms": "platform"}[first]
    text = f"{first}: [linux-64]\n{other}: [osx-64]\ndependencies: [a]\n"
    with pytest.raises(InputErrors, match="`platform` beside `platforms`"):
        parse(text)


_DROPPED = "stands behind an option, where pip drops it: give it its own line"
_NOT_HEEDED = "is about how pip builds and installs, and is not heeded"
#: Lines of a pip section, and what is said of them.
SAID_OF_PIP = [
    ("--pre six", [f"`six` {_DROPPED}"]),
    ("-i https://a.example.org idna", [f"`idna` {_DROPPED}"]),
    ("six --global-option=x", [f"`--global-option` {_NOT_HEEDED}"]),
    ("--use-feature fast-deps", [f"`--use-feature` {_NOT_HEEDED}"]),
    ("six --hash=sha256:" + "0" * 64, []),
]


@pytest.mark.parametrize(("line", "said"), SAID_OF_PIP, ids=[line for line, _ in SAID_OF_PIP])
def test_what_pip_drops_is_said(line: str, said: list[str]) -> None:
    found = parse(f"dependencies:\n- pip: ['{line}']\n")
    assert [notice.text for notice in found.notices] == [f"environment.yml:2:9: {text}" for text in said]


def test_a_second_main_index_is_said() -> None:
    lines = "['-i https://a.example.org', '-i https://a.example.org', '-i https://b.example.org']"
    found = parse(f"dependencies:\n- pip: {lines}\n")
    assert found.indexes.index_url == "https://b.example.org"
    assert [notice.text for notice in found.notices] == [
        "environment.yml:2:65: this `--index-url` stands in place of the one at environment.yml:2:37"
    ]


def test_anchors_and_merge_keys() -> None:
    found = parse("base: &base\n  channels: [c]\n<<: *base\ndependencies:\n- &a numpy\n- *a\n")
    assert [channel.text for channel in found.channels] == ["c"]
    assert [requirement.spec for requirement in found.conda] == ["numpy", "numpy"]


def test_missing_dependencies() -> None:
    with pytest.raises(InputErrors, match="no `dependencies:`"):
        parse("name: x\nchannels: [a]\n")


def test_deep_nesting_is_refused_without_a_crash() -> None:
    for opening in ("[", "{a: ", "- "):
        with pytest.raises(InputErrors):
            parse("dependencies:\n" + opening * 3000)


def test_credentials_in_a_match_spec_are_refused_without_showing_them() -> None:
    with pytest.raises(InputErrors, match="credentials in a match spec") as caught:
        parse("dependencies:\n- https://me:hush@channels.example.org/c::a\n")
    assert "hush" not in str(caught.value)
