from __future__ import annotations

from typing import Any

import pytest

from resolver.errors import InputErrors
from resolver.model.requirements import DirectKind
from tests.inputs.support import parse

DIGEST = "0123456789abcdef" * 4

DIRECT: list[tuple[str, dict[str, Any]]] = [
    (
        "git+https://g.example.org/a/b.git@v1#egg=b&subdirectory=x",
        {
            "name": "b",
            "kind": DirectKind.VCS,
            "url": "git+https://g.example.org/a/b.git",
            "revision": "v1",
            "subdirectory": "x",
        },
    ),
    ("git+https://g.example.org/a/b", {"name": None, "kind": DirectKind.VCS, "revision": None}),
    (
        "b @ git+ssh://git@g.example.org/a/b@main",
        {"name": "b", "kind": DirectKind.VCS, "url": "git+ssh://git@g.example.org/a/b", "revision": "main"},
    ),
    (
        "-e git+https://g.example.org/a#egg=My_Pkg[x]",
        {"name": "my-pkg", "extras": {"x"}, "editable": True, "kind": DirectKind.VCS},
    ),
    (
        f"https://f.example.org/x-1.0.tar.gz#sha256={DIGEST}",
        {
            "name": None,
            "kind": DirectKind.ARCHIVE,
            "url": "https://f.example.org/x-1.0.tar.gz",
            "hashes": {"sha256": DIGEST},
        },
    ),
    (
        "https://f.example.org/Foo_Bar-1.0-py3-none-any.whl",
        {"name": "foo-bar", "specifier": "==1.0", "kind": DirectKind.ARCHIVE},
    ),
    (
        "z[a,b] @ https://f.example.org/z-1.0.zip ; sys_platform == 'win32'",
        {"name": "z", "extras": {"a", "b"}, "marker": 'sys_platform == "win32"', "kind": DirectKind.ARCHIVE},
    ),
    ("foo-1.0.ZIP[a]", {"name": None, "extras": {"a"}, "path": "foo-1.0.ZIP", "kind": DirectKind.ARCHIVE}),
    ("foo.tar.gz", {"name": None, "path": "foo.tar.gz", "kind": DirectKind.ARCHIVE}),
    (
        "./dist/foo-1.0-py3-none-any.whl",
        {"name": "foo", "specifier": "==1.0", "path": "./dist/foo-1.0-py3-none-any.whl"},
    ),
    ("./pkg", {"name": None, "kind": DirectKind.DIRECTORY, "path": "./pkg", "editable": False}),
    (".", {"kind": DirectKind.DIRECTORY, "path": "."}),
    (
        "-e .[dev,test]",
        {"kind": DirectKind.DIRECTORY, "path": ".", "extras": {"dev", "test"}, "editable": True},
    ),
    (
        "-e ./pkg[extra]",
        {"kind": DirectKind.DIRECTORY, "path": "./pkg", "extras": {"extra"}, "editable": True},
    ),
    ("--editable=./pkg", {"kind": DirectKind.DIRECTORY, "path": "./pkg", "editable": True}),
    ("libs/foo ; os_name == 'nt'", {"path": "libs/foo", "marker": 'os_name == "nt"'}),
    ("file:///opt/x%20y", {"kind": DirectKind.DIRECTORY, "path": "/opt/x y"}),
    ("p @ file:./p", {"name": "p", "path": "./p"}),
    ("C:\\wheels\\a", {"kind": DirectKind.DIRECTORY, "path": "C:\\wheels\\a"}),
]


@pytest.mark.parametrize(("line", "wanted"), DIRECT, ids=[line for line, _ in DIRECT])
def test_direct_reference(line: str, wanted: dict[str, Any]) -> None:
    (requirement,) = parse(line + "\n", "requirements.txt").pypi
    assert requirement.direct is not None
    for field, value in wanted.items():
        holder = requirement if field in ("name", "extras", "specifier", "marker") else requirement.direct
        assert getattr(holder, field) == value, field


def test_the_same_lines_in_an_environment_file() -> None:
    lines = [line for line, _ in DIRECT]
    text = "dependencies:\n- pip:\n" + "".join(
        f"  - {line!r}\n".replace("\\\\", "\\") for line in lines if "'" not in line
    )
    in_environment = [(r.name, r.direct, r.extras) for r in parse(text).pypi]
    plain = parse("\n".join(line for line in lines if "'" not in line), "requirements.txt").pypi
    assert in_environment == [(r.name, r.direct, r.extras) for r in plain]


def test_options_become_index_options() -> None:
    text = (
        "--index-url https://i.example.org/simple\n--extra-index-url=https://x.example.org/simple\n"
        "-f ./wheels\n--pre\n--no-index\n--require-hashes\n--trusted-host h.example.org\n--prefer-binary\n"
        "--no-binary Foo_Bar,baz\n--only-binary :all:\n"
    )
    indexes = parse(text, "sub/requirements.txt").indexes
    assert indexes.index_url == "https://i.example.org/simple"
    assert indexes.extra_index_urls == ("https://x.example.org/simple",)
    assert indexes.find_links == ("sub/wheels",)
    assert (indexes.pre, indexes.no_index, indexes.require_hashes, indexes.prefer_binary) == (True,) * 4
    assert indexes.trusted_hosts == ("h.example.org",)
    assert indexes.only_binary == {":all:"}
    assert indexes.no_binary == frozenset()


def test_continuations_comments_and_hashes() -> None:
    text = (
        f"# top\n\n  a==1 \\\n    --hash=sha256:{DIGEST} \\\n    --hash sha256:{DIGEST[::-1]}  # why\nb#c\n"
    )
    with pytest.raises(InputErrors, match="`b#c` is not a pip requirement"):
        parse(text, "requirements.txt")
    (requirement,) = parse(text.replace("b#c", ""), "requirements.txt").pypi
    assert requirement.text == "a==1"
    assert requirement.hashes == (f"sha256:{DIGEST}", f"sha256:{DIGEST[::-1]}")
    assert str(requirement.origin) == "requirements.txt:3:3"


def test_includes_stand_beside_the_file_that_names_them() -> None:
    files = {
        "envs/base.txt": "a\n-r more/deep.txt\n-c https://c.example.org/limits.txt\n",
        "envs/more/deep.txt": "b\n-c ../limits.txt\n",
        "envs/limits.txt": "numpy<2\n",
        "https://c.example.org/limits.txt": "scipy<2\n-r other.txt\n",
        "https://c.example.org/other.txt": "q\n",
    }
    found = parse("dependencies:\n- pip:\n  - -r base.txt\n", "envs/e.yml", files)
    listed = [(r.text, str(r.origin), r.is_constraint) for r in found.pypi]
    assert listed == [
        ("a", "envs/base.txt:1:1", False),
        ("b", "envs/more/deep.txt:1:1", False),
        ("numpy<2", "envs/limits.txt:1:1", True),
        ("scipy<2", "https://c.example.org/limits.txt:1:1", True),
        ("q", "https://c.example.org/other.txt:1:1", True),
    ]
    assert found.files == ("envs/e.yml", *files)


FAULTS = [
    ("-r requirements.txt", "`requirements.txt` includes itself"),
    ("-r none.txt", "can't read `none.txt`: No such file or directory"),
    ("-r", "`-r` without a value"),
    ("--indx-url x", "pip has no option `--indx-url` for requirements files"),
    ("--upgrade", "`--upgrade` is for pip's command line and not for a requirements file"),
    ("a --hash=sha256:12", "`--hash=sha256:12` is not a hash"),
    ("--hash=sha256:" + DIGEST, "`--hash` without a requirement"),
    ("a==", "`a==` is not a pip requirement"),
    ("a b", "`a b` is not a pip requirement"),
    ("a; python_versio < '3'", "`a; python_versio < '3'` is not a pip requirement"),
    ("./x ; nonsense", "in the marker"),
    ("https://f.example.org/z.whl", "`z.whl` is not a wheel's file name"),
    ("y @ https://f.example.org/z-1-py3-none-any.whl", "`y` is not what the wheel"),
    ("https:///x.zip", "an address without a host"),
    ("s3://bucket/x.zip", "`s3` is no scheme that can be downloaded from"),
    ("-e x-1.0.tar.gz", "`-e` takes a folder or a VCS address"),
    ("git+https://g.example.org/a@", "nothing behind `@` where a revision is expected"),
    ("file://host/x", "a file address with a host (`host`)"),
    ("${UNSET}", "the environment variable `UNSET` is not set"),
    ("--index-url https://${UNSET}@i.example.org", "the environment variable `UNSET` is not set"),
    ("a --config-settings 'x", "an unclosed quote in the options"),
    ("https://f.example.org/x.zip#sha256=12", "`sha256=12` is not a hash"),
]


@pytest.mark.parametrize(("line", "message"), FAULTS, ids=[line for line, _ in FAULTS])
def test_fault(line: str, message: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse(f"ok\n  {line}\n", "requirements.txt")
    (error,) = caught.value.errors
    assert message in error.message
    assert str(error.origin) == "requirements.txt:2:3"


def test_constraints_take_no_extras() -> None:
    with pytest.raises(InputErrors, match="a constraint can't have extras"):
        parse("-c c.txt\n", "requirements.txt", {"c.txt": "a[x]<1\n"})


def test_all_faults_of_all_included_files_come_together() -> None:
    with pytest.raises(InputErrors) as caught:
        parse("a=1\n-r b.txt\nc==\n", "requirements.txt", {"b.txt": "x y\n--nope\n"})
    assert [str(error.origin) for error in caught.value.errors] == [
        "requirements.txt:1:1",
        "requirements.txt:3:1",
        "b.txt:1:1",
        "b.txt:2:1",
    ]


def test_words_that_belong_to_no_option_are_dropped_as_pip_drops_them() -> None:
    found = parse("-r more.txt [--no-deps]\n", "requirements.txt", {"more.txt": "a\n"})
    assert [r.text for r in found.pypi] == ["a"]


def test_secrets_stay_out_of_values_that_are_shown() -> None:
    environ = {"USER_NAME": "me", "PASS_WORD": "hush"}
    text = (
        "https://me:hush@f.example.org/x-1.0.zip\n"
        "b @ git+https://${USER_NAME}:${PASS_WORD}@g.example.org/b@v1\n"
        "-r https://me:hush@f.example.org/more.txt\n"
    )
    found = parse(text, "requirements.txt", {"https://me:hush@f.example.org/more.txt": "c\n"}, environ)
    assert "hush" not in repr(found)
    assert [r.direct.url for r in found.pypi if r.direct] == [
        "https://f.example.org/x-1.0.zip",
        "git+https://g.example.org/b",
    ]
    assert [secret.url for secret in found.secrets] == [
        "https://me:hush@f.example.org/x-1.0.zip",
        "https://me:hush@g.example.org/b",
    ]


def test_secrets_stay_out_of_errors() -> None:
    text = (
        "https://me:hush@f.example.org/x y.zip\n-r https://me:hush@f.example.org/none.txt\na=${PASS_WORD}\n"
    )
    with pytest.raises(InputErrors) as caught:
        parse(text, "requirements.txt", environ={"PASS_WORD": "hush"})
    assert len(caught.value.errors) == 3
    assert "hush" not in str(caught.value)
    assert "hush" not in repr(caught.value.errors)


def test_a_mistake_in_a_variable_is_told_without_its_value() -> None:
    with pytest.raises(InputErrors) as caught:
        parse("${SPEC}\n", "requirements.txt", environ={"SPEC": "not a requirement hush"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("numpy \u201c>=1.26\u201d", '`\u201c` was put in by an editor: type `"`'),
        ("numpy\u22651.26", "`\u2265` was put in by an editor: type `>=`"),
        ("scikit\u2013learn", "`\u2013` was put in by an editor: type `-`"),
        ("click > 8 < 9", "a `,` is missing before `< 9`"),
        ("click>=8,<9 !=8.1", "a `,` is missing before `!=8.1`"),
    ],
)
def test_what_was_meant_is_said(line: str, hint: str) -> None:
    with pytest.raises(InputErrors) as caught:
        parse(f"{line}\n", "requirements.txt")
    assert caught.value.errors[0].hint == hint
    if "click" not in line:
        with pytest.raises(InputErrors) as caught:
            parse(f"dependencies:\n  - {line}\n")
        assert caught.value.errors[0].hint == hint


def test_a_marker_of_an_extra_is_named_where_no_line_belongs_to_one() -> None:
    found = parse("rich ; extra == 'ui'\nclick ; python_version > '3'\n", "requirements.txt")
    assert [notice.text for notice in found.notices] == [
        'requirements.txt:1:1: no line here belongs to an extra: `extra` is empty in `extra == "ui"`'
    ]
