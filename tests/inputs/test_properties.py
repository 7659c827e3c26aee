"""What holds for every input, also for nonsense."""

from __future__ import annotations

import random

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import InputError
from resolver.inputs.channels import resolve_channels
from resolver.inputs.pip_options import iter_logical_lines
from resolver.inputs.reading import parse_inputs
from resolver.inputs.selectors import SELECTOR_NAMES, parse_selector
from resolver.inputs.urls import expand_pip, split_credentials
from resolver.inputs.virtual_packages import apply_requests, default_virtual_packages, parse_virtual_package
from resolver.model.origin import Origin
from resolver.model.platforms import KNOWN_SUBDIRS
from resolver.model.redaction import redact
from resolver.model.requirements import ChannelRequest, Requirements
from resolver.model.target import VirtualPackage
from tests.support.amount import examples

FILES = ("environment.yml", "requirements.txt", "pyproject.toml", "Dockerfile", "env", "e.json")

#: Pieces that the grammars care about, so that random text comes near them.
PIECES = st.sampled_from(
    [
        "dependencies:",
        "\n",
        "- ",
        "  ",
        "pip:",
        "numpy",
        ">=1.2",
        "==",
        "=",
        "[",
        "]",
        "{",
        "}",
        "{{ x }}",
        "'",
        '"',
        "\t",
        "#",
        " # [linux]",
        "# [",
        "sel(osx): ",
        "channels:",
        "name:",
        "-r ",
        "-e ",
        "--hash=sha256:",
        "*",
        "&a",
        "*a",
        "|",
        ">",
        "%",
        "@",
        "git+https://",
        "https://u:p@h.example.org/",
        "./x",
        ";",
        "sys_platform",
        "::",
        ",",
        "<<",
        "---",
        "!!",
        "?",
        ": ",
        "3.10",
        "\\",
        "${X}",
        "conda_file:",
        "image:",
        "python:",
        "true",
        "[project]",
        "dependencies = [",
        "\ufeff",
        "\x00",
        "é",
        "\u2028",
        "\r\n",
        "FROM x",
        "platforms:",
        "~",
        "null",
    ]
)
NONSENSE = st.one_of(
    st.lists(PIECES, max_size=40).map("".join),
    st.text(max_size=200),
    st.binary(max_size=200),
)


def parse(text: str | bytes, name: str) -> Requirements | InputError:
    def read(path: str) -> str | bytes:
        if path != name:
            raise FileNotFoundError(2, "No such file or directory", path)
        return text

    try:
        return parse_inputs([name], read, environ={"X": "x"})
    except InputError as error:
        return error


@settings(deadline=None, max_examples=examples(400))
@given(text=NONSENSE, name=st.sampled_from(FILES))
def test_nonsense_gives_requirements_or_input_errors(text: str | bytes, name: str) -> None:
    assert str(parse(text, name))


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.dates())
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["pip", "a", "sel(linux)", "<<", ""]), inner, max_size=3),
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        "name",
        "channels",
        "dependencies",
        "variables",
        "platforms",
        "category",
        "prefix",
        "pip-repositories",
        "conda_file",
        "image",
        "build",
        "python",
        "build_dependencies",
        "properties",
        "metadata",
        "package",
        "nam",
    ]
)


@settings(deadline=None, max_examples=examples(300))
@given(tree=st.dictionaries(KEYS, TREES, max_size=6))
def test_any_yaml_tree_gives_requirements_or_input_errors(tree: dict[str, object]) -> None:
    parse(yaml.safe_dump(tree, allow_unicode=True), "environment.yml")


@settings(deadline=None, max_examples=examples(150))
@given(data=st.data())
def test_a_valid_file_with_one_part_damaged_never_crashes(data: st.DataObject) -> None:
    text = (
        'name: "x"\nchannels: [conda-forge, defaults]\ndependencies:\n  - python=3.10  # [linux]\n'
        "  - 'numpy>=1.2,<2'\n  - pip:\n    - torch==2.3 ; python_version < \"3.12\"\n    - -e ./pkg[a]\n"
    )
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    parse(text[:start] + data.draw(st.lists(PIECES, max_size=3).map("".join)) + text[end:], "environment.yml")


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda name: name not in ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
)
VERSIONS = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}", fullmatch=True)
OPERATORS = st.sampled_from(["==", ">=", "<=", ">", "<", "!=", "~="])


@settings(deadline=None, max_examples=examples(150))
@given(data=st.data())
def test_spellings_of_one_pip_requirement_mean_the_same(data: st.DataObject) -> None:
    name = data.draw(NAMES)
    clauses = data.draw(st.lists(st.tuples(OPERATORS.filter(lambda o: o != "~="), VERSIONS), max_size=3))
    extras = data.draw(st.lists(NAMES, max_size=2))
    blank = st.sampled_from(["", " ", "  "])
    found = []
    for _ in range(2):
        gap = [data.draw(blank) for _ in range(4)]
        spelled = (
            name.upper() if data.draw(st.booleans()) else name.replace("-", data.draw(st.sampled_from("-_.")))
        )
        inside = f"[{gap[0]}{(',' + gap[1]).join(extras)}]" if extras else ""
        line = (
            spelled
            + gap[2]
            + inside
            + gap[3]
            + f"{gap[0]},{gap[1]}".join(f"{o}{gap[2]}{v}" for o, v in clauses)
        )
        result = parse(line + "\n", "requirements.txt")
        assert isinstance(result, Requirements), (line, str(result))
        (requirement,) = result.pypi
        found.append((requirement.name, requirement.extras, requirement.specifier, requirement.marker))
    assert found[0] == found[1]


@settings(deadline=None, max_examples=examples(100))
@given(specs=st.lists(st.tuples(NAMES, OPERATORS, VERSIONS), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_the_shape_of_the_file_does_not_matter(specs: list[tuple[str, str, str]], seed: int) -> None:
    texts = [f"{name}{operator}{version}" for name, operator, version in specs]
    chooser = random.Random(seed)  # noqa: S311  no secret
    block = "dependencies:\n" + "".join(
        chooser.choice(["- {}\n", "-   '{}'\n", '- "{}"\n', "# c\n- {}  # d\n", "\n- >-\n    {}\n"]).format(
            text
        )
        for text in texts
    )
    flow = "dependencies: [" + ", ".join(f'"{text}"' for text in texts) + "]\n"
    one, other = parse(block, "environment.yml"), parse(flow, "environment.yml")
    crlf = parse(block.replace("\n", "\r\n").encode("utf-8-sig"), "environment.yml")
    assert isinstance(one, Requirements), str(one)
    assert isinstance(other, Requirements)
    assert [r.spec for r in one.conda] == [r.spec for r in other.conda] == texts
    assert crlf == one


@settings(deadline=None, max_examples=examples(100))
@given(text=st.lists(st.sampled_from(["a", " ", "\\", "\n", "#", "b=="]), max_size=30).map("".join))
def test_logical_lines_stand_where_they_say(text: str) -> None:
    physical = text.split("\n")
    for line in iter_logical_lines(text):
        first = physical[line.line - 1]
        assert first[: line.column - 1].strip() == ""
        assert line.text.startswith(first.strip().rstrip("\\").split(" ")[0].split("#")[0][:1])


@settings(deadline=None, max_examples=examples(200))
@given(left=st.sampled_from(sorted(SELECTOR_NAMES)), right=st.sampled_from(sorted(SELECTOR_NAMES)))
def test_selectors_obey_the_laws_of_sets(left: str, right: str) -> None:
    everything = frozenset(KNOWN_SUBDIRS)
    one, other = parse_selector(left), parse_selector(right)
    assert parse_selector(f"{left} or {right}") == one | other
    assert parse_selector(f"{left} and {right}") == one & other
    assert parse_selector(f"not ({left} or {right})") == everything - one - other
    assert parse_selector(f"not {left} and not {right}") == everything - one - other


SECRET = st.from_regex(r"[A-Za-z0-9]{6,20}", fullmatch=True).map(lambda text: f"hush{text}")


@settings(deadline=None, max_examples=examples(200))
@given(user=NAMES, secret=SECRET, host=NAMES, path=NAMES, token=SECRET)
def test_secrets_never_survive(user: str, secret: str, host: str, path: str, token: str) -> None:
    for url in (
        f"https://{user}:{secret}@{host}.example.org/{path}",
        f"http://{secret}@{host}.example.org:8080/{path}",
        f"https://{user}:{secret}@{host}.example.org/t/{token}/{path}/linux-64",
    ):
        clean, kept = split_credentials(url, is_channel=True)
        assert secret not in clean
        assert token not in clean
        assert kept is not None
        assert kept.url == url
        assert secret not in repr(kept)
        shown = redact(f"can't read {url}!")
        assert secret not in shown
        assert token not in shown
        request = ChannelRequest(text=url, origin=Origin(file="e"))
        assert secret not in repr(resolve_channels([request]))


@settings(deadline=None, max_examples=examples(100))
@given(text=st.text(max_size=40), value=SECRET)
def test_unset_variables_are_named_and_set_ones_put_in(text: str, value: str) -> None:
    text = text.replace("$", "")
    assert expand_pip(text + "${A}${B}", {"A": value}) == (text + value + "${B}", ("B",))


@settings(deadline=None, max_examples=examples(100))
@given(
    names=st.lists(st.sampled_from(["__cuda", "__glibc", "__osx", "__new"]), max_size=6),
    subdir=st.sampled_from(KNOWN_SUBDIRS),
)
def test_requests_are_carried_out_in_order(names: list[str], subdir: str) -> None:
    requests = [parse_virtual_package(f"{name}={index}") for index, name in enumerate(names)]
    found = apply_requests(default_virtual_packages(subdir), requests, subdir)
    assert list(found) == sorted(found)
    for name in set(names):
        last = max(index for index, other in enumerate(names) if other == name)
        applies = requests[last].applies_to(subdir)
        assert (VirtualPackage(name=name, version=str(last)) in found) == applies
